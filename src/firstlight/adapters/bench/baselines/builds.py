"""How a fuzzer builds a target: one row for each target that is a C program of its own.

A target's own steps build for judging: with gcc, its tests and what a verifier compares. A fuzzer
needs the same sources and the same harness with its own instrumentation, so only this is said
here: which files, which flags, and which samples of the package are a beginning. Nothing of a
target's proofs is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WHERE = "/tmp/src"  # noqa: S108  # inside the sandbox, where nothing else is
"""a copy of the package's sources that can be written"""
SHOWN = 77
"""exit code by which a harness says that the flaw shows; `driver.c` repeats it"""


@dataclass(frozen=True, kw_only=True)
class Build:
    """One target."""

    harness: str
    """file below the target's `harness`"""
    program: str
    """built by the target's own steps; tries a candidate as the task says"""
    sources: str
    """instrumented, separated by spaces"""
    rest: str = ""
    """of the package, needed and not instrumented; without `.c`"""
    prepare: str = ":"
    """shell command before compiling"""
    flags: str = "-I."
    """of every file"""
    samples: str = ""
    """files of the package to begin with, as a pattern of the shell"""


_CJSON = "tests/inputs/test* tests/json-patch-tests/*.json"
_WANTED = "TREE|OUTPUT|PUSH|PATTERN|SAX1|REGEXPS|SCHEMAS|READER|VALID|XPATH"
_LIBXML = (
    "parser xpath xmlregexp relaxng tree xmlreader valid xmlschemastypes SAX2 SAX buf chvalid"
    " dict encoding entities error globals hash list parserInternals pattern threads uri xlink"
    " xmlIO xmlmemory xmlsave xmlstring xmlunicode"
)
BUILDS: Mapping[str, Build] = {
    "CVE-2023-53154-cjson": Build(
        harness="parse.c",
        program="/target/built/parse",
        sources="cJSON.c",
        samples=_CJSON,
    ),
    "CVE-2025-57052-cjson": Build(
        harness="harness.c",
        program="/target/built/harness",
        sources="cJSON.c cJSON_Utils.c",
        samples=_CJSON,
    ),
    "CVE-2023-43641-libcue": Build(
        harness="harness.c",
        program="/target/built/harness",
        sources="cd.c cdtext.c rem.c time.c",
        flags="-I. -D_GNU_SOURCE",
        samples="t/*.c t/*.cue",
    ),
    "CVE-2023-28484-libxml2": Build(
        harness="harness.c",
        program="/target/built/harness",
        sources="xmlschemas.c",
        rest=_LIBXML,
        prepare="cp /target/harness/config.h . && sed -E -e"
        " 's/@VERSION@/2.9.14/; s/@LIBXML_VERSION_NUMBER@/20914/; s/@LIBXML_VERSION_EXTRA@//'"
        f" -e 's/@WITH_({_WANTED})@/1/; s/@WITH_[A-Z0-9_]+@/0/; s/@MODULE_EXTENSION@/.so/'"
        " include/libxml/xmlversion.h.in >include/libxml/xmlversion.h",
        flags="-I. -Iinclude -D_GNU_SOURCE",
        samples="test/schemas/*.xsd",
    ),
}
"""by target"""
