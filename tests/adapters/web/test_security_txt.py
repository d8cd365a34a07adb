"""security.txt: what an independent reader of RFC 9116 says of it; none without a contact."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from sectxt import Parser  # type: ignore[import-untyped]  # it has no types
from tests.browser.world import World

from firstlight.adapters.formats.security_txt import security_text
from firstlight.adapters.web import services
from firstlight.core.kernel.clock import Instant
from firstlight.settings import BadSetting, load

NOW = Instant(datetime(2026, 3, 4, 5, 6, tzinfo=UTC))


def test_the_file_is_valid_and_lives_half_a_year() -> None:
    """Another project's checker finds no error, and nothing that it recommends but a signature."""
    now = Instant(datetime.now(UTC))
    text = security_text("mailto:security@example.org", "https://lights.example/", now)
    address = "https://lights.example/.well-known/security.txt"
    checked = Parser(text.replace("\n", "\r\n").encode(), urls=address)
    assert checked.errors == []
    assert {one["code"] for one in checked.recommendations} <= {"not_signed", "no_encryption"}


def test_it_stays_equal_for_a_day() -> None:
    """So that caches and people who compare see no change without one."""
    first = security_text("https://example.org/report", "https://lights.example", NOW)
    later = NOW.plus(timedelta(hours=18))
    assert first == security_text("https://example.org/report", "https://lights.example", later)
    assert "Expires: 2026-08-31T00:00:00Z\n" in first


def test_a_stranger_reads_it(world: World, stranger: Client) -> None:
    """As plain text."""
    assert world.case
    response = stranger.get("/.well-known/security.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert b"Contact: mailto:security@example.org" in response.content


def test_without_a_contact_there_is_none(world: World, stranger: Client) -> None:
    """404, not a file that leads nowhere."""
    assert world.case
    held = services.services()
    services.configure(replace(held, security_contact=""))
    try:
        assert stranger.get("/.well-known/security.txt").status_code == 404
    finally:
        services.configure(held)


@pytest.mark.parametrize("contact", ["mailto:security@example.org", "https://example.org/report"])
def test_a_contact_is_an_address(contact: str) -> None:
    """As RFC 9116, section 2.5.3, wants it."""
    assert load({"FIRSTLIGHT_SECURITY_CONTACT": contact}).security_contact == contact


@pytest.mark.parametrize(
    "contact",
    ["security@example.org", "http://example.org", "mailto:", "https://", "mailto:a b", "x:y\nz"],
)
def test_what_is_no_address_stops_the_start(contact: str) -> None:
    """The message names the variable; a line break cannot add a field."""
    with pytest.raises(BadSetting, match="FIRSTLIGHT_SECURITY_CONTACT"):
        load({"FIRSTLIGHT_SECURITY_CONTACT": contact})
