"""Ways through the portal: passkeys, keyboard only, a case from report to publication."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect
from tests.browser.conftest import Open
from tests.browser.looks import no_violations
from tests.browser.world import DIFF, World, work

if TYPE_CHECKING:
    from pathlib import Path


def give_authenticator(page: Page) -> None:
    """A device with a platform authenticator that recognises its person."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_added_and_signs_in_alone(world: World, open_page: Open) -> None:
    """From the one-time link to a passkey, out, and in again with nothing but the passkey."""
    page = open_page("operator")
    give_authenticator(page)
    page.goto(f"{world.url}/account/methods/passkeys/add/")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{world.url}/account/methods/")
    expect(page.get_by_text("You have 1.")).to_be_visible()
    page.get_by_text("Sam Operator").first.click()
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{world.url}/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{world.url}/")
    expect(page.get_by_role("heading", name="What needs you")).to_be_visible()


def test_a_password_is_completed_by_a_passkey(world: World, open_page: Open) -> None:
    """A new account: the password opens nothing until a passkey is added; later both are asked."""
    page = open_page()
    give_authenticator(page)
    page.goto(f"{world.url}/account/request/")
    page.get_by_label("Your name").fill("Kim Keyholder")
    page.get_by_label("E-mail").fill("kim@example.org")
    page.get_by_label("Password").fill("four quite unusual words")
    page.get_by_label("Organisation").fill("Keyholders")
    page.get_by_label("Why you want to take part").fill("We maintain locks.")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("link", name="Sign in").last.click()
    _password(page)
    expect(page.get_by_text("A password alone opens nothing here").first).to_be_visible()
    page.get_by_role("link", name="add a passkey", exact=True).click()
    page.get_by_label("Sign in with this passkey alone").uncheck()
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    no_violations(page)
    page.goto(f"{world.url}/")
    expect(page.get_by_text("has not been vetted yet")).to_be_visible()
    page.get_by_text("Kim Keyholder").first.click()
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{world.url}/account/login/")
    _password(page)
    expect(page.get_by_role("button", name="Use a security key")).to_be_visible()
    no_violations(page)
    page.get_by_role("button", name="Use a security key").click()
    page.wait_for_url(f"{world.url}/")
    expect(page.get_by_text("has not been vetted yet")).to_be_visible()


def _password(page: Page) -> None:
    page.get_by_label("Email").fill("kim@example.org")
    page.get_by_role("textbox", name="Password").fill("four quite unusual words")
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_one_time_link_works_once(world: World, open_page: Open) -> None:
    """The second person who holds it is told so."""
    link = world.link_for("finder")
    first, second = open_page(), open_page()
    for page in (first, second):
        page.goto(link)
        page.get_by_role("button", name="Sign in now").click()
    expect(first.get_by_role("heading", name="What needs you")).to_be_visible()
    expect(second.get_by_text("access.link_not_usable")).to_be_visible()


