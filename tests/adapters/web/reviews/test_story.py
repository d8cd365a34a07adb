"""A review from opening to receipt through its pages, and what a form says when it is wrong."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.test import Client
from tests.browser import review_world
from tests.browser.world import World

from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review.coverage import Determination
from firstlight.core.review.engagement import Engagement, EngagementState, ReleaseTo
from firstlight.core.review.grants import Budget, GrantState
from firstlight.core.review.model import Anchor, ReleaseForm
from firstlight.core.review.partners import PartnerState
from firstlight.usecases.reviews import ending, opening

Enter = Callable[[str], Client]
OPENING = {
    "name": "Model Y",
    "version": "2",
    "size": "large",
    "release_form": "open-weights",
    "anchor": "public-release",
    "partner_release": "2027-01-15",
    "public_release": "",
    "retention_days": "30",
    "hold": "no",
    "legal_hold": "",
    "keeps_content": "no",
    "listed": "yes",
    "marking": "TLP:AMBER+STRICT",
}
ENDPOINT = {
    "name": "The endpoint",
    "kind": "endpoint",
    "safeguards": "off",
    "models": "model-y\r\nmodel-y-large",
    "dialects": ["openai-chat", "anthropic-messages"],
}
_NUMBERS = count(1)


def developer(world: World) -> Actor:
    """Who opens."""
    return world.actor("developer", Role.DEVELOPER)


def stored(world: World, number: str) -> Engagement:
    """As the developer reads it."""
    return world.reviews.engagement_by_number(developer(world), number)


def open_one(client: Client, **changes: str) -> str:
    """A new review of a new model; its number."""
    form = OPENING | {"name": f"Model {next(_NUMBERS)} of the story"} | changes
    response = client.post("/reviews/open/", form)
    assert response.status_code == 302, response.content.decode()
    return response.headers["Location"].split("/")[2]


def send(client: Client, where: str, data: dict[str, Any] | None = None, status: int = 302) -> str:
    """Send a form, and look at the page that follows."""
    response = client.post(where, data or {})
    page: str = response.content.decode()
    assert response.status_code == status, page
    return page


def test_a_whole_review_through_its_pages(world: World, signed_in: Enter) -> None:
    """Opened, shown, termed, granted, accepted, halted, lifted, advised, launched, closed."""
    lead, office = signed_in("developer"), signed_in("reviewer")
    number = open_one(lead)
    where = f"/reviews/{number}/"
    plan = stored(world, number).plan
    assert plan is not None
    assert (plan.release_form, plan.anchor) == (ReleaseForm.OPEN_WEIGHTS, Anchor.PUBLIC)
    send(lead, f"{where}artefacts/", ENDPOINT)
    artefact = stored(world, number).artefacts[0]
    assert artefact.models == ("model-y", "model-y-large")
    send(lead, f"{where}offices/", {"office": world.homes["reviewer"], "move": "admit"})
    terms = lead.get(f"{where}terms/").content.decode()
    texts = dict(re.findall(r'<textarea id="([\w-]+)"[^>]*>(.*?)</textarea>', terms, re.DOTALL))
    texts = {name: html.unescape(text) for name, text in texts.items()}
    changed = texts | {"use": "Only on Tuesdays.", "excluded": ["training"]}
    send(lead, f"{where}terms/", {"standard": "1", **changed})
    present = stored(world, number).present_terms
    assert present is not None
    assert [each.value for each in present.changed] == ["use"]
    assert [each.value for each in present.excluded] == ["training"]
    assert "</b>+ Only on Tuesdays." in office.get(f"{where}terms/").content.decode()
    send(lead, f"{where}windows/", {"audience": "offices", "days": "10", "start": ""})
    who = f"offices:{world.homes['reviewer']}:{world.people['reviewer']}"
    until = world.context.clock.now().plus(timedelta(days=9)).utc.strftime("%Y-%m-%dT%H:%M")
    grant = {"who": who, "artefact": artefact.id, "purpose": "safeguard-testing", "until": until}
    send(lead, f"{where}people/", grant | {"requests": "100", "money": "2.5"})
    (given,) = world.reviews.grants(developer(world), stored(world, number).id)
    assert given.budget == Budget(requests=100, tokens=None, money=2_500_000)
    mine = office.get("/my-access/").content.decode()
    assert "Read and accept the terms first" in mine
    send(office, f"/my-access/terms/{number}/", {"digest": present.digest})
    assert ">Open<" in office.get("/my-access/").content.decode()
    _halt_and_lift(world, office, str(given.id))
    _advise(world, lead, office, number)
    send(lead, f"{where}launch/", {"to": "partners", "keeps_access": "yes"})
    assert stored(world, number).releases[0].before_window_ended
    send(lead, f"{where}close/")
    assert stored(world, number).state is EngagementState.CLOSED
    page = lead.get(f"{where}record/").content.decode()
    assert "keys kept" in page, "thirty days of keeping were chosen"
    assert "a second receipt follows then" in page


def _halt_and_lift(world: World, office: Client, grant: str) -> None:
    from firstlight.core.review.ids import GrantId  # noqa: PLC0415  # only here

    where = f"/reviews/grants/{grant}/"
    page = send(office, f"{where}halt/", {"reason": "A leak.", "conditions": " "}, 400)
    assert "A leak." in page, "what was typed is not lost"
    send(office, f"{where}halt/", {"reason": "A leak.", "conditions": "It is found."})
    found = world.reviews.grant(developer(world), GrantId(grant))
    assert found.state is GrantState.SUSPENDED
    send(office, f"{where}lift/", {"note": "Found and mended."})
    found = world.reviews.grant(developer(world), GrantId(grant))
    assert found.state is GrantState.ACTIVE
    assert found.suspensions[0].lifted_note == "Found and mended."


def _advise(world: World, lead: Client, office: Client, number: str) -> None:
    where, reader = f"/reviews/{number}/advice/", developer(world)
    send(office, where, {"title": "It lies", "text": "Now and then."})
    (one,) = world.reviews.observations(reader, stored(world, number).id)
    send(lead, f"{where}{one.id}/respond/", {"wording": "1", "text": "We know."})
    send(office, f"{where}{one.id}/reword/", {"title": "It lies", "text": "Often."})
    assert "We know." in office.get(where).content.decode()
    (one,) = world.reviews.observations(reader, stored(world, number).id)
    assert [each.text for each in one.wordings] == ["Now and then.", "Often."]


def in_state(world: World, state: EngagementState) -> str:
    """A review that is in this state; its number."""
    if state is EngagementState.REQUESTED:
        review_world.ask(world, "office", f"Model {next(_NUMBERS)} asked for")
        rows = world.reviews.engagements(developer(world), state=state, cursor=None, limit=1).rows
        return rows[0].number
    if state in {EngagementState.ASKED, EngagementState.ANSWERED}:
        asked = review_world.question(world, f"Model {next(_NUMBERS)} asked about")
        if state is EngagementState.ANSWERED:
            reviewer = world.actor("reviewer", Role.REVIEWER)
            answer = opening.Answer(determination=Determination.COVERED, statement="Statement 1")
            opening.answer_coverage(world.context, reviewer, asked.id, answer)
        return asked.number
    found = review_world.opened(world, f"Model {next(_NUMBERS)} on the way")
    to = ReleaseTo.PUBLIC
    if state is EngagementState.LAUNCHED:
        ending.launch(world.context, developer(world), found.id, to=to, keeps_access=False)
    elif state is EngagementState.WITHDRAWN:
        ending.withdraw(world.context, developer(world), found.id)
    elif state is EngagementState.CLOSED:
        ending.close(world.context, world.vault, developer(world), found.id)
    return found.number


@pytest.mark.parametrize("step", ["launch", "withdraw", "close"])
@pytest.mark.parametrize("state", list(EngagementState))
def test_from_every_state_the_way_out_is_one_confirmation_away(
    world: World, signed_in: Enter, state: EngagementState, step: str
) -> None:
    """On every page of the developer's review stands the link; page and button answer."""
    lead, number = signed_in("developer"), in_state(world, state)
    assert stored(world, number).state is state
    where = f"/reviews/{number}/{step}/"
    for part in ("", "terms/", "people/", "record/"):
        assert f'href="{where}"' in lead.get(f"/reviews/{number}/{part}").content.decode()
    page = lead.get(where).content.decode()
    assert "disabled" not in page
    send(lead, where, {"to": "public", "keeps_access": "no"})
    reached = stored(world, number)
    assert {"launch": bool(reached.releases), "withdraw": bool(reached.withdrawn_at)}.get(
        step, reached.closed_at is not None
    )


