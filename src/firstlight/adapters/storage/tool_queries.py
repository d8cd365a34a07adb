"""Reads about defensive tools and participants, filtered by what the reader may see.

What the table's words mean here:
- *published*: every offer but its `delivery`; figures; the register of participants;
- *own*: an offer of the reader's organisation; a request, with its grant and uses, of the reader's
  organisation for an operator, and to the reader's organisation for those who offer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from django.db.models import OuterRef, Q, QuerySet, Subquery

from firstlight.adapters.storage import cursors, review_rows, tool_rows
from firstlight.adapters.storage.border import border
from firstlight.adapters.storage.models import (
    AcceptanceRecord,
    EngagementRecord,
    GrantRecord,
    OfferRecord,
    OrganisationName,
    ParticipationRecord,
    ToolRequestRecord,
    ToolUseRecord,
)
from firstlight.adapters.storage.visibility import ALL, NOTHING
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.ids import Identifier
from firstlight.core.kernel.parties import Actor, OrganisationKind, Role
from firstlight.core.review.artefacts import find
from firstlight.core.review.participation import LISTABLE, Participation
from firstlight.core.review.tools.access import ToolGrant, ToolUse
from firstlight.core.review.tools.asking import MARKING, RequestState
from firstlight.core.review.tools.ids import OfferId, ToolRequestId
from firstlight.core.review.tools.offers import OfferState
from firstlight.core.review.tools.waiting import ToolWaiting, by_kind
from firstlight.usecases.access.rules import Action, Reach
from firstlight.usecases.access.table import rule
from firstlight.usecases.queries.port import Page
from firstlight.usecases.queries.tools import (
    ListedModel,
    ModelAccess,
    OfferRow,
    RegisterRow,
    ToolRequestRow,
)

_LONGEST_PAGE = 200
_MOST_COUNTED = 100_000
"""requests that figures are made of; the newest count"""
Shown = TypeVar("Shown")


class DjangoToolQueries:
    """`ToolQueries` on SQLite or PostgreSQL."""

    def __init__(self, using: str = "default") -> None:
        """`using` is Django's alias of the database."""
        self._offers = OfferRecord.objects.using(using)
        self._requests = ToolRequestRecord.objects.using(using)
        self._uses = ToolUseRecord.objects.using(using)
        self._entries = ParticipationRecord.objects.using(using)
        self._engagements = EngagementRecord.objects.using(using)
        self._grants = GrantRecord.objects.using(using)
        self._acceptances = AcceptanceRecord.objects.using(using)
        self._names = OrganisationName.objects.using(using)

    @border()
    def offers(self, reader: Actor, *, cursor: str | None, limit: int) -> Page[OfferRow]:
        """Published ones, and the reader's own, newest first."""
        own = Q(offered_by=_mine(reader, Action.TOOL_OFFER))
        rows = self._seen_offers(reader).filter(Q(state=OfferState.PUBLISHED.value) | own)
        return _page(rows, "published_at", cursor, limit, lambda row: _offer_row(reader, row))

    @border()
    def offer(self, reader: Actor, identifier: OfferId) -> OfferRow:
        """Raises Missing."""
        row = self._seen_offers(reader).filter(pk=str(identifier)).first()
        if row is None:
            raise _missing(identifier)
        return _offer_row(reader, row)

    def _seen_offers(self, reader: Actor) -> QuerySet[Any]:
        seen = ALL if rule(reader, Action.TOOL_READ).reach >= Reach.PUBLISHED else NOTHING
        return self._offers.filter(seen).annotate(name=self._name_of("offered_by"))

    @border()
    def requests(
        self, reader: Actor, *, state: RequestState | None, cursor: str | None, limit: int
    ) -> Page[ToolRequestRow]:
        """Newest first."""
        rows = self._seen_requests(reader)
        if state is not None:
            rows = rows.filter(state=state.value)
        return _page(rows, "asked_at", cursor, limit, _request_row)

    @border()
    def request(self, reader: Actor, identifier: ToolRequestId) -> ToolRequestRow:
        """Raises Missing."""
        row = self._seen_requests(reader).filter(pk=str(identifier)).first()
        if row is None:
            raise _missing(identifier)
        shown = _request_row(row)
        if rule(reader, Action.REQUEST_READ).reach is Reach.EVERYTHING or shown.grant is None:
            return shown
        return replace(shown, model=self._model(shown.grant))

    def _model(self, given: ToolGrant) -> ModelAccess | None:
        if given.through is None:
            return None
        row = self._grants.select_related("engagement").get(pk=str(given.through))
        grant, engagement = review_rows.grant(row), review_rows.engagement(row.engagement)
        terms = engagement.present_terms
        accepted = terms is not None and self._acceptances.filter(
            engagement=row.engagement_id,
            person=str(grant.person),
            number=terms.number,
            digest=terms.digest,
        )
        return ModelAccess(
            grant=grant,
            artefact=find(engagement.artefacts, grant.artefact),
            terms=terms,
            accepted=bool(accepted and accepted.exists()),
        )

    def _seen_requests(self, reader: Actor) -> QuerySet[Any]:
        row = rule(reader, Action.REQUEST_READ)
        seen = NOTHING
        if not MARKING.at_most(row.ceiling):
            seen = NOTHING
        elif row.reach is Reach.EVERYTHING:
            seen = ALL
        elif row.reach >= Reach.OWN and reader.organisation is not None:
            column = "organisation" if reader.role is Role.OPERATOR else "offered_by"
            seen = Q(**{column: str(reader.organisation)})
        return (
            self._requests.filter(seen)
            .select_related("offer", "grant")
            .annotate(
                asker_name=self._name_of("organisation"), offerer_name=self._name_of("offered_by")
            )
        )

    @border()
    def uses(
        self, reader: Actor, identifier: ToolRequestId, *, cursor: str | None, limit: int
    ) -> Page[ToolUse]:
        """Newest first."""
        visible = self._seen_requests(reader).filter(pk=str(identifier)).values("pk")
        rows = self._uses.filter(grant__request__in=visible)
        return _page(rows, "at", cursor, limit, tool_rows.use)

    @border()
    def answer_times(self, reader: Actor, now: Instant) -> Sequence[ToolWaiting]:
        """How long askers wait for an answer, by what they are."""
        if rule(reader, Action.TOOL_READ).reach < Reach.PUBLISHED:
            return ()
        newest = self._requests.order_by("-asked_at", "-pk")[:_MOST_COUNTED]
        return by_kind([tool_rows.request(row) for row in newest], now)

    @border()
    def register(self, reader: Actor) -> Sequence[RegisterRow]:
        """Who chose to be named, by name.

        An entry of its own counts first: an organisation that took itself out is not named by the
        plan of an engagement either.
        """
        if rule(reader, Action.PARTICIPANT_READ).reach < Reach.PUBLISHED:
            return ()
        models = self._listed_models()
        rows = []
        entries = self._entries.annotate(name=self._name_of("organisation"))
        for row in entries:
            found = models.pop(row.organisation, ("", "", []))
            if row.listed:
                rows.append(_entry_row(tool_rows.participation(row), row.name or "", found[2]))
        for name, size, named in models.values():
            role = LISTABLE[OrganisationKind.DEVELOPER]
            rows.append(
                RegisterRow(
                    name=name, role=role, scope="", since=None, until=None, size=size, models=named
                )
            )
        return sorted(rows, key=lambda row: (row.role, row.name.casefold()))

    def _listed_models(self) -> dict[str, tuple[str, str, list[ListedModel]]]:
        """By developer: its name, its newest size, and the models that its plans name."""
        found: dict[str, tuple[str, str, list[ListedModel]]] = {}
        named = self._engagements.annotate(name=self._name_of("developer"))
        for row in named.order_by("-opened_at", "-pk"):
            engagement = review_rows.engagement(row)
            if engagement.plan is None or not engagement.plan.listed:
                continue
            size = engagement.size.value if engagement.size else ""
            home = found.setdefault(row.developer, (row.name or "", size, []))
            home[2].append(
                ListedModel(
                    name=engagement.model.name,
                    version=engagement.model.version,
                    opened_at=engagement.opened_at,
                    closed_at=engagement.closed_at,
                )
            )
        return found

    @border()
    def own_entry(self, reader: Actor) -> Participation | None:
        """None when the reader's organisation is not listed."""
        mine = _mine(reader, Action.PARTICIPANT_LIST)
        row = self._entries.filter(pk=mine, listed=True).first() if mine else None
        return tool_rows.participation(row) if row else None

    def _name_of(self, column: str) -> Subquery:
        return Subquery(self._names.filter(pk=OuterRef(column)).values("name")[:1])


