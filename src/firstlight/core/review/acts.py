"""Acts of the developer that count only when they are signed: the extension of a window.

The statement that is signed names the engagement in exactly one version, so that it can be used
once and for nothing else. The installation signs every act, and so vouches for who was signed in;
a developer that keeps a key of its own signs the same bytes, and then needs nobody's word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Invalid
from firstlight.core.kernel.ids import PersonId
from firstlight.core.review.ids import EngagementId
from firstlight.core.review.model import Model
from firstlight.core.review.window import Audience, Window

ACT_FORMAT = "firstlight-review-act-1"
MOST_ACTS = 200


class WrongSignature(Invalid):
    """The developer's own signature does not fit the statement and the key."""

    code = "review.wrong_signature"
    next_step = "Ask for the statement again, and sign exactly its bytes with the key you name."


class ActKind(StrEnum):
    """What was done."""

    EXTEND_WINDOW = "extend-window"
    """a window was made longer"""


@dataclass(frozen=True, kw_only=True)
class SignedAct:
    """An act as it was signed. It is only ever added to the record."""

    number: int
    """1, 2, 3, ... within the engagement"""
    kind: ActKind
    at: Instant
    by: PersonId
    envelope: bytes
    """DSSE over the canonical JSON of the statement"""
    own_key: str = ""
    """SHA-256 (hex) of the developer's own public key; empty when only the installation signed"""


def extension(
    identifier: EngagementId,
    number: str,
    model: Model,
    *,
    version: int,
    audience: Audience,
    days: int,
    before: Sequence[Window],
    after: Sequence[Window],
    by: PersonId,
) -> dict[str, Json]:
    """The statement of one extension.

    Args:
        identifier: of the engagement
        number: of the engagement, for people
        model: what it is about
        version: of the engagement, before the act
        audience: for whom the window is
        days: how much longer
        before: the windows as they stand
        after: the windows with the longer one
        by: the developer's person
    """
    old, new = next((one, other) for one, other in zip(before, after, strict=True) if one != other)
    return {
        "format": ACT_FORMAT,
        "act": ActKind.EXTEND_WINDOW.value,
        "engagement": str(identifier),
        "number": number,
        "developer": str(model.developer),
        "model": model.name,
        "model_version": model.version,
        "version": version,
        "audience": audience.value,
        "days": days,
        "start": str(new.period.start),
        "end_before": str(old.period.end),
        "end": str(new.period.end),
        "by": str(by),
    }


def keep(acts: Sequence[SignedAct], new: SignedAct) -> tuple[SignedAct, ...]:
    """The acts with one more.

    Raises:
        Conflict: there are too many.
    """
    if len(acts) >= MOST_ACTS:
        raise Conflict(f"an engagement has at most {MOST_ACTS} signed acts")
    return (*acts, new)
