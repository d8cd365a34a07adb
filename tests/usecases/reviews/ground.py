"""What the machine of reviews stands on: an installation for each run, and the promises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path

from hypothesis.stateful import RuleBasedStateMachine, invariant
from tests.outbound import make_gate
from tests.usecases.conftest import Bench, TurnedClock
from tests.usecases.laboratory import ScriptedLaboratory
from tests.usecases.reviews.conftest import Review, make_review

from firstlight.adapters.machine import SystemMint
from firstlight.adapters.publication.zone import FolderZone
from firstlight.adapters.vault.keys import KeyFolder, ed25519_verifier
from firstlight.core.kernel.bundle import verify_bundle
from firstlight.core.kernel.checkpoint import parse_verifier_key
from firstlight.core.kernel.errors import FirstlightError
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review.engagement import ENGAGEMENT_MOVES, Engagement, EngagementState
from firstlight.core.review.grants import Grant
from firstlight.core.review.use import UseDenied
from firstlight.core.review.window import LIMIT, Audience, counted
from firstlight.usecases.context import Context
from firstlight.usecases.ledger.export import export_ledger

ALONE = {"launch", "withdraw", "close"}
SLOT = timedelta(hours=8)
STATES: Counter[str] = Counter()
STEPS: Counter[str] = Counter()
"""what was explored, for the report of the run"""


def make_bench(folder: Path) -> Bench:
    """A context over the database that `default` means."""
    from firstlight.adapters.storage.unit import DjangoStorage  # noqa: PLC0415  # needs Django

    clock, laboratory = TurnedClock(), ScriptedLaboratory()
    context = Context(
        storage=DjangoStorage(),
        clock=clock,
        mint=SystemMint(),
        signer=KeyFolder(folder / "keys"),
        laboratory=laboratory,
        zone=FolderZone(folder / "public"),
        gate=make_gate(folder),
    )
    return Bench(context=context, clock=clock, laboratory=laboratory, zone=folder / "public")


class Ground(RuleBasedStateMachine):
    """A fresh installation, who is in it, what was opened, and what always holds of it."""

    opening_of_databases: Callable[[ExitStack], Path]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = type(self).opening_of_databases(self.stack)
        self.bench: Bench = make_bench(folder)
        self.review: Review = make_review(self.bench)
        self.lit = timedelta()
        self.begun = 0
        self.engagements: list[Engagement] = []

    def teardown(self) -> None:
        """The developer verifies the whole record offline, then the database goes."""
        self._developer_verifies()
        self.stack.close()

    def _present(self) -> Engagement | None:
        """The newest engagement, as it is stored."""
        if not self.engagements:
            return None
        return self.review.stored(self.engagements[-1].id)

    def _know(self, found: Engagement) -> None:
        if not any(each.id == found.id for each in self.engagements):
            self.engagements.append(found)

    def _grants(self) -> list[Grant]:
        with self.review.context.storage.begin() as work:
            return [g for each in self.engagements for g in work.grants.of_engagement(each.id)]

    def _actor(self, side: str) -> Actor:
        actor: Actor = getattr(self.review, side)
        return actor

    def _let_in(self, grant: Grant) -> bool:
        with suppress(UseDenied):
            self.review.check(grant)
            return True
        return False

    def _try(self, name: str, act: Callable[[], object]) -> None:
        """Whatever it answers: an error of ours, or done."""
        try:
            act()
        except FirstlightError as error:
            STEPS[f"{name}: {error.code}"] += 1
        else:
            STEPS[f"{name}: done"] += 1

    # What always holds

    @invariant()
    def the_developer_can_always_go(self) -> None:
        """From the state that is stored, launch, withdraw and close are possible."""
        for each in self.engagements:
            state = self.review.stored(each.id).state
            STATES[state.value] += 1
            assert ENGAGEMENT_MOVES.possible(state, Role.DEVELOPER) >= ALONE

    @invariant()
    def offices_have_thirty_days_at_most(self) -> None:
        """As the windows are stored, and as people were really let in."""
        total = timedelta()
        for each in self.engagements:
            total += counted(self.review.stored(each.id).windows)
        assert total <= LIMIT
        assert self.lit <= LIMIT + SLOT * self.begun

    @invariant()
    def one_engagement_at_a_time(self) -> None:
        """However its name is spelled and whoever asked."""
        stored = [self.review.stored(each.id) for each in self.engagements]
        live = [each for each in stored if each.state is not EngagementState.CLOSED]
        assert len(live) <= 1
        assert {each.id for each in live} <= {self.engagements[-1].id} if stored else True

    @invariant()
    def every_halt_has_words(self) -> None:
        """Reason, author, conditions."""
        for grant in self._grants():
            for halt in grant.suspensions:
                assert halt.reason.strip()
                assert halt.conditions.strip()

    @invariant()
    def nobody_is_let_in_out_of_a_window(self) -> None:
        """Partners not before the offices are through, unless the developer said early."""
        for grant in self._grants():
            if not self._let_in(grant):
                continue
            windows = self.review.stored(grant.engagement).windows
            now = self.review.now
            mine = [w for w in windows if w.audience is grant.audience and w.period.contains(now)]
            assert mine
            offices = [w for w in windows if w.audience is Audience.OFFICES]
            waits = grant.audience is Audience.PARTNERS and not mine[0].early
            assert not waits or all(window.over(now) for window in offices)
            STEPS[f"a use by {grant.audience.value}: admitted"] += 1

    def _developer_verifies(self) -> None:
        from firstlight.adapters.storage.queries import DjangoQueries  # noqa: PLC0415

        bundle = export_ledger(self.review.context, DjangoQueries(), self.review.developer)
        name, key = parse_verifier_key(str(bundle["verifier_key"]))
        verified = verify_bundle(bundle, name=name, public_key=key, verify=ed25519_verifier(key))
        assert verified.subjects == len(self.engagements)
        with self.review.context.storage.begin() as work:
            stored = sum(len(work.ledger.entries(str(e.id), 0, 10**6)) for e in self.engagements)
        assert verified.entries == stored
