"""AddressSanitizer and its relatives: address, hardware, memory, thread and leak sanitizers.

Formats: compiler-rt, ``lib/asan/asan_errors.cpp``, ``lib/hwasan/hwasan_report.cpp``,
``lib/sanitizer_common/sanitizer_symbolizer_report.cpp``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.dedupe.crash.draft import RawFrame
from firstlight.core.clearinghouse.dedupe.crash.families.base import Family
from firstlight.core.clearinghouse.dedupe.crash.model import Tool

if TYPE_CHECKING:
    from firstlight.core.clearinghouse.dedupe.crash.draft import Draft

_HEX = r"((?:0[xX])?[0-9a-fA-F]{1,18})"
_REPORT = re.compile(r"ERROR: ([A-Za-z]{1,40}Sanitizer)[: ]+")
_ON_ADDRESS = re.compile(r" on (?:unknown address |address |)" + _HEX)
_SEGV = re.compile(r"Sanitizer: ?.{0,60}?(?:SEGV|access-violation) on unknown address " + _HEX)
_FREE = re.compile(r"attempting free on address which was not malloc\(\)-ed: " + _HEX)
_DOUBLE_FREE = re.compile(r"double-free on (?:unknown address |address |)" + _HEX)
_OVERLAP = re.compile(r"memcpy-param-overlap[^\[]{0,80}(\[[^)]{0,80}\))")
_SIGNAL_ACCESS = re.compile(r"The signal is caused by a ([A-Z]{4,7}) memory access")
_ACCESS = re.compile(r" *((?:Atomic |atomic )?[^ ]{1,20}) of size ([^ ]{1,20}) at ([^ ]{1,40})")
_CHECK = re.compile(r"Sanitizer:? CHECK failed:\s*[^ ]*\s*")
_OTHERS = re.compile(r"(Memory|Thread)Sanitizer:\s+")

_THREAD_FRAME = re.compile(r"\s{1,8}#\d{1,6} (?!0x)(.*)")
_THREAD_PLACE = re.compile(r"([^:]{1,1000}):(\d{1,7})(?::\d{1,7})?$")

_ECHOES = ("ABRT ", "breakpoint ", "ILL ", "TRAP ", "illegal-instruction ")
_DELIBERATE = frozenset({0xBBADBEEF, 0xFBADBEEF, 0x1F75B7DD, 0x977537DD, 0x9F7537DD})
"""Addresses that WebKit's, Blink's and their allocators' assertion macros write to."""

_TOOLS = {
    "AddressSanitizer": Tool.ASAN,
    "HWAddressSanitizer": Tool.HWASAN,
    "MemorySanitizer": Tool.MSAN,
    "ThreadSanitizer": Tool.TSAN,
    "UndefinedBehaviorSanitizer": Tool.UBSAN,
    "LeakSanitizer": Tool.LSAN,
}


def is_deliberate(address: int) -> bool:
    """True for the magic addresses of assertion macros."""
    return address in _DELIBERATE


def _named_type(text: str) -> str:
    """``int-divide-by-zero`` as ClusterFuzz names it."""
    # What follows in parentheses are particulars: operator new against free, potential deadlock.
    name = text.partition(" (")[0].strip().lower().replace("_", "-").capitalize()
    return _SAME.get(name, name)


_SAME = {
    "Int-divide-by-zero": "Divide-by-zero",
    "Illegal-instruction": "Ill",
    "Unknown-crash": "UNKNOWN",
    "Fpe": "Floating-point-exception",
}


