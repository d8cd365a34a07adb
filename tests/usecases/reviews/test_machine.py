"""The promises over the running system: real use cases, real stores, whatever anyone does."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests import databases
from tests.postgres import Server
from tests.usecases.reviews.conftest import PLAN
from tests.usecases.reviews.ground import ALONE, SLOT, STATES, STEPS, Ground

from firstlight.core.kernel.errors import FirstlightError
from firstlight.core.kernel.ids import PersonId
from firstlight.core.kernel.parties import Role
from firstlight.core.review.coverage import Determination
from firstlight.core.review.criteria import CRITERIA, NEWEST, Sector
from firstlight.core.review.engagement import EngagementState, ReleaseTo
from firstlight.core.review.model import DeveloperSize
from firstlight.core.review.window import Audience
from firstlight.usecases.accounts.people import end_membership
from firstlight.usecases.reviews import advising, arranging, ending, granting, opening, partnering

MEETS = dict.fromkeys(CRITERIA[NEWEST].items, "yes")
SPELLINGS = ("Model X", "model-x", "MODEL  X")
_sides = st.sampled_from(["developer", "reviewer", "other_reviewer", "partner"])
_spelled = st.sampled_from(SPELLINGS)
_words = st.sampled_from(["", " ", "a reason"])


class ReviewMachine(Ground):
    """Everyone tries everything; the developer's way out and the thirty days always hold."""

    # What anyone may try

    @rule(side=_sides, spelled=_spelled)
    def an_office_asks(self, side: str, spelled: str) -> None:
        """Anyone tries to; only offices can."""
        developer = self.review.developer.organisation
        assert developer is not None

        def ask() -> None:
            identifier = opening.request_review(
                self.review.context,
                self.review.accounts,
                self._actor(side),
                developer=developer,
                name=spelled,
                version="1.0",
                words="please",
            )
            self._know(self.review.stored(identifier))

        self._try("request", ask)

    @rule(spelled=_spelled)
    def the_developer_asks(self, spelled: str) -> None:
        """Whether its model is covered."""
        office = self.review.reviewer.organisation
        assert office is not None
        self._try(
            "ask",
            lambda: self._know(
                opening.ask_coverage(
                    self.review.context,
                    self.review.accounts,
                    self.review.developer,
                    name=spelled,
                    version="1.0",
                    size=DeveloperSize.SMALL,
                    text="Is it?",
                    office=office,
                )
            ),
        )

    @initialize(
        beginning=st.sampled_from(["ready", "ready", "ready", "asked", "requested", "nothing"]),
        days=st.integers(1, 30),
        spelled=_spelled,
    )
    def how_it_begins(self, *, beginning: str, days: int, spelled: str) -> None:
        """Mostly with offices that are let in for some days."""
        if beginning == "ready":
            self.the_developer_opens(spelled=spelled, ready=True, days=days)
        elif beginning == "asked":
            self.the_developer_asks(spelled)
        elif beginning == "requested":
            self.an_office_asks("reviewer", spelled)

    @rule(spelled=_spelled, ready=st.booleans(), days=st.integers(0, 32))
    def the_developer_opens(self, *, spelled: str, ready: bool, days: int) -> None:
        """A new engagement, or the same one with another plan."""
        self._know(
            opening.open_engagement(
                self.review.context,
                self.review.developer,
                name=spelled,
                version="1.0",
                size=DeveloperSize.SMALL,
                plan=PLAN,
            )
        )
        if ready:
            self.the_developer_sets_up(days=days, audience=Audience.OFFICES, early=False)

    @precondition(lambda self: self.engagements)
    @rule(days=st.integers(0, 32), audience=st.sampled_from(Audience), early=st.booleans())
    def the_developer_sets_up(self, *, days: int, audience: Audience, early: bool) -> None:
        """Artefact, terms, members, grants, acceptances and a window: the usual way, in one go."""
        identifier = self.engagements[-1].id
        review = self.review
        self._try("artefact", lambda: review.endpoint(identifier))
        found = review.stored(identifier)
        if not found.terms:
            self._try(
                "terms",
                lambda: arranging.set_terms(
                    review.context, review.developer, identifier, changes={}
                ),
            )
        for office in (review.reviewer, review.other_reviewer):
            self._try("admit", partial(review.admit, identifier, office))
        if days % 2:
            self.partners_are_selected("developer", "propose")
            self.partners_are_selected("reviewer", "agree")
        for side in (review.reviewer, review.other_reviewer, review.partner):
            self._try("accept", partial(review.accept, identifier, side))
        artefacts = review.stored(identifier).artefacts
        if artefacts:
            for side, to in (
                (review.reviewer, Audience.OFFICES),
                (review.other_reviewer, Audience.OFFICES),
                (review.partner, Audience.PARTNERS),
            ):
                self._try(
                    "grant",
                    partial(
                        review.grant,
                        identifier,
                        artefacts[-1],
                        audience=to,
                        person=side.person,
                        organisation=side.organisation,
                    ),
                )
        self._window("window", days=days, audience=audience, early=early)

    @precondition(lambda self: self.engagements)
    @rule(
        days=st.integers(0, 32),
        audience=st.sampled_from(Audience),
        side=_sides,
        wait=st.integers(0, 5),
    )
    def a_window_is_set(self, days: int, audience: Audience, side: str, wait: int) -> None:
        """By the developer or, in vain, by another side."""
        self._window("window", days=days, audience=audience, side=side, wait=wait)

    def _window(
        self,
        name: str,
        *,
        days: int,
        audience: Audience,
        side: str = "developer",
        wait: int = 0,
        early: bool = False,
    ) -> None:
        def act() -> None:
            arranging.set_window(
                self.review.context,
                self._actor(side),
                self.engagements[-1].id,
                audience=audience,
                days=days,
                start=self.review.now.plus(timedelta(days=wait)) if wait else None,
                early=early,
            )
            assert side == "developer"
            self.begun += 1

        self._try(name, act)

    @precondition(lambda self: self.engagements)
    @rule(days=st.integers(1, 20), side=_sides, audience=st.sampled_from(Audience))
    def a_window_is_extended(self, days: int, side: str, audience: Audience) -> None:
        """By the developer or, in vain, by another side."""

        def act() -> None:
            arranging.extend_window(
                self.review.context,
                self._actor(side),
                self.engagements[-1].id,
                audience=audience,
                days=days,
            )
            assert side == "developer"

        self._try("extend", act)

    @precondition(lambda self: self._grants())
    @rule(side=_sides, reason=_words, conditions=_words, which=st.integers(0, 50))
    def a_grant_is_halted(self, side: str, reason: str, conditions: str, which: int) -> None:
        """Without words it is not."""
        grants = self._grants()
        grant = grants[which % len(grants)]

        def act() -> None:
            granting.suspend_grant(
                self.review.context,
                self._actor(side),
                grant.id,
                reason=reason,
                conditions=conditions,
            )
            assert reason.strip()
            assert conditions.strip()
            assert not self._let_in(grant)

        self._try("suspend", act)

    @precondition(lambda self: self._grants())
    @rule(side=_sides, which=st.integers(0, 50), restore=st.booleans())
    def a_grant_is_lifted_or_revoked(self, *, side: str, which: int, restore: bool) -> None:
        """Lifted by whoever halted it, revoked by the developer."""
        grants = self._grants()
        grant = grants[which % len(grants)]

        def act() -> None:
            if restore:
                granting.restore_grant(
                    self.review.context, self._actor(side), grant.id, note="looked at it"
                )
            else:
                granting.revoke_grant(self.review.context, self._actor(side), grant.id)
                assert side == "developer"
                assert not self._let_in(grant)

        self._try("restore" if restore else "revoke", act)

    @precondition(lambda self: self.engagements)
    @rule(side=_sides, move=st.sampled_from(["propose", "agree", "refuse", "end"]))
    def partners_are_selected(self, side: str, move: str) -> None:
        """Either side proposes; only the other agrees."""
        identifier, actor = self.engagements[-1].id, self._actor(side)
        organisation = self.review.partner.organisation
        assert organisation is not None

        def act() -> None:
            if move == "propose":
                partnering.propose_partner(
                    self.review.context,
                    self.review.accounts,
                    actor,
                    identifier,
                    organisation=organisation,
                    sector=Sector.WATER,
                    meets=MEETS,
                )
                return
            with self.review.context.storage.begin() as work:
                known = work.partners.of_engagement(identifier)
            if known:
                decided = partnering.decide_partner(
                    self.review.context, actor, known[-1].id, move=move, reason="a reason"
                )
                if move == "agree":
                    assert decided.decisions[-1].side is not decided.proposed_by

        self._try(move, act)

    @precondition(lambda self: self.engagements)
    @rule(side=_sides)
    def somebody_advises_or_answers(self, side: str) -> None:
        """An observation; and an answer, if the developer asked."""
        identifier, actor = self.engagements[-1].id, self._actor(side)
        self._try(
            "observe",
            lambda: advising.observe(
                self.review.context, actor, identifier, title="Do not launch", text="Please."
            ),
        )
        answer = opening.Answer(determination=Determination.COVERED, statement="s")
        for office in (actor, self.review.reviewer):
            self._try(
                "answer",
                partial(opening.answer_coverage, self.review.context, office, identifier, answer),
            )

    @precondition(lambda self: self.engagements)
    @rule(side=st.sampled_from(["reviewer", "other_reviewer"]))
    def an_office_leaves(self, side: str) -> None:
        """Its people are out at once."""
        actor = self._actor(side)

        def act() -> None:
            arranging.leave(self.review.context, actor, self.engagements[-1].id)
            for grant in self._grants():
                assert grant.organisation != actor.organisation or not self._let_in(grant)

        self._try("leave", act)

    @precondition(lambda self: self.engagements)
    @rule(side=st.sampled_from(["reviewer", "other_reviewer"]))
    def a_reviewer_leaves_the_agency(self, side: str) -> None:
        """Every grant of theirs is over at once; a colleague takes the place."""
        actor = self._actor(side)
        assert actor.organisation is not None
        person: PersonId | None = actor.person
        assert person is not None
        administrator = self.bench.actor(Role.ADMINISTRATOR)
        end_membership(
            self.review.context, self.review.accounts, administrator, person, actor.organisation
        )
        for grant in self._grants():
            assert grant.person != person or not self._let_in(grant)
        new = self.review.join(actor.organisation, Role.REVIEWER)
        object.__setattr__(self.review, side, new)
        STEPS["left the agency: done"] += 1

    # The developer's way out: never an error, from any state

    @precondition(lambda self: self.engagements)
    @rule(way=st.sampled_from(sorted(ALONE)), to=st.sampled_from(ReleaseTo), keeps=st.booleans())
    def the_developer_goes(self, *, way: str, to: ReleaseTo, keeps: bool) -> None:
        """It is done; after a withdrawal or a close nobody is let in."""
        context, developer = self.review.context, self.review.developer
        identifier = self.engagements[-1].id
        STEPS[f"{way} from {self.review.stored(identifier).state.value}: done"] += 1
        if way == "launch":
            launched = ending.launch(context, developer, identifier, to=to, keeps_access=keeps)
            assert launched.releases
            return
        if way == "close":
            ending.close(context, self.review.vault, developer, identifier)
        else:
            ending.withdraw(context, developer, identifier)
        assert not [grant for grant in self._grants() if self._let_in(grant)]

    @precondition(lambda self: self.engagements)
    @rule(side=st.sampled_from(["reviewer", "other_reviewer", "partner"]))
    def others_cannot(self, side: str) -> None:
        """Nobody else launches, withdraws or closes."""
        actor, identifier = self._actor(side), self.engagements[-1].id
        before = self._present()
        for act in (
            lambda: ending.launch(
                self.review.context, actor, identifier, to=ReleaseTo.PUBLIC, keeps_access=False
            ),
            lambda: ending.withdraw(self.review.context, actor, identifier),
            lambda: ending.close(self.review.context, self.review.vault, actor, identifier),
        ):
            with pytest.raises(FirstlightError):
                act()
        assert self._present() == before
        STEPS["others try to launch, withdraw, close: refused"] += 1

    # Time

    @rule(slots=st.integers(1, 30))
    def time_passes(self, slots: int) -> None:
        """Eight hours at a time; each in which an office is let in counts."""
        offices = [each for each in self._grants() if each.audience is Audience.OFFICES]
        for _ in range(slots):
            if any(self._let_in(grant) for grant in offices):
                self.lit += SLOT
            self.bench.clock.turn(SLOT)
        STEPS["time passes: done"] += 1

    @rule(hours=st.integers(1, 200))
    def a_clock_is_set_back_for_a_moment(self, hours: int) -> None:
        """Whoever was out stays out."""
        grants = self._grants()
        out = [grant for grant in grants if not self._let_in(grant)]
        windows = [w for each in self.engagements for w in self.review.stored(each.id).windows]
        over = all(window.over(self.review.now) for window in windows)
        recorded = bool(self.engagements)
        if over and recorded:
            arranging.stop_window(
                self.review.context, self.review.developer, self.engagements[-1].id
            )
        self.bench.clock.turn(timedelta(hours=-hours))
        if over and recorded:
            newest = [grant for grant in out if grant.engagement == self.engagements[-1].id]
            assert not [grant for grant in newest if self._let_in(grant)]
        self.bench.clock.turn(timedelta(hours=hours))
        STEPS["clock set back: done"] += 1


