"""Access to defensive tools, from the offer to the recorded use, on real databases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from tests.usecases.reviews.conftest import UNLIMITED
from tests.usecases.tools.conftest import MEETS, Tools

from firstlight.adapters.storage.review_queries import DjangoReviewQueries
from firstlight.adapters.storage.tool_queries import DjangoToolQueries
from firstlight.core.kernel.errors import Conflict, Invalid, Missing, MoveNotAllowed, Refused
from firstlight.core.kernel.ids import PersonId
from firstlight.core.kernel.parties import ANONYMOUS, Actor, OrganisationKind, Role
from firstlight.core.review.artefacts import ArtefactKind, Dialect, Safeguards
from firstlight.core.review.engagement import ReleaseTo
from firstlight.core.review.grants import Budget, Purpose
from firstlight.core.review.ids import ArtefactId, EngagementId, GrantId
from firstlight.core.review.terms import Heading
from firstlight.core.review.tools.access import ToolGrant, ToolGrantState
from firstlight.core.review.tools.asking import RequestState
from firstlight.core.review.tools.eligibility import AskerKind, Defence
from firstlight.core.review.tools.ids import ToolGrantId
from firstlight.core.review.tools.offers import Endpoint, OfferKind
from firstlight.core.review.tools.waiting import ToolWaiting
from firstlight.core.review.use import Admission, UseDenied, Why
from firstlight.core.review.window import Audience
from firstlight.core.review.words import Unwritten
from firstlight.usecases.accounts.people import end_membership
from firstlight.usecases.reviews import arranging, ending, granting
from firstlight.usecases.reviews.use import check_use
from firstlight.usecases.tools import asking, deciding, models, offering, using


def use(tools: Tools, grant: ToolGrantId, **changes: object) -> using.HandedOut:
    """By the hospital, in its patient records."""
    given: dict[str, object] = {"purpose": Defence.FIND_FLAWS, "system": "patient records"}
    given |= changes
    actor = given.pop("actor", tools.hospital)
    assert isinstance(actor, Actor)
    return using.use_tool(
        tools.review.context,
        tools.review.accounts,
        actor,
        grant,
        **given,  # type: ignore[arg-type]  # parameters by name
    )


def facts(tools: Tools, subject: str) -> list[tuple[int, str, object]]:
    """What the ledger holds about something: sequence, action, move."""
    with tools.review.context.storage.begin() as work:
        entries = [one.entry for one in work.ledger.entries(subject, 0, 1000)]
    return [(one.sequence, one.action, one.facts.get("move")) for one in entries]


def test_a_rural_hospital_gets_a_tool(tools: Tools) -> None:
    """Offered, asked for, granted; used, and only then told how; each step in the ledger."""
    offer = tools.offered()
    request = tools.asked(offer)
    assert request.answer_by == tools.review.now.plus(timedelta(days=5))
    decided = tools.answered(request, "grant", reason="")
    grant = decided.grant
    assert grant is not None
    assert grant.systems == ("patient records", "infusion pumps")
    handed = use(tools, grant.id, note="the monthly look")
    assert handed.delivery == offer.delivery
    shown = DjangoToolQueries().uses(tools.agency, request.id, cursor=None, limit=10).rows
    assert shown == (handed.use,)
    assert facts(tools, str(request.id)) == [
        (1, "request.make", None),
        (2, "request.decide", "grant"),
        (3, "tool.use", None),
    ]


def test_access_is_for_the_named_systems_and_purposes(tools: Tools) -> None:
    """What the asker did not name is not looked at, and no use is written down."""
    grant = tools.granted()
    with pytest.raises(Refused, match="does not name this system"):
        use(tools, grant.id, system="the neighbour's records")
    with pytest.raises(Refused, match="another purpose"):
        use(tools, grant.id, purpose=Defence.PRIORITISE)
    with tools.review.context.storage.begin() as work:
        assert work.tools.count_uses(grant.id) == 0


def test_a_grant_ends_to_the_second(tools: Tools) -> None:
    """Without any job; also by a clock that was set back afterwards."""
    grant = tools.granted()
    clock = tools.review.bench.clock
    clock.turn(timedelta(days=90) - timedelta(seconds=1))
    use(tools, grant.id)
    clock.turn(timedelta(seconds=1))
    with pytest.raises(UseDenied) as denied:
        use(tools, grant.id)
    assert denied.value.why is Why.EXPIRED
    deciding.give_back(tools.review.context, tools.hospital, grant.id)
    clock.turn(timedelta(days=-30))
    with pytest.raises(UseDenied):
        use(tools, grant.id)


def test_a_refusal_is_appealed_against(tools: Tools) -> None:
    """With a reason, by the promised time; the answer to the appeal counts."""
    request = tools.asked(tools.offered())
    with pytest.raises(Unwritten):
        tools.answered(request, "refuse", reason=" ")
    refused = tools.answered(request, "refuse", reason="You did not say who answers.").request
    assert refused.due is None
    tools.review.bench.clock.turn(timedelta(days=1))
    appealed = asking.appeal(
        tools.review.context, tools.hospital, request.id, text="Our IT lead does."
    )
    assert appealed.due == tools.review.now.plus(timedelta(days=5))
    with pytest.raises(MoveNotAllowed):
        tools.answered(request, "grant")
    upheld = tools.answered(request, "uphold").request
    assert upheld.state is RequestState.REFUSED
    asking.appeal(tools.review.context, tools.hospital, request.id, text="Really.")
    decided = tools.answered(request, "grant-appeal")
    assert decided.request.appeals[1].answered_at == tools.review.now
    assert decided.grant is not None
    assert use(tools, decided.grant.id).use.grant == decided.grant.id


def test_an_answer_that_is_late_is_seen_to_be(tools: Tools) -> None:
    """Nothing is decided by silence; the figures count it, by what the asker is."""
    request = tools.asked(tools.offered())
    tools.review.bench.clock.turn(timedelta(days=5))
    assert not request.late(tools.review.now)
    tools.review.bench.clock.turn(timedelta(seconds=1))
    assert request.late(tools.review.now)
    row = times(tools)[AskerKind.RURAL_HOSPITAL]
    assert (row.answered, row.waiting, row.late, row.middle) == (0, 1, 1, None)
    tools.answered(request, "grant")
    row = times(tools)[AskerKind.RURAL_HOSPITAL]
    assert (row.answered, row.waiting, row.late) == (1, 0, 1)
    assert row.middle == row.longest == timedelta(days=5, seconds=1)
    assert times(tools)[AskerKind.FEDERAL_AGENCY].answered == 0


def times(tools: Tools) -> dict[AskerKind, ToolWaiting]:
    """The public figures, by kind."""
    rows = DjangoToolQueries().answer_times(ANONYMOUS, tools.review.now)
    return {row.kind: row for row in rows}


def test_only_whom_it_is_for_may_ask(tools: Tools) -> None:
    """Kind, purpose and criteria are those of the offer; one open request for each person."""
    offer = tools.offered()
    for changes in (
        {"kind": AskerKind.UTILITY},
        {"kind": AskerKind.FEDERAL_AGENCY},
        {"kind": AskerKind.LOCAL_AUTHORITY},
        {"purposes": (Defence.WATCH,)},
        {"purposes": ()},
        {"systems": ()},
        {"systems": ("a", "a")},
        {"systems": tuple(str(n) for n in range(51))},
        {"meets": {"answers-for": "yes"}},
        {"meets": MEETS | {"more": "yes"}},
    ):
        with pytest.raises(Invalid):
            tools.asked(offer, **changes)
    with pytest.raises(Refused):
        tools.asked(offer, tools.review.developer)
    county = tools.asked(offer, tools.county, kind=AskerKind.LOCAL_AUTHORITY)
    assert county.state is RequestState.ASKED
    tools.asked(offer)
    with pytest.raises(Conflict):
        tools.asked(offer)


def test_what_is_taken_back_ends_everything(tools: Tools) -> None:
    """Waiting requests are refused and standing grants end, with the offer's own reason."""
    offer = tools.offered()
    grant = tools.answered(tools.asked(offer), "grant").grant
    waiting = tools.asked(offer, tools.county, kind=AskerKind.LOCAL_AUTHORITY)
    assert grant is not None
    with pytest.raises(Refused):
        offering.withdraw_offer(
            tools.review.context, tools.review.other_reviewer, offer.id, reason="x"
        )
    offering.withdraw_offer(tools.review.context, tools.agency, offer.id, reason="It is unsafe.")
    with pytest.raises(UseDenied):
        use(tools, grant.id)
    queries = DjangoToolQueries()
    row = queries.request(tools.county, waiting.id)
    assert row.request.state is RequestState.REFUSED
    assert row.request.answers[0].reason == "It is unsafe."
    assert queries.request(tools.hospital, grant.request).grant is not None
    with pytest.raises(Conflict):
        tools.asked(offer, tools.review.join_as(tools.hospital))
    with pytest.raises(Conflict):
        asking.appeal(tools.review.context, tools.county, waiting.id, text="But.")
    assert queries.offers(ANONYMOUS, cursor=None, limit=10).rows == ()
    assert queries.offer(ANONYMOUS, offer.id).offer.withdrawn_because == "It is unsafe."


