"""What of a finding counts when asking whether two findings are the same flaw.

A facet is normalised so that equal means equal: packages lose their version, paths their build
folders, functions their arguments and scopes, identifiers their case. Everything that varies from
finder to finder without the flaw being another (severity, wording, affected versions) stays out,
except for the words of the title, which may propose a pair but never join one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packageurl import PackageURL

from firstlight.core.clearinghouse.dedupe.crash import Crash, parse_crash
from firstlight.core.clearinghouse.dedupe.fixes import fixes_of
from firstlight.core.clearinghouse.dedupe.text import shingles
from firstlight.core.clearinghouse.dedupe.weakness import (
    WeaknessClass,
    classes_of_crash,
    classes_of_cwe,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firstlight.core.clearinghouse.finding import Report

TELLING_FRAMES = 2
"""A signature of fewer lines is shared by unlike crashes (`free`, a fuzz target's entry)."""

_TELLING_WORDS = 4
_DEEPEST = 32
"""Folders of a path that are looked at; real sources are about half as deep."""
_SCHEMES = re.compile(
    r"(?:CVE|CAN|GHSA|OSV|PYSEC|RUSTSEC|GO|GSD|MAL|HSEC|RSEC|JLSEC|EUVD|JVNDB|CNVD|BIT|PSF|CURL)-"
    r"[A-Z0-9][A-Z0-9-]{2,60}$"
)
"""Schemes that name one flaw each; distributions' advisories bundle several and are left out."""
_COMPILER_SUFFIX = re.compile(
    r"(?:::h[0-9a-f]{16}|\.func\d+(?:\.\d+)*|\.(?:isra|part|cold)\.?\d*)$"
)
_SCOPE = re.compile(r"::|[.#/$]")
_WORD = re.compile(r"[a-z][a-z0-9_]{2,40}")
_EMPTY_WORDS = frozenset(
    [
        "the",
        "and",
        "for",
        "with",
        "from",
        "that",
        "this",
        "when",
        "via",
        "may",
        "can",
        "could",
        "allows",
        "leads",
        "cause",
        "causes",
        "caused",
        "vulnerability",
        "issue",
        "bug",
        "flaw",
        "security",
        "possible",
        "crafted",
        "remote",
        "attacker",
        "attackers",
        "due",
        "found",
        "has",
        "have",
        "are",
        "was",
        "were",
        "its",
        "into",
        "not",
    ]
)


@dataclass(frozen=True, kw_only=True)
class CrashSignature:
    """A crash as far as it is the same in every run."""

    family: str
    """what kind of misuse: the classes that the type may be a symptom of, or the type itself"""
    lines: tuple[str, ...]
    """message and innermost counted frames, at most three or four"""

    @property
    def telling(self) -> bool:
        """True when it is specific enough to join two findings of a package."""
        return len(self.lines) >= TELLING_FRAMES


@dataclass(frozen=True, kw_only=True)
class RootCause:
    """Where a flaw lies, and what kind it is."""

    file: str
    """path inside the package's source, as far as that is known; forward slashes"""
    function: str
    """bare name"""
    weakness: frozenset[WeaknessClass] = frozenset()
    """classes that it may be; empty when nothing is known"""


@dataclass(frozen=True, kw_only=True)
class Facets:
    """Everything about one finding that grouping looks at."""

    finding: str
    """identifier of the finding"""
    package: str | None = None
    """package URL without version, qualifiers and subpath; None when unknown"""
    crash: CrashSignature | None = None
    """from the finder's report"""
    confirmed_crash: CrashSignature | None = None
    """from our own run of the proof; counts as much, and cannot be made up"""
    root_causes: tuple[RootCause, ...] = ()
    """as reported, and as the crash shows it"""
    identifiers: frozenset[str] = frozenset()
    """CVE, GHSA and other names that mean one flaw each, in capitals"""
    words: frozenset[str] = frozenset()
    """telling words of the title"""
    fixes: frozenset[str] = frozenset()
    """commits and hunks of the patches that came with it"""
    phrases: frozenset[int] = frozenset()
    """of title and description; empty where texts are not compared"""

    @property
    def signatures(self) -> tuple[CrashSignature, ...]:
        """The confirmed and the reported signature, once if they are equal."""
        known = (self.confirmed_crash, self.crash)
        return tuple(dict.fromkeys(one for one in known if one is not None))


def facets_of(
    finding: str, report: Report, *, observed_crash: str = "", texts: bool = False
) -> Facets:
    """The facets of a report; its crash texts are parsed here, bounded.

    Args:
        finding: identifier of the finding.
        report: what the finder says.
        observed_crash: what our own run of the proof printed, if there was one.
        texts: take the phrases too, which takes longer than all else.
    """
    package = package_name(report.product.purl)
    reported = _crash(report.crash)
    confirmed = _crash(observed_crash)
    weakness = frozenset[WeaknessClass]().union(*(classes_of_cwe(name) for name in report.cwe))
    causes: list[RootCause] = []
    location = root_cause(
        package=package,
        path=report.root_cause.path,
        function=report.root_cause.function,
        weakness=weakness,
    )
    if location is not None:
        causes.append(location)
    for crash in (confirmed, reported):
        shown = root_cause_of(crash, package=package) if crash else None
        if shown is not None and shown not in causes:
            causes.append(shown)
    return Facets(
        finding=finding,
        package=package,
        crash=signature_of(reported) if reported else None,
        confirmed_crash=signature_of(confirmed) if confirmed else None,
        root_causes=tuple(causes),
        identifiers=identifiers_of(report.identifiers),
        words=words_of(report.title),
        fixes=fixes_of(patch.text for patch in report.patches),
        phrases=phrases_of(report) if texts else frozenset(),
    )


def phrases_of(report: Report) -> frozenset[int]:
    """The phrases of a report's prose; its crash is compared as a crash."""
    return shingles(f"{report.title}\n{report.description}\n{report.trigger}")


def _crash(text: str) -> Crash | None:
    crash = parse_crash(text)
    return crash if isinstance(crash, Crash) else None


def package_name(purl: str) -> str | None:
    """A package URL without version, qualifiers and subpath; None when it cannot be read."""
    try:
        url = PackageURL.from_string(purl.strip())
    except ValueError:
        return None
    return PackageURL(type=url.type, namespace=url.namespace, name=url.name).to_string()


def signature_of(crash: Crash) -> CrashSignature | None:
    """The signature of a crash; None when it has no stack and no message."""
    if not crash.state:
        return None
    classes = classes_of_crash(crash.type)
    family = "memory" if _is_memory(classes) else "/".join(sorted(classes)) or crash.family
    return CrashSignature(
        family=f"{family}: {crash.exception}" if crash.exception else family,
        lines=tuple(_without_folders(line) for line in crash.state),
    )


def _is_memory(classes: frozenset[WeaknessClass]) -> bool:
    """One flaw shows as an overflow, a wild access or a use after free, as memory happens to be."""
    return bool(classes & {WeaknessClass.BOUNDS, WeaknessClass.LIFETIME})


def _without_folders(line: str) -> str:
    """Modules are named by path where symbols are missing; the path is the builder's."""
    return line.rpartition("/")[2] if line.startswith("/") else line


def root_cause_of(crash: Crash, *, package: str | None) -> RootCause | None:
    """The place of the innermost frame of the program itself; None when no file is named."""
    frame = crash.culprit
    if frame is None or frame.file is None:
        return None
    return root_cause(
        package=package,
        path=frame.file,
        function=frame.function,
        weakness=classes_of_crash(crash.type),
    )


def root_cause(
    *,
    package: str | None,
    path: str,
    function: str,
    weakness: frozenset[WeaknessClass] = frozenset(),
) -> RootCause | None:
    """A root cause in comparable form; None unless both file and function are given."""
    file = source_path(path, package=package)
    name = function_name(function)
    if not file or not name:
        return None
    return RootCause(file=file, function=name, weakness=weakness)


def source_path(path: str, *, package: str | None) -> str:
    """The path inside the package, as far as the folder named after the package shows it.

    ``/build/libpng-1.6.2/src/png.c`` and ``src/png.c`` of package libpng are the same file.
    """
    parts = [part for part in path.strip().replace("\\", "/").split("/") if part not in ("", ".")]
    while ".." in parts:
        parts = parts[parts.index("..") + 1 :]
    parts = parts[-_DEEPEST:]
    name = (package or "").partition("?")[0].rpartition("/")[2].lower()
    if name:
        for at in range(len(parts) - 2, -1, -1):
            folder = parts[at].lower()
            if folder == name or re.fullmatch(re.escape(name) + r"[-_.]?v?[0-9][\w.+~-]*", folder):
                return "/".join(parts[at + 1 :])
    return "/".join(parts)


def function_name(function: str) -> str:
    """The bare name: no arguments, templates, scopes, receivers."""
    name = function.strip().replace("(anonymous namespace)::", "").replace("(*", "").lstrip("*")
    if name.startswith("operator") or "::operator" in name:
        return name.rpartition("::")[2].strip()
    name = _without_arguments(name).replace(")", "").strip()
    name = _COMPILER_SUFFIX.sub("", name)
    if " " in name:
        name = name.rpartition(" ")[2]
    return next((part for part in reversed(_SCOPE.split(name)) if part), "")


def _without_arguments(name: str) -> str:
    """The name up to its arguments, without those of templates; one pass."""
    kept: list[str] = []
    depth = 0
    for character in name:
        if character == "<":
            depth += 1
        elif character == ">":
            depth = max(0, depth - 1)
        elif depth == 0:
            if character in "([{":
                break
            kept.append(character)
    return "".join(kept)


def identifiers_of(names: Iterable[str]) -> frozenset[str]:
    """The names that mean one flaw each, in capitals."""
    capitals = (name.strip().upper() for name in names)
    return frozenset(name for name in capitals if _SCHEMES.match(name))


def words_of(title: str) -> frozenset[str]:
    """The telling words of a title; empty when there are too few to tell flaws apart."""
    words = frozenset(_WORD.findall(title.lower()[:1000])) - _EMPTY_WORDS
    return words if len(words) >= _TELLING_WORDS else frozenset()
