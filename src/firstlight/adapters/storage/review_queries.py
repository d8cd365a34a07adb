"""Reads of reviews for people, filtered by what the reader may see, in the query itself.

What the table's words mean here:
- *own*: an engagement of the reader's own organisation as its developer; a grant of the reader;
- *party*: an engagement in which the reader's office is a member;
- *published*: the public cut of a closed engagement; an assessment that both sides shared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from firstlight.adapters.storage import cursors, document_rows, review_rows
from firstlight.adapters.storage.border import border
from firstlight.adapters.storage.models import (
    AcceptanceRecord,
    DocumentRecord,
    DownloadRecord,
    EngagementRecord,
    GrantRecord,
    ObservationRecord,
    OfficeRecord,
    OrganisationName,
    ParticipationRecord,
    PartnerRecord,
    ReceiptRecord,
)
from firstlight.adapters.storage.stores.uses import Uses
from firstlight.adapters.storage.visibility import ALL, NOTHING
from firstlight.core.kernel.canonical import Json, canonical
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.ids import Identifier, PersonId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review import answering, closing
from firstlight.core.review.answering import Waiting
from firstlight.core.review.artefacts import find
from firstlight.core.review.closing import Record
from firstlight.core.review.coverage import cut_for
from firstlight.core.review.engagement import Engagement, EngagementState
from firstlight.core.review.grants import Grant
from firstlight.core.review.ids import EngagementId, GrantId, PartnerId
from firstlight.core.review.observations import Observation
from firstlight.core.review.offices import OfficeState
from firstlight.core.review.partners import Partner, PartnerState
from firstlight.core.review.terms import Acceptance, Terms
from firstlight.usecases.access.rules import Action, Reach
from firstlight.usecases.access.table import rule
from firstlight.usecases.ports.reviews import StoredReceipt
from firstlight.usecases.queries.port import Page
from firstlight.usecases.queries.reviews import (
    Cut,
    EngagementRow,
    OfficeRow,
    OversightRow,
    OwnGrant,
    OwnPartnership,
    RequestRow,
)

_LONGEST_PAGE = 200
_CLOSED = EngagementState.CLOSED.value
_TAKES_PART = (OfficeState.MEMBER.value,)
_CONCERNED = (OfficeState.MEMBER.value, OfficeState.ASKING.value)
"""an office that asks may take its request back, and nothing else"""


class DjangoReviewQueries:
    """`ReviewQueries` on SQLite or PostgreSQL."""

    def __init__(self, using: str = "default") -> None:
        """`using` is Django's alias of the database."""
        self._engagements = EngagementRecord.objects.using(using)
        self._offices = OfficeRecord.objects.using(using)
        self._grants = GrantRecord.objects.using(using)
        self._partners = PartnerRecord.objects.using(using)
        self._observations = ObservationRecord.objects.using(using)
        self._acceptances = AcceptanceRecord.objects.using(using)
        self._receipts = ReceiptRecord.objects.using(using)
        self._documents = DocumentRecord.objects.using(using)
        self._downloads = DownloadRecord.objects.using(using)
        self._uses = Uses(using)
        self._names = OrganisationName.objects.using(using)
        self._entries = ParticipationRecord.objects.using(using)

    def _seen(self, reader: Actor, action: Action) -> QuerySet[EngagementRecord]:
        """The engagements to which the reader's row for this action reaches."""
        row = rule(reader, action)
        mine = str(reader.organisation) if reader.organisation else None
        seen = NOTHING
        if row.reach is Reach.EVERYTHING:
            seen = ALL
        elif row.reach >= Reach.OWN and mine is not None:
            seen = Q(developer=mine)
            if row.reach >= Reach.PARTY and reader.role is Role.REVIEWER:
                concerned = _CONCERNED if action is Action.REVIEW_ASK else _TAKES_PART
                seen |= Q(Exists(self._part(self._offices, mine, *concerned)))
            if row.reach >= Reach.PARTY and reader.role is Role.PARTNER:
                seen |= Q(Exists(self._part(self._partners, mine, PartnerState.AGREED.value)))
        up_to = [each.value for each in Marking if each.at_most(row.ceiling)]
        return self._engagements.filter(seen, marking__in=up_to)

    @staticmethod
    def _part(rows: QuerySet[Any], organisation: str, *states: str) -> QuerySet[Any]:
        return rows.filter(engagement=OuterRef("pk"), organisation=organisation, state__in=states)

    @border()
    def engagements(
        self, reader: Actor, *, state: EngagementState | None, cursor: str | None, limit: int
    ) -> Page[EngagementRow]:
        """Newest first."""
        rows = self._named(self._seen(reader, Action.REVIEW_READ))
        if state is not None:
            rows = rows.filter(state=state.value)
        return _page(rows, cursor, limit, _engagement_row)

    @border()
    def overseen(self, reader: Actor, *, cursor: str | None, limit: int) -> Page[OversightRow]:
        """Newest first; none for those who read the public cut only."""
        rows = self._named(self._seen(reader, Action.REPORT_READ))
        if rule(reader, Action.REPORT_READ).reach is not Reach.EVERYTHING:
            rows = rows.none()
        return _page(rows, cursor, limit, _oversight_row)

    @border()
    def reached(self, reader: Actor, name: str, action: Action) -> EngagementId:
        """By identifier or number. Raises Missing."""
        plain = name.replace("\x00", "")
        rows = self._seen(reader, action).filter(Q(pk=plain) | Q(number=plain))
        found = rows.values_list("pk", flat=True).first()
        if found is None:
            raise Missing(f"there is no review {name[:40]!r} for you")
        return EngagementId(found)

    @border()
    def terms(self, reader: Actor, identifier: EngagementId) -> Sequence[Terms]:
        """Oldest first."""
        return review_rows.engagement(self._row(reader, identifier, Action.REVIEW_ACCEPT)).terms

    @border()
    def engagement(self, reader: Actor, identifier: EngagementId) -> Engagement:
        """Raises Missing."""
        return review_rows.engagement(self._row(reader, identifier))

    @border()
    def engagement_by_number(self, reader: Actor, number: str) -> Engagement:
        """Raises Missing."""
        seen = self._seen(reader, Action.REVIEW_READ)
        row = seen.filter(number=number.replace("\x00", "")).first()
        if row is None:
            raise Missing(f"there is no review {number[:40]!r} for you")
        return review_rows.engagement(row)

    def _row(
        self, reader: Actor, identifier: EngagementId, action: Action = Action.REVIEW_READ
    ) -> EngagementRecord:
        row = self._seen(reader, action).filter(pk=str(identifier)).first()
        if row is None:
            raise _missing(identifier)
        return row

    def _inside(
        self, rows: QuerySet[Any], reader: Actor, identifier: EngagementId
    ) -> QuerySet[Any]:
        """Rows of an engagement that the reader may see; none of another."""
        visible = self._seen(reader, Action.REVIEW_READ).filter(pk=str(identifier))
        return rows.filter(engagement__in=visible)

    @border()
    def offices(self, reader: Actor, identifier: EngagementId) -> Sequence[OfficeRow]:
        """In the order in which they came."""
        rows = self._inside(self._offices, reader, identifier).order_by("id")
        named = rows.annotate(name=self._name_of("organisation"))
        return tuple(
            OfficeRow(office=review_rows.office(row), name=row.name or "") for row in named
        )

    @border()
    def grants(self, reader: Actor, identifier: EngagementId) -> Sequence[Grant]:
        """Oldest first, ended ones too."""
        rows = self._inside(self._grants, reader, identifier).order_by("given_at", "id")
        return tuple(review_rows.grant(row) for row in rows)

    @border()
    def grant(self, reader: Actor, identifier: GrantId) -> Grant:
        """Of an engagement that the reader may see, or the reader's own. Raises Missing."""
        seen = Q(engagement__in=self._seen(reader, Action.REVIEW_READ))
        row = self._grants.filter(seen | self._own(reader)).filter(pk=str(identifier)).first()
        if row is None:
            raise _missing(identifier)
        return review_rows.grant(row)

    @staticmethod
    def _own(reader: Actor) -> Q:
        """Of `GrantRecord`: those of the reader in person, for the present organisation."""
        if rule(reader, Action.GRANT_READ).reach is Reach.EVERYTHING:
            return ALL
        nobody = reader.person is None or reader.organisation is None
        if nobody or rule(reader, Action.GRANT_READ).reach < Reach.OWN:
            return NOTHING
        return Q(person=str(reader.person), organisation=str(reader.organisation))

    @border()
    def partners(self, reader: Actor, identifier: EngagementId) -> Sequence[Partner]:
        """Oldest first."""
        rows = self._inside(self._partners, reader, identifier).order_by("proposed_at", "id")
        return tuple(review_rows.partner(row) for row in rows)

    @border()
    def partner(self, reader: Actor, identifier: PartnerId) -> Partner:
        """Of an engagement that the reader may see, or the reader's own. Raises Missing."""
        seen = Q(engagement__in=self._seen(reader, Action.REVIEW_READ))
        seen |= self._own_partnership(reader)
        row = self._partners.filter(seen).filter(pk=str(identifier)).first()
        if row is None:
            raise _missing(identifier)
        return review_rows.partner(row)

    @staticmethod
    def _own_partnership(reader: Actor) -> Q:
        """Of `PartnerRecord`: those of the reader's organisation, to appeal and to know."""
        allowed = rule(reader, Action.REVIEW_APPEAL).reach >= Reach.PARTY
        if reader.role is not Role.PARTNER or reader.organisation is None or not allowed:
            return NOTHING
        return Q(organisation=str(reader.organisation))

    @border()
    def acceptances(self, reader: Actor, identifier: EngagementId) -> Sequence[Acceptance]:
        """Oldest first."""
        rows = self._inside(self._acceptances, reader, identifier).order_by("id")
        return tuple(review_rows.acceptance(row) for row in rows)

    @border()
    def observations(self, reader: Actor, identifier: EngagementId) -> Sequence[Observation]:
        """Oldest first."""
        seen = Q(engagement__in=self._seen(reader, Action.REVIEW_READ))
        if reader.role is Role.PARTNER and reader.organisation is not None:
            part = self._seen(reader, Action.REVIEW_ADVISE)
            seen |= Q(engagement__in=part, organisation=str(reader.organisation))
        rows = self._observations.filter(seen).filter(engagement=str(identifier))
        return tuple(review_rows.observation(row) for row in rows.order_by("made_at", "id"))

    @border()
    def receipts(self, reader: Actor, identifier: EngagementId) -> Sequence[StoredReceipt]:
        """Oldest first."""
        rows = self._inside(self._receipts, reader, identifier).order_by("number")
        return tuple(review_rows.receipt(row) for row in rows)

    @border()
    def requests(self, reader: Actor) -> Sequence[RequestRow]:
        """Of the reader's own office, newest first."""
        reach = rule(reader, Action.REVIEW_ASK).reach
        if reader.role is not Role.REVIEWER or reader.organisation is None or reach < Reach.OWN:
            return ()
        rows = self._offices.filter(organisation=str(reader.organisation))
        named = rows.select_related("engagement").annotate(
            name=self._name_of("engagement__developer")
        )
        return tuple(_request_row(row) for row in named.order_by("-since", "-id"))

    @border()
    def own_grants(self, reader: Actor) -> Sequence[OwnGrant]:
        """Of the reader in person, newest first."""
        if reader.person is None:
            return ()
        rows = self._grants.filter(self._own(reader), person=str(reader.person))
        named = rows.select_related("engagement").annotate(
            name=self._name_of("engagement__developer")
        )
        found = named.order_by("-given_at", "-id")
        return tuple(self._own_grant(row, reader.person) for row in found)

    def _own_grant(self, row: Any, person: PersonId) -> OwnGrant:  # noqa: ANN401  # annotated
        """What the person must know of a grant, and whether they accepted the present terms."""
        grant, engagement = review_rows.grant(row), review_rows.engagement(row.engagement)
        terms = engagement.present_terms
        accepted = terms is not None and self._acceptances.filter(
            engagement=row.engagement_id,
            person=str(person),
            number=terms.number,
            digest=terms.digest,
        )
        return OwnGrant(
            grant=grant,
            number=engagement.number,
            developer_name=row.name or "",
            model=engagement.model.name,
            artefact=find(engagement.artefacts, grant.artefact),
            windows=[each for each in engagement.windows if each.audience is grant.audience],
            terms=terms,
            accepted=bool(accepted and accepted.exists()),
        )

    @border()
    def own_partnerships(self, reader: Actor) -> Sequence[OwnPartnership]:
        """Of the reader's organisation, newest first."""
        rows = self._partners.filter(self._own_partnership(reader)).select_related("engagement")
        named = rows.annotate(name=self._name_of("engagement__developer"))
        return tuple(
            OwnPartnership(
                partner=review_rows.partner(row),
                number=row.engagement.number,
                developer_name=row.name or "",
            )
            for row in named.order_by("-proposed_at", "-id")
        )

    @border()
    def assessments(self, reader: Actor) -> Sequence[Mapping[str, Json]]:
        """The cut that the reader's role may see, newest first."""
        row = rule(reader, Action.ASSESSMENT_READ)
        if row.reach is Reach.NOTHING:
            return ()
        by_role = row.reach is Reach.PUBLISHED or row.reach is Reach.EVERYTHING
        seen = self._engagements if by_role else self._seen(reader, Action.ASSESSMENT_READ)
        cuts = (
            cut_for(Role.RESEARCHER if by_role else reader.role, question)
            for found in seen.order_by("-opened_at", "-pk")
            for question in reversed(review_rows.engagement(found).questions)
        )
        return tuple(cut for cut in cuts if cut is not None)

    @border()
    def report(self, reader: Actor, identifier: EngagementId, cut: Cut) -> Mapping[str, Json]:
        """Raises Missing: not there, not for this reader, or not public yet."""
        if cut is Cut.INTERNAL:
            return closing.internal(self._record(self._row(reader, identifier)))
        row = rule(reader, Action.REPORT_READ)
        if cut is Cut.OVERSIGHT and row.reach >= Reach.OWN:
            # Who may see all of it may also see what the auditor sees.
            found = self._row(reader, identifier, Action.REPORT_READ)
            return closing.oversight(self._record(found))
        if cut is Cut.PUBLIC and row.reach >= Reach.PUBLISHED:
            public = self._engagements.filter(pk=str(identifier), state=_CLOSED).first()
            if public is not None:
                return closing.public(self._record(public))
        raise _missing(identifier)

    @border()
    def public_reports(self, reader: Actor) -> Sequence[Mapping[str, Json]]:
        """Sorted by their own bytes: the order of closing would tell more than the quarter."""
        if rule(reader, Action.REPORT_READ).reach < Reach.PUBLISHED:
            return ()
        found = self._engagements.filter(state=_CLOSED)
        return sorted((closing.public(self._record(row)) for row in found), key=canonical)

    @border()
    def waiting(self, reader: Actor) -> Sequence[Waiting]:
        """How long developers wait for an answer, by size."""
        if rule(reader, Action.REPORT_READ).reach < Reach.PUBLISHED:
            return ()
        return answering.by_size([review_rows.engagement(row) for row in self._engagements.all()])

    def _record(self, row: EngagementRecord) -> Record:
        found = review_rows.engagement(row)
        offices = self._offices.filter(engagement=row.pk).order_by("id")
        partners = self._partners.filter(engagement=row.pk).order_by("proposed_at", "id")
        grants = self._grants.filter(engagement=row.pk).order_by("given_at", "id")
        accepted = self._acceptances.filter(engagement=row.pk).order_by("id")
        observed = self._observations.filter(engagement=row.pk).order_by("made_at", "id")
        uploaded = self._documents.filter(engagement=row.pk).order_by("uploaded_at", "id")
        downloaded = self._downloads.filter(engagement=row.pk).order_by("at", "id")
        return Record(
            engagement=found,
            offices=[review_rows.office(each) for each in offices],
            partners=[review_rows.partner(each) for each in partners],
            grants=[review_rows.grant(each) for each in grants],
            acceptances=[review_rows.acceptance(each) for each in accepted],
            observations=[review_rows.observation(each) for each in observed],
            documents=[document_rows.document(each) for each in uploaded],
            downloads=[document_rows.download(each) for each in downloaded],
            used=self._uses.used(found.id),
        )

    def _named(self, rows: QuerySet[EngagementRecord]) -> QuerySet[Any]:
        return rows.annotate(developer_name=self._name_of("developer"))

    def _name_of(self, column: str) -> Subquery:
        return Subquery(self._names.filter(pk=OuterRef(column)).values("name")[:1])


