"""UndefinedBehaviorSanitizer and control flow integrity.

Formats: compiler-rt, ``lib/ubsan/ubsan_handlers.cpp`` and ``ubsan_handlers_cxx.cpp``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.dedupe.crash.families.base import Family
from firstlight.core.clearinghouse.dedupe.crash.model import STATE_FRAMES, Tool

if TYPE_CHECKING:
    from firstlight.core.clearinghouse.dedupe.crash.draft import Draft

_KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Divide-by-zero", ("division by zero",)),
    ("Float-cast-overflow", ("outside the range of representable values",)),
    ("Implicit-conversion", ("implicit conversion from type",)),
    ("Incorrect-function-pointer-type", ("through pointer to incorrect function type",)),
    ("Index-out-of-bounds", ("out of bounds for type",)),
    ("Invalid-bool-value", tuple(f"valid value for type {b}" for b in ("'bool'", "'BOOL'"))),
    ("Invalid-builtin-use", (", which is not a valid argument",)),
    ("Misaligned-address", ("misaligned address", "assumption of")),
    ("No-return-value", ("reached the end of a value-returning function",)),
    ("Invalid-null-argument", ("null pointer passed as ",)),
    ("Null-dereference READ", ("load of null pointer",)),
    (
        "Null-dereference",
        ("binding to null pointer", "access within null pointer", "call on null pointer"),
    ),
    ("Null-dereference WRITE", ("store to null pointer",)),
    ("Object-size", ("with insufficient space for an object of type",)),
    (
        "Pointer-overflow",
        (
            *("addition of unsigned offset ", "subtraction of unsigned offset "),
            *("pointer index expression with base ", "applying non-zero offset "),
            "applying zero offset to null pointer",
        ),
    ),
    ("Invalid-null-return", ("returned from function declared to never return null",)),
    ("Undefined-shift", ("shift",)),
    ("Unreachable code", ("execution reached an unreachable program point",)),
    ("Unsigned-integer-overflow", ("unsigned integer overflow",)),
    (
        "Non-positive-vla-bound-value",
        ("variable length array bound evaluates to non-positive value",),
    ),
    # Wider than those above, so they come last.
    ("Invalid-enum-value", ("not a valid value for type",)),
    ("Integer-overflow", ("integer overflow",)),
)

_BAD_CAST = re.compile(
    r"runtime error: (?:member access within|member call on|downcast of) address "
    r"([xX0-9a-fA-F]{1,20}) "
)
_CFI = "runtime error: control flow integrity check for type "
_VTABLE = re.compile(r"vtable address ([xX0-9a-fA-F]{1,20})")
_OFFSET = re.compile(r"at offset (\d{1,12}) within object of type ")
_MARK = "runtime error: "


def kind_of(reason: str) -> str:
    """The type for a ``runtime error:`` reason; UNKNOWN when it is a new one."""
    for name, signs in _KINDS:
        if any(sign in reason for sign in signs):
            return name
    if "cannot be represented in type" in reason and reason.startswith(("negation", "division")):
        return "Integer-overflow"
    return "UNKNOWN"


class Undefined(Family):
    """``file:line:col: runtime error: reason``; the first one counts."""

    def read(self, line: str, draft: Draft) -> bool:  # noqa: D102 - said by the base
        if draft.type == "Bad-cast" and len(draft.lines) == 1 and draft.room == STATE_FRAMES:
            return self._source_type(line, draft)
        if draft.type or _MARK not in line:
            if not draft.type and line.startswith("CFI: Most likely a control flow integrity"):
                draft.report("Bad-cast", Tool.UBSAN)
            return False
        cast = _BAD_CAST.search(line)
        if cast:
            self._cast(line.rpartition(" of type ")[2], cast[1], draft)
        elif _CFI in line:
            target = line.partition(_CFI)[2].partition(" failed during ")[0]
            table = _VTABLE.search(line)
            self._cast(target, table[1] if table else None, draft)
        elif ": " + _MARK in line:
            draft.report(kind_of(line.partition(_MARK)[2]), Tool.UBSAN)
        return False

    @staticmethod
    def _cast(target: str, address: str | None, draft: Draft) -> None:
        draft.report("Bad-cast", Tool.UBSAN, address=address)
        draft.headline(f"Bad-cast to {_bare(target)}", room=STATE_FRAMES)

    @staticmethod
    def _source_type(line: str, draft: Draft) -> bool:
        """A note tells what the object really is; the stack follows."""
        offset = _OFFSET.search(line)
        for mark in ("note: object is of type ", "note: vtable is of type "):
            if mark in line:
                origin = f" from {_bare(line.partition(mark)[2])}"
                break
        else:
            if "note: object has invalid vptr" in line or "note: invalid vtable" in line:
                origin = " from invalid vptr"
            elif offset:
                origin = f" from base class subobject at offset {offset[1]}"
            elif "note: " in line and line.endswith(" defined here"):
                origin = ""
            else:
                return False
        draft.headline(draft.lines[0] + origin)
        return True


def _bare(type_name: str) -> str:
    return type_name.strip().strip("'")
