"""Units of work: one transaction for the change, its ledger entry, its jobs and its messages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from firstlight.adapters.storage.border import border
from firstlight.adapters.storage.models import OrganisationName
from firstlight.adapters.storage.stores.advisories import Advisories
from firstlight.adapters.storage.stores.cases import Cases, Patches
from firstlight.adapters.storage.stores.directives import Duties
from firstlight.adapters.storage.stores.findings import Decisions, Findings
from firstlight.adapters.storage.stores.jobs import Jobs
from firstlight.adapters.storage.stores.ledger import Ledger
from firstlight.adapters.storage.stores.outside import Answers, Messages, Sources
from firstlight.adapters.storage.stores.reviews import (
    Engagements,
    Grants,
    Observations,
    Partners,
)
from firstlight.adapters.storage.stores.tools import Participants, Tools
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
from firstlight.usecases.ports.reviews import (
    EngagementStore,
    GrantStore,
    ObservationStore,
    PartnerStore,
)
from firstlight.usecases.ports.tools import ParticipantStore, ToolStore


class DjangoUnitOfWork:
    """`UnitOfWork`: every store over the same transaction."""

    def __init__(self, using: str) -> None:
        self.findings: FindingStore = Findings(using)
        self.cases: CaseStore = Cases(using)
        self.decisions: DecisionStore = Decisions(using)
        self.patches: PatchStore = Patches(using)
        self.advisories: AdvisoryStore = Advisories(using)
        self.ledger: LedgerStore = Ledger(using)
        self.jobs: JobStore = Jobs(using)
        self.outbox: Outbox = Messages(using)
        self.sources: SourceStore = Sources(using)
        self.idempotency: IdempotencyStore = Answers(using)
        self.duties: DutyStore = Duties(using)
        self.engagements: EngagementStore = Engagements(using)
        self.grants: GrantStore = Grants(using)
        self.partners: PartnerStore = Partners(using)
        self.observations: ObservationStore = Observations(using)
        self.tools: ToolStore = Tools(using)
        self.participants: ParticipantStore = Participants(using)


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
        with border(), transaction.atomic(using=self._using, durable=True):
            yield DjangoUnitOfWork(self._using)


def remember_organisation(identifier: OrganisationId, name: str, using: str = "default") -> None:
    """Keep the name by which readers know an organisation; joins a running transaction."""
    with border():
        OrganisationName.objects.using(using).update_or_create(
            pk=str(identifier), defaults={"name": name}
        )
