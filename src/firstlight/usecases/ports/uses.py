"""Stores of the gateway: endpoints, keys, presence, uses. Part of the unit of work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from firstlight.core.kernel.clock import Instant
from firstlight.core.review.endpoint import Endpoint
from firstlight.core.review.ids import ArtefactId, EngagementId, GrantId, PresenceId, UseId
from firstlight.core.review.keys import GrantKey
from firstlight.core.review.presence import Presence
from firstlight.core.review.spending import Spent
from firstlight.core.review.using import Closing, Part, Use, Used


@dataclass(frozen=True, kw_only=True)
class StoredEndpoint:
    """An endpoint and its key, which only the vault opens."""

    endpoint: Endpoint
    sealed_key: bytes
    """the vault's envelope"""


class EndpointStore(Protocol):
    """Where artefacts are reached."""

    def get(self, artefact: ArtefactId) -> StoredEndpoint | None:
        """None while the developer has said nothing."""
        ...

    def put(self, stored: StoredEndpoint) -> None:
        """Keep it, in place of the one before.

        Raises:
            Conflict: `endpoint.version` does not follow the stored one.
        """
        ...


class GrantKeyStore(Protocol):
    """Reviewers' keys, as digests."""

    def find(self, digest: str) -> GrantKey | None:
        """The key with this digest, compared in constant time."""
        ...

    def of_grant(self, grant: GrantId) -> GrantKey | None:
        """None while none was made."""
        ...

    def put(self, key: GrantKey) -> None:
        """Keep it, in place of the one before. Raises Conflict when its number does not follow."""
        ...


class PresenceStore(Protocol):
    """Second people's time."""

    def add(self, presence: Presence) -> None:
        """Keep a new one."""
        ...

    def save(self, presence: Presence) -> None:
        """Store its end. Raises Missing."""
        ...

    def of_grant(self, grant: GrantId, after: Instant) -> Sequence[Presence]:
        """Those that were not over by themselves at `after`, oldest first."""
        ...

    def get(self, identifier: PresenceId) -> Presence:
        """Raises Missing."""
        ...


class UseStore(Protocol):
    """Uses, what they took of each grant, and content that is kept."""

    def add(self, use: Use) -> None:
        """Keep a new one and take its reservation from the grant."""
        ...

    def get(self, identifier: UseId) -> Use:
        """Raises Missing."""
        ...

    def close(self, use: Use, closing: Closing) -> bool:
        """Keep its end and settle the reservation; False when it has one already."""
        ...

    def used(self, engagement: EngagementId) -> Sequence[Used]:
        """What came of each grant that was used, in the order of their identifiers."""
        ...

    def spent(self, grant: GrantId) -> Spent:
        """What is used and held."""
        ...

    def keep(self, use: UseId, part: Part, number: int, sealed: bytes) -> None:
        """The next piece of content, sealed."""
        ...

    def pieces(self, use: UseId, part: Part) -> int:
        """How many pieces are kept."""
        ...

    def piece(self, use: UseId, part: Part, number: int) -> bytes:
        """One of them, 0, 1, 2, ... Raises Missing."""
        ...

    def grants_of(self, uses: Sequence[UseId]) -> Sequence[tuple[UseId, GrantId, int]]:
        """Grant and number of the key of each use that is there."""
        ...
