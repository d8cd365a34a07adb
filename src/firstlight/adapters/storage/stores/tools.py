"""Offers, requests, grants and uses of defensive tools; the register of participants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from django.db.models import F, Model, QuerySet

from firstlight.adapters.storage import tool_rows as rows
from firstlight.adapters.storage.models import LedgerEntry, LedgerHead, ReviewRevision
from firstlight.adapters.storage.models import tools as models
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Missing
from firstlight.core.kernel.ids import Identifier, OrganisationId
from firstlight.core.review.ids import GrantId
from firstlight.core.review.participation import Participation
from firstlight.core.review.tools.access import ToolGrant, ToolGrantState, ToolUse
from firstlight.core.review.tools.asking import RequestState, ToolRequest
from firstlight.core.review.tools.ids import OfferId, ToolGrantId, ToolRequestId
from firstlight.core.review.tools.offers import Offer

Value = TypeVar("Value", Offer, ToolRequest, ToolGrant)
Row = TypeVar("Row", bound=Model)
Read = TypeVar("Read")


class Tools:
    """`ToolStore` over one database."""

    def __init__(self, using: str) -> None:
        self._using = using
        self._offers = models.OfferRecord.objects.using(using)
        self._requests = models.ToolRequestRecord.objects.using(using)
        self._grants = models.ToolGrantRecord.objects.using(using)
        self._uses = models.ToolUseRecord.objects.using(using)
        self._ledger = LedgerEntry.objects.using(using)
        self._revision = ReviewRevision.objects.using(using)

    def add_offer(self, offer: Offer) -> None:
        """Keep a new one."""
        rows.offer_row(offer).save(using=self._using, force_insert=True)

    def offer(self, identifier: OfferId) -> Offer:
        """Raises Missing."""
        return _one(self._offers.all(), identifier, rows.offer)

    def lock_offer(self, identifier: OfferId) -> Offer:
        """Raises Missing."""
        return _one(self._offers.select_for_update(), identifier, rows.offer)

    def save_offer(self, offer: Offer) -> Offer:
        """Raises Conflict, Missing."""
        return self._save(self._offers.all(), offer)

    def add_request(self, request: ToolRequest) -> None:
        """The table itself refuses a second open one of a person."""
        rows.request_row(request).save(using=self._using, force_insert=True)

    def request(self, identifier: ToolRequestId) -> ToolRequest:
        """Raises Missing."""
        return _one(self._requests.all(), identifier, rows.request)

    def lock_request(self, identifier: ToolRequestId) -> ToolRequest:
        """Raises Missing."""
        return _one(self._requests.select_for_update(), identifier, rows.request)

    def save_request(self, request: ToolRequest) -> ToolRequest:
        """Raises Conflict, Missing."""
        return self._save(self._requests.all(), request)

    def waiting_for(self, offer: OfferId) -> Sequence[ToolRequest]:
        """Oldest first."""
        waits = [RequestState.ASKED.value, RequestState.APPEALED.value]
        found = self._requests.filter(offer=str(offer), state__in=waits)
        return tuple(rows.request(row) for row in found.order_by("asked_at", "id"))

    def add_grant(self, grant: ToolGrant) -> None:
        """The table itself refuses a second one of a request."""
        rows.grant_row(grant).save(using=self._using, force_insert=True)

    def grant(self, identifier: ToolGrantId) -> ToolGrant:
        """Raises Missing."""
        return _one(self._grants.all(), identifier, rows.grant)

    def of_request(self, request: ToolRequestId) -> ToolGrant | None:
        """The column is unique."""
        row = self._grants.filter(request=str(request)).first()
        return rows.grant(row) if row else None

    def served_by(self, grant: GrantId) -> ToolGrant | None:
        """The column is unique."""
        row = self._grants.filter(through_id=str(grant)).first()
        return rows.grant(row) if row else None

    def save_grant(self, grant: ToolGrant) -> ToolGrant:
        """Raises Conflict, Missing."""
        return self._save(self._grants.all(), grant)

    def standing(self, offer: OfferId) -> Sequence[ToolGrant]:
        """Oldest first; expired ones too."""
        found = self._grants.filter(offer=str(offer), state=ToolGrantState.ACTIVE.value)
        return tuple(rows.grant(row) for row in found.order_by("given_at", "id"))

    def add_use(self, use: ToolUse) -> None:
        """Keep a new one."""
        rows.use_row(use).save(using=self._using, force_insert=True)

    def count_uses(self, grant: ToolGrantId) -> int:
        """How many there were."""
        return self._uses.filter(grant=str(grant)).count()

    def last_recorded(self, subject: ToolRequestId) -> Instant | None:
        """By the index on (subject, sequence)."""
        newest = self._ledger.filter(subject=str(subject)).order_by("-sequence")
        moment = newest.values_list("at", flat=True).first()
        return Instant(moment) if moment else None

    def _save(self, stored: QuerySet[Any], value: Value) -> Value:
        """Those who watch open uses look again after every change."""
        following = replace(value, version=value.version + 1)
        seen = stored.filter(pk=str(value.id), version=value.version)
        if not seen.update(**rows.changing(following)):
            now = stored.filter(pk=str(value.id)).values_list("version", flat=True).first()
            if now is None:
                raise Missing(f"there is no {value.id}")
            raise Conflict("it has changed since you looked", seen=value.version, stored=now)
        self._revision.filter(pk=1).update(number=F("number") + 1)
        return following


class Participants:
    """`ParticipantStore` over one database."""

    def __init__(self, using: str) -> None:
        self._using = using
        self._rows = models.ParticipationRecord.objects.using(using)
        self._heads = LedgerHead.objects.using(using)

    def lock(self, organisation: OrganisationId) -> Participation | None:
        """Behind the ledger's head, since each change is also an entry of it."""
        self._heads.select_for_update().get(pk=1)
        row = self._rows.filter(pk=str(organisation)).first()
        return rows.participation(row) if row else None

    def put(self, entry: Participation) -> Participation:
        """The first entry, or the next version of the one that was locked."""
        key = str(entry.organisation)
        if not self._rows.filter(pk=key).exists():
            columns = rows.participation_columns(entry)
            models.ParticipationRecord(organisation=key, **columns).save(
                using=self._using, force_insert=True
            )
            return entry
        following = replace(entry, version=entry.version + 1)
        seen = self._rows.filter(pk=key, version=entry.version)
        if not seen.update(**rows.participation_columns(following)):
            raise Conflict("it has changed since you looked", seen=entry.version)
        return following


def _one(found: QuerySet[Row], identifier: Identifier, read: Callable[[Row], Read]) -> Read:
    row = found.filter(pk=str(identifier)).first()
    if row is None:
        raise Missing(f"there is no {identifier}")
    return read(row)
