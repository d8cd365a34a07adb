"""Laws of access to defensive tools: tables, times, systems, figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.review import review_samples as made

from firstlight.adapters.storage import samples
from firstlight.core.kernel.clock import Instant, Period
from firstlight.core.kernel.errors import Conflict, Invalid, Missing, MoveNotAllowed, Refused
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import Membership, OrganisationKind, Role
from firstlight.core.review.criteria import Sector
from firstlight.core.review.ids import GrantId
from firstlight.core.review.tools import access, asking, eligibility, offers, waiting
from firstlight.core.review.tools.access import TOOL_GRANT_MOVES, ToolGrant, ToolSituation
from firstlight.core.review.tools.asking import REQUEST_MOVES, RequestState, ToolRequest
from firstlight.core.review.tools.eligibility import ELIGIBILITY, NEWEST, AskerKind, Defence
from firstlight.core.review.tools.ids import OfferId, ToolGrantId, ToolRequestId, ToolUseId
from firstlight.core.review.tools.offers import OFFER_MOVES, Offer, OfferKind, OfferState
from firstlight.core.review.use import MOST_SKEW, UseDenied, Why

NOW = made.START
AGENCY, HOSPITAL = samples.fresh(OrganisationId), samples.fresh(OrganisationId)
LEAD, NURSE = samples.fresh(PersonId), samples.fresh(PersonId)
TABLES = (OFFER_MOVES, REQUEST_MOVES, TOOL_GRANT_MOVES)


def offer(**changes: Any) -> Offer:  # noqa: ANN401  # fields by name
    """A tool for hospitals."""
    fields: dict[str, Any] = {
        "id": samples.fresh(OfferId),
        "offered_by": AGENCY,
        "kind": OfferKind.TOOL,
        "title": "A tool",
        "text": "It helps.",
        "askers": (AskerKind.RURAL_HOSPITAL,),
        "purposes": (Defence.FIND_FLAWS,),
        "answer_days": 5,
        "grant_days": 90,
        "eligibility": NEWEST,
        "delivery": "call",
        "endpoint": None,
        "published_by": LEAD,
        "published_at": NOW,
    }
    return Offer(**(fields | changes))


def request(**changes: Any) -> ToolRequest:  # noqa: ANN401  # fields by name
    """The hospital's."""
    fields: dict[str, Any] = {
        "id": samples.fresh(ToolRequestId),
        "offer": samples.fresh(OfferId),
        "offered_by": AGENCY,
        "organisation": HOSPITAL,
        "person": NURSE,
        "kind": AskerKind.RURAL_HOSPITAL,
        "sector": Sector.HEALTHCARE,
        "systems": ("records",),
        "purposes": (Defence.FIND_FLAWS,),
        "text": "why",
        "eligibility": NEWEST,
        "meets": {},
        "asked_at": NOW,
        "answer_by": NOW.plus(timedelta(days=5)),
    }
    return ToolRequest(**(fields | changes))


def grant(**changes: Any) -> ToolGrant:  # noqa: ANN401  # fields by name
    """The hospital's, for ten days."""
    fields: dict[str, Any] = {
        "id": samples.fresh(ToolGrantId),
        "request": samples.fresh(ToolRequestId),
        "offer": samples.fresh(OfferId),
        "offered_by": AGENCY,
        "person": NURSE,
        "organisation": HOSPITAL,
        "through": None,
        "purposes": (Defence.FIND_FLAWS,),
        "systems": ("records",),
        "valid": Period(start=NOW, end=NOW.plus(timedelta(days=10))),
        "given_by": LEAD,
        "given_at": NOW,
    }
    return ToolGrant(**(fields | changes))


MEMBER = Membership(
    person=NURSE, organisation=HOSPITAL, role=Role.OPERATOR, started_at=NOW.plus(-timedelta(1))
)
RIGHT = ToolSituation(offer=offer(), grant=grant(), memberships=(MEMBER,), last_recorded=NOW)
NOON = NOW.plus(timedelta(hours=3))


