"""A list asks the database no more when it grows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.browser import review_world
from tests.browser.world import World

Enter = Callable[[str], Client]


def asked(client: Client, where: str) -> int:
    """How often the database is asked for a page."""
    client.get(where)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(where).status_code == 200
    return len(caught)


@pytest.mark.parametrize(
    ("who", "where"),
    [
        ("developer", "/reviews/"),
        ("developer", "/"),
        ("reviewer", "/reviews/"),
        ("auditor", "/reviews/oversight/"),
    ],
)
def test_more_reviews_are_no_more_questions(
    world: World, signed_in: Enter, who: str, where: str
) -> None:
    """Three further reviews, each with a grant and terms, cost nothing more."""
    client = signed_in(who)
    before = asked(client, where)
    for number in range(3):
        review_world.running(world, f"Model {number} for {who} at {where}")
    assert asked(client, where) == before
    assert before < 40