def test_nothing_is_chosen_beforehand(signed_in: Enter) -> None:
    """The form that opens a review has no choice ticked, and no number filled in."""
    page = signed_in("developer").get("/reviews/open/").content.decode()
    assert " checked" not in page
    assert re.search(r'name="retention_days"[^>]*value=""', page)


@pytest.mark.parametrize(
    "left_out",
    ["size", "release_form", "anchor", "retention_days", "hold", "keeps_content", "listed"],
)
def test_each_open_choice_must_be_made(signed_in: Enter, left_out: str) -> None:
    """Left out, the form comes back with what was typed, and nothing is opened."""
    client = signed_in("developer")
    form = {name: value for name, value in OPENING.items() if name != left_out}
    page = send(client, "/reviews/open/", form | {"name": f"Without {left_out}"}, 400)
    assert f'value="Without {left_out}"' in page
    assert "input.invalid" in page
    assert f"Without {left_out}" not in client.get("/reviews/").content.decode()


def test_a_legal_hold_says_which_law(signed_in: Enter) -> None:
    """Yes without a reason is refused."""
    page = send(signed_in("developer"), "/reviews/open/", OPENING | {"hold": "yes"}, 400)
    assert "say which law forbids it" in page


def test_the_plan_is_changed_and_a_withdrawn_review_opened_again(
    world: World, signed_in: Enter
) -> None:
    """The form shows what was chosen; a withdrawal is not the end."""
    lead = signed_in("developer")
    number = open_one(lead)
    where = f"/reviews/{number}/"
    page = lead.get(f"{where}plan/").content.decode()
    assert re.search(r'value="open-weights"[^>]* checked', page)
    send(lead, f"{where}plan/", OPENING | {"release_form": "api", "listed": "no"})
    plan = stored(world, number).plan
    assert plan is not None
    assert (plan.release_form, plan.listed) == (ReleaseForm.API, False)
    send(lead, f"{where}withdraw/", {"reason": ""})
    assert "Open it again" in lead.get(where).content.decode()
    send(lead, f"{where}plan/", OPENING)
    assert stored(world, number).state is EngagementState.OPEN


