"""What a generator gives: one small program, twice, and how to show the flaw between the two.

The vulnerable and the fixed side come from one text: a line that begins with `-|` stands in the
vulnerable side alone, one with `+|` in the fixed one alone. So the difference is the flaw, and
nothing else can differ by mistake.

Everything harmful stays a toy: a flaw shows as a report of AddressSanitizer, or as a random value
that the program was to keep. No program does anything else than read its input and print.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

_HOLE = re.compile(r"@(\w+)@")


class Language(StrEnum):
    """What the program is written in."""

    C = "c"
    """built with AddressSanitizer; the flaw shows as its report"""
    PYTHON = "python"
    """the flaw shows as the planted value in what is printed"""


class Weakness(StrEnum):
    """Families of weaknesses, each with several shapes of program."""

    BOUNDS = "bounds"
    """reads or writes beyond an object"""
    INTEGER = "integer"
    """a number is cut, wraps or loses its sign"""
    LIFETIME = "lifetime"
    """uses what was given back"""
    PATH = "path"
    """a name leads out of its folder"""
    INJECTION = "injection"
    """data is taken for code of a small language"""
    AUTHORISATION = "authorisation"
    """somebody gets what is not theirs"""
    ORDER = "order"
    """something is checked in one form and used in another"""


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """The planted flaw."""

    weakness: Weakness
    """its family"""
    cwe: str
    """the best fitting identifier"""
    kin: tuple[str, ...]
    """other identifiers that are right as well"""
    file: str
    """below the source folder"""
    function: str
    """bare name"""
    says: str
    """what goes wrong, as a clause for an instruction; names neither function nor weakness"""
    errors: tuple[str, ...] = ()
    """reports of the sanitizer that show it; empty where the planted value does"""
    frames: tuple[str, ...] = ()
    """functions of which one stands in such a report"""


@dataclass(frozen=True, kw_only=True, repr=False)
class Program:
    """One program with its flaw. In a log it says nothing of itself."""

    name: str
    """drawn; used nowhere else"""
    shape: str
    """which generator made it; programs of one shape resemble each other"""
    canary: str
    """drawn: the canary string in the source, so that a leak can be searched for"""
    language: Language
    flaw: Flaw
    vulnerable: Mapping[str, str]
    """source files by path"""
    fixed: Mapping[str, str]
    """the same paths"""
    attacks: tuple[bytes, ...]
    """inputs that show the flaw, made differently: the first is the reference, the second is
    shipped beside it, the rest are the hidden test"""
    cases: tuple[tuple[bytes, bytes], ...]
    """harmless inputs, each with what the program prints: its own tests; the first is shipped"""
    stub: str
    """a statement that ends the flawed function early, and breaks what it is for"""
    prepare: str = ""
    """Python: what sets up the run around the source; has the planted value as SECRET"""
    minutes: int = 30
    """what a person is thought to need"""

    def __repr__(self) -> str:
        """Nothing that was drawn."""
        return "Program()"


@dataclass(frozen=True, kw_only=True)
class Text:
    """A template of one file."""

    path: str
    body: str
    holes: Mapping[str, str] = field(default_factory=dict)
    """what stands for @name@"""

    def side(self, *, fixed: bool) -> str:
        """The file of one side.

        Raises:
            KeyError: a hole is not filled.
        """
        kept, dropped = ("+|", "-|") if fixed else ("-|", "+|")
        lines = [
            line.removeprefix(kept)
            for line in self.body.strip("\n").split("\n")
            if not line.startswith(dropped)
        ]
        return _HOLE.sub(lambda hole: self.holes[hole[1]], "\n".join(lines)) + "\n"


def sides(*texts: Text) -> tuple[dict[str, str], dict[str, str]]:
    """The vulnerable and the fixed files."""
    return (
        {one.path: one.side(fixed=False) for one in texts},
        {one.path: one.side(fixed=True) for one in texts},
    )
