"""Sign files by an in-toto statement (v1) in a DSSE envelope (v1).

The statement names each file with its SHA-256, so one signature covers every format of an advisory
and a reader checks it with any DSSE implementation and the published key.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]  # public, unlisted

from firstlight.core.kernel.canonical import Json, canonical, digest
from firstlight.core.kernel.errors import Invalid
from firstlight.usecases.ports import Signer

STATEMENT = "https://in-toto.io/Statement/v1"
RELEASED = "https://firstlight.invalid/advisory-released/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"


class EnvelopeInvalid(Invalid):
    """The envelope is not a valid signature over these files."""

    code = "publication.envelope_invalid"
    next_step = "Fetch the files and the key again; if it persists, tell the publisher."


def seal(
    signer: Signer, purpose: str, files: Mapping[str, bytes], predicate: Mapping[str, Json]
) -> bytes:
    """The envelope over `files` (path to content), as JSON."""
    statement: dict[str, Json] = {
        "_type": STATEMENT,
        "subject": [
            {"name": path, "digest": {"sha256": digest(content)}}
            for path, content in sorted(files.items())
        ],
        "predicateType": RELEASED,
        "predicate": dict(predicate),
    }
    payload = canonical(statement)
    signature = signer.sign(purpose, Envelope(payload, PAYLOAD_TYPE, {}).pae())
    envelope = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [
            {"keyid": signature.key_id, "sig": base64.b64encode(signature.value).decode()}
        ],
    }
    return json.dumps(envelope, indent=2).encode() + b"\n"


def check(envelope: bytes, public_key: bytes, files: Mapping[str, bytes]) -> None:
    """Check an envelope with the publisher's raw public key and the files as they were fetched.

    Raises:
        EnvelopeInvalid: wrong signature, a file that it does not cover, or an altered file.
    """
    try:
        parsed = Envelope.from_dict(json.loads(envelope))
        key = SSlibKey(digest(public_key), "ed25519", "ed25519", {"public": public_key.hex()})
        parsed.verify([key], 1)
        statement = json.loads(parsed.payload)
        covered = {item["name"]: item["digest"]["sha256"] for item in statement["subject"]}
    except (VerificationError, ValueError, KeyError, TypeError) as error:
        raise EnvelopeInvalid(f"the signature does not hold: {str(error)[:120]}") from error
    for path, content in files.items():
        if covered.get(path) != digest(content):
            raise EnvelopeInvalid(f"{path} is not what was signed", path=path)