def _missing(identifier: Identifier) -> Missing:
    return Missing(f"there is no {identifier} for you")


Row = TypeVar("Row")


def _page(
    rows: QuerySet[Any], cursor: str | None, limit: int, shown: Callable[[Any], Row]
) -> Page[Row]:
    """A piece of a list of engagements, newest first."""
    if cursor is not None:
        place = cursors.read_place(cursor)
        rows = rows.filter(Q(opened_at__lt=place.at) | Q(opened_at=place.at, pk__lt=place.id))
    size = min(max(limit, 1), _LONGEST_PAGE)
    found = list(rows.order_by("-opened_at", "-pk")[: size + 1])
    last = found[size - 1] if len(found) > size else None
    return Page(
        rows=tuple(shown(row) for row in found[:size]),
        next_cursor=cursors.write(cursors.Place(last.opened_at, last.pk)) if last else None,
    )


def _oversight_row(row: Any) -> OversightRow:  # noqa: ANN401  # an annotated row
    return OversightRow(
        engagement=EngagementId(row.pk),
        number=row.number,
        developer_name=row.developer_name or "",
        state=EngagementState(row.state),
        opened_at=Instant(row.opened_at),
        closed_at=Instant(row.closed_at) if row.closed_at else None,
    )


def _engagement_row(row: Any) -> EngagementRow:  # noqa: ANN401  # an annotated row
    found = review_rows.engagement(row)
    return EngagementRow(
        id=found.id,
        number=found.number,
        developer=found.model.developer,
        developer_name=row.developer_name or "",
        model=found.model.name,
        model_version=found.model.version,
        state=found.state,
        marking=found.marking,
        opened_at=found.opened_at,
    )


def _request_row(row: Any) -> RequestRow:  # noqa: ANN401  # an annotated row
    model = review_rows.engagement(row.engagement).model
    return RequestRow(
        engagement=EngagementId(row.engagement_id),
        developer_name=row.name or "",
        model=model.name,
        model_version=model.version,
        state=OfficeState(row.state),
        since=Instant(row.since),
    )
