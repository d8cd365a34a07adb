"""The Go runtime's panics and fatal errors.

Format: Go ``src/runtime/panic.go``, ``traceback.go``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.dedupe.crash.draft import RawFrame
from firstlight.core.clearinghouse.dedupe.crash.families.base import Family
from firstlight.core.clearinghouse.dedupe.crash.model import STATE_FRAMES, Tool

if TYPE_CHECKING:
    from firstlight.core.clearinghouse.dedupe.crash.draft import Draft

_KINDS = (
    ("integer divide by zero", "Integer divide by zero"),
    ("index out of range", "Index out of range"),
    ("invalid memory address", "Invalid memory address"),
    ("makeslice: len out of range", "Makeslice: len out of range"),
    ("slice bounds out of range", "Slice bounds out of range"),
)
_RUNTIME = "runtime error: "
_FATAL = "fatal error: "
_NAME = re.compile(r"[0-9a-zA-Z.\-_\\/()*\[\]]{1,500}")
_ARGUMENTS = re.compile(r"[x0-9a-f\s,.{}?]{0,2000}")


class Go(Family):
    """Panics of the runtime have names; any other panic is an assertion with its message."""

    def read(self, line: str, draft: Draft) -> bool:  # noqa: D102 - said by the base
        if not draft.context.go:
            return False
        at = line.find(_RUNTIME)
        if at >= 0:
            # A logger may have put its own words before those of the runtime.
            for sign, name in _KINDS:
                if line.startswith(sign, at + len(_RUNTIME)):
                    draft.report(name, Tool.GO)
        elif line.startswith(_FATAL + "stack overflow"):
            draft.report("Stack overflow", Tool.GO)
        elif line.startswith(_FATAL) and not draft.type:
            draft.report("Fatal error", Tool.GO)
            draft.headline(line.removeprefix(_FATAL), room=STATE_FRAMES)
        return False

    def frame(self, line: str, draft: Draft) -> RawFrame | None:  # noqa: D102 - said by the base
        if not draft.context.go or not line.endswith(")"):
            return None
        at = line.rfind("(")
        if at <= 0 or not _NAME.fullmatch(line, 0, at):
            return None
        if not _ARGUMENTS.fullmatch(line, at + 1, len(line) - 1):
            return None
        name = line[:at].replace("[...]", "")
        short = name.rpartition("/")[2]
        # The program itself, but also every fuzz target's wrapper: better than nothing.
        own = name.startswith("main.") and "LLVMFuzzerTestOneInput" not in name
        return RawFrame(text=name, function=short, weak=own, noise=False if own else None)
