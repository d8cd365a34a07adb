"""Whose copy was it? From a code that turned up outside to one listed download."""

from __future__ import annotations

from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.documents import Download
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.context import Context
from firstlight.usecases.documents.desk import Desk
from firstlight.usecases.reviews.step import organisation_of


def trace(context: Context, desk: Desk, actor: Actor, code: str) -> Download:
    """The download whose copy carries this code, among all of the developer's own documents.

    A code is a reason to ask, no proof of who passed a copy on.

    Raises:
        Refused: the actor is no developer.
        Missing: no copy of the developer's documents carries it.
    """
    allow(actor, Action.DOWNLOAD_READ)
    developer = organisation_of(actor)
    wanted = code.strip().upper()
    with context.storage.begin() as work:
        for download in work.documents.downloads_from(developer):
            if download.marked and desk.marker.is_of(wanted, download):
                return download
    raise Missing(
        f"no copy of your documents carries {wanted[:40]!r}",
        hint="Look for other codes in the text: FLM- and four groups of four characters.",
    )
