"""Webhooks, and people who want no mail."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from django.db.models import QuerySet

from firstlight.adapters.storage import document_rows as rows
from firstlight.adapters.storage.models import documents as models
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Missing
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import Role
from firstlight.core.review.ids import WebhookId
from firstlight.core.review.webhooks import Webhook, WebhookState


class Notices:
    """`NoticeStore` over one database."""

    def __init__(self, using: str) -> None:
        self._using = using
        self._webhooks = models.WebhookRecord.objects.using(using)
        self._silent = models.SilentPerson.objects.using(using)

    def add_webhook(self, webhook: Webhook) -> None:
        """Raises Conflict: the name is in use."""
        rows.webhook_row(webhook).save(using=self._using, force_insert=True)

    def webhook(self, identifier: WebhookId) -> Webhook:
        """Raises Missing."""
        row = self._webhooks.filter(pk=str(identifier)).first()
        if row is None:
            raise Missing(f"there is no {identifier}")
        return rows.webhook(row)

    def lock_webhooks(self, organisation: OrganisationId, role: Role) -> Sequence[Webhook]:
        """By name."""
        found = self._kept(organisation, role).select_for_update()
        return tuple(rows.webhook(row) for row in found)

    def webhooks(self, organisation: OrganisationId, role: Role) -> Sequence[Webhook]:
        """By name."""
        return tuple(rows.webhook(row) for row in self._kept(organisation, role))

    def _kept(self, organisation: OrganisationId, role: Role) -> QuerySet[models.WebhookRecord]:
        mine = self._webhooks.filter(organisation=str(organisation), role=role.value)
        return mine.exclude(state=WebhookState.REMOVED.value).order_by("name")

    def save_webhook(self, webhook: Webhook) -> Webhook:
        """Raises Conflict when `webhook.version` is not the stored one."""
        following = replace(webhook, version=webhook.version + 1)
        stored = self._webhooks.filter(pk=str(webhook.id))
        if not stored.filter(version=webhook.version).update(**rows.webhook_columns(following)):
            if not stored.exists():
                raise Missing(f"there is no {webhook.id}")
            raise Conflict("it has changed since you looked", seen=webhook.version)
        return following

    def silence(self, person: PersonId, *, silent: bool, now: Instant) -> None:
        """Idempotent."""
        if silent:
            row = models.SilentPerson(person=str(person), since=now.utc)
            self._silent.bulk_create([row], ignore_conflicts=True)
        else:
            self._silent.filter(pk=str(person)).delete()

    def silent(self, people: Collection[PersonId]) -> frozenset[PersonId]:
        """Those among these who want none."""
        found = self._silent.filter(pk__in=[str(each) for each in people])
        return frozenset(PersonId(pk) for pk in found.values_list("pk", flat=True))