def _mine(reader: Actor, action: Action) -> str:
    """The reader's organisation where the row reaches to its own; otherwise nobody's name."""
    reaches = rule(reader, action).reach >= Reach.OWN
    return str(reader.organisation) if reaches and reader.organisation else ""


def _page(
    rows: QuerySet[Any],
    moment: str,
    cursor: str | None,
    limit: int,
    show: Callable[[Any], Shown],
) -> Page[Shown]:
    """Newest first, from a place on."""
    if cursor is not None:
        place = cursors.read_place(cursor)
        before = Q(**{f"{moment}__lt": place.at}) | Q(**{moment: place.at, "pk__lt": place.id})
        rows = rows.filter(before)
    size = min(max(limit, 1), _LONGEST_PAGE)
    found = list(rows.order_by(f"-{moment}", "-pk")[: size + 1])
    last = found[size - 1] if len(found) > size else None
    return Page(
        rows=tuple(show(row) for row in found[:size]),
        next_cursor=cursors.write(cursors.Place(getattr(last, moment), last.pk)) if last else None,
    )


def _offer_row(reader: Actor, row: Any) -> OfferRow:  # noqa: ANN401  # an annotated row
    offer = tool_rows.offer(row)
    own = row.offered_by == _mine(reader, Action.TOOL_OFFER)
    shown = offer if own else replace(offer, delivery=_HIDDEN if offer.delivery else "")
    return OfferRow(offer=shown, offered_by_name=row.name or "", own=own)


_HIDDEN = "told to those who hold a grant"
"""in the place of how to get a tool"""


def _request_row(row: Any) -> ToolRequestRow:  # noqa: ANN401  # an annotated row
    grant = getattr(row, "grant", None)
    return ToolRequestRow(
        request=tool_rows.request(row),
        title=tool_rows.offer(row.offer).title,
        organisation_name=row.asker_name or "",
        offered_by_name=row.offerer_name or "",
        grant=tool_rows.grant(grant) if grant else None,
    )


def _entry_row(entry: Participation, name: str, models: Sequence[ListedModel]) -> RegisterRow:
    return RegisterRow(
        name=name,
        role=LISTABLE[entry.kind],
        scope=entry.scope,
        since=entry.since,
        until=entry.until,
        size=entry.size.value if entry.size else "",
        models=tuple(models),
    )


def _missing(identifier: Identifier) -> Missing:
    return Missing(f"there is no {identifier} for you")
