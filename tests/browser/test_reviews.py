"""A review in a real browser: the ways of developer, reviewer and partner, and every page clean."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from tests.browser import review_world
from tests.browser.conftest import Open
from tests.browser.looks import faults
from tests.browser.world import World

PAGES = {
    "developer": (
        "/",
        "/reviews/",
        "/reviews/?state=withdrawn",
        "/reviews/open/",
        "/reviews/ask/",
        "/reviews/{review}/",
        "/reviews/{review}/plan/",
        "/reviews/{review}/artefacts/",
        "/reviews/{review}/terms/",
        "/reviews/{review}/windows/",
        "/reviews/{review}/people/",
        "/reviews/{review}/people/{grant}/",
        "/reviews/{review}/partners/",
        "/reviews/{review}/advice/",
        "/reviews/{review}/questions/",
        "/reviews/{review}/history/",
        "/reviews/{review}/launch/",
        "/reviews/{review}/withdraw/",
        "/reviews/{review}/close/",
        "/reviews/{closed}/record/",
        "/reviews/{closed}/record/internal/",
        "/my-access/",
    ),
    "reviewer": (
        "/reviews/",
        "/reviews/request/",
        "/reviews/{review}/",
        "/reviews/{review}/partners/",
        "/reviews/{review}/advice/",
        "/reviews/{review}/people/{grant}/",
        "/my-access/",
        "/my-access/terms/{review}/",
    ),
    "office": ("/reviews/", "/my-access/"),
    "partner": ("/reviews/", "/reviews/partnerships/{partner}/", "/my-access/"),
    "bank": ("/reviews/", "/reviews/partnerships/{bank}/"),
    "auditor": ("/reviews/oversight/", "/reviews/oversight/{engagement}/"),
    "researcher": ("/reviews/",),
    "": ("/reviews/", "/reviews/rules/", "/reviews/public/", "/reviews/waiting/"),
}


def place(world: World, path: str) -> str:
    """The path with what the world holds."""
    return path.format(
        review=world.review,
        closed=world.closed_review,
        grant=world.grant,
        engagement=world.engagement,
        **world.partners,
    )


@pytest.mark.parametrize("who", PAGES, ids=lambda who: who or "stranger")
def test_every_page_is_clean(world: World, open_page: Open, who: str) -> None:
    """Axe finds nothing with all unfolded, in light and dark; 320 pixels are enough."""
    page = open_page(who)
    found = {}
    for path in PAGES[who]:
        page.goto(place(world, path))
        found[path] = list(faults(page))
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def choose(page: Page, question: str, answer: str) -> None:
    """Answer a question of a form."""
    page.get_by_role("group", name=question).get_by_label(answer, exact=True).check()


def open_review(page: Page, name: str) -> None:
    """Fill the form that opens one; each choice by hand, since none is made."""
    page.goto("/reviews/")
    page.get_by_role("link", name="Open a review", exact=True).click()
    page.get_by_label("Model", exact=True).fill(name)
    page.get_by_label("Version").fill("1")
    choose(page, "How many people work for you?", "Fewer than 50")
    choose(page, "How will the model be released?", "As open weights")
    choose(page, "Before which release do the days of access lie?", "Before the public release")
    page.get_by_label("For how many days are sealed documents kept").fill("0")
    choose(page, "Does a law forbid you to destroy documents", "No")
    choose(page, "Shall requests and answers at the endpoint be kept?", "No")
    choose(page, "May the public register and the public report name you", "No")
    choose(page, "Who may know of this review?", "Only those who take part (TLP:RED)")
    page.get_by_role("button", name="Open the review").click()
    expect(page.get_by_text("The review is open. Nothing is shown to anyone yet.")).to_be_visible()


def part(page: Page, name: str) -> None:
    """Go to a part of the review."""
    page.get_by_role("navigation", name="Parts of this review").get_by_role(
        "link", name=name, exact=True
    ).click()


def show_and_let_in(page: Page, until: str) -> None:
    """From nothing to a grant, by the parts in their order."""
    part(page, "What is shown")
    page.get_by_label("Name", exact=True).fill("The endpoint")
    choose(page, "What is it?", "An endpoint")
    choose(page, "Which safeguards does the endpoint run with?", "None")
    page.get_by_label("Names of the model in requests").fill("model-z")
    choose(page, "What does it speak?", "OpenAI responses")
    page.get_by_role("button", name="List it").click()
    part(page, "Terms")
    page.get_by_label("Nondisclosure").fill("Tell nobody anything.")
    page.get_by_role("button", name="Set these terms").click()
    expect(page.locator(".diff .add").filter(has_text="Tell nobody anything.")).to_be_visible()
    part(page, "Windows")
    choose(page, "For whom?", "Government offices")
    page.get_by_label("Days", exact=True).fill("12")
    page.get_by_role("button", name="Set the window").click()
    part(page, "People")
    page.get_by_text("Invite an office").click()
    page.get_by_label("Office", exact=True).select_option(label="Example reviewer")
    page.get_by_role("button", name="Invite it").click()
    page.get_by_label("Person").select_option(label="Sam Reviewer")
    page.get_by_label("What it opens").select_option(label="The endpoint (endpoint)")
    choose(page, "For which purpose?", "Safeguard testing")
    page.get_by_label("Until (UTC)").fill(until)
    page.get_by_role("button", name="Give the grant").click()
    expect(page.get_by_text("The grant stands.")).to_be_visible()


def test_a_developer_opens_shows_launches_and_closes(world: World, open_page: Open) -> None:
    """Without scripts, from the empty form to the receipt; a launch is never held up."""
    page = open_page("developer", scripts=False)
    open_review(page, "Model of the browser")
    until = world.context.clock.now().plus(timedelta(days=11)).utc
    show_and_let_in(page, f"{until:%Y-%m-%dT%H:%M}")
    part(page, "Overview")
    expect(page.get_by_role("img", name="Windows over time")).to_be_visible()
    expect(page.get_by_text("18 of 30 left")).to_be_visible()
    expect(page.get_by_role("cell", name="running")).to_be_visible()
    page.get_by_role("link", name="Launch", exact=True).click()
    expect(page.get_by_text("Weights that were downloaded can be neither recalled")).to_be_visible()
    choose(page, "To whom do you release it?", "To the public")
    choose(page, "Shall running windows go on after the launch?", "No")
    page.get_by_role("button", name="Record the launch").click()
    expect(page.get_by_text("The launch is on record.")).to_be_visible()
    expect(page.get_by_text("before the offices' window ended")).to_be_visible()
    page.get_by_role("link", name="Close", exact=True).click()
    page.get_by_role("button", name="Close now").click()
    expect(page.get_by_text("Closed. The signed receipt is below.")).to_be_visible()
    with page.expect_download() as got:
        page.get_by_role("link", name="Receipt 1").click()
    assert got.value.suggested_filename.endswith("-receipt-1.dsse.json")


def test_a_reviewer_accepts_looks_halts_and_lifts(world: World, open_page: Open) -> None:
    """By keyboard where it matters: the terms first, then a halt with words, then the way back."""
    found, _ = review_world.running(world, "Model for a reviewer")
    page = open_page("reviewer")
    page.goto("/my-access/")
    page.get_by_role("link", name=f"Read and accept the terms of {found.number}").click()
    expect(page.locator(".diff .add").filter(has_text="half an hour")).to_be_visible()
    page.get_by_role("button", name="I have read these terms and accept them").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("You have accepted these terms, for yourself.")).to_be_visible()
    card = page.get_by_role("article").filter(has_text=found.number)
    expect(card.get_by_text("Open", exact=True)).to_be_visible()
    card.locator("summary").filter(has_text="Halt it").click()
    card.get_by_label("Reason").fill("The key is in a ticket.")
    card.get_by_label("It is lifted when").fill("A new key is in use.")
    card.get_by_role("button", name="Halt it now").click()
    expect(page.get_by_text("Halted. The developer sees your reason now.")).to_be_visible()
    page.get_by_label("How the conditions were met").fill("It is replaced.")
    page.get_by_role("button", name="Lift it").click()
    expect(page.get_by_text("Lifted. The grant stands again.")).to_be_visible()
    part(page, "Advice")
    page.get_by_label("Title", exact=True).fill("It helps")
    page.get_by_label("What you observed").fill("With old code, too.")
    page.get_by_role("button", name="Send it to the developer").click()
    expect(page.get_by_role("heading", name="It helps")).to_be_visible()
    for gate in ("Approve", "Block", "Clear", "Permit"):
        assert page.get_by_role("button", name=re.compile(gate)).count() == 0


def test_a_partner_reads_its_refusal_and_appeals(world: World, open_page: Open) -> None:
    """The reason first, then the appeal; the office answers on its own page."""
    page = open_page("bank")
    page.goto("/reviews/")
    page.get_by_role("link", name="Example developer").first.click()
    expect(page.get_by_text("Too many already.")).to_be_visible()
    page.get_by_label("Why they should look again").fill("No other bank was asked.")
    page.get_by_role("button", name="Appeal").click()
    expect(page.get_by_text("It is the turn of the government.")).to_be_visible()
    office = open_page("reviewer")
    office.goto("/reviews/")
    office.get_by_role("link", name="1 appeal against your refusal").click()
    card = office.get_by_role("article").filter(has_text="No other bank was asked.")
    card.get_by_label("Reason").first.fill("That is true.")
    card.get_by_role("button", name="Grant the appeal").click()
    expect(office.get_by_text("The appeal is granted; both sides agree.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("That is true.").first).to_be_visible()
    assert world.review


@pytest.mark.parametrize("width", [1200, 320])
def test_words_in_the_drawings_fit_and_do_not_collide(
    world: World, open_page: Open, width: int
) -> None:
    """Wide and narrow: within the screen, and no text over another."""
    page = open_page("developer", width=width)
    page.goto(f"/reviews/{world.review}/")
    found = page.evaluate(
        "() => { const boxes = [...document.querySelectorAll('.timeline text')]"
        ".map(one => [one.textContent, one.getBoundingClientRect()]);"
        "const hits = []; boxes.forEach(([t, a], i) => boxes.slice(i + 1).forEach(([u, b]) => {"
        "if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)"
        "hits.push([t, u]); }));"
        "return [hits, Math.max(...boxes.map(([, box]) => box.right))]; }"
    )
    assert found[0] == []
    assert found[1] <= width
