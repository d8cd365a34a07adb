"""Sign an act of the developer, and keep it on record.

The installation signs with its key `act`; a developer with a key of its own adds its signature
over the same bytes, which it got beforehand by `prepare_extension`. Who holds the envelope and the
public keys checks it without this server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from firstlight.core.kernel.canonical import Json, canonical, digest
from firstlight.core.kernel.checkpoint import Verify
from firstlight.core.kernel.dsse import envelope_of, to_sign
from firstlight.core.kernel.parties import Actor
from firstlight.core.review import window
from firstlight.core.review.acts import ActKind, SignedAct, WrongSignature, extension
from firstlight.core.review.dsse import ACT_TYPE
from firstlight.core.review.ids import EngagementId
from firstlight.core.review.window import Audience, Window
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.reviews.step import Step, step

KEY = "act"
"""purpose of the key with which the installation signs acts"""


@dataclass(frozen=True, kw_only=True)
class OwnSignature:
    """What a developer signed with a key that only the developer has."""

    public_key: bytes
    """raw Ed25519, 32 bytes"""
    value: bytes
    verify: Verify
    """checks signatures of exactly this key"""


@dataclass(frozen=True, kw_only=True)
class Extended:
    """Windows with a longer one, and the statement that says so."""

    windows: Sequence[Window]
    statement: Mapping[str, Json]


def prepare_extension(
    context: Context, actor: Actor, identifier: EngagementId, *, audience: Audience, days: int
) -> Mapping[str, Json]:
    """The statement that would be signed now. Changes nothing.

    Raises:
        Missing, Refused, MoveNotAllowed: as usual.
        Invalid, NoWindow, ThirtyDaysUsed: as `window.extend`.
    """
    with step(context, actor, identifier, Action.REVIEW_ARRANGE) as taken:
        taken.move("arrange")
        return extended(taken, audience, days).statement


def extended(taken: Step, audience: Audience, days: int) -> Extended:
    """What one extension comes to. Raises Invalid, NoWindow, ThirtyDaysUsed."""
    engagement = taken.engagement
    windows = window.extend(
        engagement.windows,
        elsewhere=taken.work.engagements.counted_elsewhere(engagement),
        audience=audience,
        days=days,
        now=taken.now,
    )
    statement = extension(
        engagement.id,
        engagement.number,
        engagement.model,
        version=engagement.version,
        audience=audience,
        days=days,
        before=engagement.windows,
        after=windows,
        by=taken.person,
    )
    return Extended(windows=windows, statement=statement)


def sign(
    taken: Step, kind: ActKind, statement: Mapping[str, Json], own: OwnSignature | None
) -> SignedAct:
    """The act, signed by the installation and, where given, by the developer's own key.

    Raises:
        WrongSignature: the developer's signature does not fit.
        Unavailable: the installation's key.
    """
    payload = canonical(statement)
    message = to_sign(ACT_TYPE, payload)
    if own is not None and not own.verify(message, own.value):
        raise WrongSignature
    made = taken.context.signer.sign(KEY, message)
    signatures = {made.key_id: made.value}
    own_key = digest(own.public_key) if own is not None else ""
    if own is not None:
        signatures[own_key] = own.value
    return SignedAct(
        number=len(taken.engagement.acts) + 1,
        kind=kind,
        at=taken.now,
        by=taken.person,
        envelope=envelope_of(ACT_TYPE, payload, signatures),
        own_key=own_key,
    )