def test_a_closed_review_is_not_opened_by_an_old_form(world: World, signed_in: Enter) -> None:
    """A form from another tab opens no second review; how long things are kept can still change."""
    lead = signed_in("developer")
    number = open_one(lead)
    where = f"/reviews/{number}/"
    send(lead, f"{where}close/")
    every: dict[str, Any] = {"state": None, "cursor": None, "limit": 200}
    before = len(world.reviews.engagements(developer(world), **every).rows)
    send(lead, f"{where}plan/", OPENING, 409)
    assert len(world.reviews.engagements(developer(world), **every).rows) == before
    keep = {"hold": "yes", "legal_hold": "", "retention_days": "90"}
    send(lead, f"{where}plan/keep/", keep, 400)
    send(lead, f"{where}plan/keep/", keep | {"legal_hold": "A court order."})
    plan = stored(world, number).plan
    assert plan is not None
    assert (plan.retention_days, plan.legal_hold) == (90, "A court order.")
    assert "A legal hold keeps the keys" in lead.get(f"{where}record/").content.decode()


def test_more_than_thirty_days_are_not_given(signed_in: Enter) -> None:
    """The page says how many are left; a stopped window gives its days back."""
    lead = signed_in("developer")
    where = f"/reviews/{open_one(lead)}/windows/"
    send(lead, where, {"audience": "offices", "days": "31"}, 400)
    send(lead, where, {"audience": "offices", "days": "20"})
    page = send(lead, f"{where}extend/", {"audience": "offices", "days": "11"}, 409)
    assert "10 days are left." in page
    assert "10 of 30 left" in page
    send(lead, f"{where}extend/", {"audience": "offices", "days": "10"})
    record = where.replace("windows", "record")
    assert "Act 1: extend window" in lead.get(record).content.decode()
    assert b"payloadType" in lead.get(f"{record}act/1/").content
    assert lead.get(f"{record}act/2/").status_code == 404
    send(lead, f"{where}stop/")
    assert "stopped early" in lead.get(where).content.decode()
    send(lead, where, {"audience": "partners", "days": "5"}, 400)
    send(lead, where, {"audience": "partners", "days": "5", "early": "no"})


def test_terms_that_changed_are_not_accepted_unread(world: World, signed_in: Enter) -> None:
    """The digest of what was read goes with the button."""
    office = signed_in("reviewer")
    page = send(office, f"/reviews/{world.review}/terms/accept/", {"digest": "0" * 64}, 409)
    assert "have changed since you read them" in page
    page = send(office, f"/my-access/terms/{world.review}/", {"digest": "0" * 64}, 409)
    assert "have changed since you read them" in page
    assert office.get("/my-access/terms/FR-2026-9999/").status_code == 404


def test_a_second_person_finds_and_accepts_the_terms(world: World, signed_in: Enter) -> None:
    """Named with somebody's grant, one sees it and accepts for oneself; nobody else does."""
    lead, rival = signed_in("developer"), signed_in("rival")
    page = lead.get("/my-access/").content.decode()
    beside = page.partition("Where I am the second person")[2]
    assert "Sam Partner" in beside
    assert "accept the terms first" in beside
    present = stored(world, world.review).present_terms
    assert present is not None
    send(lead, f"/my-access/terms/{world.review}/", {"digest": present.digest})
    assert "terms accepted" in lead.get("/my-access/").content.decode()
    assert "second person" not in rival.get("/my-access/").content.decode()
    assert rival.get(f"/my-access/terms/{world.review}/").status_code == 404


