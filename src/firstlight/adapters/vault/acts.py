"""Check a signed act of a developer offline, with public keys and nothing else of the server.

What an act says is decided in `core/review/acts.py`. The installation's signature proves that the
installation says so; the developer's own signature, where there is one, proves the developer's
will without anybody's word.
"""

from __future__ import annotations

from collections.abc import Mapping

from firstlight.adapters.vault.receipt import verified
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import Invalid
from firstlight.core.review.acts import ACT_FORMAT
from firstlight.core.review.dsse import ACT_TYPE


class ActInvalid(Invalid):
    """This is not an act signed with that key."""

    code = "vault.act_invalid"
    next_step = "Get act and keys again, the keys by another way; if it persists, keep them all."


def check_act(
    envelope: bytes, public_key: bytes, own_key: bytes | None = None
) -> Mapping[str, Json]:
    """What the act says.

    Args:
        envelope: the file as it was downloaded
        public_key: the installation's raw Ed25519 key of acts, not taken from the act
        own_key: the developer's own key; when given, its signature must be there, too

    Raises:
        ActInvalid: no DSSE envelope, another key, altered, or something else that was signed.
        TooLarge: more than 16 MiB.
    """
    said: Mapping[str, Json] = {}
    for key in (public_key, own_key):
        if key is not None:
            said = verified(envelope, key, ACT_TYPE, ACT_FORMAT, ActInvalid)
    return said