class Sanitizer(Family):
    """Reports that begin with ``ERROR: <Name>Sanitizer``, and the lines that complete them."""

    def read(self, line: str, draft: Draft) -> bool:  # noqa: D102 - said by the base
        if "Sanitizer" not in line:
            return self._complete(line, draft)
        if self._check_in_tool(line, draft) or self._echo(line, draft):
            return True
        self._memory_or_thread(line, draft)
        return self._address(line, draft)

    def frame(self, line: str, draft: Draft) -> RawFrame | None:
        """ThreadSanitizer's own format has no addresses."""
        match = _THREAD_FRAME.match(line) if draft.tool is Tool.TSAN else None
        if not match:
            return None
        name, _, where = match[1].rpartition(" (")[0].rpartition(" ")
        place = _THREAD_PLACE.match(where)
        if not place:
            return None
        return RawFrame(text=name, file=place[1], line=int(place[2]), weak=True)

    @staticmethod
    def _complete(line: str, draft: Draft) -> bool:
        """Kind and size of the access come on lines of their own."""
        access = _SIGNAL_ACCESS.search(line)
        if access and draft.type == "UNKNOWN" and access[1] != "UNKNOWN":
            draft.type += f" {access[1]}"
        if draft.context.kasan or not draft.type:
            return False
        sized = _ACCESS.match(line)
        if sized:
            draft.address = sized[3].rstrip(",")
            if not draft.type.startswith("UNKNOWN"):
                draft.accessed(sized[1], sized[2])
        return False

    @staticmethod
    def _check_in_tool(line: str, draft: Draft) -> bool:
        """The sanitizer itself gave up; nothing after it can be trusted."""
        check = _CHECK.search(line)
        if not check:
            return False
        draft.retype("Sanitizer CHECK failure", Tool.ASAN)
        draft.address = None
        draft.headline(line[check.end() :], room=0)
        draft.over = True
        return True

    @staticmethod
    def _echo(line: str, draft: Draft) -> bool:
        """An abort, trap or illegal instruction after a stated cause is that cause's echo."""
        at = line.find("Sanitizer: ")
        return draft.stated and at >= 0 and line.startswith(_ECHOES, at + 11)

    @staticmethod
    def _memory_or_thread(line: str, draft: Draft) -> None:
        match = _OTHERS.search(line)
        if not match or " suppressions" in line or " warnings" in line:
            return
        kind = line[match.end() :]
        if kind.startswith(("ABRT", "ILL", "SEGV", "FPE", "BUS", "TRAP")) or "ERROR: " in line:
            return
        name = re.split(r"[(:]", kind, maxsplit=1)[0].strip().capitalize()
        if name:
            draft.report(name, Tool.MSAN if match[1] == "Memory" else Tool.TSAN)

    def _address(self, line: str, draft: Draft) -> bool:
        report = _REPORT.search(line)
        tool = _TOOLS.get(report[1] if report else "AddressSanitizer", Tool.ASAN)
        overlap = _OVERLAP.search(line)
        if overlap:
            draft.report("Memcpy-param-overlap", tool, address=overlap[1])
            return False
        segv = _SEGV.search(line)
        if segv:
            self._segv(segv[1], tool, draft)
            return True
        for crash_type, pattern in (("Invalid-free", _FREE), ("Heap-double-free", _DOUBLE_FREE)):
            match = pattern.search(line)
            if match:
                draft.report(crash_type, tool, address=match[1])
                return True
        if not report or draft.from_language:
            return False
        kind = line[report.end() :]
        located = _ON_ADDRESS.search(kind)
        if located:
            draft.report(_named_type(kind[: located.start()]), tool, address=located[1])
        elif not draft.type and tool in (Tool.ASAN, Tool.HWASAN):
            draft.report(_named_type(re.split(r"[(:;]", kind, maxsplit=1)[0]), tool)
        return False

    @staticmethod
    def _segv(address: str, tool: Tool, draft: Draft) -> None:
        deliberate = is_deliberate(int(address, 16)) or draft.context.signal_only
        if "ASSERT" in draft.type and deliberate:
            return  # the assertion stopped the program by this very access
        draft.report("UNKNOWN", tool, address=address)


class Leak(Family):
    """LeakSanitizer: the first direct leak, or the first indirect one when there is no other."""

    def read(self, line: str, draft: Draft) -> bool:  # noqa: D102 - said by the base
        if draft.type in ("", "Indirect-leak") and line.startswith("Direct leak of "):
            draft.report("Direct-leak", Tool.LSAN)
            return True
        if not draft.type and line.startswith("Indirect leak of "):
            draft.report("Indirect-leak", Tool.LSAN)
            return True
        return False
