"""Where a developer's endpoint is reached, and what its tokens cost.

The developer's real key is no part of this: it is sealed with the engagement's key and opened only
to be added to a request. The address names a host; whether that host may be reached at all is the
operator's decision, not the developer's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from firstlight.core.kernel.canonical import canonical, digest
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Invalid
from firstlight.core.kernel.ids import PersonId
from firstlight.core.review.artefacts import Artefact, ArtefactKind
from firstlight.core.review.ids import ArtefactId, EngagementId
from firstlight.core.review.spending import Prices

LONGEST_ADDRESS = 300
LONGEST_KEY = 1000
_ADDRESS = re.compile(
    r"https?://(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9a-fA-F:.]{2,45}\])"
    r"(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?"
)
_KEY = re.compile(rf"[!-~]{{8,{LONGEST_KEY}}}")


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """How the gateway reaches one artefact."""

    artefact: ArtefactId
    engagement: EngagementId
    address: str
    """scheme, host and an optional path before `/v1`"""
    prices: Prices | None
    """None when money is not counted"""
    changed_at: Instant
    changed_by: PersonId
    version: int = 1
    """grows with every change"""

    def __post_init__(self) -> None:
        """Keep the address without a slash at its end; refuse what is none."""
        cleaned = self.address.strip().rstrip("/")
        if len(cleaned) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(cleaned):
            raise Invalid(
                "this is no address of an endpoint",
                field="address",
                hint="Write https, the host, and what stands before /v1; no user, query or mark.",
            )
        if cleaned.endswith("/v1"):
            cleaned = cleaned.removesuffix("/v1")
        object.__setattr__(self, "address", cleaned)

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of address and prices, for the ledger; a developer can compute it again."""
        prices = self.prices
        return digest(
            canonical(
                {
                    "artefact": str(self.artefact),
                    "address": self.address,
                    "prices": [prices.input, prices.output] if prices else None,
                }
            )
        )


def check_key(key: str) -> str:
    """The developer's real key as it is added to requests.

    Raises:
        Invalid: it cannot stand in a header, or is too short to be a secret.
    """
    cleaned = key.strip()
    if not _KEY.fullmatch(cleaned):
        raise Invalid(
            f"a key has 8 to {LONGEST_KEY} printable characters without blanks", field="key"
        )
    return cleaned


def check_artefact(artefact: Artefact) -> None:
    """Raises Conflict when this artefact is reached through no endpoint."""
    if artefact.kind is not ArtefactKind.ENDPOINT:
        raise Conflict("this artefact is no endpoint", hint="List an endpoint first.")
    if artefact.removed_at is not None:
        raise Conflict("this artefact was taken back")
