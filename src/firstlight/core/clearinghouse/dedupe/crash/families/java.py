"""The Java virtual machine: exceptions nobody caught, Jazzer's findings, Wycheproof's tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.dedupe.crash.draft import RawFrame
from firstlight.core.clearinghouse.dedupe.crash.families.base import Family
from firstlight.core.clearinghouse.dedupe.crash.model import Tool

if TYPE_CHECKING:
    from firstlight.core.clearinghouse.dedupe.crash.draft import Draft

_FRAME = re.compile(r"\s{0,16}at ([^(]{1,500})\(([^()]{0,300})\)")
_PLACE = re.compile(r"([\w$.-]{1,200}\.(?:java|kt|scala|groovy)):(\d{1,7})")
_CLASS = re.compile(r"([\w$]{1,80}(?:\.[\w$]{1,80}){1,20})")
_WYCHEPROOF = re.compile(r"\d{1,6}\) (\w{1,200}\(com\.google\.security\.wycheproof\.\w{0,200}\))")
_JAZZER = "== Java Exception: "
_PLAIN = 'Exception in thread "'
_WITH_FRAMES = ("CHECK failure", "Fatal Exception", "Uncaught exception", "Security exception")


class Java(Family):
    """Uncaught exceptions; the frames of a cause follow those of its consequence."""

    def read(self, line: str, draft: Draft) -> bool:  # noqa: D102 - said by the base
        if draft.type:
            return False
        at = line.find(_JAZZER)
        if at >= 0:
            security = "FuzzerSecurityIssue" in line[at:]
            self._uncaught(line[at + len(_JAZZER) :], security=security, draft=draft)
        elif line.startswith(_PLAIN):
            self._uncaught(line[len(_PLAIN) :].partition('" ')[2], security=False, draft=draft)
        wycheproof = _WYCHEPROOF.search(line) if "wycheproof" in line else None
        if wycheproof:
            draft.report("Wycheproof error", Tool.JAVA)
            draft.headline(wycheproof[1], room=0)
        return False

    @staticmethod
    def _uncaught(told: str, *, security: bool, draft: Draft) -> None:
        draft.report("Security exception" if security else "Uncaught exception", Tool.JAVA)
        name = _CLASS.match(told)
        draft.exception = name[1] if name else None

    def frame(self, line: str, draft: Draft) -> RawFrame | None:  # noqa: D102 - said by the base
        if draft.tool not in (Tool.JAVA, Tool.ANDROID) or draft.type not in _WITH_FRAMES:
            return None
        match = _FRAME.match(line)
        if not match:
            return None
        place = _PLACE.match(match[2])
        file, number = (place[1], int(place[2])) if place else (None, None)
        return RawFrame(text=match[1].strip(), file=file, line=number)