def test_a_case_is_found_and_read_by_keyboard_alone(world: World, open_page: Open) -> None:
    """Skip link, menu, list, case, an unfolded part: Tab and Enter reach it, and it shows."""
    page = open_page("lead")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    _tab_to(page, re.compile("Reads past the end of an object key"))
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/(cases|advisories)/"))
    page.goto(f"{world.url}/cases/{world.case}/")
    _tab_to(page, re.compile("The whole way"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("KEV was not asked").first).to_be_visible()


def _tab_to(page: Page, words: re.Pattern[str]) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        if words.search(page.evaluate("document.activeElement.textContent") or ""):
            return
    raise AssertionError(f"Tab never reached {words.pattern}")


def test_a_flaw_goes_from_report_to_publication(
    world: World, open_page: Open, tmp_path: Path
) -> None:
    """A finder reports, a coordinator answers, patches, drafts, approves; the public reads."""
    finder = open_page("finder")
    proof = tmp_path / "input.json"
    proof.write_text("crash:print_array")
    finder.goto(f"{world.url}/reports/new/")
    finder.get_by_label("Title").fill("Prints past the end of an array")
    finder.get_by_label("Description").fill("It prints one element too many.")
    finder.get_by_label("Package URL").fill("pkg:deb/debian/cjson")
    finder.get_by_label("Proof", exact=True).set_input_files(str(proof))
    finder.get_by_role("button", name="Send the report").click()
    expect(finder.get_by_text("What would help us further")).to_be_visible()
    work(world)
    finder.get_by_role("link", name=re.compile("FL-")).click()
    expect(finder.get_by_text("A patch is to be proposed")).to_be_visible()
    lead = open_page("lead")
    lead.goto(finder.url)
    lead.get_by_text("Answer the open questions").click()
    lead.get_by_label("Automatable").select_option("Y")
    lead.get_by_label("On what the answers rest").fill("Any sender reaches it.")
    lead.get_by_role("button", name="Keep the answers").click()
    expect(lead.get_by_text("answered by a coordinator")).to_be_visible()
    lead.get_by_text("Propose a patch").click()
    lead.get_by_label("Or paste it").fill(DIFF)
    lead.get_by_role("button", name="Propose", exact=True).click()
    work(world)
    lead.reload()
    expect(lead.get_by_text("every check passed", exact=True)).to_be_visible()
    lead.get_by_role("button", name="Draft the advisory").click()
    expect(lead.get_by_role("heading", name="Prints past the end of an array")).to_be_visible()
    stranger = open_page()
    assert (stranger.goto(lead.url) or lead).status == 404  # type: ignore[union-attr]  # a page answers
    lead.get_by_role("button", name="Approve and publish now").click()
    work(world)
    stranger.goto(lead.url)
    expect(stranger.get_by_text("Public since")).to_be_visible()
    expect(stranger.locator("time").first).to_have_attribute("datetime", re.compile("Z$"))


def test_a_split_and_its_undoing_are_two_clicks(world: World, open_page: Open) -> None:
    """The explanation is shown, the word is kept with its reason, and can be taken back."""
    page = open_page("lead")
    page.goto(f"{world.url}/cases/{world.case}/")
    page.get_by_text("This is wrong, or certain").click()
    page.get_by_label("Why", exact=True).fill("They enter through different functions.")
    page.get_by_role("button", name="They are one flaw").click()
    expect(page.get_by_text("They enter through different functions.").first).to_be_visible()
    page.get_by_role("button", name="Take this word back").click()
    expect(page.get_by_text("What people decided")).to_have_count(0)


def test_a_token_is_shown_once(world: World, open_page: Open) -> None:
    """After a reload its secret is gone; revoked, it no longer works."""
    page = open_page("finder")
    page.goto(f"{world.url}/account/tokens/")
    page.get_by_label("Name").fill("my scanner")
    page.get_by_label("finding.submit").check()
    page.get_by_role("button", name="Make the token").click()
    secret = page.locator(".secret").inner_text()
    assert secret.startswith("flt_")
    page.goto(f"{world.url}/account/tokens/")
    assert secret not in page.content()
    page.get_by_role("button", name="Revoke my scanner").click()
    expect(page.get_by_text("revoked", exact=True)).to_be_visible()


def _report(page: Page, world: World, title: str) -> None:
    """Send a report and go to its case, whose proof nobody has run yet."""
    page.goto(f"{world.url}/reports/new/")
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Send the report").click()
    page.get_by_role("link", name=re.compile("FL-")).click()


def test_a_case_page_reloads_when_its_job_is_done(world: World, open_page: Open) -> None:
    """Nobody presses anything; the page tells what it waits for, then what came out."""
    page = open_page("finder")
    _report(page, world, "Watched until it is tried")
    expect(page.get_by_text("A proof is being run.")).to_be_visible()
    expect(page.get_by_text("This page reloads by itself")).to_be_visible()
    no_violations(page)
    work(world)
    expect(page.locator("#follow")).to_have_count(0, timeout=15_000)
    expect(page.get_by_text("A proof that shows it is needed")).to_be_visible()


def test_reloading_can_be_stopped(world: World, open_page: Open) -> None:
    """After the press the page asks no more and stays as it is (WCAG 2.2.2)."""
    page = open_page("finder")
    _report(page, world, "Stopped by its reader")
    page.get_by_role("button", name="Stop reloading").click()
    expect(page.get_by_text("Reload the page to see how it went.")).to_be_visible()
    expect(page.get_by_role("button", name="Stop reloading")).to_have_count(0)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    work(world)
    page.wait_for_timeout(4000)
    assert asked == []
    expect(page.get_by_text("A proof is being run.")).to_be_visible()


def test_what_was_typed_is_not_lost_to_a_reload(world: World, open_page: Open) -> None:
    """Where something is unfolded or typed, the page says that there is news and waits."""
    page = open_page("finder")
    _report(page, world, "Patched while it is tried")
    page.get_by_text("Propose a patch").click()
    page.get_by_label("Or paste it").fill("half a patch")
    work(world)
    expect(page.get_by_text("There is news.")).to_be_visible(timeout=15_000)
    expect(page.get_by_label("Or paste it")).to_have_value("half a patch")


def test_without_scripts_a_waiting_page_says_so(world: World, open_page: Open) -> None:
    """The sentence is right where no script runs: the person reloads."""
    page = open_page("finder", scripts=False)
    _report(page, world, "Waiting without scripts")
    expect(page.get_by_text("Reload the page to see how it went.")).to_be_visible()
    work(world)
    page.reload()
    expect(page.locator("#follow")).to_have_count(0)


def test_a_case_is_closed_and_a_maintainer_brought_in(world: World, open_page: Open) -> None:
    """By the forms that a coordinator sees; the page tells what was done."""
    page = open_page("lead")
    page.goto(f"{world.url}/cases/?state=open")
    page.get_by_role("link", name="A flaw that is not there").click()
    page.get_by_text("Bring a maintainer in").click()
    page.get_by_label("Who answers for the software").select_option(label="Example maintainer")
    page.get_by_role("button", name="Bring it in").click()
    expect(page.get_by_text("Example maintainer takes part in the case.")).to_be_visible()
    page.get_by_text("Close the case").click()
    page.get_by_label("Why nothing more is to be done").fill("It could not be shown.")
    page.get_by_role("button", name="Close it").click()
    expect(page.get_by_text("The case is closed.")).to_be_visible()
    expect(page.get_by_text("Reopen the case")).to_be_visible()
