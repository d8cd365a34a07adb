"""Debuggers: gdb, lldb, Apple's crash reports, cdb and WinDbg."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.dedupe.crash.draft import RawFrame
from firstlight.core.clearinghouse.dedupe.crash.families.base import Family
from firstlight.core.clearinghouse.dedupe.crash.model import Tool

if TYPE_CHECKING:
    from firstlight.core.clearinghouse.dedupe.crash.draft import Draft

_GDB_SIGNAL = re.compile(r"Program (?:received|terminated with) signal ([a-zA-Z]{1,20}),")
_GDB_REGISTER = re.compile(r"rip {1,20}(0[xX][0-9a-fA-F]{1,16})")
_GDB_FRAME = re.compile(r"#\d{1,6}\s{1,4}(?!0x)([A-Za-z_~][^\s(]{0,300}(?: \[[^\]]{0,80}\])?) \(")
_MAC_ADDRESS = re.compile(r"at address[^0-9]{0,20}(0x[0-9a-fA-F]{1,16})")
_LLDB_STOP = re.compile(r"stop reason = (EXC_\w{1,30}|signal SIG[A-Z]{1,10})")
_LLDB_ADDRESS = re.compile(r"address=(0x[0-9a-fA-F]{1,16})")
_LLDB_FRAME = re.compile(r"[ *]*frame #\d{1,6}: 0x[0-9a-fA-F]{1,16} ([^`]{1,200})`(.*)")
_LLDB_PLACE = re.compile(r" at ([^ :]{1,500}):(\d{1,7})(?::\d{1,7})?")
_CDB_ACCESS = re.compile(r"Attempt to (read|write|execute) [^ ]{1,40} address ([0-9a-fA-F`]{1,20})")
_CDB_BUCKET = re.compile(r"DEFAULT_BUCKET_ID *: *([a-zA-Z_]{1,80})")
_CDB_SAME = {
    "Status-integer-overflow": "Integer-overflow",
    "Status-integer-divide-by-zero": "Divide-by-zero",
}


class UnixDebugger(Family):
    """gdb and lldb: the signal is the type."""

    def read(self, line: str, draft: Draft) -> bool:  # noqa: D102 - said by the base
        signal = _GDB_SIGNAL.match(line)
        if signal:
            draft.retype(signal[1].upper(), Tool.DEBUGGER)
        stop = _LLDB_STOP.search(line) if not draft.type else None
        if stop:
            draft.report(stop[1].removeprefix("signal "), Tool.DEBUGGER)
        address = _LLDB_ADDRESS if stop else _GDB_REGISTER
        found = address.search(line) if stop else address.match(line)
        if not found and "Reason:" in line:
            found = _MAC_ADDRESS.search(line)
        if found:
            draft.address = found[1]
        return False

    def frame(self, line: str, draft: Draft) -> RawFrame | None:  # noqa: D102 - said by the base
        if draft.tool is not Tool.DEBUGGER:
            return None
        match = _LLDB_FRAME.match(line)
        if match:
            place = _LLDB_PLACE.search(match[2])
            name = match[2].partition(" at ")[0].partition(" + ")[0]
            file, number = (place[1], int(place[2])) if place else (None, None)
            return RawFrame(text=name, file=file, line=number, module=match[1])
        named = _GDB_FRAME.match(line)
        if not named:
            return None
        place = _LLDB_PLACE.search(line)
        file, number = (place[1], int(place[2])) if place else (None, None)
        return RawFrame(text=named[1], file=file, line=number)


class WindowsDebugger(Family):
    """cdb and WinDbg: ``!analyze -v`` and the stack after it."""

    def read(self, line: str, draft: Draft) -> bool:  # noqa: D102 - said by the base
        access = _CDB_ACCESS.match(line)
        if access:
            draft.retype(access[1].upper(), Tool.WINDOWS)
            draft.address = f"0x{access[2].replace('`', '')}"
        if not draft.type and "ExceptionCode: " in line and "(Stack overflow)" in line:
            draft.retype("Stack-overflow", Tool.WINDOWS)
        bucket = _CDB_BUCKET.search(line) if not draft.type else None
        if bucket:
            name = bucket[1].removesuffix("_AVRF").replace("_", "-").lower().capitalize()
            draft.retype(_CDB_SAME.get(name, name), Tool.WINDOWS)
        if line.startswith(("ChildEBP RetAddr", "Child-SP ")):
            address = draft.address
            draft.restart()
            draft.address = address
        return False
