"""Read a crash report of any known kind into the terms that ClusterFuzz publishes.

The text is untrusted. It is bounded first (`CrashLimits`), read once, line by line, and every
pattern is linear in the line, so a hostile text costs no more than an honest one of its size.
No text makes this raise.

What is decided here: the order of reading, where a stack ends, and how the draft becomes a
crash. What each tool's lines mean is decided in `families`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.dedupe.crash import frames, noise, normalise
from firstlight.core.clearinghouse.dedupe.crash.draft import Context, Draft
from firstlight.core.clearinghouse.dedupe.crash.families import python
from firstlight.core.clearinghouse.dedupe.crash.families.sanitizer import is_deliberate
from firstlight.core.clearinghouse.dedupe.crash.model import (
    DEFAULT_LIMITS,
    STATE_FRAMES,
    Access,
    AccessKind,
    AddressClass,
    Crash,
    CrashLimits,
    NoCrash,
    NoCrashReason,
    Tool,
)
from firstlight.core.clearinghouse.dedupe.crash.registry import FAMILIES, LAST_RESORT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firstlight.core.clearinghouse.dedupe.crash.draft import RawFrame
    from firstlight.core.clearinghouse.dedupe.crash.families.base import Family

_NULL_PAGE = 0x10000
"""Addresses below belong to no mapping on the systems that matter: a null pointer and an offset."""

_LARGEST_TOLD_SIZE = 16
"""Larger accesses come from copying loops, where the size follows the input."""

_WITHOUT_TELLING_STACK = frozenset({"Out-of-memory", "Timeout", "Overwrites-const-input"})
"""Where the program happened to be says nothing; which target it was, does."""

_CYCLE_LONGEST = 10
_CYCLE_REPEATS = 3

_FIRST_NUMBER = re.compile(r"[^0-9]+([0-9]+)")
_ACCESS = re.compile(r"\b(READ|WRITE)\b(?: ([0-9]{1,9}))?")
_DEADLY = re.compile(
    r"(?:Address|HWAddress|Leak|Memory|UndefinedBehavior|Thread)Sanitizer:DEADLYSIGNAL"
)


def parse_crash(text: str, *, limits: CrashLimits = DEFAULT_LIMITS) -> Crash | NoCrash:
    """Read a crash report.

    Args:
        text: the report, or a log with a report in it; of any length and content.
        limits: bounds on what is read.

    Returns:
        The crash, or `NoCrash` with the reason.
    """
    if not text.strip():
        return NoCrash(reason=NoCrashReason.EMPTY)
    lines, cut = _bounded(text, limits)
    context = Context.of("\n".join(lines))
    draft = Draft(context=context, limits=limits)
    _read(python.turned_round(lines) or lines, draft, FAMILIES)
    if draft.no_crash is not None:
        return NoCrash(reason=draft.no_crash)
    if not draft.type:
        draft = Draft(context=context, limits=limits)
        traceback = python.last_traceback(lines)
        _read(traceback or lines, draft, FAMILIES if traceback else LAST_RESORT)
    if not draft.type or (draft.exception is not None and not draft.frames and not draft.spare):
        return NoCrash(reason=NoCrashReason.NOT_RECOGNISED)
    return _finish(draft, cut=cut)


def _bounded(text: str, limits: CrashLimits) -> tuple[list[str], bool]:
    """Bounded lines. What stops a program stands at the end of a log, its cause at the start."""
    cut = len(text) > limits.text
    if cut:
        half = limits.text // 2
        text = f"{text[:half]}\n{text[-half:]}"
    lines = text.splitlines()
    if len(lines) > limits.lines:
        cut = True
        half = limits.lines // 2
        lines = lines[:half] + lines[-half:]
    whole: list[str] = []
    for line in lines:
        kept = line[: limits.line]
        # A tool's message can be printed into the middle of another's line.
        deadly = _DEADLY.search(kept)
        whole.append(kept[: deadly.start()] if deadly else kept)
    return whole, cut


def _read(lines: Sequence[str], draft: Draft, families: tuple[Family, ...]) -> None:
    for line in lines:
        if draft.over:
            return
        if not line or noise.is_meaningless(line):
            continue
        if any(family.read(line, draft) for family in families):
            continue
        if draft.lines and noise.ends_stack(line):
            draft.close_stack()
        elif draft.type:
            frame = _frame(line, draft, families)
            if frame is not None:
                draft.add(frame)


def _frame(line: str, draft: Draft, families: tuple[Family, ...]) -> RawFrame | None:
    for shared in frames.FORMATS:
        frame = shared(line)
        if frame is not None:
            return frame
    for family in families:
        frame = family.frame(line, draft)
        if frame is not None:
            return frame
    return None


def _finish(draft: Draft, *, cut: bool) -> Crash:
    draft.settle()
    kind = draft.type
    address = _integer(draft.address)
    if kind.startswith("UNKNOWN") and address is not None and address < _NULL_PAGE:
        kind = kind.replace("UNKNOWN", "Null-dereference", 1)
    access = _ACCESS.search(kind)
    return Crash(
        type=_bounded_size(kind),
        state=_state(draft),
        tool=draft.tool or Tool.CHECK,
        access=Access(kind=AccessKind(access[1]), size=int(access[2]) if access[2] else None)
        if access
        else None,
        address=draft.address,
        address_class=_address_class(address),
        frames=tuple(draft.frames),
        exception=draft.exception,
        cut=cut,
    )


def _state(draft: Draft) -> tuple[str, ...]:
    if draft.target and draft.type in _WITHOUT_TELLING_STACK:
        return (draft.target,)
    told = [line.strip() for line in draft.lines]
    if draft.type in ("Stack-overflow", "Stack overflow") or draft.exception == "RecursionError":
        told = _cycle([frame.function for frame in draft.frames if frame.counted]) or told
    if draft.type != "V8 correctness failure":  # its numbers are configurations, not noise
        told = [normalise.state_line(line) for line in told]
    told = [line for line in told if line]
    if not told and draft.process:
        told = [draft.process]
    return tuple(told)


def _cycle(names: list[str]) -> list[str] | None:
    """The calls that repeat in a stack overflow: where it was cut off is chance, they are not."""
    for start in range(len(names)):
        for length in range(1, _CYCLE_LONGEST + 1):
            if start + length * _CYCLE_REPEATS >= len(names):
                break
            first = names[start : start + length]
            if all(
                names[start + turn * length : start + (turn + 1) * length] == first
                for turn in range(1, _CYCLE_REPEATS)
            ):
                return first[:STATE_FRAMES]
    return None


def _bounded_size(kind: str) -> str:
    """An access of more than 16 bytes has the size ``{*}``."""
    match = _FIRST_NUMBER.match(kind)
    if not match:
        return kind
    digits = match[1].lstrip("0") or "0"
    if len(digits) <= len(str(_LARGEST_TOLD_SIZE)) and int(digits) <= _LARGEST_TOLD_SIZE:
        return kind
    return kind[: match.start(1)] + "{*}" + kind[match.end(1) :]


def _integer(address: str | None) -> int | None:
    if address is None:
        return None
    digits = address.removeprefix("0x").removeprefix("0X").replace("`", "")
    hexadecimal = digits and all(c in "0123456789abcdefABCDEF" for c in digits)
    return int(digits, 16) if hexadecimal else None


def _address_class(address: int | None) -> AddressClass:
    if address is None:
        return AddressClass.NOT_GIVEN
    if address < _NULL_PAGE:
        return AddressClass.NULL_PAGE
    return AddressClass.DELIBERATE if is_deliberate(address) else AddressClass.ORDINARY
