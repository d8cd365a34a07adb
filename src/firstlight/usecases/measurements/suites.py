"""Committing to a sealed suite, and opening a task of one: acts that everybody can check later.

Both are entries of the ledger. The first says when a suite was fixed, before anybody had access;
the second, that a task is public from now on.
"""

from __future__ import annotations

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict
from firstlight.core.kernel.parties import Actor
from firstlight.core.measure.commitment import Committed, Opening
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.context import Context, record


def commit_suite(context: Context, actor: Actor, committed: Committed, *, follows: str) -> Instant:
    """Record the commitment to a suite; the moment that counts.

    Raises:
        NotSignedIn, Refused: the actor may not commit to suites.
        Conflict: there is an entry about this suite and version already.
    """
    allow(actor, Action.SUITE_COMMIT)
    now = context.clock.now()
    with context.storage.begin() as work:
        subject = _subject(committed)
        if work.ledger.last_of(subject) is not None:
            raise Conflict(
                f"{committed.suite} {committed.version} was committed to already.",
                hint="A version is committed to once; rotate the suite for a new one. Where its "
                "folder does not know of it, write it down there with --no-ledger.",
            )
        facts: dict[str, Json] = {**committed.to_json(), "follows": follows}
        record(
            context,
            work,
            now=now,
            actor=actor,
            action=Action.SUITE_COMMIT,
            subject=subject,
            rule="a suite is fixed before anybody has access to what is measured with it",
            facts=facts,
        )
    return now


def note_opening(context: Context, actor: Actor, committed: Committed, opening: Opening) -> Instant:
    """Record that a task of a suite is public from now on.

    Raises:
        NotSignedIn, Refused: the actor may not open tasks.
    """
    allow(actor, Action.SUITE_OPEN)
    now = context.clock.now()
    with context.storage.begin() as work:
        record(
            context,
            work,
            now=now,
            actor=actor,
            action=Action.SUITE_OPEN,
            subject=_subject(committed),
            rule="an opened task counts towards no threshold",
            facts={"root": committed.root, "task": opening.task, "digest": opening.digest},
        )
    return now


def _subject(committed: Committed) -> str:
    return f"suite {committed.suite} {committed.version}"
