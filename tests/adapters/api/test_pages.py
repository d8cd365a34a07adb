"""Lists in pieces."""

from __future__ import annotations

import re

import pytest
from tests.adapters.api.conftest import Installation, report
from tests.adapters.api.test_errors import problem
from tests.adapters.api.test_story import good

from firstlight.core.kernel.parties import Role


@pytest.mark.parametrize("size", [1, 2, 3, 5, 50])
def test_the_pieces_are_the_whole(installation: Installation, size: int) -> None:
    """Whatever the size of a page: walking them gives every row once, in one order."""
    finder = installation.caller(Role.FINDER)
    for number in range(5):
        good(finder.post("/reports", report(f"report {number}")), 201)
    whole = good(finder.get("/reports?limit=200"))
    assert whole["next"] is None
    seen: list[str] = []
    place: str | None = f"/reports?limit={size}"
    while place:
        response = finder.get(place)
        rows = good(response)
        assert len(rows["items"]) <= size
        seen += [row["id"] for row in rows["items"]]
        link = re.fullmatch(
            r'<http://testserver/api/v1(.*)>; rel="next"', response.headers.get("Link", "")
        )
        assert bool(link) == (rows["next"] is not None)
        place = link.group(1) if link else None
    assert seen == [row["id"] for row in whole["items"]]
    assert len(set(seen)) == 5


def test_rows_that_come_meanwhile_do_not_disturb(installation: Installation) -> None:
    """A report that arrives between two pages neither repeats nor hides a row."""
    finder = installation.caller(Role.FINDER)
    for number in range(3):
        good(finder.post("/reports", report(f"report {number}")), 201)
    first = good(finder.get("/reports?limit=2"))
    good(finder.post("/reports", report("late")), 201)
    second = good(finder.get(f"/reports?limit=2&cursor={first['next']}"))
    ids = [row["id"] for row in first["items"] + second["items"]]
    assert (len(ids), len(set(ids))) == (3, 3)


@pytest.mark.parametrize("cursor", ["x", "AAAA", "%00", "é"])
def test_a_cursor_that_was_not_given(on_sqlite: Installation, cursor: str) -> None:
    """It is refused with a code, whatever it holds."""
    response = on_sqlite.caller(Role.COORDINATOR).get(f"/cases?cursor={cursor}")
    problem(response, 400, "input.bad_cursor")


def test_a_reader_pages_through_the_own_rows_only(on_sqlite: Installation) -> None:
    """Another finder's cursor gives no other rows than one's own."""
    one, other = on_sqlite.caller(Role.FINDER), on_sqlite.newcomer(Role.FINDER)
    for caller in (one, other):
        for number in range(3):
            good(caller.post("/reports", report(f"report {number}")), 201)
    theirs = good(other.get("/reports?limit=1"))
    rows = good(one.get(f"/reports?cursor={theirs['next']}"))["items"]
    own = {row["id"] for row in good(one.get("/reports"))["items"]}
    assert {row["id"] for row in rows} <= own
