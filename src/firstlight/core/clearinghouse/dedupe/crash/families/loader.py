"""Programs that never started, and Chromium processes that vanished."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.dedupe.crash.families.base import Family
from firstlight.core.clearinghouse.dedupe.crash.model import Tool

if TYPE_CHECKING:
    from firstlight.core.clearinghouse.dedupe.crash.draft import Draft

_LINUX = re.compile(r"error while loading shared libraries: ([^:]{1,300}): cannot open shared")
_ANDROID = re.compile(r": library ([`'\"])([^`'\"]{1,300})[`'\"] not found")
_SYMBOL = re.compile(r"cannot locate symbol ([`'\"])([^`'\"]{1,500})[`'\"]")
_SEGV_HANDLER = re.compile(r"Received signal 11 SEGV_[A-Z]{1,20} ([0-9a-f]{0,16})")


class Loader(Family):
    """A library or symbol that is missing: a broken build, not a flaw of the program."""

    def read(self, line: str, draft: Draft) -> bool:  # noqa: D102 - said by the base
        if draft.type:
            return False
        linux = _LINUX.search(line)
        android = None if linux else _ANDROID.search(line) or _SYMBOL.search(line)
        missing = linux[1] if linux else android[2] if android else None
        if missing:
            draft.report("Missing-library", Tool.LOADER)
            draft.headline(missing)
        return False


class Chromium(Family):
    """Chromium's own handler, when no sanitizer tells more."""

    def read(self, line: str, draft: Draft) -> bool:  # noqa: D102 - said by the base
        if draft.type:
            return False
        if "GPU process exited unexpectedly" in line:
            draft.report("GPU failure", Tool.CHROMIUM)
        segv = _SEGV_HANDLER.match(line)
        if segv:
            draft.report("UNKNOWN", Tool.CHROMIUM, address=f"0x{segv[1]}" if segv[1] else None)
        return False
