"""A review from the first request to the receipt, and every hostile turn on the way."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from tests.usecases.reviews.conftest import PLAN, Review

from firstlight.core.kernel.dsse import to_sign
from firstlight.core.kernel.errors import Conflict, Invalid, MoveNotAllowed, Refused
from firstlight.core.kernel.ids import PersonId
from firstlight.core.kernel.parties import SYSTEM, Actor, Membership, OrganisationKind, Role
from firstlight.core.review.coverage import Determination
from firstlight.core.review.criteria import CRITERIA, NEWEST, Sector
from firstlight.core.review.engagement import EngagementState, ReleaseTo
from firstlight.core.review.grants import Grant, GrantState
from firstlight.core.review.model import DeveloperSize
from firstlight.core.review.offices import OfficeState
from firstlight.core.review.partners import PartnerState
from firstlight.core.review.terms import Heading
from firstlight.core.review.use import UseDenied, Why
from firstlight.core.review.window import Audience, ThirtyDaysUsed
from firstlight.core.review.words import Unwritten
from firstlight.usecases.accounts.people import end_membership
from firstlight.usecases.ports.sealed import KeyDestroyed
from firstlight.usecases.reviews import advising, arranging, ending, granting, opening, partnering
from firstlight.usecases.reviews.use import check_use

MEETS = dict.fromkeys(CRITERIA[NEWEST].items, "yes, as our report of last year shows")


def refused(review: Review, grant: Grant) -> Why:
    """Why the grant's person is not let in now."""
    with pytest.raises(UseDenied) as caught:
        review.check(grant)
    return caught.value.why


def test_a_developer_may_ask_only_whether_its_model_is_covered(review: Review) -> None:
    """The question, the answer shared back, and nothing else; the developer stops there."""
    assert review.reviewer.organisation is not None
    asked = opening.ask_coverage(
        review.context,
        review.accounts,
        review.developer,
        name="Model X",
        version="1.0",
        size=DeveloperSize.SMALL,
        text="It writes exploits for known flaws.",
        office=review.reviewer.organisation,
    )
    assert asked.state is EngagementState.ASKED
    with pytest.raises(MoveNotAllowed):
        review.endpoint(asked.id)
    review.turn(days=3)
    answered = opening.answer_coverage(
        review.context,
        review.reviewer,
        asked.id,
        opening.Answer(determination=Determination.COVERED, statement="statement 7"),
    )
    assert answered.state is EngagementState.ANSWERED
    assessment = answered.questions[0].assessment
    assert assessment is not None
    assert assessment.office == review.reviewer.organisation
    with pytest.raises(Conflict):
        opening.share_assessment(review.context, review.developer, asked.id, 1)
    launched = ending.launch(
        review.context, review.developer, asked.id, to=ReleaseTo.PUBLIC, keeps_access=False
    )
    assert launched.state is EngagementState.LAUNCHED, "covered or not: the developer launches"


def test_two_offices_that_ask_in_parallel_meet_in_one_engagement(review: Review) -> None:
    """One engagement, two offices; and the developer's opening is that same one."""
    assert review.developer.organisation is not None
    asked = [
        opening.request_review(
            review.context,
            review.accounts,
            office,
            developer=review.developer.organisation,
            name=name,
            version="1.0",
            words="We would like to look at it.",
        )
        for office, name in ((review.reviewer, "Model X"), (review.other_reviewer, "model-x"))
    ]
    assert asked[0] == asked[1] == review.opened().id
    with review.context.storage.begin() as work:
        offices = work.engagements.offices(asked[0])
    assert [each.state for each in offices] == [OfficeState.ASKING, OfficeState.ASKING]
    with pytest.raises(Refused):
        advising.observe(review.context, review.reviewer, asked[0], title="x", text="y")
    review.admit(asked[0], review.reviewer)
    review.admit(asked[0], review.other_reviewer)
    for office in (review.reviewer, review.other_reviewer):
        assert advising.observe(review.context, office, asked[0], title="A title", text="A text")


def test_a_window_ends_to_the_second_without_any_job(review: Review) -> None:
    """A second before its end the reviewer is let in; at its end no more."""
    _, grant = review.running(days=10)
    review.turn(days=10, seconds=-1)
    assert review.check(grant).until == review.now.plus(timedelta(seconds=1))
    review.turn(seconds=1)
    assert refused(review, grant) is Why.OVER


