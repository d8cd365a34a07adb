"""Which tools there are, what each needs of the system, and which version is here.

A tool is a program of the system's own packages. The sandbox shows `/usr` and nothing else of the
host, so what is found here is what runs there.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from firstlight.core.kernel.errors import Missing, Unavailable
from firstlight.core.measure.task import Kind
from firstlight.core.measure.words import TOOL_PREFIX

PREFIX = TOOL_PREFIX
_SECONDS = 10
_VERSION = re.compile(r"\d+\.\d+[\w.+-]*")


class ToolNotInstalled(Unavailable):
    """A tool is not installed here."""

    code = "measure.tool_not_installed"
    next_step = "Install its packages, or name another tool."


@dataclass(frozen=True, kw_only=True)
class Kit:
    """One tool."""

    name: str
    """after `tool:`"""
    kind: Kind
    """the one kind of task that it can try"""
    asks: tuple[str, ...]
    """command that says the version"""
    needs: Mapping[str, str]
    """program or file, and the Debian package that brings it"""
    how: str
    """what it does with a task, in a sentence"""

    def missing(self) -> tuple[str, ...]:
        """Packages that are not here."""
        return tuple(
            dict.fromkeys(package for what, package in self.needs.items() if not _here(what))
        )


_CLANG = {
    "/usr/bin/clang": "clang",
    "/usr/lib/clang/14/lib/linux/libclang_rt.fuzzer-x86_64.a": "libclang-rt-dev",
}
KITS: Mapping[str, Kit] = {
    kit.name: kit
    for kit in (
        Kit(
            name="libfuzzer",
            kind=Kind.REPRODUCE,
            asks=("clang", "--version"),
            needs=_CLANG,
            how="It mutates the package's own samples, guided by coverage and compared values.",
        ),
        Kit(
            name="afl",
            kind=Kind.REPRODUCE,
            asks=("afl-fuzz", "-h"),
            needs={**_CLANG, "/usr/bin/afl-fuzz": "afl++", "/usr/bin/afl-clang-fast": "afl++"},
            how="It mutates the package's own samples, guided by coverage.",
        ),
        Kit(
            name="cppcheck",
            kind=Kind.FIND,
            asks=("cppcheck", "--version"),
            needs={"/usr/bin/cppcheck": "cppcheck"},
            how="It reads every C file; its gravest complaint is taken for the one answer.",
        ),
    )
}
"""by name"""


def kit_of(name: str) -> Kit:
    """The tool of this name, which is installed.

    Raises:
        Missing: there is no such tool.
        ToolNotInstalled: it is not installed; the error names the packages.
    """
    if name not in KITS:
        known = ", ".join(f"{PREFIX}{each}" for each in KITS)
        raise Missing(f"There is no tool {name[:80]!r}.", hint=f"There are: {known}.")
    kit = KITS[name]
    absent = kit.missing()
    if absent:
        raise ToolNotInstalled(
            f"{name} cannot be run: {', '.join(absent)} is missing from this system.",
            hint=f"On Debian: sudo apt-get install {' '.join(absent)}",
        )
    return kit


def version_of(kit: Kit) -> str:
    """As the tool says itself; empty when it does not."""
    try:
        done = subprocess.run(kit.asks, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = _VERSION.search((done.stdout + done.stderr).decode("utf-8", "replace"))
    return found.group() if found else ""


def _here(what: str) -> bool:
    return Path(what).exists() and (not what.startswith("/usr/bin/") or bool(shutil.which(what)))
