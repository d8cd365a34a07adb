"""Every page of a review for every role: deny by default, and what is there is shown safely."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from tests.browser.review_world import HOSTILE
from tests.browser.world import World

from firstlight.adapters.vault.receipt import ReceiptInvalid, check_receipt
from firstlight.adapters.web.reviews.urls import _OF_ONE
from firstlight.core.kernel.parties import Role
from firstlight.core.review.ids import EngagementId
from firstlight.usecases.queries.reviews import Cut

Enter = Callable[[str], Client]

PARTS = [str(each.pattern) for each in _OF_ONE if "<" not in str(each.pattern)]
POST_ONLY = {
    "plan/keep/",
    "questions/answer/",
    "questions/share/",
    "terms/accept/",
    "windows/extend/",
    "windows/stop/",
    "offices/",
}
ALONE = {"plan/", "launch/", "withdraw/", "close/"}
OUTSIDE = ("rival", "office")
NO_PART = ("partner", "bank", "researcher", "finder", "maintainer", "lead", "auditor", "asker")


@pytest.mark.parametrize("part", [each for each in PARTS if each not in POST_ONLY])
def test_pages_of_a_review_are_for_those_who_take_part(
    world: World, signed_in: Enter, part: str
) -> None:
    """The developer all, its office all but the developer's own steps, everybody else nothing."""
    where = f"/reviews/{world.review}/{part}"
    assert signed_in("developer").get(where).status_code == 200
    assert signed_in("reviewer").get(where).status_code == (403 if part in ALONE else 200)
    for who in OUTSIDE:
        assert signed_in(who).get(where).status_code == 404, who
    for who in NO_PART:
        assert signed_in(who).get(where).status_code == 403, who


@pytest.mark.parametrize("part", PARTS)
def test_nobody_else_changes_anything(world: World, signed_in: Enter, part: str) -> None:
    """A form that is sent all the same is refused, and the engagement stays as it was."""
    reader = world.actor("developer", Role.DEVELOPER)
    before = world.reviews.engagement_by_number(reader, world.review)
    data = {"to": "public", "keeps_access": "no", "move": "admit", "text": "x", "title": "x"}
    for who in (*OUTSIDE, *NO_PART):
        client = signed_in(who)
        assert client.post(f"/reviews/{world.review}/{part}", data).status_code in {403, 404, 405}
    assert before == world.reviews.engagement_by_number(reader, world.review)


@pytest.mark.parametrize("part", ["launch/", "withdraw/", "close/"])
def test_an_office_has_no_way_to_end_or_hold_a_launch(
    world: World, signed_in: Enter, part: str
) -> None:
    """Neither a link nor an answer."""
    client = signed_in("reviewer")
    assert client.post(f"/reviews/{world.review}/{part}", {"to": "public"}).status_code == 403
    page = client.get(f"/reviews/{world.review}/").content.decode()
    assert f"/{part}" not in page


def test_my_access_is_for_people_who_can_have_grants(signed_in: Enter) -> None:
    """Reviewers, partners, and developers as second people; the others are refused."""
    for who in ("developer", "rival", "reviewer", "office", "partner", "bank"):
        assert signed_in(who).get("/my-access/").status_code == 200, who
    for who in ("researcher", "finder", "lead", "auditor", "asker"):
        assert signed_in(who).get("/my-access/").status_code == 403, who


def test_oversight_is_the_auditors(world: World, signed_in: Enter) -> None:
    """A list and a page without what was observed, asked or shown, and no person's name."""
    auditor = signed_in("auditor")
    assert world.review in auditor.get("/reviews/oversight/").content.decode()
    where = f"/reviews/oversight/{world.engagement}/"
    page = auditor.get(where).content.decode()
    assert "A key was seen in a log." in page, "the reason of a halt is what oversight is for"
    for hidden in ("It names keys", "reduced safeguards", "Sam Reviewer"):
        assert hidden not in page
    assert auditor.get(f"{where}report.json").headers["Content-Disposition"].startswith("attach")
    assert auditor.get(f"{where}report.pdf").status_code == 404
    for who in ("developer", "reviewer", "partner", "lead", "finder"):
        assert signed_in(who).get("/reviews/oversight/").status_code == 403, who
        assert signed_in(who).get(where).status_code == 403, who


