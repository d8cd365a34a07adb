"""What a developer shows, listed one by one.

Weights never pass through the program: an artefact of that kind is a digest and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Invalid, Missing
from firstlight.core.review.ids import ArtefactId
from firstlight.core.review.words import line, sha256

MOST_ARTEFACTS = 200
MOST_MODELS = 20


class ArtefactKind(StrEnum):
    """What it is."""

    ENDPOINT = "endpoint"
    """an address that speaks to the model, reached through the gateway"""
    SYSTEM_CARD = "system-card"
    """a document that describes the model and its tests"""
    EVALUATION_LOGS = "evaluation-logs"
    """records of the developer's own tests"""
    WEIGHTS = "weights"
    """the model itself, named by its digest"""


class Safeguards(StrEnum):
    """Which safeguards an endpoint runs with."""

    SHIPPED = "shipped"
    """as users will get them"""
    REDUCED = "reduced"
    """fewer than users will get"""
    OFF = "off"
    """none"""


class Dialect(StrEnum):
    """What an endpoint speaks."""

    OPENAI_CHAT = "openai-chat"
    """OpenAI chat completions"""
    OPENAI_RESPONSES = "openai-responses"
    """OpenAI responses"""
    ANTHROPIC_MESSAGES = "anthropic-messages"
    """Anthropic messages"""


@dataclass(frozen=True, kw_only=True)
class Artefact:
    """One thing that is shown."""

    id: ArtefactId
    kind: ArtefactKind
    name: str
    """for people: one line"""
    safeguards: Safeguards | None
    """of an endpoint; None for everything else"""
    models: Sequence[str]
    """exact names by which requests to an endpoint may call it; empty for everything else"""
    dialects: Sequence[Dialect]
    """what an endpoint speaks; empty for everything else"""
    digest: str
    """SHA-256 in hex: needed for weights, welcome for documents, empty for an endpoint"""
    added_at: Instant
    removed_at: Instant | None = None
    """when the developer took it back; no use after that"""

    def __post_init__(self) -> None:
        """Refuse what does not fit the kind."""
        object.__setattr__(self, "name", line(self.name, "name"))
        endpoint = self.kind is ArtefactKind.ENDPOINT
        if endpoint != (self.safeguards is not None):
            raise Invalid("an endpoint, and only that, names its safeguards", field="safeguards")
        if endpoint != bool(self.models) or endpoint != bool(self.dialects):
            raise Invalid("an endpoint, and only that, names models and dialects", field="models")
        if len(self.models) > MOST_MODELS:
            raise Invalid(f"an endpoint has at most {MOST_MODELS} models", field="models")
        if endpoint and self.digest:
            raise Invalid("an endpoint has no digest", field="digest")
        if self.digest or self.kind is ArtefactKind.WEIGHTS:
            object.__setattr__(self, "digest", sha256(self.digest, "digest"))
        object.__setattr__(self, "models", tuple(line(each, "models") for each in self.models))

    @property
    def passes(self) -> bool:
        """Whether it may pass through the program at all."""
        return self.kind is not ArtefactKind.WEIGHTS


def add(artefacts: Sequence[Artefact], new: Artefact) -> tuple[Artefact, ...]:
    """The list with a new one.

    Raises:
        Conflict: there are too many.
    """
    if len(artefacts) >= MOST_ARTEFACTS:
        raise Conflict(f"an engagement has at most {MOST_ARTEFACTS} artefacts")
    return (*artefacts, new)


def find(artefacts: Sequence[Artefact], identifier: ArtefactId) -> Artefact:
    """One of them, removed or not.

    Raises:
        Missing: there is none of this identifier.
    """
    for each in artefacts:
        if each.id == identifier:
            return each
    raise Missing(f"there is no artefact {identifier} in this engagement")


def remove(
    artefacts: Sequence[Artefact], identifier: ArtefactId, now: Instant
) -> tuple[Artefact, ...]:
    """The list with one taken back; it stays on the record. Idempotent. Raises Missing."""
    found = find(artefacts, identifier)
    gone = replace(found, removed_at=found.removed_at or now)
    return tuple(gone if each.id == identifier else each for each in artefacts)
