"""What is asked of whom: a word is waited for from one side, and nothing hangs on it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.review import review_samples as made

from firstlight.core.kernel.parties import Role
from firstlight.core.review import coverage, observations
from firstlight.core.review.asked import Ask, asked_of, my_turn, waits_for
from firstlight.core.review.closing import Record
from firstlight.core.review.coverage import Assessment, Determination
from firstlight.core.review.criteria import NEWEST, Sector
from firstlight.core.review.engagement import ENGAGEMENT_MOVES, EngagementState
from firstlight.core.review.grants import Suspension, suspend
from firstlight.core.review.ids import EngagementId, ObservationId, PartnerId
from firstlight.core.review.observations import Observation, wording
from firstlight.core.review.offices import Office, OfficeState
from firstlight.core.review.partners import Appeal, Partner, PartnerState, Side

ALONE = {"launch", "withdraw", "close"}


def partner(state: PartnerState, side: Side) -> Partner:
    """Proposed by a side."""
    appeal = Appeal(by=made.LEAD, organisation=made.OFFICE, at=made.after(days=2), text="Again?")
    return Partner(
        id=made.named(PartnerId, 1),
        engagement=made.named(EngagementId, 1),
        organisation=made.OFFICE,
        sector=Sector.ENERGY,
        criteria=NEWEST,
        meets={},
        proposed_by=side,
        proposed_at=made.after(days=1),
        state=state,
        appeals=(appeal,) if state is PartnerState.APPEALED else (),
    )


def observation() -> Observation:
    """Without a response."""
    return Observation(
        id=made.named(ObservationId, 1),
        engagement=made.named(EngagementId, 1),
        organisation=made.OFFICE,
        wordings=(wording(1, "A title", "A text", made.REVIEWER, made.START),),
    )


def record(state: EngagementState = EngagementState.OPEN, **changes: object) -> Record:
    """With one of everything that can wait."""
    halt = Suspension(
        at=made.after(hours=1),
        by=made.REVIEWER,
        organisation=made.OFFICE,
        reason="A reason.",
        conditions="A condition.",
    )
    parts: dict[str, object] = {
        "engagement": made.engagement(
            state=state, questions=coverage.ask((), "Is it?", made.LEAD, made.START)
        ),
        "offices": (Office(organisation=made.OFFICE, state=OfficeState.ASKING, since=made.START),),
        "partners": (
            partner(PartnerState.PROPOSED, Side.GOVERNMENT),
            partner(PartnerState.APPEALED, Side.DEVELOPER),
        ),
        "grants": (suspend(made.grant(), halt, Role.REVIEWER),),
        "acceptances": (),
        "observations": (observation(),),
    }
    return Record(**(parts | changes))  # type: ignore[arg-type]  # fields by name


def kinds(role: Role, found: Record) -> list[Ask]:
    """What is asked of a role."""
    home = made.DEVELOPER if role is Role.DEVELOPER else made.OFFICE
    return [each.what for each in asked_of(role, home, found)]


def test_each_side_is_asked_what_only_it_can_answer() -> None:
    """Oldest first."""
    assert kinds(Role.DEVELOPER, record()) == [
        Ask.OFFICE,
        Ask.OBSERVATION,
        Ask.HALT,
        Ask.PROPOSAL,
    ]
    assert kinds(Role.REVIEWER, record()) == [Ask.QUESTION, Ask.HALT, Ask.APPEAL]


@pytest.mark.parametrize(
    "role", [one for one in Role if one.value not in {"developer", "reviewer"}]
)
def test_nobody_else_is_asked_anything(role: Role) -> None:
    """Partners, auditors and strangers owe no word."""
    assert kinds(role, record()) == []


def test_of_a_closed_engagement_nothing_is_asked() -> None:
    """It is over."""
    for role in Role:
        assert kinds(role, record(EngagementState.CLOSED)) == []


@given(st.sampled_from(EngagementState))
def test_whatever_is_asked_the_developer_can_go(state: EngagementState) -> None:
    """Launch, withdraw and close stand open beside every unanswered thing."""
    asked_of(Role.DEVELOPER, made.DEVELOPER, record(state))
    assert ENGAGEMENT_MOVES.possible(state, Role.DEVELOPER) >= ALONE


@given(st.sampled_from(PartnerState), st.sampled_from(Side))
def test_one_side_at_most_is_waited_for(state: PartnerState, side: Side) -> None:
    """Never the side that proposed, and nobody once a partner is settled."""
    found = partner(state, side)
    waited = waits_for(found)
    assert waited is not side
    assert (waited is None) is (state not in {PartnerState.PROPOSED, PartnerState.APPEALED})
    turns = [role for role in Role if my_turn(found, role)]
    assert len(turns) == (0 if waited is None else 1)


def test_a_response_to_an_old_version_leaves_the_new_one_open() -> None:
    """Said anew, it waits anew; answered, it waits no more."""
    answered = observations.respond(observation(), 1, "Thanks.", made.LEAD, made.after(days=1))
    assert Ask.OBSERVATION not in kinds(Role.DEVELOPER, record(observations=(answered,)))
    again = observations.reword(answered, "A title", "More", made.REVIEWER, made.after(days=2))
    assert Ask.OBSERVATION in kinds(Role.DEVELOPER, record(observations=(again,)))


def test_an_assessment_fit_for_researchers_waits_for_the_developer() -> None:
    """Until it agrees; one that is not fit is never asked about."""
    for fit in (True, False):
        answer = Assessment(
            determination=Determination.COVERED,
            office=made.OFFICE,
            by=made.REVIEWER,
            at=made.START,
            statement="a statement",
            classified_digest="",
            for_researchers=fit,
        )
        questions = coverage.answer(coverage.ask((), "Is it?", made.LEAD, made.START), answer)
        found = record()
        engagement = replace(found.engagement, questions=questions)
        assert (Ask.SHARING in kinds(Role.DEVELOPER, replace(found, engagement=engagement))) is fit
        if fit:
            shared = replace(engagement, questions=coverage.share(questions, 1, made.START))
            assert Ask.SHARING not in kinds(Role.DEVELOPER, replace(found, engagement=shared))


def test_a_halt_waits_for_the_office_that_made_it() -> None:
    """The developer sees every halt; another office is not asked to lift it."""
    found = asked_of(Role.REVIEWER, made.DEVELOPER, record())
    assert Ask.HALT not in [each.what for each in found]