_USUAL = {EngagementState.OPEN, EngagementState.LAUNCHED, EngagementState.CLOSED}


def _explore(
    machine: type[ReviewMachine],
    *,
    examples: int,
    steps: int,
    derandomize: bool = True,
    least: Collection[EngagementState] = frozenset(_USUAL),
) -> None:
    STATES.clear()
    STEPS.clear()
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=derandomize,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(dict(STATES), *sorted(STEPS.items()), sep="\n")  # noqa: T201  # the report of the run
    reached = {EngagementState(name) for name in STATES}
    assert reached >= set(least), "the run has been there"
    assert STEPS["a use by offices: admitted"] > 0, "somebody was let in"


def _on_sqlite(template: Path) -> type[ReviewMachine]:
    def opened(stack: ExitStack) -> Path:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        stack.enter_context(databases.fresh_sqlite(template, folder))
        return folder

    return type("OnSqlite", (ReviewMachine,), {"opening_of_databases": staticmethod(opened)})


def _on_postgres(server: Server, template: str) -> type[ReviewMachine]:
    def opened(stack: ExitStack) -> Path:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        stack.enter_context(databases.fresh_postgres(server, template))
        return folder

    return type("OnPostgres", (ReviewMachine,), {"opening_of_databases": staticmethod(opened)})


def test_the_promises_hold_over_sqlite(sqlite_template: Path) -> None:
    """No veto, thirty days, one engagement, reasons, order of windows, a complete ledger."""
    _explore(_on_sqlite(sqlite_template), examples=20, steps=30)


@pytest.mark.postgres
def test_the_promises_hold_over_postgresql(postgres_server: Server, postgres_template: str) -> None:
    """A smaller run of the same."""
    _explore(_on_postgres(postgres_server, postgres_template), examples=6, steps=25)


@pytest.mark.deep
@pytest.mark.timeout(1800)
def test_the_promises_hold_for_long(sqlite_template: Path) -> None:
    """A larger run, different each time."""
    _explore(
        _on_sqlite(sqlite_template),
        examples=100,
        steps=50,
        derandomize=False,
        least=set(EngagementState),
    )
