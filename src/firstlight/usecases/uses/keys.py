"""A reviewer makes the key of their own grant. It is shown once; a new one replaces it."""

from __future__ import annotations

from dataclasses import dataclass, field

from firstlight.core.kernel.errors import Conflict
from firstlight.core.kernel.parties import Actor
from firstlight.core.review import artefacts
from firstlight.core.review.endpoint import check_artefact
from firstlight.core.review.grants import GrantState
from firstlight.core.review.ids import GrantId
from firstlight.core.review.keys import KEY_BYTES, GrantKey, key_digest, write_key
from firstlight.usecases.context import Context
from firstlight.usecases.uses.standing import own_grant


@dataclass(frozen=True, kw_only=True)
class MadeKey:
    """A key at the only moment when it is known."""

    key: str = field(repr=False)
    kept: GrantKey


def make_key(context: Context, actor: Actor, identifier: GrantId) -> MadeKey:
    """Make the key of one's own grant; the one before stops, and what it began is cut.

    Raises:
        Missing: no such grant, or not this person's.
        NotSignedIn, Refused: as the access table says.
        Conflict: the grant has ended, or is for no endpoint.
    """
    with own_grant(context, actor, identifier) as held:
        grant, taken = held.grant, held.step
        if grant.state is GrantState.REVOKED or grant.valid.end <= taken.now:
            raise Conflict("this grant has ended", hint="Only the developer can give another.")
        check_artefact(artefacts.find(taken.engagement.artefacts, grant.artefact))
        before = taken.work.keys.of_grant(identifier)
        key = write_key(context.mint.random_bytes(KEY_BYTES))
        kept = GrantKey(
            grant=identifier,
            number=before.number + 1 if before else 1,
            digest=key_digest(key),
            made_at=taken.now,
        )
        taken.work.keys.put(kept)
        rule = "the person of a grant makes its key; it is shown once"
        taken.note(rule, {"grant": str(identifier), "key_number": kept.number})
    return MadeKey(key=key, kept=kept)
