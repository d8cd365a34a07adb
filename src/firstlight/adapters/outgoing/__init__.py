"""The one way out: every HTTP request of the program's own accord goes through here."""

from firstlight.adapters.outgoing.addresses import AllowedHost
from firstlight.adapters.outgoing.client import (
    Answer,
    OutgoingBounds,
    OutgoingClient,
    OutgoingDigestMismatch,
    OutgoingFailed,
    OutgoingNotFound,
    OutgoingTooLarge,
)

__all__ = [
    "AllowedHost",
    "Answer",
    "OutgoingBounds",
    "OutgoingClient",
    "OutgoingDigestMismatch",
    "OutgoingFailed",
    "OutgoingNotFound",
    "OutgoingTooLarge",
]
