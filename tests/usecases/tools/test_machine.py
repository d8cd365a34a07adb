"""The laws of defensive tools over the running system: everyone tries everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests import databases
from tests.postgres import Server
from tests.usecases.reviews.conftest import UNLIMITED
from tests.usecases.reviews.ground import make_bench
from tests.usecases.tools.conftest import make_tools

from firstlight.adapters.storage.tool_queries import DjangoToolQueries
from firstlight.core.kernel.errors import FirstlightError
from firstlight.core.kernel.parties import SYSTEM, Actor, OrganisationKind, Role
from firstlight.core.review.artefacts import ArtefactKind, Dialect, Safeguards
from firstlight.core.review.engagement import ReleaseTo
from firstlight.core.review.grants import Grant
from firstlight.core.review.ids import EngagementId
from firstlight.core.review.tools.access import ToolGrantState
from firstlight.core.review.tools.asking import RequestState
from firstlight.core.review.tools.eligibility import AskerKind, Defence
from firstlight.core.review.tools.ids import ToolRequestId
from firstlight.core.review.tools.offers import Endpoint, Offer, OfferKind, OfferState
from firstlight.core.review.use import UseDenied
from firstlight.usecases.accounts.people import end_membership
from firstlight.usecases.queries.tools import ToolRequestRow
from firstlight.usecases.reviews import arranging, ending
from firstlight.usecases.reviews.use import check_use
from firstlight.usecases.tools import asking, deciding, models, offering, using

STEPS: Counter[str] = Counter()
"""what was explored, for the report of the run"""
_KINDS = {
    "hospital": AskerKind.RURAL_HOSPITAL,
    "county": AskerKind.LOCAL_AUTHORITY,
    "federal": AskerKind.FEDERAL_AGENCY,
}
_askers = st.sampled_from(sorted(_KINDS))
_sides = st.sampled_from(["developer", "agency", "other", "hospital", "federal"])
_words = st.sampled_from(["", "a reason", "a reason"])
_which = st.integers(0, 50)
_ways = st.sampled_from(["launch", "launch", "withdraw", "close"])


class ToolMachine(RuleBasedStateMachine):
    """Nobody gets in who was not let in, for longer, for more, or around the thirty days."""

    opening_of_databases: Callable[[ExitStack], Path]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = type(self).opening_of_databases(self.stack)
        self.tools = make_tools(make_bench(folder))
        self.review = self.tools.review
        agency = self.tools.agency.organisation
        assert agency is not None
        federal = self.review.somebody(OrganisationKind.AGENCY, Role.OPERATOR)
        self.people: dict[str, Actor] = {
            "developer": self.review.developer,
            "agency": self.tools.agency,
            "other": self.review.other_reviewer,
            "hospital": self.tools.hospital,
            "county": self.tools.county,
            "federal": federal,
        }
        self.offers: list[Offer] = []
        self.engagements: list[EngagementId] = []
        self.asked: list[ToolRequestId] = []
        self.queries = DjangoToolQueries()

    def teardown(self) -> None:
        """Each request's entries count 1, 2, 3, ...; then the database goes."""
        with self.review.context.storage.begin() as work:
            for row in self._rows():
                entries = work.ledger.entries(str(row.request.id), 0, 10**6)
                numbers = [one.entry.sequence for one in entries]
                assert numbers == list(range(1, len(numbers) + 1))
                moments = [one.entry.at for one in entries]
                assert moments == sorted(moments)
        self.stack.close()

    def _try(self, name: str, act: Callable[[], object]) -> None:
        try:
            act()
        except FirstlightError as error:
            STEPS[f"{name}: {error.code}"] += 1
        else:
            STEPS[f"{name}: done"] += 1

    def _rows(self) -> list[ToolRequestRow]:
        """Newest first; in the order of asking, since moments are equal and identifiers random."""
        found = self.queries.requests(SYSTEM, state=None, cursor=None, limit=200).rows
        return sorted(found, key=lambda row: -self.asked.index(row.request.id))

    def _row(self, which: int) -> ToolRequestRow:
        rows = self._rows()
        return rows[which % len(rows)]

    def _served(self) -> list[tuple[ToolRequestRow, Grant]]:
        """Requests with an offered model, and the grant of the engagement."""
        rows = [row for row in self._rows() if row.grant and row.grant.through]
        with self.review.context.storage.begin() as work:
            return [
                (row, work.grants.get(row.grant.through))
                for row in rows
                if row.grant and row.grant.through
            ]

    def _let_in(self, grant: Grant) -> bool:
        with suppress(UseDenied):
            check_use(
                self.review.context,
                self.review.accounts,
                grant=grant.id,
                artefact=grant.artefact,
                now=self.review.now,
            )
            return True
        return False

    # What anyone may try

    @rule(side=_sides, federal=st.booleans())
    def a_tool_is_offered(self, *, side: str, federal: bool) -> None:
        """By those who may, and in vain by others."""
        askers = (*_KINDS.values(),) if federal else (AskerKind.RURAL_HOSPITAL,)
        self._try(
            "offer a tool",
            lambda: self.offers.append(self.tools.offered(self.people[side], askers=askers)),
        )

    @rule(
        side=st.sampled_from(["developer", "developer", "agency"]),
        safeguards=st.sampled_from([Safeguards.SHIPPED, Safeguards.SHIPPED, Safeguards.OFF]),
        federal=st.booleans(),
        terms=st.sampled_from([True, True, False]),
    )
    def a_model_is_offered(
        self, *, side: str, safeguards: Safeguards, federal: bool, terms: bool
    ) -> None:
        """Of the one engagement that is not closed, or of a new one."""
        review = self.review
        identifier = review.opened().id
        if identifier not in self.engagements:
            self.engagements.append(identifier)
        new = arranging.NewArtefact(
            kind=ArtefactKind.ENDPOINT,
            name="The endpoint",
            safeguards=safeguards,
            models=("model-x",),
            dialects=(Dialect.OPENAI_CHAT,),
        )
        artefact = arranging.add_artefact(review.context, review.developer, identifier, new)
        if terms:
            arranging.set_terms(review.context, review.developer, identifier, changes={})
        place = Endpoint(engagement=identifier, artefact=artefact.id, budget=UNLIMITED)
        askers = [AskerKind.RURAL_HOSPITAL] + [AskerKind.FEDERAL_AGENCY] * federal

        def act() -> None:
            made = self.tools.offered(
                self.people[side],
                kind=OfferKind.MODEL,
                delivery="",
                endpoint=place,
                askers=tuple(askers),
            )
            assert side == "developer"
            assert safeguards is Safeguards.SHIPPED
            self.offers.append(made)

        self._try("offer a model", act)

    @initialize(side=_askers, model=st.booleans())
    def how_it_begins(self, *, side: str, model: bool) -> None:
        """With somebody who was granted something."""
        self.the_usual_way(side=side, model=model)

    @rule(side=_askers, model=st.booleans())
    def the_usual_way(self, *, side: str, model: bool) -> None:
        """Offered, asked for, granted, terms accepted; a model to an agency after its release."""
        before = len(self.offers)
        if model:
            federal = side == "federal"
            self.a_model_is_offered(
                side="developer", safeguards=Safeguards.SHIPPED, federal=False, terms=True
            )
            if federal:
                self.the_developer_goes("launch", ReleaseTo.PUBLIC)
                self.a_model_is_offered(
                    side="developer", safeguards=Safeguards.SHIPPED, federal=True, terms=True
                )
        else:
            self.a_tool_is_offered(side="agency", federal=True)
        if len(self.offers) == before:
            return
        self.somebody_asks(side, side, 0)
        if not self._rows():
            return
        giver = "developer" if model else "agency"
        self.somebody_answers(side=giver, move="grant", reason="", days=None, which=0)
        if model and self._served():
            self.terms_are_accepted(0)
        if not model:
            self.somebody_uses_a_tool(side, Defence.FIND_FLAWS, "patient records", 0)

    @precondition(lambda self: self.offers)
    @rule(side=_askers, kind=_askers, which=_which)
    def somebody_asks(self, side: str, kind: str, which: int) -> None:
        """As what they are, or as something else."""
        offer = self.offers[-1 - which % min(3, len(self.offers))]

        def act() -> None:
            made = self.tools.asked(offer, self.people[side], kind=_KINDS[kind])
            self.asked.append(made.id)
            assert side == kind

        self._try("ask", act)

    @precondition(lambda self: self._rows())
    @rule(
        side=_sides,
        move=st.sampled_from(["grant", "grant", "refuse", "uphold", "grant-appeal"]),
        reason=_words,
        days=st.sampled_from([None, 0, 30, 91]),
        which=_which,
    )
    def somebody_answers(
        self, *, side: str, move: str, reason: str, days: int | None, which: int
    ) -> None:
        """The side that offers; others in vain."""
        request, actor = self._row(which).request, self.people[side]
        until = None if days is None else self.review.now.plus(timedelta(days=days))

        def act() -> None:
            self.tools.answered(request, move, actor, reason=reason, until=until)
            assert actor.organisation == request.offered_by

        self._try(move, act)

    @precondition(lambda self: self._rows())
    @rule(side=_askers, appeals=st.booleans(), text=_words, which=_which)
    def somebody_appeals_or_takes_back(
        self, *, side: str, appeals: bool, text: str, which: int
    ) -> None:
        """Only the person who asked."""
        request, actor = self._row(which).request, self.people[side]

        def act() -> None:
            if appeals:
                asking.appeal(self.review.context, actor, request.id, text=text)
            else:
                asking.take_back(self.review.context, actor, request.id)
            assert actor.person == request.person

        self._try("appeal" if appeals else "take back", act)

    @precondition(lambda self: self._served())
    @rule(which=_which)
    def terms_are_accepted(self, which: int) -> None:
        """By the person of the grant."""
        served = self._served()
        row, _ = served[which % len(served)]
        actor = Actor(
            role=Role.OPERATOR, person=row.request.person, organisation=row.request.organisation
        )

        def act() -> None:
            model = self.queries.request(actor, row.request.id).model
            assert model is not None
            seen = model.terms.digest if model.terms else ""
            models.accept_model_terms(self.review.context, actor, row.request.id, digest_seen=seen)

        self._try("accept terms", act)

    @precondition(lambda self: self._rows())
    @rule(
        side=_askers,
        purpose=st.sampled_from(Defence),
        system=st.sampled_from(["patient records", "patient records", "somebody else's"]),
        which=_which,
    )
    def somebody_uses_a_tool(self, side: str, purpose: Defence, system: str, which: int) -> None:
        """Only the person of a standing grant, for what it names."""
        row, actor = self._row(which), self.people[side]
        if row.grant is None:
            return
        grant = row.grant

        def act() -> None:
            using.use_tool(
                self.review.context,
                self.review.accounts,
                actor,
                grant.id,
                purpose=purpose,
                system=system,
            )
            assert actor.person == grant.person
            assert grant.valid.contains(self.review.now)
            assert system in grant.systems
            assert purpose in grant.purposes
            assert grant.state is ToolGrantState.ACTIVE

        self._try("use a tool", act)

    @precondition(lambda self: self._rows())
    @rule(side=_sides, revokes=st.booleans(), reason=_words, which=_which)
    def a_grant_is_ended(self, *, side: str, revokes: bool, reason: str, which: int) -> None:
        """By whoever gave it, or whoever holds it; out at once."""
        row, actor = self._row(which), self.people[side]
        if row.grant is None:
            return
        grant = row.grant

        def act() -> None:
            if revokes:
                deciding.revoke(self.review.context, actor, grant.id, reason=reason)
            else:
                deciding.give_back(self.review.context, actor, grant.id)
            assert not [g for r, g in self._served() if r.grant == grant and self._let_in(g)]

        self._try("revoke" if revokes else "give back", act)

    @precondition(lambda self: self.offers)
    @rule(side=_sides, reason=_words)
    def an_offer_is_taken_back(self, side: str, reason: str) -> None:
        """By whoever offers."""
        offer = self.offers[0]

        def act() -> None:
            offering.withdraw_offer(self.review.context, self.people[side], offer.id, reason=reason)
            assert self.people[side].organisation == offer.offered_by
            self.offers.remove(offer)

        self._try("withdraw an offer", act)

    @precondition(lambda self: self._rows())
    @rule(side=_askers)
    def somebody_leaves(self, side: str) -> None:
        """Out at once; a colleague takes the place and has to ask anew."""
        actor = self.people[side]
        assert actor.person is not None
        assert actor.organisation is not None
        administrator = self.review.bench.actor(Role.ADMINISTRATOR)
        end_membership(
            self.review.context,
            self.review.accounts,
            administrator,
            actor.person,
            actor.organisation,
        )
        for _, grant in self._served():
            assert grant.person != actor.person or not self._let_in(grant)
        self.people[side] = self.review.join(actor.organisation, Role.OPERATOR)
        STEPS["leave: done"] += 1

    @precondition(lambda self: self.engagements)
    @rule(
        way=st.sampled_from(["launch", "launch", "withdraw", "close"]),
        to=st.sampled_from(ReleaseTo),
    )
    def the_developer_goes(self, way: str, to: ReleaseTo) -> None:
        """Never an error, whoever was granted what; out and gone ends every grant."""
        context, developer = self.review.context, self.review.developer
        identifier = self.engagements[-1]
        if way == "launch":
            ending.launch(context, developer, identifier, to=to, keeps_access=True)
        else:
            if way == "close":
                ending.close(context, self.review.vault, developer, identifier)
            else:
                ending.withdraw(context, developer, identifier)
            mine = [grant for _, grant in self._served() if grant.engagement == identifier]
            assert not [grant for grant in mine if self._let_in(grant)]
        STEPS[f"{way}: done"] += 1

    @rule(hours=st.integers(1, 400))
    def time_passes(self, hours: int) -> None:
        """Some hours."""
        self.review.bench.clock.turn(timedelta(hours=hours))

    # What always holds

    @invariant()
    def whoever_is_let_in_was_let_in(self) -> None:
        """Offer, grant, time, safeguards and the thirty days of the government."""
        for row, grant in self._served():
            if not self._let_in(grant):
                continue
            with self.review.context.storage.begin() as work:
                offer = work.tools.offer(row.request.offer)
                engagement = work.engagements.get(grant.engagement)
            assert offer.state is OfferState.PUBLISHED
            assert row.grant is not None
            assert row.grant.state is ToolGrantState.ACTIVE
            assert row.grant.valid.contains(self.review.now)
            (artefact,) = (one for one in engagement.artefacts if one.id == grant.artefact)
            assert artefact.safeguards is Safeguards.SHIPPED
            if row.request.kind is AskerKind.FEDERAL_AGENCY:
                assert any(one.to is ReleaseTo.PUBLIC for one in engagement.releases)
                STEPS["a model by an agency: admitted"] += 1
            STEPS["a model: admitted"] += 1

    @invariant()
    def every_no_has_words_and_nothing_hangs_on_what_is_gone(self) -> None:
        """Reasons are written; a withdrawn offer leaves nothing waiting and nothing standing."""
        for row in self._rows():
            for one in row.request.answers:
                assert one.reason or one.move == "grant"
            standing = row.grant is not None and row.grant.state is ToolGrantState.ACTIVE
            waits = row.request.state in {RequestState.ASKED, RequestState.APPEALED}
            assert (row.grant is not None) == (row.request.state is RequestState.GRANTED)
            if standing or waits:
                with self.review.context.storage.begin() as work:
                    assert work.tools.offer(row.request.offer).state is OfferState.PUBLISHED


