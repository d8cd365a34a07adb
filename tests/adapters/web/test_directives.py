"""The register in the portal: the drawing, the pages, the forms, the feed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from tests.browser.world import HOSTILE, World
from tests.core.directives.test_status import entry

from firstlight.adapters.web.timeline import draw
from firstlight.core.directives.register import DUTIES, find
from firstlight.core.directives.status import Standing, Status, assess
from firstlight.core.kernel.parties import Role

LEAD = Role.COORDINATOR
Enter = Callable[[str], Client]
GOOD = {
    "kind": "done",
    "on": "2026-07-01",
    "source": "Treasury",
    "link": "https://www.example.org/notice",
    "text": "The clearinghouse was announced",
}


def register(on: date, *done: tuple[str, date]) -> list[Standing]:
    """Every duty on a day, some shown to be done."""
    history = [entry(find(key), on=day, number=n) for n, (key, day) in enumerate(done, 1)]
    return [assess(duty, history, on) for duty in DUTIES]


def per_cent(place: str) -> float:
    """The number of a percentage."""
    return float(place.removesuffix("%"))


@given(st.dates(), st.lists(st.dates(date(2026, 6, 2), date(2036, 1, 1)), max_size=3))
def test_every_mark_stands_inside_whatever_the_day(on: date, done: list[date]) -> None:
    """Any day of any century draws: marks lie within, bars end within, ticks are few, in order."""
    keys = ("2(a)", "2(f)", "3(b)")
    made = draw(register(on, *zip(keys, done, strict=False)), on)
    assert len(made.rows) == len(DUTIES)
    for row in made.rows:
        for bar in row.bars:
            assert 0 <= per_cent(bar.x) <= per_cent(bar.x) + per_cent(bar.width) <= 100.02
        for place in (row.due_x, row.done_x):
            assert not place or 0 <= per_cent(place) <= 100
    places = [per_cent(tick.x) for tick in made.ticks]
    assert 1 <= len(places) <= 8
    assert all(left < right for left, right in pairwise(places))


def test_time_runs_to_the_right() -> None:
    """Signing, the due days and full enforcement stand in their order."""
    rows = {row.key: row for row in draw(register(date(2026, 7, 15)), date(2026, 7, 15)).rows}
    order = [
        rows["2(a)"].bars[0].x,
        rows["NSPM-11"].bars[0].x,
        rows["BOD-26-04"].bars[0].x,
        rows["2(a)"].due_x,
        rows["2(f)"].due_x,
        rows["BOD-26-04-full"].bars[0].x,
    ]
    assert [per_cent(place) for place in order] == sorted(per_cent(place) for place in order)
    assert rows["3(c)"].due_x == ""


def test_the_day_asked_is_marked_only_inside() -> None:
    """A day before the first month has no line."""
    assert draw(register(date(2026, 5, 31)), date(2026, 5, 31)).today_x == ""
    assert draw(register(date(2026, 6, 1)), date(2026, 6, 1)).today_x == "0.00%"


def test_lateness_is_drawn_from_the_due_day() -> None:
    """Overdue up to the day asked, met late up to the day of the evidence, in time not at all."""
    on = date(2026, 8, 1)
    done = (("2(a)", date(2026, 7, 1)), ("2(b)", date(2026, 7, 12)))
    rows = {row.key: row for row in draw(register(on, *done), on).rows}
    tones = {key: [bar.tone for bar in rows[key].bars] for key in ("2(a)", "2(b)", "2(c)")}
    assert tones == {"2(a)": ["term"], "2(b)": ["term", "late"], "2(c)": ["term", "late"]}
    assert rows["2(b)"].status is Status.MET_LATE
    assert per_cent(rows["2(b)"].bars[1].width) < per_cent(rows["2(c)"].bars[1].width)


def test_the_drawing_has_words_and_nothing_inline(stranger: Client) -> None:
    """Role, title and description; no style and no script, which the policy would refuse."""
    page = stranger.get("/directives/?as_of=2026-07-15").content.decode()
    drawn = re.search(r"<svg class=\"timeline\".*?</svg>", page, re.DOTALL)
    assert drawn
    assert " style=" not in page
    assert "<script" not in drawn[0]
    root = ET.fromstring(drawn[0])  # noqa: S314  # our own page
    names = {one.get("id"): one.text for one in root}
    assert root.get("role") == "img"
    labels = [names[name] for name in str(root.get("aria-labelledby")).split()]
    assert labels[0] == "Timeline of the duties"
    assert "On 2026-07-15: 1 not in force, 3 open, 5 overdue, 5 standing." in str(labels[1])


def test_a_table_says_the_same(stranger: Client) -> None:
    """A row for each duty, with its due day and its status on the day asked."""
    page = stranger.get("/directives/?as_of=2026-07-15").content.decode()
    rows = re.findall(r"<tr>\s*<td.*?</tr>", page, re.DOTALL)
    assert len(rows) == len(DUTIES)
    first = next(row for row in rows if ">2(a)<" in row)
    assert 'datetime="2026-07-02"' in first
    assert "overdue" in first
    assert 'aria-current="page">Directives' in page


@pytest.mark.parametrize("where", ["/directives/?as_of=soon", "/directives/2(a)/?as_of=2026-13-01"])
def test_a_day_that_is_none(stranger: Client, where: str) -> None:
    """Refused with a hint, not taken for today."""
    response = stranger.get(where)
    assert response.status_code == 400
    assert "2026-07-15" in response.content.decode()


def test_an_unknown_duty_is_missing(stranger: Client) -> None:
    """A page that says so."""
    response = stranger.get("/directives/9(z)/")
    assert response.status_code == 404
    assert "directives.no_such_duty" in response.content.decode()


def test_evidence_is_recorded_and_withdrawn_in_the_portal(
    signed_in: Enter, stranger: Client
) -> None:
    """A coordinator's form; a stranger sees the entry without the person, then withdrawn."""
    lead = signed_in("lead")
    assert lead.post("/directives/2(d)/evidence/", GOOD).status_code == 302
    page = stranger.get("/directives/2(d)/?as_of=2026-07-15").content.decode()
    assert 'class="chip good">met<' in page
    assert GOOD["text"] in page
    assert 'rel="noopener noreferrer nofollow">https://www.example.org/notice' in page
    assert "by a coordinator" in page
    assert "Robin" not in page
    assert '<form method="post"' not in page
    found = re.search(r"his_\w{26}", page)
    assert found
    fields = {"entry": found[0], "reason": "wrong office"}
    assert lead.post("/directives/2(d)/withdraw/", fields).status_code == 302
    page = stranger.get("/directives/2(d)/?as_of=2026-07-15").content.decode()
    assert 'class="chip bad">overdue<' in page
    assert "wrong office" in page
    assert lead.post("/directives/2(d)/withdraw/", fields).status_code == 409