def test_others_requests_do_not_exist_for_others(tools: Tools) -> None:
    """Neither read, nor answered, nor used; a colleague reads and does not use."""
    grant = tools.granted()
    queries = DjangoToolQueries()
    for other in (tools.county, tools.review.other_reviewer, tools.review.developer):
        with pytest.raises(Missing):
            queries.request(other, grant.request)
        assert queries.uses(other, grant.request, cursor=None, limit=9).rows == ()
    with pytest.raises(Missing):
        deciding.revoke(
            tools.review.context, tools.review.other_reviewer, grant.id, reason="because"
        )
    with pytest.raises(Missing):
        use(tools, grant.id, actor=tools.county)
    colleague = tools.review.join_as(tools.hospital)
    assert queries.request(colleague, grant.request).grant == grant
    with pytest.raises(Missing):
        use(tools, grant.id, actor=colleague)
    with pytest.raises(Missing):
        asking.take_back(tools.review.context, colleague, grant.request)


def test_how_to_get_a_tool_is_told_at_a_use_and_nowhere_else(tools: Tools) -> None:
    """The offer shows it to nobody but whoever offers; the ledger holds none of it."""
    grant = tools.granted()
    queries = DjangoToolQueries()
    secret = "code 4711"
    for reader in (ANONYMOUS, tools.hospital, tools.county, tools.review.developer):
        assert secret not in queries.offer(reader, grant.offer).offer.delivery
    assert secret in queries.offer(tools.agency, grant.offer).offer.delivery
    use(tools, grant.id)
    with tools.review.context.storage.begin() as work:
        said = str([one.entry for one in work.ledger.entries(None, 0, 1000)])
    assert secret not in said
    assert "patient records" not in said