def test_a_red_review_is_not_even_the_auditors(world: World, signed_in: Enter) -> None:
    """Marked for the named readers only, it is missing from the list and from its address."""
    from tests.adapters.web.reviews.test_story import OPENING  # noqa: PLC0415  # one form for all

    made = OPENING | {"name": "Model Red", "marking": "TLP:RED"}
    number = signed_in("developer").post("/reviews/open/", made).headers["Location"].split("/")[2]
    found = world.reviews.engagement_by_number(world.actor("developer", Role.DEVELOPER), number)
    auditor = signed_in("auditor")
    assert number not in auditor.get("/reviews/oversight/").content.decode()
    assert auditor.get(f"/reviews/oversight/{found.id}/").status_code == 404


def test_a_partner_sees_its_own_part_and_its_own_advice(world: World, signed_in: Enter) -> None:
    """Not what the office observed, not the other partner's part."""
    client = signed_in("partner")
    page = client.get(f"/reviews/partnerships/{world.partners['partner']}/").content.decode()
    assert "It reads logs well" in page
    assert "It names keys" not in page
    assert "Model X" not in page
    assert client.get(f"/reviews/partnerships/{world.partners['bank']}/").status_code == 404
    first = client.get("/reviews/").content.decode()
    assert "What our people may use" in first
    assert "reduced safeguards" not in first, "the artefact is for the grant's person"


def test_what_people_write_is_shown_and_never_run(world: World, signed_in: Enter) -> None:
    """Markup in an observation is text on every page that holds it."""
    for part in ("advice/", "history/", "record/internal/", "record/internal/report.html"):
        page = signed_in("developer").get(f"/reviews/{world.review}/{part}").content.decode()
        assert "<script>document" not in page
        assert "<img src=x" not in page
    advice = signed_in("reviewer").get(f"/reviews/{world.review}/advice/").content.decode()
    assert "&lt;script&gt;" in advice
    assert HOSTILE.startswith("<script>")


def test_nothing_is_inline(world: World, signed_in: Enter) -> None:
    """No style and no script that the policy would refuse; drawings have a title and words."""
    client = signed_in("developer")
    for part in ("", "windows/", "terms/", "people/", "record/"):
        page = client.get(f"/reviews/{world.review}/{part}").content.decode()
        assert " style=" not in page
        assert "<style" not in page
        assert "<script" not in page
        for drawing in re.findall(r"<svg class=\"timeline\".*?</svg>", page, re.DOTALL):
            assert 'role="img"' in drawing
            assert "<title" in drawing
            assert "<desc" in drawing


def test_advice_has_words_and_no_field_for_anything_else(world: World, signed_in: Enter) -> None:
    """Title and text: nothing that a condition, a verdict or a deadline could be put into."""
    page = signed_in("reviewer").get(f"/reviews/{world.review}/advice/").content.decode()
    form = page.partition('id="h-advise"')[2].partition("</form>")[0]
    assert set(re.findall(r' name="(\w+)"', form)) == {"csrfmiddlewaretoken", "title", "text"}


def test_a_halt_is_in_the_developers_face(world: World, signed_in: Enter) -> None:
    """Reason, conditions and author on the first page of the review, and a line on the list."""
    page = signed_in("developer").get(f"/reviews/{world.review}/").content.decode()
    halted = page.partition("Halted: the access of Sam Reviewer")[2][:1500]
    assert "A key was seen in a log." in halted
    assert "The key is replaced, and the log is deleted." in halted
    assert "Example reviewer" in halted
    stands = re.search(r"(\d+) grants? stands?; (\d+) halted", page)
    assert stands is not None
    assert stands[2] == "1"
    assert "1 grant halted" in signed_in("developer").get("/reviews/").content.decode()


