"""Engagements, grants, partners and observations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from django.db import connections
from django.db.models import F, Model, QuerySet

from firstlight.adapters.storage import review_rows as rows
from firstlight.adapters.storage.models import reviews as models
from firstlight.adapters.storage.statements import Statements, moment
from firstlight.core.kernel import ids
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Missing
from firstlight.core.review.engagement import Engagement, EngagementState
from firstlight.core.review.grants import Grant
from firstlight.core.review.ids import EngagementId, GrantId, ObservationId, PartnerId
from firstlight.core.review.model import Model as ReviewedModel
from firstlight.core.review.observations import Observation
from firstlight.core.review.offices import Office
from firstlight.core.review.partners import Partner
from firstlight.core.review.terms import Acceptance
from firstlight.core.review.window import counted
from firstlight.usecases.ports.reviews import StoredReceipt

# The upsert locks the year's row until the commit, so two units of work never read the same number.
_NEXT_NUMBER = (
    "INSERT INTO firstlight_engagement_number (year, last) VALUES (%s, 1) ON CONFLICT (year) "
    "DO UPDATE SET last = firstlight_engagement_number.last + 1 RETURNING last"
)
# By the index on (subject, sequence).
_NEWEST = "SELECT at FROM firstlight_ledger_entry WHERE subject = %s ORDER BY sequence DESC LIMIT 1"
# One row; asked several times a second.
_REVISION = 'SELECT number FROM firstlight_review_revision WHERE "only" = 1'


class _Versioned(Protocol):
    """A core value that counts its changes."""

    @property
    def id(self) -> ids.Identifier: ...

    @property
    def version(self) -> int: ...


Value = TypeVar("Value", bound=_Versioned)
Row = TypeVar("Row", bound=Model)


class Watched:
    """A store of something that access hangs on."""

    def __init__(self, using: str) -> None:
        self._using = using

    def touch(self) -> None:
        """Tell those who watch that something about access may have changed."""
        models.ReviewRevision.objects.using(self._using).filter(pk=1).update(number=F("number") + 1)


class _Rows(Watched):
    """What every store here does: find one or say that there is none; save what was seen."""

    def _one(
        self, found: QuerySet[Row], identifier: ids.Identifier, read: Callable[[Row], Value]
    ) -> Value:
        row = found.filter(pk=str(identifier)).first()
        if row is None:
            raise Missing(f"there is no {identifier}")
        return read(row)

    def _save(
        self,
        stored: QuerySet[Any],
        value: Value,
        columns: Callable[[Value], Mapping[str, object]],
    ) -> Value:
        following: Value = replace(value, version=value.version + 1)  # type: ignore[type-var]
        seen = stored.filter(pk=str(value.id), version=value.version)
        if not seen.update(**columns(following)):
            now = stored.filter(pk=str(value.id)).values_list("version", flat=True).first()
            if now is None:
                raise Missing(f"there is no {value.id}")
            raise Conflict("it has changed since you looked", seen=value.version, stored=now)
        self.touch()
        return following


class Engagements(_Rows):
    """`EngagementStore` over one database."""

    def __init__(self, using: str) -> None:
        super().__init__(using)
        self._models = models.ReviewModel.objects.using(using)
        self._rows = models.EngagementRecord.objects.using(using)
        self._offices = models.OfficeRecord.objects.using(using)
        self._acceptances = models.AcceptanceRecord.objects.using(using)
        self._receipts = models.ReceiptRecord.objects.using(using)

    def lock_model(self, model: ReviewedModel) -> Engagement | None:
        """The row of the model is made on the first occasion."""
        self._models.bulk_create([models.ReviewModel(key=model.key)], ignore_conflicts=True)
        self._models.select_for_update().get(pk=model.key)
        live = self._rows.select_for_update().filter(model_id=model.key)
        row = live.exclude(state=EngagementState.CLOSED.value).first()
        return rows.engagement(row) if row else None

    def next_number(self, year: int) -> str:
        """FR-<year>-<at least four digits>."""
        with connections[self._using].cursor() as cursor:
            cursor.execute(_NEXT_NUMBER, [year])
            (number,) = cursor.fetchone()
        return f"FR-{year}-{number:04d}"

    def add(self, engagement: Engagement) -> None:
        """Keep a new one; a model has one that is not closed."""
        rows.engagement_row(engagement).save(using=self._using, force_insert=True)
        self.touch()

    def get(self, identifier: EngagementId) -> Engagement:
        """Raises Missing."""
        return self._one(self._rows.all(), identifier, rows.engagement)

    def lock(self, identifier: EngagementId) -> Engagement:
        """Like `get`, locked until this unit of work ends. Raises Missing."""
        return self._one(self._rows.select_for_update(), identifier, rows.engagement)

    def save(self, engagement: Engagement) -> Engagement:
        """Raises Conflict when `engagement.version` is not the stored one."""
        return self._save(self._rows.all(), engagement, rows.engagement_columns)

    def counted_elsewhere(self, engagement: Engagement) -> timedelta:
        """Engagements of one model are few; each is read whole."""
        others = self._rows.filter(model_id=engagement.model.key).exclude(pk=str(engagement.id))
        return sum((counted(rows.engagement(row).windows) for row in others), timedelta())

    def last_recorded(self, identifier: EngagementId) -> Instant | None:
        """By the index on (subject, sequence)."""
        row = Statements(self._using).one(_NEWEST, str(identifier))
        return moment(row[0]) if row else None

    def offices(self, identifier: EngagementId) -> Sequence[Office]:
        """In the order in which they came."""
        found = self._offices.filter(engagement_id=str(identifier)).order_by("id")
        return tuple(rows.office(row) for row in found)

    def put_office(self, identifier: EngagementId, office: Office) -> None:
        """One row for each organisation."""
        self._offices.update_or_create(
            engagement_id=str(identifier),
            organisation=str(office.organisation),
            defaults={
                "state": office.state.value,
                "since": office.since.utc,
                "words": office.words,
            },
        )
        self.touch()

    def accept(self, identifier: EngagementId, acceptance: Acceptance) -> None:
        """The first of a person and version stays."""
        row = models.AcceptanceRecord(
            engagement_id=str(identifier),
            person=str(acceptance.person),
            number=acceptance.number,
            digest=acceptance.digest,
            at=acceptance.at.utc,
        )
        self._acceptances.bulk_create([row], ignore_conflicts=True)
        self.touch()

    def acceptances(self, identifier: EngagementId) -> Sequence[Acceptance]:
        """Oldest first."""
        found = self._acceptances.filter(engagement_id=str(identifier)).order_by("id")
        return tuple(rows.acceptance(row) for row in found)

    def keep_receipt(self, identifier: EngagementId, receipt: StoredReceipt) -> None:
        """Raises Conflict when one of this number is kept already."""
        rows.receipt_row(identifier, receipt).save(using=self._using, force_insert=True)

    def receipts(self, identifier: EngagementId) -> Sequence[StoredReceipt]:
        """Oldest first."""
        found = self._receipts.filter(engagement_id=str(identifier)).order_by("number")
        return tuple(rows.receipt(row) for row in found)

    def unfinished(self) -> Sequence[EngagementId]:
        """The one closed longest ago first."""
        closed = self._rows.filter(state=EngagementState.CLOSED.value)
        done = self._receipts.filter(destroyed=True).values("engagement_id")
        found = closed.exclude(pk__in=done).order_by("closed_at", "id")
        return tuple(EngagementId(pk) for pk in found.values_list("pk", flat=True))

    def showing(self) -> Sequence[Engagement]:
        """Each is read whole; there are as many as models are shown at one time."""
        states = [EngagementState.OPEN.value, EngagementState.LAUNCHED.value]
        found = self._rows.filter(state__in=states).order_by("opened_at", "id")
        return tuple(rows.engagement(row) for row in found)

    def revision(self) -> int:
        """One row, one read."""
        row = Statements(self._using).one(_REVISION)
        assert row is not None  # noqa: S101  # a migration made it
        return int(row[0])


class Grants(_Rows):
    """`GrantStore` over one database."""

    def __init__(self, using: str) -> None:
        super().__init__(using)
        self._rows = models.GrantRecord.objects.using(using)

    def add(self, grant: Grant) -> None:
        """Keep a new one."""
        rows.grant_row(grant).save(using=self._using, force_insert=True)
        self.touch()

    def get(self, identifier: GrantId) -> Grant:
        """Raises Missing."""
        return self._one(self._rows.all(), identifier, rows.grant)

    def save(self, grant: Grant) -> Grant:
        """Raises Conflict when `grant.version` is not the stored one."""
        return self._save(self._rows.all(), grant, rows.grant_columns)

    def of_engagement(self, identifier: EngagementId) -> Sequence[Grant]:
        """Oldest first."""
        found = self._rows.filter(engagement_id=str(identifier)).order_by("given_at", "id")
        return tuple(rows.grant(row) for row in found)


class Partners(_Rows):
    """`PartnerStore` over one database."""

    def __init__(self, using: str) -> None:
        super().__init__(using)
        self._rows = models.PartnerRecord.objects.using(using)

    def add(self, partner: Partner) -> None:
        """Keep a new one; an organisation has one part at a time."""
        rows.partner_row(partner).save(using=self._using, force_insert=True)
        self.touch()

    def get(self, identifier: PartnerId) -> Partner:
        """Raises Missing."""
        return self._one(self._rows.all(), identifier, rows.partner)

    def save(self, partner: Partner) -> Partner:
        """Raises Conflict when `partner.version` is not the stored one."""
        return self._save(self._rows.all(), partner, rows.partner_columns)

    def of_engagement(self, identifier: EngagementId) -> Sequence[Partner]:
        """Oldest first."""
        found = self._rows.filter(engagement_id=str(identifier)).order_by("proposed_at", "id")
        return tuple(rows.partner(row) for row in found)


class Observations(_Rows):
    """`ObservationStore` over one database."""

    def __init__(self, using: str) -> None:
        super().__init__(using)
        self._rows = models.ObservationRecord.objects.using(using)

    def add(self, observation: Observation) -> None:
        """Keep a new one."""
        rows.observation_row(observation).save(using=self._using, force_insert=True)

    def get(self, identifier: ObservationId) -> Observation:
        """Raises Missing."""
        return self._one(self._rows.all(), identifier, rows.observation)

    def save(self, observation: Observation) -> Observation:
        """Raises Conflict when `observation.version` is not the stored one."""
        return self._save(self._rows.all(), observation, rows.observation_columns)

    def of_engagement(self, identifier: EngagementId) -> Sequence[Observation]:
        """Oldest first."""
        found = self._rows.filter(engagement_id=str(identifier)).order_by("made_at", "id")
        return tuple(rows.observation(row) for row in found)
