"""Check a closing receipt offline, with the published key and nothing else of the server.

What a receipt says is decided in `core/review/closing.py`; that it is signed, in the use case that
closes an engagement. The envelope is plain DSSE (v1) with Ed25519, so any DSSE tool checks it too.
A good answer proves who signed which claims, not that the claims are true.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Mapping

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]  # public, unlisted

from firstlight.core.kernel.canonical import Json, digest
from firstlight.core.kernel.errors import Invalid, TooLarge
from firstlight.core.review.closing import RECEIPT_FORMAT
from firstlight.core.review.dsse import RECEIPT_TYPE

MAX_RECEIPT_BYTES = 16 << 20


class ReceiptInvalid(Invalid):
    """This is not a closing receipt signed with that key."""

    code = "vault.receipt_invalid"
    next_step = "Get receipt and key again, the key by another way; if it persists, keep both."


def check_receipt(envelope: bytes, public_key: bytes) -> Mapping[str, Json]:
    """What the receipt says.

    Args:
        envelope: the file as the developer got it
        public_key: the raw Ed25519 key (32 bytes) of receipts, not taken from the receipt

    Raises:
        ReceiptInvalid: no DSSE envelope, another key, altered, or something else that was signed.
        TooLarge: more than 16 MiB.
    """
    return verified(envelope, public_key, RECEIPT_TYPE, RECEIPT_FORMAT, ReceiptInvalid)


def verified(
    envelope: bytes, public_key: bytes, payload_type: str, form: str, wrong: type[Invalid]
) -> Mapping[str, Json]:
    """What a signed statement says, once signature, type and form are what they must be.

    Args:
        envelope: DSSE
        public_key: the raw Ed25519 key that must have signed
        payload_type: of the envelope; keeps one kind of statement from passing for another
        form: the statement's `format`
        wrong: what is raised when it is not that

    Raises:
        Invalid: as `wrong`.
        TooLarge: more than 16 MiB.
    """
    if len(envelope) > MAX_RECEIPT_BYTES:
        raise TooLarge("no signed statement is that large", limit=MAX_RECEIPT_BYTES)
    try:
        parsed = Envelope.from_dict(json.loads(envelope))
        key = SSlibKey(digest(public_key), "ed25519", "ed25519", {"public": public_key.hex()})
        parsed.verify([key], 1)
        # Only now: nothing that is not signed is read. The type keeps other statements that the
        # same key may have signed from passing for this one.
        if parsed.payload_type != payload_type:
            raise wrong("something else was signed")
        said = json.loads(parsed.payload)
    except (VerificationError, binascii.Error, ValueError, KeyError, TypeError) as error:
        raise wrong from error
    except (AttributeError, RecursionError):
        raise wrong("this is no envelope") from None
    if not isinstance(said, dict) or said.get("format") != form:
        raise wrong("the statement has a form that is not known here")
    return said
