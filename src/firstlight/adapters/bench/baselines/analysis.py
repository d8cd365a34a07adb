"""The commands by which a static analyser works, and the one answer that is made of what it says.

It reads the C files of the package, smallest first, tests and examples apart, until its budget is
used up. Its gravest complaint that names a weakness is the answer; a list would count as none. It
is not told what to look for, so most answers are about something else: that is what is measured.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from firstlight.core.kernel.canonical import canonical

ROOT = "/target/src"
_APART = (
    "test",
    "tests",
    "t",
    "example",
    "examples",
    "doc",
    "fuzzing",
    "contrib",
    "win32",
    "os400",
)
_MOST_FILES = 400
_GRAVITY = ("error", "warning", "portability", "performance", "style")
_SAYS = re.compile(r"^@(\w+)@(\d+)@([^@]+)@(\d+)@(\w+)$", re.MULTILINE)
_DONE = re.compile(r"^done ([^\n]+)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """One thing that the analyser says."""

    severity: str
    """as it says"""
    cwe: int
    """number of the weakness; 0 for none"""
    file: str
    """below the package's root"""
    line: int
    """from 1"""

    def answer(self) -> bytes:
        """As the task wants it."""
        return canonical({"file": self.file, "line": self.line, "cwe": f"CWE-{self.cwe}"})


def list_command() -> str:
    """The files to read, smallest first."""
    apart = " ".join(f"-not -path './{name}/*'" for name in _APART)
    return (
        f"cd {ROOT} && find . -type f \\( -name '*.c' -o -name '*.cc' \\) {apart} "
        f"-size -2000k -printf '%s %P\\n' | sort -n | head -n {_MOST_FILES} | cut -d' ' -f2-"
    )


def read_command(names: Sequence[str], seconds: int) -> str:
    """Read these files for so long; a file that takes longer is left with what was found in it."""
    template = shlex.quote("@{severity}@{cwe}@{file}@{line}@{id}@".removesuffix("@"))
    quoted = " ".join(shlex.quote(name) for name in names)
    return f"""\
cd {ROOT}
until=$(($(date +%s) + {seconds}))
for name in {quoted}; do
    left=$((until - $(date +%s)))
    [ "$left" -gt 0 ] || break
    timeout -s KILL "$left" cppcheck -q --enable=warning --inconclusive --max-configs=4 \
        --template={template} -I. -Iinclude "$name" 2>&1
    echo "done $name"
done
times
exit 0
"""


def read_complaints(text: str) -> list[Complaint]:
    """Those that name a weakness."""
    return [
        Complaint(severity=found[1], cwe=int(found[2]), file=found[3], line=int(found[4]))
        for found in _SAYS.finditer(text)
        if int(found[2]) and found[1] in _GRAVITY
    ]


def read_done(text: str) -> frozenset[str]:
    """Files that were read."""
    return frozenset(_DONE.findall(text))


def gravest(complaints: Sequence[Complaint]) -> Complaint | None:
    """The one that becomes the answer; by gravity, then by the order in which they were said."""
    return min(complaints, key=lambda one: _GRAVITY.index(one.severity), default=None)
