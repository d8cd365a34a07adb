"""Only a named proxy is believed, and only its own word."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from firstlight.adapters.identity.proxy import TrustedProxy

PROXY = "127.0.0.1"


def seen_through(remote: str, **headers: str) -> HttpRequest:
    """The request as the rest of the program sees it."""
    seen: list[HttpRequest] = []

    def rest(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    with override_settings(TRUSTED_PROXIES=(PROXY, "10.0.0.2")):
        request = RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers)
        TrustedProxy(rest)(request)
    return seen[0]


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("", "unknown"),
        ("not an address", "unknown"),
        ("198.51.100.7, not an address", "unknown"),
    ],
)
def test_the_proxys_last_word_names_the_asker(forwarded: str, expected: str) -> None:
    """What the asker claims further left is never taken."""
    request = seen_through(PROXY, **{"X-Forwarded-For": forwarded})
    assert request.META["REMOTE_ADDR"] == expected


def test_a_stranger_names_nobody() -> None:
    """A request that does not come from a named proxy keeps its own address and scheme."""
    request = seen_through(
        "198.51.100.7", **{"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https"}
    )
    assert request.META["REMOTE_ADDR"] == "198.51.100.7"
    assert not request.is_secure()


def test_the_proxy_says_that_the_connection_was_encrypted() -> None:
    """So that cookies and HSTS are right behind it."""
    request = seen_through(
        PROXY, **{"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}
    )
    assert request.is_secure()
