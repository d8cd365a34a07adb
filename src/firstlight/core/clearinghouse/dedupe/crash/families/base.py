"""What every family of crash formats offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firstlight.core.clearinghouse.dedupe.crash.draft import Draft, RawFrame


class Family:
    """One family of formats. Stateless: what is known lives in the draft."""

    def read(self, line: str, draft: Draft) -> bool:
        """Take what `line` says about the crash; True when it needs no further reading."""
        del line, draft
        return False

    def frame(self, line: str, draft: Draft) -> RawFrame | None:
        """The frame that `line` is, or None."""
        del line, draft
        return None
