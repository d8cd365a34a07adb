"""Pages that wait: the note while a job runs, and the address that tells when it is over."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.test import Client
from tests.browser.world import World, work

from firstlight.core.kernel.parties import Role

Enter = Callable[[str], Client]


def waits_at(page: str) -> tuple[str, str] | None:
    """The address and tag that a page gives its script."""
    found = re.search(r'data-address="([^"]+)" data-tag="([^"]+)"', page)
    return (found[1], found[2]) if found else None


def test_a_new_report_is_followed_until_it_was_tried(world: World, signed_in: Enter) -> None:
    """Report and case wait; 304 while nothing changed, then 204; afterwards nothing waits."""
    client = signed_in("finder")
    client.post("/reports/new/", {"title": "A report to follow"})
    reader = world.actor("finder", Role.FINDER)
    row = world.queries.findings(reader, case=None, cursor=None, limit=1).rows[0]
    pages = (f"/reports/{row.id}/", f"/cases/{row.case_number}/")
    asked = []
    for where in pages:
        found = waits_at(client.get(where).content.decode())
        assert found is not None
        address, tag = found
        asked.append((address, {"If-None-Match": f'"{tag}"'}))
    assert [client.get(address, headers=tag).status_code for address, tag in asked] == [304, 304]
    work(world)
    answers = [client.get(address, headers=tag) for address, tag in asked]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert {answer.content for answer in answers} == {b""}
    assert [waits_at(client.get(where).content.decode()) for where in pages] == [None, None]


def test_another_try_is_followed(world: World, signed_in: Enter) -> None:
    """The state stays while a second try runs; the page waits for more evidence than there was."""
    client = signed_in("lead")
    response = client.post(f"/reports/{world.report}/validate/")
    assert response.status_code == 302
    where = response.headers["Location"]
    assert waits_at(client.get(where).content.decode()) is not None
    assert waits_at(client.get(where.partition("?")[0]).content.decode()) is None
    work(world)
    assert waits_at(client.get(where).content.decode()) is None


def test_the_news_of_a_case_are_for_its_readers(world: World, signed_in: Enter) -> None:
    """Whoever may not read the case does not learn that it moves."""
    assert signed_in("finder").get(f"/cases/{world.case}/news/").status_code == 204
    assert signed_in("maintainer").get(f"/cases/{world.case}/news/").status_code == 404
    assert signed_in("asker").get(f"/cases/{world.case}/news/").status_code == 403
