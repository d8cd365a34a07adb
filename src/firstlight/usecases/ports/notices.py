"""What notices need: a store of webhooks and of who wants no mail, and a list of allowed hosts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import Role
from firstlight.core.review.ids import WebhookId
from firstlight.core.review.webhooks import Webhook

MayReach = Callable[[str], None]
"""Whether the operator lets the program send to this address at all.

Raises OutgoingRefused: its host is not on the allow list. Nothing is looked up or sent.
"""


class NoticeStore(Protocol):
    """Webhooks, and the wish for no mail. Part of the unit of work."""

    def add_webhook(self, webhook: Webhook) -> None:
        """Raises Conflict: its organisation has one of this name that is not removed."""
        ...

    def webhook(self, identifier: WebhookId) -> Webhook:
        """Raises Missing."""
        ...

    def lock_webhooks(self, organisation: OrganisationId, role: Role) -> Sequence[Webhook]:
        """Those that are not removed, by name; locked until this unit of work ends."""
        ...

    def webhooks(self, organisation: OrganisationId, role: Role) -> Sequence[Webhook]:
        """Those that are not removed, by name."""
        ...

    def save_webhook(self, webhook: Webhook) -> Webhook:
        """Store a change and return it with the next version. Raises Conflict, Missing."""
        ...

    def silence(self, person: PersonId, *, silent: bool, now: Instant) -> None:
        """Whether this person wants no mail about reviews. Idempotent."""
        ...

    def silent(self, people: Collection[PersonId]) -> frozenset[PersonId]:
        """Those among these who want none."""
        ...
