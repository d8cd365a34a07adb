"""Reads over many reviews at once, filtered by what the reader may see, in the query itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Q

from firstlight.adapters.storage import cursors, review_rows
from firstlight.adapters.storage.border import border
from firstlight.adapters.storage.models import EngagementRecord
from firstlight.adapters.storage.review_queries import DjangoReviewQueries
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review import closing
from firstlight.core.review.asked import asked_of
from firstlight.core.review.closing import Record
from firstlight.core.review.engagement import EngagementState
from firstlight.core.review.grants import GrantState
from firstlight.core.review.ids import EngagementId
from firstlight.core.review.window import counted
from firstlight.usecases.access.rules import Action, Reach
from firstlight.usecases.access.table import rule
from firstlight.usecases.queries.port import Page
from firstlight.usecases.queries.review_overviews import (
    MOST_LOOKED_AT,
    AskedRow,
    ColleagueGrant,
    OversightRow,
)
from firstlight.usecases.queries.reviews import OwnGrant

_LONGEST_PAGE = 200
_ASKED = frozenset({Role.DEVELOPER, Role.REVIEWER})


class DjangoReviewOverviews(DjangoReviewQueries):
    """`ReviewOverviews` on SQLite or PostgreSQL."""

    @border()
    def asked(self, reader: Actor) -> Sequence[AskedRow]:
        """Of the reader's engagements that are not closed; oldest first."""
        if reader.role not in _ASKED or reader.organisation is None:
            return ()
        seen = self._seen(reader, Action.REVIEW_READ).exclude(state=EngagementState.CLOSED.value)
        rows = list(self._named(seen).order_by("-opened_at", "-pk")[:MOST_LOOKED_AT])
        found = [
            AskedRow(
                asked=each,
                number=row.number,
                model=record.engagement.model.name,
                developer_name=row.developer_name or "",
            )
            for row, record in zip(rows, self._records(rows), strict=True)
            for each in asked_of(reader.role, reader.organisation, record)
        ]
        return tuple(sorted(found, key=lambda one: one.asked.since))

    def _records(self, rows: Sequence[EngagementRecord]) -> list[Record]:
        """The records of many engagements, each table asked once. Acceptances are left out."""
        keys = [row.pk for row in rows]
        offices = _by_engagement(self._offices.filter(engagement__in=keys).order_by("id"))
        partners = _by_engagement(self._partners.filter(engagement__in=keys).order_by("id"))
        grants = _by_engagement(self._grants.filter(engagement__in=keys).order_by("id"))
        observed = _by_engagement(self._observations.filter(engagement__in=keys).order_by("id"))
        return [
            Record(
                engagement=review_rows.engagement(row),
                offices=[review_rows.office(each) for each in offices[row.pk]],
                partners=[review_rows.partner(each) for each in partners[row.pk]],
                grants=[review_rows.grant(each) for each in grants[row.pk]],
                acceptances=(),
                observations=[review_rows.observation(each) for each in observed[row.pk]],
            )
            for row in rows
        ]

    @border()
    def oversight(self, reader: Actor, *, cursor: str | None, limit: int) -> Page[OversightRow]:
        """Every engagement up to the reader's marking, newest first; empty without that reach."""
        if rule(reader, Action.REPORT_READ).reach is not Reach.EVERYTHING:
            return Page(rows=(), next_cursor=None)
        rows = self._named(self._seen(reader, Action.REPORT_READ))
        if cursor is not None:
            place = cursors.read_place(cursor)
            rows = rows.filter(Q(opened_at__lt=place.at) | Q(opened_at=place.at, pk__lt=place.id))
        size = min(max(limit, 1), _LONGEST_PAGE)
        found = list(rows.order_by("-opened_at", "-pk")[: size + 1])
        last = found[size - 1] if len(found) > size else None
        return Page(
            rows=tuple(map(_oversight_row, found[:size], self._records(found[:size]))),
            next_cursor=cursors.write(cursors.Place(last.opened_at, last.pk)) if last else None,
        )

    @border()
    def colleague_grants(self, reader: Actor) -> Sequence[ColleagueGrant]:
        """Of the reader's organisation as a partner, newest first; ended ones too."""
        reach = rule(reader, Action.GRANT_READ).reach
        if reader.role is not Role.PARTNER or reader.organisation is None or reach < Reach.OWN:
            return ()
        rows = self._grants.filter(organisation=str(reader.organisation))
        named = rows.select_related("engagement").annotate(
            name=self._name_of("engagement__developer")
        )
        return tuple(
            ColleagueGrant(
                grant=review_rows.grant(row),
                number=row.engagement.number,
                developer_name=row.name or "",
            )
            for row in named.order_by("-given_at", "-id")
        )

    @border()
    def second_grants(self, reader: Actor) -> Sequence[OwnGrant]:
        """Standing grants of others that name the reader as a second person, newest first."""
        if reader.person is None or rule(reader, Action.REVIEW_ACCEPT).reach < Reach.OWN:
            return ()
        inside = self._seen(reader, Action.REVIEW_ACCEPT).values("pk")
        rows = self._grants.filter(engagement__in=inside).exclude(state=GrantState.REVOKED.value)
        named = rows.select_related("engagement").annotate(
            name=self._name_of("engagement__developer")
        )
        return tuple(
            self._own_grant(row, reader.person)
            for row in named.order_by("-given_at", "-id")
            if reader.person in review_rows.grant(row).seconds
        )

    @border()
    def days_elsewhere(self, reader: Actor, identifier: EngagementId) -> timedelta:
        """What offices had of the same model in its other engagements. Raises Missing."""
        row = self._row(reader, identifier)
        others = self._engagements.filter(model_id=row.model_id).exclude(pk=row.pk)
        return sum((counted(review_rows.engagement(each).windows) for each in others), timedelta())


def _by_engagement(rows: Iterable[Any]) -> Mapping[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.engagement_id].append(row)
    return found


def _oversight_row(row: Any, record: Record) -> OversightRow:  # noqa: ANN401  # an annotated row
    return OversightRow(
        id=record.engagement.id,
        number=record.engagement.number,
        developer_name=row.developer_name or "",
        state=record.engagement.state,
        opened_at=Instant(row.opened_at),
        report=closing.oversight(record),
    )