def test_who_leaves_the_hospital_is_out_at_once(tools: Tools) -> None:
    """The membership's end ends the grant, and coming back revives none."""
    grant = tools.granted()
    person, home = tools.hospital.person, tools.hospital.organisation
    assert person is not None
    assert home is not None
    administrator = tools.review.bench.actor(Role.ADMINISTRATOR)
    end_membership(tools.review.context, tools.review.accounts, administrator, person, home)
    with pytest.raises(UseDenied) as denied:
        use(tools, grant.id)
    assert denied.value.why is Why.LEFT


def test_who_left_before_the_answer_gets_nothing(tools: Tools) -> None:
    """A grant to somebody who is gone is refused, and the request stays open."""
    request = tools.asked(tools.offered())
    person, home = tools.hospital.person, tools.hospital.organisation
    assert person is not None
    assert home is not None
    administrator = tools.review.bench.actor(Role.ADMINISTRATOR)
    end_membership(tools.review.context, tools.review.accounts, administrator, person, home)
    with pytest.raises(Conflict, match="has left"):
        tools.answered(request, "grant")
    with tools.review.context.storage.begin() as work:
        assert work.tools.request(request.id).state is RequestState.ASKED


def test_a_grant_is_revoked_with_a_reason_or_given_back(tools: Tools) -> None:
    """Either ends it at once; not twice."""
    grant = tools.granted()
    with pytest.raises(Unwritten):
        deciding.revoke(tools.review.context, tools.agency, grant.id, reason="")
    over = deciding.revoke(tools.review.context, tools.agency, grant.id, reason="It leaked.")
    assert (over.state, over.ended_because) == (ToolGrantState.ENDED, "It leaked.")
    with pytest.raises(UseDenied):
        use(tools, grant.id)
    with pytest.raises(MoveNotAllowed):
        deciding.give_back(tools.review.context, tools.hospital, grant.id)


