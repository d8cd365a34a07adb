"""What counts as an endpoint's address and key."""

from __future__ import annotations

import pytest

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.ids import PersonId
from firstlight.core.review.endpoint import Endpoint, check_key
from firstlight.core.review.ids import ArtefactId, EngagementId
from firstlight.core.review.spending import Prices

NOW = Instant.parse("2026-11-02T09:00:00Z")


def endpoint(address: str, prices: Prices | None = None) -> Endpoint:
    """One at this address."""
    return Endpoint(
        artefact=ArtefactId.mint(1, bytes(10)),
        engagement=EngagementId.mint(1, bytes(10)),
        address=address,
        prices=prices,
        changed_at=NOW,
        changed_by=PersonId.mint(1, bytes(10)),
    )


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://models.example.org", "https://models.example.org"),
        (" https://models.example.org/v1/ ", "https://models.example.org"),
        ("https://models.example.org:8443/eu/v1", "https://models.example.org:8443/eu"),
        ("http://127.0.0.1:9", "http://127.0.0.1:9"),
        ("https://[2001:db8::1]/x", "https://[2001:db8::1]/x"),
    ],
)
def test_an_address_is_kept_without_what_every_client_adds(given: str, kept: str) -> None:
    """What stands before `/v1`, however it was copied."""
    assert endpoint(given).address == kept


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://models.example.org",
        "https://user:secret@models.example.org",
        "https://models.example.org?key=1",
        "https://models.example.org#x",
        "https://models.example.org/%2e%2e",
        "https://-bad.example.org",
        "https://models.example.org\r\nHost: x",
        "https://" + "a" * 400,
    ],
)
def test_no_address(address: str) -> None:
    """Nothing that could carry a secret, a second meaning, or a line end."""
    with pytest.raises(Invalid):
        endpoint(address)


@pytest.mark.parametrize("key", ["", "short", "has blank", "tab\there", "ü" * 20, "x" * 1001])
def test_no_key(key: str) -> None:
    """It must stand in a header, and be long enough to be looked for in answers."""
    with pytest.raises(Invalid):
        check_key(key)


def test_the_digest_tells_changes_apart() -> None:
    """The address and each price count; a developer can compute it again."""
    prices = [None, Prices(input=1, output=2), Prices(input=2, output=1)]
    digests = {
        endpoint(a, p).digest for a in ("https://a.example", "https://b.example") for p in prices
    }
    assert len(digests) == 6
    assert endpoint("https://a.example").digest == endpoint("https://a.example/v1").digest
