"""Reads of uses for people, filtered by what the reader may see, in the query itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet, Sum

from firstlight.adapters.storage import cursors, review_rows, use_rows
from firstlight.adapters.storage.border import border
from firstlight.adapters.storage.models import (
    AcceptanceRecord,
    EndpointRecord,
    EngagementRecord,
    GrantKeyRecord,
    GrantRecord,
    PresenceRecord,
    UseRecord,
)
from firstlight.adapters.storage.stores.uses import Uses
from firstlight.adapters.storage.visibility import ALL, NOTHING
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.ids import PersonId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review.artefacts import ArtefactKind, find
from firstlight.core.review.endpoint import Endpoint
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.grants import Grant, GrantState, Purpose
from firstlight.core.review.ids import ArtefactId, EngagementId, GrantId
from firstlight.core.review.presence import Presence
from firstlight.core.review.using import Outcome, Tally, Use
from firstlight.usecases.access.rules import Action, Reach
from firstlight.usecases.access.table import admits, rule
from firstlight.usecases.queries.port import Page
from firstlight.usecases.queries.uses import Access, Overview
from firstlight.usecases.uses.standing import thing_of_grant, thing_of_second

_LONGEST_PAGE = 200
_MOST_OPEN = 100
_MOST_SECONDED = 200


class DjangoUseQueries:
    """`UseQueries` on SQLite or PostgreSQL."""

    def __init__(self, using: str = "default") -> None:
        """`using` is Django's alias of the database."""
        self._using = using
        self._engagements = EngagementRecord.objects.using(using)
        self._grants = GrantRecord.objects.using(using)
        self._uses = UseRecord.objects.using(using)
        self._keys = GrantKeyRecord.objects.using(using)
        self._presences = PresenceRecord.objects.using(using)
        self._endpoints = EndpointRecord.objects.using(using)
        self._acceptances = AcceptanceRecord.objects.using(using)

    @staticmethod
    def _owned(reader: Actor) -> Q:
        """Of `EngagementRecord`: those whose every use the reader may see."""
        row = rule(reader, Action.USE_READ)
        if row.reach is Reach.EVERYTHING:
            return ALL
        if reader.role is not Role.DEVELOPER or row.reach < Reach.OWN or not reader.organisation:
            return NOTHING
        return Q(developer=str(reader.organisation))

    @staticmethod
    def _in_person(reader: Actor) -> Q:
        """Of `GrantRecord` and `UseRecord`: those of the reader in person."""
        uses = rule(reader, Action.USE_READ).reach >= Reach.OWN
        if not uses or reader.person is None or reader.organisation is None:
            return NOTHING
        return Q(person=str(reader.person), organisation=str(reader.organisation))

    def _seen(self, reader: Actor) -> QuerySet[EngagementRecord]:
        """Engagements of whose uses the reader may see some."""
        mine = self._grants.filter(self._in_person(reader)).values("engagement_id")
        ceiling = rule(reader, Action.USE_READ).ceiling
        up_to = [each.value for each in Marking if each.at_most(ceiling)]
        seen = self._engagements.filter(self._owned(reader) | Q(pk__in=mine))
        return seen.filter(marking__in=up_to)

    def _among(self, reader: Actor, identifier: EngagementId) -> QuerySet[UseRecord]:
        """Uses of an engagement that the reader may see. Raises Missing when it is none."""
        row = self._row(reader, identifier)
        owned = self._engagements.filter(self._owned(reader), pk=row.pk).exists()
        return self._uses.filter(ALL if owned else self._in_person(reader), engagement=row.pk)

    def _row(self, reader: Actor, identifier: EngagementId) -> EngagementRecord:
        row = self._seen(reader).filter(pk=str(identifier)).first()
        if row is None:
            raise Missing(f"there is no {identifier} for you")
        return row

    @border()
    def engagement_named(self, reader: Actor, name: str) -> Engagement:
        """By identifier or number. Raises Missing."""
        named = Q(pk=name.replace("\x00", "")) | Q(number=name.replace("\x00", ""))
        row = self._seen(reader).filter(named).first()
        if row is None:
            raise Missing(f"there is no review {name[:40]!r} for you")
        return review_rows.engagement(row)

    @border()
    def overview(self, reader: Actor, identifier: EngagementId, now: Instant) -> Overview:
        """Raises Missing."""
        uses = self._among(reader, identifier)
        row = self._row(reader, identifier)
        owned = self._engagements.filter(self._owned(reader), pk=row.pk).exists()
        grants = self._grants.filter(ALL if owned else self._in_person(reader), engagement=row.pk)
        still = uses.filter(closed_at__isnull=True).order_by("-opened_at", "-id")[:_MOST_OPEN]
        endpoints = self._endpoints.filter(engagement=row.pk) if owned else ()
        engagement = review_rows.engagement(row)
        return Overview(
            engagement=engagement.id,
            number=engagement.number,
            model=f"{engagement.model.name} {engagement.model.version}",
            tallies=_tallies(uses),
            open=tuple(use_rows.use(one) for one in still),
            present=self._present(grants.values("pk"), now),
            active=grants.filter(state=GrantState.ACTIVE.value).count(),
            halted=grants.filter(state=GrantState.SUSPENDED.value).count(),
            endpoints=tuple(use_rows.endpoint(one).endpoint for one in endpoints),
        )

    def _present(self, grants: Any, now: Instant) -> Sequence[Presence]:  # noqa: ANN401  # names or a subquery
        found = self._presences.filter(grant__in=grants, began__lte=now.utc, until__gt=now.utc)
        left = found.exclude(ended__lte=now.utc).order_by("began", "id")
        return tuple(use_rows.presence(one) for one in left)

    @border()
    def uses(
        self, reader: Actor, identifier: EngagementId, *, cursor: str | None, limit: int
    ) -> Page[Use]:
        """Newest first."""
        rows = self._among(reader, identifier)
        if cursor is not None:
            place = cursors.read_place(cursor)
            rows = rows.filter(Q(opened_at__lt=place.at) | Q(opened_at=place.at, pk__lt=place.id))
        size = min(max(limit, 1), _LONGEST_PAGE)
        found = list(rows.order_by("-opened_at", "-pk")[: size + 1])
        last = found[size - 1] if len(found) > size else None
        return Page(
            rows=tuple(use_rows.use(row) for row in found[:size]),
            next_cursor=cursors.write(cursors.Place(last.opened_at, last.pk)) if last else None,
        )

    @border()
    def endpoint(self, reader: Actor, identifier: EngagementId, artefact: ArtefactId) -> Endpoint:
        """Raises Missing."""
        own = self._engagements.filter(self._owned(reader), pk=str(identifier)).values("pk")
        row = self._endpoints.filter(engagement__in=own, pk=str(artefact)).first()
        if row is None:
            raise Missing(f"no endpoint is registered for {artefact}")
        return use_rows.endpoint(row).endpoint

    @border()
    def access(self, reader: Actor, grant: GrantId, now: Instant) -> Access:
        """Raises Missing."""
        row = self._grants.select_related("engagement").filter(pk=str(grant)).first()
        found = self._access(reader, row, now) if row else None
        if found is None:
            raise Missing(f"there is no {grant} for you")
        return found

    @border()
    def seconded(self, reader: Actor, now: Instant) -> Sequence[Access]:
        """Few people are named in many grants; each of both homes' is looked at."""
        if reader.person is None or reader.organisation is None:
            return ()
        home = str(reader.organisation)
        near = Q(organisation=home) | Q(engagement__developer=home)
        rows = self._grants.select_related("engagement").filter(near)
        rows = rows.exclude(state=GrantState.REVOKED.value).order_by("-given_at", "-id")
        found = (self._access(reader, row, now) for row in rows.iterator())
        named = (one for one in found if one is not None and not one.mine)
        return tuple(one for one, _ in zip(named, range(_MOST_SECONDED), strict=False))

    def _access(self, reader: Actor, row: GrantRecord, now: Instant) -> Access | None:
        """What the reader sees of a grant; None for nothing."""
        grant, engagement = review_rows.grant(row), review_rows.engagement(row.engagement)
        artefact = find(engagement.artefacts, grant.artefact)
        mine = _mine(reader, engagement, grant)
        if artefact.kind is not ArtefactKind.ENDPOINT:
            return None
        if not mine and not _named(reader, engagement, grant):
            return None
        key = self._keys.filter(pk=row.pk).first() if mine else None
        return Access(
            grant=grant,
            number=engagement.number,
            model=f"{engagement.model.name} {engagement.model.version}",
            artefact=artefact,
            mine=mine,
            accepted=self._accepted(engagement, reader.person),
            key=use_rows.key(key) if key else None,
            registered=self._endpoints.filter(pk=str(artefact.id)).exists(),
            left=Uses(self._using).spent(grant.id).left(grant.budget),
            present=self._present([row.pk], now),
        )

    def _accepted(self, engagement: Engagement, person: PersonId | None) -> bool:
        terms = engagement.present_terms
        if terms is None:
            return False
        return self._acceptances.filter(
            engagement=str(engagement.id),
            person=str(person),
            number=terms.number,
            digest=terms.digest,
        ).exists()