def endpoint(tools: Tools, safeguards: Safeguards) -> tuple[EngagementId, ArtefactId]:
    """Of the developer's model, with terms."""
    identifier = tools.review.opened().id
    new = arranging.NewArtefact(
        kind=ArtefactKind.ENDPOINT,
        name="The endpoint",
        safeguards=safeguards,
        models=("model-x",),
        dialects=(Dialect.OPENAI_CHAT,),
    )
    context, developer = tools.review.context, tools.review.developer
    arranging.set_terms(context, developer, identifier, changes={})
    return identifier, arranging.add_artefact(context, developer, identifier, new).id


def modelled(at: tuple[EngagementId, ArtefactId], budget: Budget = UNLIMITED) -> dict[str, object]:
    """What an offer of a model says differently."""
    place = Endpoint(engagement=at[0], artefact=at[1], budget=budget)
    return {"kind": OfferKind.MODEL, "delivery": "", "endpoint": place}


@dataclass(frozen=True)
class Served:
    """A model that a hospital was granted, with its terms accepted."""

    tools: Tools
    at: tuple[EngagementId, ArtefactId]
    given: ToolGrant
    grant: GrantId
    """of the engagement"""

    def check(self) -> Admission:
        """As the gateway asks."""
        review = self.tools.review
        return check_use(
            review.context,
            review.accounts,
            grant=self.grant,
            artefact=self.at[1],
            now=review.now,
        )

    def why(self) -> Why:
        """Why it is not admitted."""
        with pytest.raises(UseDenied) as denied:
            self.check()
        return denied.value.why


def served(tools: Tools, *, accepted: bool = True, budget: Budget = UNLIMITED) -> Served:
    """Offered by the developer, asked for by the hospital, granted."""
    at, developer = endpoint(tools, Safeguards.SHIPPED), tools.review.developer
    offer = tools.offered(developer, **modelled(at, budget))
    given = tools.answered(tools.asked(offer), "grant", developer).grant
    assert given is not None
    assert given.through is not None
    made = Served(tools=tools, at=at, given=given, grant=given.through)
    if accepted:
        accept(tools, given)
    return made


def accept(tools: Tools, given: ToolGrant) -> None:
    """The hospital's person reads the terms and accepts them."""
    model = DjangoToolQueries().request(tools.hospital, given.request).model
    assert model is not None
    assert model.terms is not None
    context, seen = tools.review.context, model.terms.digest
    models.accept_model_terms(context, tools.hospital, given.request, digest_seen=seen)
    after = DjangoToolQueries().request(tools.hospital, given.request).model
    assert after is not None
    assert after.accepted


def test_a_model_is_served_like_every_other(tools: Tools) -> None:
    """By a grant of its engagement, with the offer's budget, until it ends, to the second."""
    budget = Budget(requests=100, tokens=None, money=None)
    made = served(tools, budget=budget)
    admitted = made.check()
    assert (admitted.until, admitted.grant.budget) == (made.given.valid.end, budget)
    assert admitted.grant.purpose is Purpose.DEFENSIVE_USE
    (own,) = DjangoReviewQueries().own_grants(tools.hospital)
    assert own.grant.id == made.grant
    with pytest.raises(UseDenied, match="the gateway serves it"):
        use(tools, made.given.id)
    tools.review.bench.clock.turn(timedelta(days=90) - timedelta(seconds=1))
    made.check()
    tools.review.bench.clock.turn(timedelta(seconds=1))
    assert made.why() is Why.EXPIRED


def test_nothing_opens_before_the_terms_are_accepted(tools: Tools) -> None:
    """In person, exactly the present ones; a new version asks again."""
    made = served(tools, accepted=False)
    assert made.why() is Why.TERMS
    with pytest.raises(Missing):
        models.accept_model_terms(
            tools.review.context,
            tools.review.join_as(tools.hospital),
            made.given.request,
            digest_seen="x",
        )
    accept(tools, made.given)
    made.check()
    context, developer = tools.review.context, tools.review.developer
    arranging.set_terms(context, developer, made.at[0], changes={Heading.USE: "Less."})
    assert made.why() is Why.TERMS
    accept(tools, made.given)
    made.check()