def test_a_partner_is_proposed_refused_appeals_and_is_taken_in(
    world: World, signed_in: Enter
) -> None:
    """By the pages of three sides; a refusal without a reason is none."""
    lead, office, bank = (signed_in(who) for who in ("developer", "reviewer", "bank"))
    found, _ = review_world.running(world, f"Model {next(_NUMBERS)} for a bank")
    where = f"/reviews/{found.number}/partners/"
    form = {"organisation": world.homes["bank"], "sector": "financial-services"}
    meets = {f"meets-{name}": text for name, text in review_world.MEETS.items()}
    page = send(lead, where, form | meets | {"meets-contact": ""}, 400)
    assert "Yes, as our report of last year shows." in page
    send(lead, where, form | meets)
    (one,) = world.reviews.partners(developer(world), found.id)
    assert "1 partner proposed" in office.get("/reviews/").content.decode()
    assert lead.post(f"{where}{one.id}/", {"move": "agree"}).status_code == 403, "not its turn"
    send(office, f"{where}{one.id}/", {"move": "refuse", "reason": ""}, 400)
    send(office, f"{where}{one.id}/", {"move": "refuse", "reason": "Too many."})
    own = f"/reviews/partnerships/{one.id}/"
    assert "Too many." in bank.get(own).content.decode()
    send(bank, f"{own}appeal/", {"text": " "}, 400)
    send(bank, f"{own}appeal/", {"text": "We are the only one."})
    assert "1 appeal against your refusal" in office.get("/reviews/").content.decode()
    send(office, f"{where}{one.id}/", {"move": "grant-appeal", "reason": "True."})
    assert "True." in bank.get(own).content.decode()
    send(bank, f"{own}advice/", {"title": "From the bank", "text": "It counts well."})
    assert "From the bank" in lead.get(f"/reviews/{found.number}/advice/").content.decode()
    send(lead, f"{where}{one.id}/", {"move": "end", "reason": "Enough."})
    (one,) = world.reviews.partners(developer(world), found.id)
    assert one.state is PartnerState.ENDED


def test_a_question_is_asked_answered_and_shared(world: World, signed_in: Enter) -> None:
    """One office reads it; both sides agree before researchers do."""
    lead, office = signed_in("developer"), signed_in("reviewer")
    asked = {"name": "Model Q", "version": "1", "size": "medium", "text": "It reads binaries."}
    send(lead, "/reviews/ask/", asked, 400)
    send(lead, "/reviews/ask/", asked | {"office": str(world.homes["reviewer"])})
    rows = world.reviews.engagements(developer(world), state=None, cursor=None, limit=50).rows
    number = next(row.number for row in rows if row.model == "Model Q")
    where = f"/reviews/{number}/questions/"
    answer = {"determination": "not-covered", "for_researchers": "yes"}
    send(office, f"{where}answer/", answer, 400)
    send(office, f"{where}answer/", answer | {"statement": "Statement 12"})
    researcher = signed_in("researcher")
    assert "Statement 12" not in researcher.get("/reviews/").content.decode()
    send(lead, f"{where}share/", {"question": "1"})
    page = researcher.get("/reviews/").content.decode()
    assert "Statement 12" in page
    assert "It reads binaries." not in page


def test_an_office_asks_and_takes_it_back(world: World, signed_in: Enter) -> None:
    """It sees what it asked, and nothing of the review."""
    office = signed_in("office")
    asked = {"name": "Model R", "version": "1", "words": "May we look?"}
    send(office, "/reviews/request/", asked, 400)
    send(office, "/reviews/request/", asked | {"developer": str(world.homes["developer"])})
    page = office.get("/reviews/").content.decode()
    assert "Model R 1 of Example developer" in page
    rows = world.reviews.requests(world.actor("office", Role.REVIEWER))
    (row,) = [one for one in rows if one.model == "Model R"]
    send(office, f"/reviews/requests/{row.engagement}/leave/")
    lead = signed_in("developer").get("/reviews/").content.decode()
    assert "Model R" in lead
    assert (
        office.get(
            f"/reviews/{world.reviews.engagement(developer(world), row.engagement).number}/"
        ).status_code
        == 404
    )


def test_things_of_another_review_are_not_reached(world: World, signed_in: Enter) -> None:
    """A grant, a partner or an observation is only at its own review's address."""
    lead = signed_in("developer")
    other = f"/reviews/{world.closed_review}/"
    assert lead.get(f"{other}people/{world.grant}/").status_code == 404
    assert lead.post(f"{other}people/{world.grant}/revoke/").status_code == 404
    decide = f"{other}partners/{world.partners['bank']}/"
    assert lead.post(decide, {"move": "agree"}).status_code == 404
    respond = f"{other}advice/{world.observation}/respond/"
    assert lead.post(respond, {"wording": "1", "text": "x"}).status_code == 404