def _mine(reader: Actor, engagement: Engagement, grant: Grant) -> bool:
    own = (reader.person, reader.organisation) == (grant.person, grant.organisation)
    return own and admits(reader, Action.GRANT_READ, thing_of_grant(engagement, grant))


def _named(reader: Actor, engagement: Engagement, grant: Grant) -> bool:
    named = reader.person in grant.seconds
    thing = thing_of_second(engagement, grant, reader)
    return named and admits(reader, Action.REVIEW_PRESENT, thing)


def _tallies(uses: QuerySet[UseRecord]) -> Sequence[Tally]:
    """By person and purpose, most tokens first, counted by the database."""
    found = uses.values("person", "purpose").annotate(
        requests=Count("id"),
        tokens=Sum(F("input_tokens") + F("output_tokens")),
        open=Count("id", filter=Q(closed_at__isnull=True)),
        cut=Count("id", filter=Q(outcome=Outcome.CUT.value)),
        cost=Sum("cost"),
        last=Max("opened_at"),
    )
    return tuple(
        Tally(
            person=PersonId(one["person"]),
            purpose=Purpose(one["purpose"]),
            requests=one["requests"],
            tokens=one["tokens"] or 0,
            open=one["open"],
            cut=one["cut"],
            cost=one["cost"] or 0,
            last=Instant(one["last"]),
        )
        for one in found.order_by("-tokens", "-requests", "person", "purpose")
    )