def test_every_end_of_a_model_is_an_end_at_once(tools: Tools) -> None:
    """Given back, revoked, offer or artefact taken back, revoked or halted in the review."""
    context, developer = tools.review.context, tools.review.developer

    def revoked_here(made: Served) -> None:
        deciding.revoke(context, developer, made.given.id, reason="It leaked.")

    def given_back(made: Served) -> None:
        deciding.give_back(context, tools.hospital, made.given.id)

    def offer_withdrawn(made: Served) -> None:
        offering.withdraw_offer(context, developer, made.given.offer, reason="No more.")

    def revoked_there(made: Served) -> None:
        granting.revoke_grant(context, developer, made.grant)

    def halted(made: Served) -> None:
        granting.suspend_grant(
            context, developer, made.grant, reason="A doubt.", conditions="We look."
        )

    def artefact_gone(made: Served) -> None:
        arranging.remove_artefact(context, developer, *made.at)

    def withdrawn(made: Served) -> None:
        ending.withdraw(context, developer, made.at[0])

    ends = {
        revoked_here: Why.REVOKED,
        given_back: Why.REVOKED,
        offer_withdrawn: Why.REVOKED,
        revoked_there: Why.REVOKED,
        halted: Why.SUSPENDED,
        artefact_gone: Why.REMOVED,
        withdrawn: Why.NOT_OPEN,
    }
    for end, why in ends.items():
        made = served(tools)
        made.check()
        end(made)
        assert made.why() is why, end.__name__
        ending.close(context, tools.review.vault, developer, made.at[0])


def test_nobody_becomes_a_defender_by_name(tools: Tools) -> None:
    """Neither a grant nor a window can be given to that audience in a review itself."""
    at = endpoint(tools, Safeguards.SHIPPED)
    review = tools.review
    with pytest.raises(Invalid):
        granting.give_grant(
            review.context,
            review.accounts,
            review.developer,
            at[0],
            granting.NewGrant(
                audience=Audience.DEFENDERS,
                person=tools.hospital.person or review.context.mint.new(PersonId, review.now),
                organisation=tools.hospital.organisation or review.bench.organisation(),
                artefact=at[1],
                purpose=Purpose.DEFENSIVE_USE,
                until=review.now.plus(timedelta(days=3)),
                budget=UNLIMITED,
            ),
        )
    with pytest.raises(Invalid, match="have no window"):
        arranging.set_window(
            review.context, review.developer, at[0], audience=Audience.DEFENDERS, days=3
        )


def test_a_model_that_is_not_as_shipped_is_not_offered(tools: Tools) -> None:
    """Neither with reduced safeguards, nor by somebody else, nor after the engagement's end."""
    with pytest.raises(Invalid, match="as shipped"):
        tools.offered(tools.review.developer, **modelled(endpoint(tools, Safeguards.REDUCED)))
    at = endpoint(tools, Safeguards.SHIPPED)
    for actor in (
        tools.agency,
        tools.review.somebody(OrganisationKind.DEVELOPER, Role.DEVELOPER),
    ):
        with pytest.raises((Invalid, Refused)):
            tools.offered(actor, **modelled(at))
    ending.withdraw(tools.review.context, tools.review.developer, at[0])
    with pytest.raises(Invalid, match="is over"):
        tools.offered(tools.review.developer, **modelled(at))


def test_an_offer_is_no_way_around_the_thirty_days(tools: Tools) -> None:
    """An agency gets a model by an offer only when the public has it."""
    at = endpoint(tools, Safeguards.SHIPPED)
    agencies = modelled(at) | {"askers": (AskerKind.FEDERAL_AGENCY,)}
    with pytest.raises(Invalid, match="after its public release"):
        tools.offered(tools.review.developer, **agencies)
    context, developer = tools.review.context, tools.review.developer
    ending.launch(context, developer, at[0], to=ReleaseTo.PARTNERS, keeps_access=True)
    with pytest.raises(Invalid, match="after its public release"):
        tools.offered(tools.review.developer, **agencies)
    ending.launch(context, developer, at[0], to=ReleaseTo.PUBLIC, keeps_access=True)
    assert tools.offered(tools.review.developer, **agencies).askers == (AskerKind.FEDERAL_AGENCY,)
