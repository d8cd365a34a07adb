"""What the clock alone brings about, looked after again and again, so that no person is needed.

Access ends without this: every use compares the time. What is done here can be late, and can be
done twice, without anyone getting more or less than is theirs:

- closes that a crash cut off are finished, and keys whose time of keeping is over, or whose legal
  hold was lifted, are destroyed, with a receipt;
- people are told that a window ends soon, or has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import FirstlightError
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.ids import EngagementId
from firstlight.core.review.notices import endings
from firstlight.usecases.context import Context
from firstlight.usecases.ports import UnitOfWork
from firstlight.usecases.ports.sealed import SealedVault
from firstlight.usecases.reviews import telling
from firstlight.usecases.reviews.ending import finish_closing


@dataclass(frozen=True, kw_only=True)
class Swept:
    """What one round did."""

    finished: int
    """closes that got a receipt in this round"""
    failed: Mapping[EngagementId, str]
    """code of the error for each close that could not be finished; it is tried again"""


def sweep(context: Context, vault: SealedVault) -> Swept:
    """One round. Several workers may do it at once.

    Raises:
        Unavailable: the database.
    """
    announce(context)
    with context.storage.begin() as work:
        waiting = work.engagements.unfinished()
    finished, failed = 0, {}
    for identifier in waiting:
        with context.storage.begin() as work:
            before = len(work.engagements.receipts(identifier))
        try:
            receipt = finish_closing(context, vault, identifier)
        except FirstlightError as error:
            failed[identifier] = error.code
        else:
            finished += receipt.number > before
    return Swept(finished=finished, failed=failed)


def announce(context: Context) -> None:
    """Tell of windows that end soon or have ended, each once."""
    now = context.clock.now()
    with context.storage.begin() as work:
        for engagement in work.engagements.showing():
            _announce(context, work, engagement, now)


def _announce(context: Context, work: UnitOfWork, engagement: Engagement, now: Instant) -> None:
    for ending in endings(engagement.windows, now):
        whom = telling.audience(work, engagement, ending.window.audience)
        telling.tell(
            context,
            work,
            engagement,
            ending.event,
            telling.developer_of(engagement),
            *whom,
            now=now,
            key=ending.key,
        )
