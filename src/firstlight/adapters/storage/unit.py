"""Units of work: one transaction for the change, its ledger entry, its jobs and its messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from django.db import connections, transaction

from firstlight.adapters.storage.border import border
from firstlight.adapters.storage.models import OrganisationName
from firstlight.adapters.storage.stores.advisories import Advisories
from firstlight.adapters.storage.stores.cases import Cases, Patches
from firstlight.adapters.storage.stores.directives import Duties
from firstlight.adapters.storage.stores.documents import Documents
from firstlight.adapters.storage.stores.findings import Decisions, Findings
from firstlight.adapters.storage.stores.flood import Batches
from firstlight.adapters.storage.stores.guard import Guard
from firstlight.adapters.storage.stores.jobs import Jobs
from firstlight.adapters.storage.stores.ledger import Ledger
from firstlight.adapters.storage.stores.measurements import Measurements
from firstlight.adapters.storage.stores.notices import Notices
from firstlight.adapters.storage.stores.outside import Answers, Messages, Sources
from firstlight.adapters.storage.stores.reviews import (
    Engagements,
    Grants,
    Observations,
    Partners,
)
from firstlight.adapters.storage.stores.tools import Participants, Tools
from firstlight.adapters.storage.stores.uses import Endpoints, GrantKeys, Presences, Uses
from firstlight.core.kernel.ids import OrganisationId
from firstlight.usecases.ports import (
    AdvisoryStore,
    CaseStore,
    DecisionStore,
    DutyStore,
    FindingStore,
    IdempotencyStore,
    JobStore,
    LedgerStore,
    Outbox,
    PatchStore,
    SourceStore,
    UnitOfWork,
)
from firstlight.usecases.ports.documents import DocumentStore
from firstlight.usecases.ports.flood import BatchStore
from firstlight.usecases.ports.guard import GuardStore
from firstlight.usecases.ports.notices import NoticeStore
from firstlight.usecases.ports.reviews import (
    EngagementStore,
    GrantStore,
    ObservationStore,
    PartnerStore,
)
from firstlight.usecases.ports.runs import MeasurementStore
from firstlight.usecases.ports.tools import ParticipantStore, ToolStore
from firstlight.usecases.ports.uses import (
    EndpointStore,
    GrantKeyStore,
    PresenceStore,
    UseStore,
)

_STORES: Mapping[str, Callable[[str], object]] = {
    "findings": Findings,
    "cases": Cases,
    "decisions": Decisions,
    "patches": Patches,
    "advisories": Advisories,
    "ledger": Ledger,
    "jobs": Jobs,
    "outbox": Messages,
    "sources": Sources,
    "idempotency": Answers,
    "duties": Duties,
    "engagements": Engagements,
    "grants": Grants,
    "partners": Partners,
    "observations": Observations,
    "endpoints": Endpoints,
    "keys": GrantKeys,
    "presences": Presences,
    "uses": Uses,
    "documents": Documents,
    "notices": Notices,
    "tools": Tools,
    "participants": Participants,
    "measurements": Measurements,
    "batches": Batches,
    "guard": Guard,
}


class DjangoUnitOfWork:
    """`UnitOfWork`: every store over the same transaction, each made when it is first asked for."""

    findings: FindingStore
    cases: CaseStore
    decisions: DecisionStore
    patches: PatchStore
    advisories: AdvisoryStore
    ledger: LedgerStore
    jobs: JobStore
    outbox: Outbox
    sources: SourceStore
    idempotency: IdempotencyStore
    duties: DutyStore
    engagements: EngagementStore
    grants: GrantStore
    partners: PartnerStore
    observations: ObservationStore
    endpoints: EndpointStore
    keys: GrantKeyStore
    presences: PresenceStore
    uses: UseStore
    documents: DocumentStore
    notices: NoticeStore
    tools: ToolStore
    participants: ParticipantStore
    measurements: MeasurementStore
    batches: BatchStore
    guard: GuardStore

    def __init__(self, using: str) -> None:
        self._using = using

    def __getattr__(self, name: str) -> object:
        """Called once for each store; a use of the gateway needs four of them, not all."""
        if name not in _STORES:
            raise AttributeError(name)
        store = _STORES[name](self._using)
        setattr(self, name, store)
        return store


class DjangoStorage:
    """`Storage` on SQLite or PostgreSQL.

    On SQLite a transaction is IMMEDIATE: one writer at a time, from the first statement on. On
    PostgreSQL it is READ COMMITTED, with row locks where a port says *lock*.
    """

    def __init__(self, using: str = "default") -> None:
        """`using` is Django's alias of the database."""
        self._using = using

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """Commit when the block ends, roll back when it raises; units of work do not nest.

        Raises:
            Unavailable: the database cannot be reached, or stays locked.
            Conflict: somebody else was first.
        """
        self._mend()
        with border(), transaction.atomic(using=self._using, durable=True):
            yield DjangoUnitOfWork(self._using)

    @contextmanager
    def look(self) -> Iterator[UnitOfWork]:
        """Stores to read from only; on SQLite this waits for no writer.

        Raises:
            Unavailable: the database cannot be reached.
        """
        self._mend()
        with border():
            yield DjangoUnitOfWork(self._using)

    def _mend(self) -> None:
        """A thread that lives long opens its connection anew after that has failed."""
        connection = connections[self._using]
        if connection.errors_occurred and not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def remember_organisation(identifier: OrganisationId, name: str, using: str = "default") -> None:
    """Keep the name by which readers know an organisation; joins a running transaction."""
    with border():
        OrganisationName.objects.using(using).update_or_create(
            pk=str(identifier), defaults={"name": name}
        )
