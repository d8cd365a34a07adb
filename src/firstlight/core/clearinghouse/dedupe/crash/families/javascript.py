"""Node.js: errors nobody caught, plain or seen by Jazzer.js."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.dedupe.crash.draft import RawFrame
from firstlight.core.clearinghouse.dedupe.crash.families.base import Family
from firstlight.core.clearinghouse.dedupe.crash.model import Tool

if TYPE_CHECKING:
    from firstlight.core.clearinghouse.dedupe.crash.draft import Draft

_JAZZER = re.compile(r"\s{0,8}==\d{1,12}== Uncaught Exception: Jazzer\.js: ")
_ERROR = re.compile(r"(?:Uncaught )?([A-Z]\w{0,80}(?:Error|Exception))(?:: | \[|:?$)")
_PLAIN_ERROR = re.compile(r"(?:Uncaught )?(Error)(?:: | \[|:?$)")
_FRAME = re.compile(
    r"\s{1,8}at (?:async |new )?(\S{1,300})(?: \[as [^\]]{1,80}\])? \((.{1,600})\)$"
)
_BARE_FRAME = re.compile(r"\s{1,8}at (?:async )?(\S{1,600}):(\d{1,7}):\d{1,7}$")
_PLACE = re.compile(r"(.{1,600}):(\d{1,7}):\d{1,7}$")


class JavaScript(Family):
    """What Jazzer.js announces, also when a native report follows."""

    def read(self, line: str, draft: Draft) -> bool:  # noqa: D102 - said by the base
        if _JAZZER.match(line):
            draft.report("Uncaught exception", Tool.JAVASCRIPT)
            return True
        error = _ERROR.match(line) or _PLAIN_ERROR.match(line)
        if error and draft.tool is Tool.JAVASCRIPT and draft.exception is None:
            draft.exception = error[1]
        return False

    def frame(self, line: str, draft: Draft) -> RawFrame | None:  # noqa: D102 - said by the base
        return _frame(line) if draft.tool is Tool.JAVASCRIPT else None


class PlainJavaScript(JavaScript):
    """An error as Node.js prints it. Tried only when nothing else explains the text."""

    def read(self, line: str, draft: Draft) -> bool:  # noqa: D102 - said by the base
        error = _ERROR.match(line) or _PLAIN_ERROR.match(line)
        if error and not draft.frames:
            draft.report("Uncaught exception", Tool.JAVASCRIPT)
            draft.exception = error[1]
            return True
        return False


def _frame(line: str) -> RawFrame | None:
    match = _FRAME.match(line)
    if not match:
        return None
    name, where = match[1], match[2]
    place = _PLACE.match(where)
    if not place:
        return None
    inside = where.startswith(("node:", "internal/")) or "@jazzer.js/" in where
    return RawFrame(
        text=name,
        function=name,
        file=place[1],
        line=int(place[2]),
        noise=inside,
    )
