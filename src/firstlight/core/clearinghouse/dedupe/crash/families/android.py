"""Android: debuggerd's tombstones, the Java runtime's fatal exceptions, Trusty.

Formats: AOSP ``system/core/debuggerd/libdebuggerd/tombstone.cpp``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.dedupe.crash import normalise
from firstlight.core.clearinghouse.dedupe.crash.demangle import demangled
from firstlight.core.clearinghouse.dedupe.crash.draft import RawFrame
from firstlight.core.clearinghouse.dedupe.crash.families.base import Family
from firstlight.core.clearinghouse.dedupe.crash.model import Tool

if TYPE_CHECKING:
    from firstlight.core.clearinghouse.dedupe.crash.draft import Draft

_SIGNAL = re.compile(r"signal \d{1,3} \((SIG[A-Z0-9]{1,10})\)")
_FAULT = re.compile(r"fault addr ([^ ]{1,40})")
_PROCESS = re.compile(r"\(([^()]{1,80})\)$")
_TAGGED_ACCESS = re.compile(r"\((read|write)\)", re.IGNORECASE)
_TRUSTY = re.compile(r"uSP\+[a-zA-Z0-9]{1,8}: 0x[a-fA-F0-9]{1,16} in (\w{1,200})")
_TOMBSTONE = re.compile(
    r"\s{1,12}#\d{1,4} +pc [0-9a-f]{6,16} +(\S{1,300}) \(([^()+]{1,500})(?:\+\d+)?\)"
)
_JNI = "JNI DETECTED ERROR IN APPLICATION:"


class Android(Family):
    """A signal with its fault address; an abort message says more than the signal."""

    def read(self, line: str, draft: Draft) -> bool:  # noqa: D102 - said by the base
        signal = _SIGNAL.search(line)
        # The log repeats a fatal signal after the stack that tells it.
        if signal and not (draft.type.startswith("UNKNOWN") and "Fatal signal" in line):
            self._signal(signal[1], line, draft)
        if line.startswith("Abort message: "):
            self._abort(line.removeprefix("Abort message: "), draft)
        if not draft.type and "FATAL EXCEPTION" in line and ":" in line:
            draft.report("Fatal Exception", Tool.JAVA)
        # Frames of the runtime itself would tell apart what the JNI message already joins.
        return "/art/runtime/" in line and any("JNI:" in told for told in draft.lines)

    def frame(self, line: str, draft: Draft) -> RawFrame | None:  # noqa: D102 - said by the base
        match = _TOMBSTONE.match(line) if draft.tool is Tool.ANDROID else None
        if not match:
            return None
        name = demangled(match[2])
        return RawFrame(text=f"{name} ({match[1]})", module=match[1], weak=True)

    @staticmethod
    def _signal(name: str, line: str, draft: Draft) -> None:
        fault = _FAULT.search(line)
        if name in ("SIGABRT", "SIGTRAP"):
            if not draft.stated:
                kind = "Abort" if name == "SIGABRT" else "Trap"
                draft.report(kind, Tool.ANDROID)
            return
        if not fault:
            return
        draft.report("UNKNOWN", Tool.ANDROID)
        if "SEGV_MTESERR" in line:
            access = _TAGGED_ACCESS.search(line)
            draft.type = f"Tag-mismatch {access[1].upper()}" if access else "Tag-mismatch"
        if name == "SIGSEGV":
            draft.address = f"0x{fault[1].removeprefix('0x')}"
        process = _PROCESS.search(line.rstrip(), fault.end())
        if process:
            draft.process = process[1].capitalize()

    @staticmethod
    def _abort(message: str, draft: Draft) -> None:
        draft.retype("CHECK failure", Tool.ANDROID)
        draft.address = None
        where, space, failed = message.partition(" ")
        told = normalise.condition(failed if space else message)
        if space:
            told = f"{told} in {normalise.file_name(where.replace('FATAL:', ''))}"
        draft.headline(told.replace(_JNI, "JNI:"))


class Trusty(Family):
    """Apps of Android's trusted execution environment, from the kernel's log."""

    def read(self, line: str, draft: Draft) -> bool:  # noqa: D102 - said by the base
        del line
        if draft.context.trusty:
            draft.type, draft.tool = "Trusted app crash", Tool.TRUSTY
        return False

    def frame(self, line: str, draft: Draft) -> RawFrame | None:  # noqa: D102 - said by the base
        match = _TRUSTY.search(line) if draft.tool is Tool.TRUSTY else None
        return RawFrame(text=match[1]) if match else None