def test_reopening_the_same_model_counts_the_days_before(review: Review) -> None:
    """After 20 days and a close, the same model gets ten more days and not eleven."""
    first, _ = review.running(days=20)
    review.turn(days=25)
    ending.close(review.context, review.vault, review.developer, first.id)
    again = review.opened("MODEL x")
    assert again.id != first.id

    def set_days(days: int) -> None:
        arranging.set_window(
            review.context, review.developer, again.id, audience=Audience.OFFICES, days=days
        )

    with pytest.raises(ThirtyDaysUsed):
        set_days(11)
    set_days(10)
    with pytest.raises(ThirtyDaysUsed):
        arranging.extend_window(
            review.context, review.developer, again.id, audience=Audience.OFFICES, days=1
        )


def test_a_developer_withdraws_in_the_middle_of_a_session(review: Review) -> None:
    """The use that was admitted a moment ago is not admitted now; the grant has ended."""
    engagement, grant = review.running()
    assert review.check(grant)
    ending.withdraw(review.context, review.developer, engagement.id)
    assert refused(review, grant) is Why.NOT_OPEN
    with review.context.storage.begin() as work:
        assert work.grants.get(grant.id).state is GrantState.REVOKED
        assert work.engagements.revision() > 0


def test_a_reviewer_leaves_the_agency(review: Review) -> None:
    """The end of the membership ends every grant at once, and coming back revives none."""
    _, grant = review.running()
    review.turn(hours=1)
    assert review.check(grant)
    person, office = review.reviewer.person, review.reviewer.organisation
    assert person is not None
    assert office is not None
    end_membership(review.context, review.accounts, _administrator(review), person, office)
    assert refused(review, grant) is Why.LEFT
    review.turn(hours=1)
    _rejoin(review, person)
    assert refused(review, grant) is Why.LEFT


def _administrator(review: Review) -> Actor:
    return review.bench.actor(Role.ADMINISTRATOR)


def _rejoin(review: Review, person: PersonId) -> None:
    office = review.reviewer.organisation
    assert office is not None
    with review.context.storage.begin():
        review.accounts.add_membership(
            Membership(
                person=person, organisation=office, role=Role.REVIEWER, started_at=review.now
            )
        )


def test_a_clock_that_is_set_back_opens_nothing(review: Review) -> None:
    """Neither a use nor a step of the developer goes back in time."""
    engagement, grant = review.running(days=10)
    review.turn(days=11)
    assert refused(review, grant) is Why.OVER
    arranging.set_terms(review.context, review.developer, engagement.id, changes={})
    review.turn(days=-5)
    assert refused(review, grant) is Why.CLOCK
    launched = ending.launch(
        review.context, review.developer, engagement.id, to=ReleaseTo.PUBLIC, keeps_access=False
    )
    assert launched.releases[0].at == review.now.plus(timedelta(days=5))
    assert not launched.releases[0].before_window_ended


def test_clocks_that_differ_let_nobody_in(review: Review) -> None:
    """A gateway whose clock is a minute behind is told so."""
    _, grant = review.running()
    with pytest.raises(UseDenied) as caught:
        check_use(
            review.context,
            review.accounts,
            grant=grant.id,
            artefact=grant.artefact,
            now=review.now.plus(timedelta(minutes=-1)),
        )
    assert caught.value.why is Why.CLOCK


def test_a_launch_before_the_window_ends(review: Review) -> None:
    """It happens at once; whether access goes on is the developer's choice, and recorded."""
    engagement, grant = review.running()
    kept = ending.launch(
        review.context, review.developer, engagement.id, to=ReleaseTo.PARTNERS, keeps_access=True
    )
    assert kept.releases[0].before_window_ended
    assert review.check(grant)
    review.turn(hours=1)
    ended = ending.launch(
        review.context, review.developer, engagement.id, to=ReleaseTo.PUBLIC, keeps_access=False
    )
    assert ended.state is EngagementState.LAUNCHED
    assert refused(review, grant) is Why.OVER


def test_a_suspension_tells_the_developer_why_at_once(review: Review) -> None:
    """Reason, author and conditions are in the grant; without words there is none."""
    _, grant = review.running()
    with pytest.raises(Unwritten):
        granting.suspend_grant(
            review.context, review.reviewer, grant.id, reason="", conditions="none"
        )
    assert review.check(grant)
    granting.suspend_grant(
        review.context,
        review.reviewer,
        grant.id,
        reason="An odd pattern of requests.",
        conditions="The office has looked at the log.",
    )
    assert refused(review, grant) is Why.SUSPENDED
    with review.context.storage.begin() as work:
        (halt,) = work.grants.get(grant.id).suspensions
    assert (halt.by, halt.organisation) == (review.reviewer.person, review.reviewer.organisation)
    with pytest.raises(Refused):
        granting.restore_grant(review.context, review.developer, grant.id, note="I say so")
    granting.restore_grant(review.context, review.reviewer, grant.id, note="The log is clean.")
    assert review.check(grant)


