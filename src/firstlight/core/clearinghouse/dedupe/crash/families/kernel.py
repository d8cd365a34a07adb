"""The Linux kernel: oops, panic, BUG, KASAN and its relatives; Android's and LKL's too.

Formats: Linux ``mm/kasan/report.c``, ``lib/bug.c``, ``arch/arm/mm/fault.c``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.dedupe.crash.draft import RawFrame
from firstlight.core.clearinghouse.dedupe.crash.families.base import Family
from firstlight.core.clearinghouse.dedupe.crash.model import Tool

if TYPE_CHECKING:
    from firstlight.core.clearinghouse.dedupe.crash.draft import Draft

_PREFIX = re.compile(
    r"\s{0,8}(?:<\d>\s{0,8})?\[\s{0,12}\d{1,9}\.\d{1,9}\](?:\s{0,8}\[\s{0,12}[TC]\d{1,9}\])?\s"
)
_FAULT = re.compile(r"Internal error: (?:Oops)?(?: -|:) (BUG|[0-9a-fA-F]{1,16})")
_SANITIZER = re.compile(r"(?:BUG: )?K[A-Z]{1,3}SAN: ([^:]{1,80}?) (?:in|on) ")
_AT_ADDRESS = re.compile(r"(?:addr|address) ((?:0x)?[a-f0-9]{1,16})")
_IN_RANGE = re.compile(r"in range \[([a-z0-9]{1,20})-([a-z0-9]{1,20})\]")
_ACCESS = re.compile(r"(Read|Write) of size (\d{1,9})(?: at (?:addr|address) ([a-f0-9]{1,16}))?")
_WITH_ADDRESS = re.compile(
    r"\[<[x0-9a-fA-F]{1,18}>\]\s{1,8}(\??)\s{0,4}\(?([\w.]{1,200})\+(?:0x)?[0-9a-f]+/"
)
_NAME_ONLY = re.compile(r"\s{0,8}\(?([\w.]{1,200})\+0x[0-9a-f]{1,16}/0x[0-9a-f]{1,16}")
_CLONE = re.compile(r"\.(?:isra|constprop|part|cold)(?:\.\d+)*")

_ARM_FAULTS = {
    0b0001: "Alignment Fault",
    0b0011: "Access Flag Fault, Section",
    0b0100: "Instruction Cache Maintenance Fault",
    0b0101: "Translation Fault, Section",
    0b0110: "Access Flag Fault, Page",
    0b0111: "Translation Fault, Page",
    0b1001: "Domain Fault, Section",
    0b1011: "Domain Fault, Page",
    0b1100: "L1 Translation",
    0b1101: "Permission Fault, Section",
    0b1110: "L2 Translation",
    0b1111: "Permissions Fault, Page",
}
"""Fault status register, low four bits (ARM Architecture Reference Manual, ARMv7, B3.13)."""

_FSR_WRITE = 0x800


class Kernel(Family):
    """Everything the kernel says when it stops; KASAN tells more than the oops after it."""

    def read(self, line: str, draft: Draft) -> bool:  # noqa: D102 - said by the base
        text = line[m.end() :] if (m := _PREFIX.match(line)) else line
        if not draft.context.kasan:
            self._oops(text, draft)
        if text.startswith("kernel BUG at "):
            place = text.removeprefix("kernel BUG at ")
            draft.retype(_failure(place.replace(" ", "-").capitalize()), Tool.KERNEL)
        self._sanitizer(text, draft)
        if "general protection fault:" in text and "KASAN" in text:
            draft.retype(_failure("General-protection-fault"), Tool.KERNEL)
        access = _ACCESS.match(text) if draft.tool is Tool.KERNEL else None
        if access and draft.type.startswith("Kernel failure"):
            draft.address = draft.address or (f"0x{access[3]}" if access[3] else None)
            draft.accessed(access[1], access[2])
        return False

    @staticmethod
    def _oops(text: str, draft: Draft) -> None:
        fault = _FAULT.search(text)
        if fault and not (fault[1] == "BUG" and draft.type):
            draft.report(_arm_fault(fault[1]), Tool.KERNEL)
        elif text.startswith("Kernel panic - not syncing: ") and not draft.type:
            # After an oops the panic is its consequence.
            reason = text.partition("not syncing: ")[2]
            draft.report(_failure(reason.replace(" ", "-")), Tool.KERNEL)

    @staticmethod
    def _sanitizer(text: str, draft: Draft) -> None:
        match = _SANITIZER.match(text) if "SAN: " in text else None
        if not match:
            return
        if draft.retype(_failure(match[1].replace(" ", "-").capitalize()), Tool.KERNEL):
            draft.access = None
        where = _AT_ADDRESS.search(text) or _IN_RANGE.search(text)
        if where:
            draft.address = f"0x{where[1].removeprefix('0x')}"

    def frame(self, line: str, draft: Draft) -> RawFrame | None:  # noqa: D102 - said by the base
        if draft.tool is not Tool.KERNEL:
            return None
        text = line[m.end() :] if (m := _PREFIX.match(line)) else line
        match = _WITH_ADDRESS.search(text)
        if match:
            # A question mark tells of a value left on the stack, not of a call.
            return RawFrame(text="") if match[1] else _symbol(match[2])
        named = _NAME_ONLY.match(text)
        return _symbol(named[1]) if named else None


def _symbol(name: str) -> RawFrame:
    """Without the suffix of a clone that the compiler made."""
    return RawFrame(text=_CLONE.sub("", name))


def _failure(detail: str) -> str:
    return f"Kernel failure\n{detail}"


def _arm_fault(code: str) -> str:
    if code == "BUG":
        return _failure("BUG")
    status = int(code, 16)
    kind = "WRITE" if status & _FSR_WRITE else "READ"
    return _failure(f"{kind} {_ARM_FAULTS.get(status & 0xF, 'Unknown')} ({status})")