def test_a_duty_is_set_aside_in_the_portal(signed_in: Enter, stranger: Client) -> None:
    """With its reason; the form is not there for what always holds."""
    lead = signed_in("lead")
    fields = {"aside_on": "2026-06-20", "reason": "no such programme"}
    assert lead.post("/directives/2(e)/aside/", fields).status_code == 302
    page = stranger.get("/directives/2(e)/?as_of=2026-07-15").content.decode()
    assert "not applicable" in page
    assert "no such programme" in page
    assert "does not apply" in lead.get("/directives/2(e)/").content.decode()
    assert "does not apply" not in lead.get("/directives/3(c)/").content.decode()


@pytest.mark.parametrize(
    "changed",
    [
        {"link": "javascript:alert(1)"},
        {"on": "2999-01-01"},
        {"on": "soon"},
        {"kind": "everything"},
        {"text": HOSTILE},
    ],
    ids=["link", "future", "no-day", "kind", "hidden-characters"],
)
def test_a_form_that_is_refused_keeps_what_was_written(
    world: World, signed_in: Enter, changed: dict[str, str]
) -> None:
    """400 with the code and the fields; nothing is stored."""
    assert world.case
    before = world.queries.duty_history(world.actor("lead", LEAD), "2(f)")
    response = signed_in("lead").post("/directives/2(f)/evidence/", GOOD | changed)
    page = response.content.decode()
    assert response.status_code == 400
    assert "Code: <code>" in page
    assert 'value="Treasury"' in page
    assert "<script>document" not in page
    assert world.queries.duty_history(world.actor("lead", LEAD), "2(f)") == before


def test_markup_in_evidence_is_text(signed_in: Enter, stranger: Client) -> None:
    """On the page and in the feed."""
    markup = '<script>document.title="owned"</script>'
    lead = signed_in("lead")
    given_ = GOOD | {"kind": "progress", "text": markup, "source": markup}
    assert lead.post("/directives/3(a)/evidence/", given_).status_code == 302
    page = stranger.get("/directives/3(a)/").content.decode()
    assert "<script>document" not in page
    assert "&lt;script&gt;document" in page


def test_the_feed_is_read_by_a_calendar(stranger: Client) -> None:
    """For everyone, as text/calendar, the same bytes each time; addresses lead to real pages."""
    response = stranger.get("/directives.ics")
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "max-age" in response.headers["Cache-Control"]
    found = Calendar.from_ical(response.content)
    assert found.errors == []
    assert len(found.walk("VTODO")) == 8
    for task in found.walk("VTODO"):
        path = str(task["URL"]).removeprefix("http://localhost")
        assert stranger.get(path).status_code == 200
        assert task.decoded("DUE") - task.decoded("DTSTART") in {
            timedelta(days=30),
            timedelta(days=60),
        }
    assert stranger.get("/directives.ics").content == response.content
