"""Access to defensive tools, from the offer to the recorded use, on real databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.usecases.reviews.conftest import UNLIMITED
from tests.usecases.tools.conftest import MEETS, Tools

from firstlight.adapters.storage.tool_queries import DjangoToolQueries
from firstlight.core.kernel.errors import Conflict, Invalid, Missing, MoveNotAllowed, Refused
from firstlight.core.kernel.parties import ANONYMOUS, Actor, OrganisationKind, Role
from firstlight.core.review.artefacts import ArtefactKind, Dialect, Safeguards
from firstlight.core.review.engagement import ReleaseTo
from firstlight.core.review.grants import Budget
from firstlight.core.review.ids import ArtefactId, EngagementId
from firstlight.core.review.tools.access import ToolGrantState
from firstlight.core.review.tools.asking import RequestState
from firstlight.core.review.tools.eligibility import AskerKind, Defence
from firstlight.core.review.tools.ids import ToolGrantId
from firstlight.core.review.tools.offers import Endpoint, OfferKind
from firstlight.core.review.tools.waiting import ToolWaiting
from firstlight.core.review.use import UseDenied, Why
from firstlight.core.review.words import Unwritten
from firstlight.usecases.accounts.people import end_membership
from firstlight.usecases.reviews import arranging, ending
from firstlight.usecases.tools import asking, deciding, offering, using


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
    """Of the developer's model."""
    identifier = tools.review.opened().id
    new = arranging.NewArtefact(
        kind=ArtefactKind.ENDPOINT,
        name="The endpoint",
        safeguards=safeguards,
        models=("model-x",),
        dialects=(Dialect.OPENAI_CHAT,),
    )
    context, developer = tools.review.context, tools.review.developer
    return identifier, arranging.add_artefact(context, developer, identifier, new).id


def modelled(at: tuple[EngagementId, ArtefactId], budget: Budget = UNLIMITED) -> dict[str, object]:
    """What an offer of a model says differently."""
    place = Endpoint(engagement=at[0], artefact=at[1], budget=budget)
    return {
        "kind": OfferKind.MODEL,
        "delivery": "",
        "endpoint": place,
    }


def test_a_model_is_offered_by_its_developer_as_users_get_it(tools: Tools) -> None:
    """With a budget for each grant; admitted for the gateway until the grant or the offer ends."""
    at = endpoint(tools, Safeguards.SHIPPED)
    budget = Budget(requests=100, tokens=None, money=None)
    offer = tools.offered(tools.review.developer, **modelled(at, budget))
    request = tools.asked(offer)
    grant = tools.answered(request, "grant", tools.review.developer).grant
    assert grant is not None
    assert (grant.budget, grant.artefact) == (budget, at[1])

    def admitted() -> object:
        context = tools.review.context
        with context.storage.begin() as work:
            return using.admit(
                context,
                work,
                tools.review.accounts,
                grant=grant.id,
                artefact=at[1],
                now=tools.review.now,
            ).until

    assert admitted() == grant.valid.end
    with pytest.raises(UseDenied, match="another artefact"):
        use(tools, grant.id)
    arranging.remove_artefact(tools.review.context, tools.review.developer, *at)
    with pytest.raises(UseDenied, match="taken back"):
        admitted()


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
