"""The V8 JavaScript engine's own reports.

Formats: v8 ``src/base/logging.cc``, ``src/api/api.cc``, ``src/sandbox/testing.cc``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.dedupe.crash import normalise
from firstlight.core.clearinghouse.dedupe.crash.draft import RawFrame
from firstlight.core.clearinghouse.dedupe.crash.families.base import Family
from firstlight.core.clearinghouse.dedupe.crash.model import STATE_FRAMES, NoCrashReason, Tool

if TYPE_CHECKING:
    from firstlight.core.clearinghouse.dedupe.crash.draft import Draft

_FATAL = re.compile(r"#\s{0,8}Fatal error in (.*)")
_FATAL_LINE = re.compile(r"#\s{0,8}Fatal error in (.*), line \d+")
_MESSAGE = re.compile(r"#\s{1,8}(\S.*)")
_CORRECTNESS = re.compile(r"#\s{0,8}V8 correctness ((?:configs|sources|suppression): .*)")
_REPRESENTATION = re.compile(r"RepresentationChangerError: node #\d+:")
_ABORT_PLACE = re.compile(r"\[([^\[\]]{1,500}):\d{1,7}\]")
_API_ERROR = re.compile(r"\s{0,40}\[[^\]]{0,200}\] V8 error: (.+)\.$")
_HEAP_LIMITS = (
    "FatalProcessOutOfMemory",
    "Fatal process out of memory",
    "Fatal JavaScript out of memory",
    "Fatal JavaScript invalid size error",
)


class V8(Family):
    """Fatal errors, checks in generated code, API errors, correctness and sandbox tests."""

    def read(self, line: str, draft: Draft) -> bool:  # noqa: D102 - said by the base
        if any(sign in line for sign in _HEAP_LIMITS) or (
            "# Allocation failed" in line and "out of memory" in line
        ):
            draft.no_crash = NoCrashReason.ENGINE_LIMIT
        if line.startswith("## V8 sandbox violation detected!"):
            draft.retype("V8 sandbox violation", Tool.V8)
        if draft.tool is Tool.V8 and draft.type in (
            "Fatal error",
            "CHECK failure",
            "DCHECK failure",
        ):
            return self._message(line, draft)
        if not draft.type:
            self._begin(line, draft)
        return False

    @staticmethod
    def _begin(line: str, draft: Draft) -> None:
        fatal = _FATAL.match(line)
        if fatal:
            draft.report("Fatal error", Tool.V8)
            place = _FATAL_LINE.match(line)
            # A place is kept aside until the message is known; a function is told at once.
            draft.place = normalise.file_name(place[1]) if place else None
            draft.headline(
                draft.place if place and draft.place else normalise.frame_name(fatal[1]),
                room=STATE_FRAMES,
            )
            return
        if line.startswith(("abort: CSA_ASSERT failed:", "abort: CSA_DCHECK failed:")):
            _abort(line.removeprefix("abort: "), draft)
            return
        error = _API_ERROR.match(line)
        if error:
            draft.report("V8 API error", Tool.V8)
            draft.headline(error[1], room=STATE_FRAMES)
        elif line.startswith("#") and line.lstrip("# ").startswith("V8 correctness failure"):
            draft.report("V8 correctness failure", Tool.V8)

    @staticmethod
    def _message(line: str, draft: Draft) -> bool:
        """The line after ``Fatal error in`` says what failed."""
        message = _MESSAGE.match(line)
        if not message:
            return False
        text = message[1]
        if text.startswith(("unreachable code", "unimplemented code")):
            draft.retype("Unreachable code", Tool.V8)
            draft.headline(draft.place or "", room=STATE_FRAMES)
            return True
        kind = draft.type
        for mark, name in (
            ("Debug check failed: ", "DCHECK failure"),
            ("Check failed: ", "CHECK failure"),
        ):
            if text.startswith(mark):
                kind, text = name, text.removeprefix(mark)
        representation = _REPRESENTATION.match(text)
        if representation:
            kind, text = "CHECK failure", text[representation.end() :]
        draft.retype(kind, Tool.V8)
        told = normalise.condition(text.strip())
        draft.headline(f"{told} in {draft.place}" if draft.place else told)
        return True

    def frame(self, line: str, draft: Draft) -> RawFrame | None:  # noqa: D102 - said by the base
        match = _CORRECTNESS.match(line) if draft.type == "V8 correctness failure" else None
        return RawFrame(text=match[1], function=match[1], noise=False) if match else None


def _abort(text: str, draft: Draft) -> None:
    """A check in generated code; the first place named is the builtin's own source."""
    draft.report("ASSERT", Tool.V8)
    place = _ABORT_PLACE.search(text)
    if place is None:
        draft.headline(text, room=0)
        return
    draft.headline(text[: place.start()].rstrip(), room=0)
    draft.lines.append(normalise.file_name(place[1]))