def _explore(machine: type[ToolMachine], *, examples: int, steps: int, fixed: bool = True) -> None:
    STEPS.clear()
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=fixed,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(*sorted(STEPS.items()), sep="\n")  # noqa: T201  # the report of the run
    for name in ("grant: done", "use a tool: done", "a model: admitted", "leave: done"):
        assert STEPS[name] > 0, name


def _on_sqlite(template: Path) -> type[ToolMachine]:
    def opened(stack: ExitStack) -> Path:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        stack.enter_context(databases.fresh_sqlite(template, folder))
        return folder

    return type("OnSqlite", (ToolMachine,), {"opening_of_databases": staticmethod(opened)})


def _on_postgres(server: Server, template: str) -> type[ToolMachine]:
    def opened(stack: ExitStack) -> Path:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        stack.enter_context(databases.fresh_postgres(server, template))
        return folder

    return type("OnPostgres", (ToolMachine,), {"opening_of_databases": staticmethod(opened)})


def test_the_laws_hold_over_sqlite(sqlite_template: Path) -> None:
    """Named systems, times, words, shipped safeguards, no way around the thirty days."""
    _explore(_on_sqlite(sqlite_template), examples=8, steps=20)


@pytest.mark.postgres
def test_the_laws_hold_over_postgresql(postgres_server: Server, postgres_template: str) -> None:
    """A smaller run of the same."""
    _explore(_on_postgres(postgres_server, postgres_template), examples=6, steps=20)


@pytest.mark.deep
@pytest.mark.timeout(1800)
def test_the_laws_hold_for_long(sqlite_template: Path) -> None:
    """A larger run, different each time; a model was used by a hospital and by an agency."""
    _explore(_on_sqlite(sqlite_template), examples=100, steps=50, fixed=False)
    assert STEPS["a model: admitted"] > 0
    assert STEPS["a model by an agency: admitted"] > 0