def test_new_terms_ask_everyone_again(review: Review) -> None:
    """Nobody uses anything under terms that they have not read."""
    engagement, grant = review.running()
    arranging.set_terms(
        review.context, review.developer, engagement.id, changes={Heading.USE: "Look only."}
    )
    assert refused(review, grant) is Why.TERMS
    review.accept(engagement.id, review.reviewer)
    assert review.check(grant)


def test_a_second_person_must_be_there(review: Review) -> None:
    """With the two-person rule, the named second must be present and bound by the terms."""
    engagement, first = review.running()
    assert review.reviewer.organisation is not None
    second = review.join(review.reviewer.organisation, Role.REVIEWER)
    with review.context.storage.begin() as work:
        (artefact,) = work.engagements.get(engagement.id).artefacts
    grant = review.grant(engagement.id, artefact, seconds=(second.person,))
    assert first.id != grant.id
    assert refused(review, grant) is Why.SECOND_ABSENT
    with pytest.raises(UseDenied):
        review.check(grant, second)
    review.accept(engagement.id, second)
    assert review.check(grant, second)
    with pytest.raises(UseDenied):
        review.check(grant, review.other_reviewer)


def test_partners_are_selected_together(review: Review) -> None:
    """Refused with a reason, appealed, agreed; let in after the offices, out when one side ends."""
    engagement, _ = review.running(days=5)
    assert review.partner.organisation is not None
    partner = partnering.propose_partner(
        review.context,
        review.accounts,
        review.developer,
        engagement.id,
        organisation=review.partner.organisation,
        sector=Sector.HEALTHCARE,
        meets=MEETS,
    )
    with pytest.raises(Refused):
        partnering.decide_partner(review.context, review.developer, partner.id, move="agree")
    with pytest.raises(Unwritten):
        partnering.decide_partner(review.context, review.reviewer, partner.id, move="refuse")
    partnering.decide_partner(
        review.context, review.reviewer, partner.id, move="refuse", reason="No contact at night."
    )
    partnering.appeal(review.context, review.partner, partner.id, text="There is one now.")
    agreed = partnering.decide_partner(
        review.context, review.reviewer, partner.id, move="grant-appeal", reason="Checked."
    )
    assert agreed.state is PartnerState.AGREED
    assert agreed.appeals[0].answered_at == review.now
    with review.context.storage.begin() as work:
        (artefact,) = work.engagements.get(engagement.id).artefacts
    grant = review.grant(
        engagement.id,
        artefact,
        audience=Audience.PARTNERS,
        person=review.partner.person,
        organisation=review.partner.organisation,
    )
    review.accept(engagement.id, review.partner)
    arranging.set_window(
        review.context,
        review.developer,
        engagement.id,
        audience=Audience.PARTNERS,
        days=30,
        start=review.now.plus(timedelta(days=5)),
    )
    assert refused(review, grant) is Why.NOT_BEGUN
    review.turn(days=5)
    assert review.check(grant)
    partnering.decide_partner(
        review.context, review.developer, partner.id, move="end", reason="No longer needed."
    )
    assert refused(review, grant) is Why.REVOKED


def test_an_office_that_leaves_takes_its_grants_along(review: Review) -> None:
    """The other office's grants stay."""
    engagement, grant = review.running()
    review.admit(engagement.id, review.other_reviewer)
    with review.context.storage.begin() as work:
        (artefact,) = work.engagements.get(engagement.id).artefacts
    other = review.grant(
        engagement.id,
        artefact,
        person=review.other_reviewer.person,
        organisation=review.other_reviewer.organisation,
    )
    review.accept(engagement.id, review.other_reviewer)
    arranging.leave(review.context, review.reviewer, engagement.id)
    assert refused(review, grant) is Why.REVOKED
    assert review.check(other)