def decided(situation: ToolSituation, now: Instant = NOON) -> access.ToolAdmission:
    """Ask at one moment."""
    return access.decide(situation, now)


def test_a_use_that_is_admitted_says_until_when() -> None:
    """The grant's own end."""
    assert decided(RIGHT).until == RIGHT.grant.valid.end


WRONG: dict[str, tuple[ToolSituation, Why]] = {
    "the offer was taken back": (
        replace(RIGHT, offer=replace(RIGHT.offer, state=OfferState.WITHDRAWN)),
        Why.REVOKED,
    ),
    "the grant has ended": (
        replace(RIGHT, grant=grant(state=access.ToolGrantState.ENDED)),
        Why.REVOKED,
    ),
    "it has not begun": (
        replace(
            RIGHT,
            grant=grant(valid=Period(start=NOON.plus(timedelta(1)), end=NOON.plus(timedelta(2)))),
        ),
        Why.NOT_BEGUN,
    ),
    "it is over": (replace(RIGHT, grant=grant(valid=Period(start=NOW, end=NOON))), Why.EXPIRED),
    "it is for a model": (
        replace(RIGHT, grant=grant(through=samples.fresh(GrantId))),
        Why.WRONG_ARTEFACT,
    ),
    "the person left": (
        replace(RIGHT, memberships=(replace(MEMBER, ended_at=NOON),)),
        Why.LEFT,
    ),
    "the person came back": (
        replace(RIGHT, memberships=(replace(MEMBER, started_at=NOW.plus(timedelta(hours=1))),)),
        Why.LEFT,
    ),
    "the person has another role": (
        replace(RIGHT, memberships=(replace(MEMBER, role=Role.FINDER),)),
        Why.LEFT,
    ),
    "the clock runs behind the record": (
        replace(RIGHT, last_recorded=NOON.plus(timedelta(minutes=1))),
        Why.CLOCK,
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_one_thing_wrong_is_enough(wrong: str) -> None:
    """Each situation is right but for one thing, and the refusal names that thing."""
    situation, why = WRONG[wrong]
    with pytest.raises(UseDenied) as denied:
        decided(situation)
    assert denied.value.why is why


@given(now=st.integers(-3, 15 * 24 * 3600), recorded=st.none() | st.integers(0, 15 * 24 * 3600))
def test_no_clock_prolongs_a_grant(now: int, recorded: int | None) -> None:
    """Whatever the clock and the record say: a use is before the end by the later of them."""
    known = None if recorded is None else NOW.plus(timedelta(seconds=recorded))
    moment = NOW.plus(timedelta(seconds=now))
    try:
        admitted = decided(replace(RIGHT, last_recorded=known), moment)
    except UseDenied:
        return
    latest = max(moment, known or moment)
    assert RIGHT.grant.valid.contains(latest)
    assert admitted.until > latest
    assert latest.utc - moment.utc <= MOST_SKEW


@given(st.sampled_from(Defence), st.text(max_size=20))
def test_no_use_of_what_is_not_named(purpose: Defence, system: str) -> None:
    """Only the grant's purposes and the grant's systems."""
    fits = purpose in RIGHT.grant.purposes and system in RIGHT.grant.systems
    assert not fits or (purpose, system) == (Defence.FIND_FLAWS, "records")
    if fits:
        return
    with pytest.raises(Refused):
        access.new_use(
            decided(RIGHT),
            identifier=samples.fresh(ToolUseId),
            purpose=purpose,
            system=system,
            note="",
            now=NOON,
            before=0,
        )


def test_uses_are_bounded() -> None:
    """A grant is no channel without end."""
    with pytest.raises(Conflict):
        access.new_use(
            decided(RIGHT),
            identifier=samples.fresh(ToolUseId),
            purpose=Defence.FIND_FLAWS,
            system="records",
            note="",
            now=NOON,
            before=access.MOST_USES,
        )


def test_every_move_says_who_and_under_which_rule() -> None:
    """No row without a rule; the program itself takes none of them."""
    for table in TABLES:
        for move in table.moves:
            assert move.rule
            assert move.roles
            assert Role.SYSTEM not in move.roles


@pytest.mark.parametrize("state", RequestState)
def test_the_two_sides_never_take_each_others_steps(state: RequestState) -> None:
    """Whoever offers answers; whoever asks appeals and takes back."""
    theirs = {"grant", "refuse", "uphold", "grant-appeal"}
    for role in Role:
        possible = REQUEST_MOVES.possible(state, role)
        if role is Role.OPERATOR:
            assert possible <= {"appeal", "take-back"}
        else:
            assert possible <= (theirs if role in offers.OFFERERS else set())


@given(
    st.lists(st.sampled_from(["grant", "refuse", "uphold", "grant-appeal", "appeal", "take-back"]))
)
def test_an_answer_is_owed_exactly_while_somebody_waits(steps: Sequence[str]) -> None:
    """Whatever happens: a day is promised while it is asked or appealed, and only then."""
    found = request()
    for step in steps:
        try:
            if step == "appeal":
                found = asking.appeal(found, Role.OPERATOR, text="x", by=NURSE, days=5, now=NOW)
            elif step == "take-back":
                found = asking.take_back(found, Role.OPERATOR)
            else:
                found = asking.answer(found, step, Role.REVIEWER, reason="x", by=LEAD, now=NOW)
        except (MoveNotAllowed, Conflict):
            continue
        waits = found.state in {RequestState.ASKED, RequestState.APPEALED}
        assert (found.due is not None) == waits
        assert not waits or found.late(NOW.plus(timedelta(days=6)))
        assert all(one.reason for one in found.answers if one.move != "grant")
        assert len(found.appeals) <= asking.MOST_APPEALS
    answered = [one for one in found.appeals if one.answered_at is None]
    assert len(answered) <= 1


def test_an_organisation_is_what_it_is() -> None:
    """What it says of itself fits its kind; finders, developers and the like ask for nothing."""
    for home, said in product(OrganisationKind, AskerKind):
        possible = said in eligibility.KINDS_OF.get(home, frozenset())
        if possible:
            assert eligibility.kind_of(home, said) is said
        else:
            with pytest.raises(Invalid):
                eligibility.kind_of(home, said)
    named = set().union(*eligibility.KINDS_OF.values())
    assert named == set(AskerKind), "everyone whom the order names can ask"


def test_old_versions_of_the_eligibility_are_not_made_up() -> None:
    """An unknown version is missing."""
    with pytest.raises(Missing):
        eligibility.checked("0", {})
    assert list(ELIGIBILITY) == ["1"]


@given(
    st.permutations(
        [
            request(
                answers=(asking.Answer(move="grant", by=LEAD, at=NOON, reason=""),),
                state=RequestState.GRANTED,
            ),
            request(state=RequestState.ASKED),
            request(state=RequestState.TAKEN_BACK),
            request(kind=AskerKind.UTILITY),
            request(
                answers=(
                    asking.Answer(
                        move="refuse", by=LEAD, at=NOW.plus(timedelta(days=6)), reason="x"
                    ),
                ),
                state=RequestState.REFUSED,
            ),
        ]
    )
)
def test_the_figures_count_each_request_once(requests: list[ToolRequest]) -> None:
    """In any order; what waits is never counted as answered, what is late is seen."""
    rows = {row.kind: row for row in waiting.by_kind(requests, NOW.plus(timedelta(days=7)))}
    assert list(rows) == list(AskerKind)
    hospital, utility = rows[AskerKind.RURAL_HOSPITAL], rows[AskerKind.UTILITY]
    assert (hospital.answered, hospital.late) == (2, 2)
    assert hospital.longest == timedelta(days=6)
    assert (utility.answered, utility.waiting, utility.late, utility.middle) == (0, 1, 1, None)
    assert sum(row.answered for row in rows.values()) == 2
