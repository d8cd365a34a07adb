"""A context over each real database, with a clock that the test turns."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests import databases
from tests.outbound import make_gate
from tests.usecases.laboratory import ScriptedLaboratory

from firstlight.adapters.machine import SystemMint
from firstlight.adapters.publication.zone import FolderZone
from firstlight.adapters.vault.keys import KeyFolder
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import FindingId, JobId, OrganisationId, PatchId, PersonId
from firstlight.core.kernel.parties import Actor, Role
from firstlight.usecases.context import Context
from firstlight.usecases.findings.validate import validate_finding
from firstlight.usecases.patches.propose import verify_patch

databases.ready()

if TYPE_CHECKING:
    from firstlight.adapters.storage.unit import DjangoStorage


@dataclass
class TurnedClock:
    """A clock that stands still until it is turned."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 11, 2, 9, tzinfo=UTC))

    def now(self) -> Instant:
        """Where it was turned to."""
        return Instant(self.moment)

    def turn(self, delta: timedelta) -> None:
        """Forwards, or backwards."""
        self.moment += delta


@dataclass(frozen=True)
class Bench:
    """A context and what a test needs around it."""

    context: Context
    clock: TurnedClock
    laboratory: ScriptedLaboratory
    zone: Path

    def organisation(self) -> OrganisationId:
        """A fresh one."""
        return self.context.mint.new(OrganisationId, self.clock.now())

    def actor(self, role: Role) -> Actor:
        """Somebody with this role, of an organisation of their own."""
        person = self.context.mint.new(PersonId, self.clock.now())
        return Actor(role=role, person=person, organisation=self.organisation())

    def job(self) -> JobId:
        """A fresh job's identifier."""
        return self.context.mint.new(JobId, self.clock.now())

    def validate(self, finding: FindingId) -> None:
        """Do what a worker would do for this finding."""
        validate_finding(self.context, finding, self.job())

    def verify(self, patch: PatchId) -> None:
        """Do what a worker would do for this patch."""
        verify_patch(self.context, patch, self.job())


@pytest.fixture
def bench(any_storage: DjangoStorage, tmp_path: Path) -> Bench:
    """A fresh installation without people."""
    clock, laboratory = TurnedClock(), ScriptedLaboratory()
    context = Context(
        storage=any_storage,
        clock=clock,
        mint=SystemMint(),
        signer=KeyFolder(tmp_path / "keys"),
        laboratory=laboratory,
        zone=FolderZone(tmp_path / "public"),
        gate=make_gate(tmp_path),
    )
    return Bench(context=context, clock=clock, laboratory=laboratory, zone=tmp_path / "public")