def test_the_close_gives_a_receipt_that_anyone_can_check(review: Review) -> None:
    """DSSE over who had what and what was destroyed; a second close gives the same one."""
    engagement, grant = review.running()
    name = str(engagement.id)
    sealed = review.vault.seal(name, "card", b"a system card", b"")
    fingerprint = review.vault.fingerprint(name)
    receipt = ending.close(review.context, review.vault, review.developer, engagement.id)
    outer = json.loads(receipt.envelope)
    payload = base64.b64decode(outer["payload"])
    Ed25519PublicKey.from_public_bytes(review.context.signer.public_key(ending.KEY)).verify(
        base64.b64decode(outer["signatures"][0]["sig"]), to_sign(outer["payloadType"], payload)
    )
    told = json.loads(payload)
    assert [each["grant"] for each in told["grants"]] == [str(grant.id)]
    assert told["grants"][0]["ended_at"] == str(review.now)
    assert told["destroyed"]["keys"] == [fingerprint]
    with pytest.raises(KeyDestroyed):
        review.vault.open(name, "card", sealed, b"")
    again = ending.close(review.context, review.vault, review.developer, engagement.id)
    assert again == receipt
    launched = ending.launch(
        review.context, review.developer, engagement.id, to=ReleaseTo.PUBLIC, keeps_access=False
    )
    assert launched.state is EngagementState.CLOSED
    assert launched.releases, "a launch after the close is recorded, too"


def test_retention_and_legal_hold_delay_the_keys_and_never_the_close(review: Review) -> None:
    """The first receipt says that keys are kept; the second one that they were destroyed."""
    engagement, _ = review.running()
    name = str(engagement.id)
    sealed = review.vault.seal(name, "card", b"a system card", b"")
    arranging.set_hold(
        review.context, review.developer, engagement.id, retention_days=7, legal_hold="A court."
    )
    first = ending.close(review.context, review.vault, review.developer, engagement.id)
    assert not first.destroyed
    assert review.vault.open(name, "card", sealed, b"") == b"a system card"
    arranging.set_hold(
        review.context, review.developer, engagement.id, retention_days=7, legal_hold=""
    )
    assert ending.finish_closing(review.context, review.vault, engagement.id) == first
    review.turn(days=7)
    with review.context.storage.begin() as work:
        assert work.engagements.unfinished() == (engagement.id,)
    second = ending.finish_closing(review.context, review.vault, engagement.id)
    assert (second.number, second.destroyed) == (2, True)
    assert not review.vault.exists(name)
    with review.context.storage.begin() as work:
        assert work.engagements.unfinished() == ()


def test_every_step_is_in_the_ledger_in_one_sequence(review: Review) -> None:
    """The entries of an engagement count 1, 2, 3, ... so that an omission shows."""
    engagement, grant = review.running()
    granting.revoke_grant(review.context, review.developer, grant.id)
    ending.close(review.context, review.vault, review.developer, engagement.id)
    with review.context.storage.begin() as work:
        entries = work.ledger.entries(str(engagement.id), 0, 100)
    assert [each.entry.sequence for each in entries] == list(range(1, len(entries) + 1))
    actions = [each.entry.action for each in entries]
    assert actions[0] == "review.arrange"
    assert actions[-1] == "review.end"
    assert "review.accept" in actions
    assert "review.grant" in actions


def test_others_do_not_touch_a_developers_engagement(review: Review) -> None:
    """Another developer, an office, the program: none of them launches, withdraws or closes."""
    engagement, _ = review.running()
    rival = review.somebody(OrganisationKind.DEVELOPER, Role.DEVELOPER)
    for actor in (rival, review.reviewer, review.partner, SYSTEM):
        with pytest.raises(Refused):
            ending.launch(
                review.context, actor, engagement.id, to=ReleaseTo.PUBLIC, keeps_access=False
            )
        with pytest.raises(Refused):
            ending.withdraw(review.context, actor, engagement.id)
        with pytest.raises(Refused):
            ending.close(review.context, review.vault, actor, engagement.id)
    assert review.stored(engagement.id) == engagement


def test_a_person_who_is_not_of_the_office_gets_no_grant(review: Review) -> None:
    """A grant names somebody who belongs to an organisation that takes part."""
    engagement, _ = review.running()
    with review.context.storage.begin() as work:
        (artefact,) = work.engagements.get(engagement.id).artefacts
    with pytest.raises(Invalid, match="takes no part"):
        review.grant(
            engagement.id,
            artefact,
            person=review.other_reviewer.person,
            organisation=review.other_reviewer.organisation,
        )
    with pytest.raises(Invalid, match="no reviewer"):
        review.grant(engagement.id, artefact, person=review.other_reviewer.person)


def test_a_plan_is_the_developers_to_change(review: Review) -> None:
    """Opening again changes the plan of the same engagement and keeps everything else."""
    engagement, grant = review.running()
    again = opening.open_engagement(
        review.context,
        review.developer,
        name="Model X",
        version="1.0",
        size=DeveloperSize.LARGE,
        plan=PLAN,
    )
    assert (again.id, again.windows) == (engagement.id, engagement.windows)
    assert again.size is DeveloperSize.LARGE
    assert review.check(grant)