@pytest.mark.parametrize("cut", list(Cut))
def test_a_cut_is_a_page_and_two_files(world: World, signed_in: Enter, cut: Cut) -> None:
    """The file is the stored report; the HTML refers to nothing outside itself."""
    client, developer = signed_in("developer"), world.actor("developer", Role.DEVELOPER)
    where = f"/reviews/{world.closed_review}/record/{cut.value}/"
    assert client.get(where).status_code == 200
    found = world.reviews.engagement_by_number(developer, world.closed_review)
    stored = world.reviews.report(developer, EngagementId(str(found.id)), cut)
    assert json.loads(client.get(f"{where}report.json").content) == stored
    file = client.get(f"{where}report.html")
    assert file.headers["Content-Disposition"] == (
        f'attachment; filename="{world.closed_review}-{cut.value}.html"'
    )
    text = file.content.decode()
    assert not re.search(r"(?:src|href)=|url\(|@import|<script", text)


def test_the_public_cut_tells_nothing_confidential(world: World, signed_in: Enter) -> None:
    """No name, no number, no word that a person wrote; as page, as file, in the public list."""
    client = signed_in("developer")
    where = f"/reviews/{world.closed_review}/record/public/report."
    public = signed_in("finder")
    told = [
        client.get(f"{where}json").content.decode(),
        client.get(f"{where}html").content.decode().partition("<dl")[2],
        public.get("/reviews/public/").content.decode(),
        public.get("/reviews/public.json").content.decode(),
    ]
    for text in told:
        for hidden in ("Model Past", "Example developer", world.closed_review, "half an hour"):
            assert hidden not in text
    assert client.get(f"/reviews/{world.review}/record/public/").status_code == 404, "still open"


def test_the_receipt_is_checked_as_the_page_says(
    world: World, signed_in: Enter, tmp_path: Path
) -> None:
    """The page's own lines, run as they stand, print what was signed; altered, they fail."""
    client = signed_in("developer")
    page = client.get(f"/reviews/{world.closed_review}/record/").content.decode()
    lines = page.partition("<pre><code>")[2].partition("</code></pre>")[0]
    lines = lines.replace("&quot;", '"').replace("&#x27;", "'")
    receipt = client.get(f"/reviews/{world.closed_review}/record/receipt/1/").content
    key = Client(SERVER_NAME="localhost").get("/reviews/receipt.key").content
    names = {"check.py": lines.encode(), "receipt": receipt, "key": key}
    for name, content in names.items():
        (tmp_path / name).write_bytes(content)
    run = [sys.executable, "check.py", "receipt", "key"]
    good = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True)
    said = json.loads(good.stdout)
    assert said["number"] == world.closed_review
    assert check_receipt(receipt, bytes.fromhex(key.decode())) == said
    (tmp_path / "key").write_text("ab" * 32)
    bad = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert bad.returncode != 0
    with pytest.raises(ReceiptInvalid):
        check_receipt(receipt, bytes.fromhex("ab" * 32))
    assert client.get(f"/reviews/{world.closed_review}/record/receipt/2/").status_code == 404


def test_a_stranger_learns_what_a_review_is(stranger: Client) -> None:
    """Voluntary, and no gate; the rules, the reports and the waiting are there to read."""
    page = stranger.get("/reviews/").content.decode()
    assert "It is voluntary." in page
    assert "Nothing here can hold up a launch." in page
    rules = stranger.get("/reviews/rules/").content.decode()
    assert "It operates systems in the sector" in rules
    assert "Keys are not shared" in rules
    waiting = stranger.get("/reviews/waiting/").content.decode()
    assert re.search(r'data-label="Still waiting">[1-9]', waiting)


def test_a_researcher_reads_shared_assessments_only(signed_in: Enter) -> None:
    """What both sides shared, without the question; nobody else sees the list."""
    page = signed_in("researcher").get("/reviews/").content.decode()
    assert "Statement 2026-7" in page
    assert "Is it covered?" not in page
    assert "Assessments shared" not in signed_in("finder").get("/reviews/").content.decode()
