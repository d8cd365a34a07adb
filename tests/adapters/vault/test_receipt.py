from __future__ import annotations

import base64
import hashlib
import json
import tempfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]  # public, unlisted

from firstlight.adapters.vault import receipt as module
from firstlight.adapters.vault.conformance import AT
from firstlight.adapters.vault.keys import KeyFolder
from firstlight.adapters.vault.receipt import ReceiptInvalid, check_receipt
from firstlight.adapters.vault.sealed import EngagementVault
from firstlight.core.kernel.canonical import Json, canonical
from firstlight.core.kernel.dsse import envelope, to_sign
from firstlight.core.kernel.errors import TooLarge
from firstlight.core.review.closing import RECEIPT_FORMAT
from firstlight.core.review.dsse import RECEIPT_TYPE


def signed(keys: KeyFolder, said: Json, kind: str = RECEIPT_TYPE) -> bytes:
    """An envelope as the closing of an engagement signs it."""
    payload = canonical(said)
    signature = keys.sign("receipt", to_sign(kind, payload))
    return envelope(kind, payload, key_id=signature.key_id, signature=signature.value)


def real(folder: Path) -> tuple[bytes, bytes, dict[str, Json]]:
    """A receipt of a real destruction, the public key, and what the receipt says."""
    vault, keys = EngagementVault(folder / "engagements"), KeyFolder(folder / "keys")
    vault.seal("eng_01", "card", b"content", b"")
    done = vault.destroy("eng_01", AT)
    said: dict[str, Json] = {
        "format": RECEIPT_FORMAT,
        "engagement": "eng_01",
        "destroyed": done.to_json(),
    }
    return signed(keys, said), keys.public_key("receipt"), said


def test_a_receipt_says_what_was_destroyed(tmp_path: Path) -> None:
    """The names of the key and of its store, when, and what is not covered."""
    file, key, said = real(tmp_path)
    checked = check_receipt(file, key)
    assert checked == said
    destroyed = checked["destroyed"]
    assert isinstance(destroyed, dict)
    assert destroyed["stores"] == ["the vault's key folder"]
    assert len(destroyed["keys"]) == 1
    assert len(destroyed["not_covered"]) == 4


def test_other_tools_check_it(tmp_path: Path) -> None:
    """Without a line of ours: the DSSE library, and the signature by hand as DSSE describes it."""
    file, public, said = real(tmp_path)
    found = Envelope.from_dict(json.loads(file))
    name = hashlib.sha256(public).hexdigest()
    found.verify([SSlibKey(name, "ed25519", "ed25519", {"public": public.hex()})], 1)
    assert json.loads(found.payload) == said
    raw = json.loads(file)
    payload, kind = base64.b64decode(raw["payload"]), raw["payloadType"]
    message = f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload
    signature = base64.b64decode(raw["signatures"][0]["sig"])
    Ed25519PublicKey.from_public_bytes(public).verify(signature, message)


def test_another_key_is_refused(tmp_path: Path) -> None:
    """Keys of other purposes, and what is no key."""
    file, _, _ = real(tmp_path)
    for key in (KeyFolder(tmp_path / "keys").public_key("ledger"), bytes(32), b"", b"x" * 31):
        with pytest.raises(ReceiptInvalid):
            check_receipt(file, key)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_any_altered_byte_is_noticed(data: st.DataObject) -> None:
    """Claims, type or signature: what comes back is what was signed, or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        file, key, said = real(Path(folder))
    altered = bytearray(file)
    place = data.draw(st.integers(0, len(file) - 1))
    altered[place] ^= data.draw(st.integers(1, 255))
    try:
        assert check_receipt(bytes(altered), key) == said
    except ReceiptInvalid:
        return
    # Base64 may end in bits without meaning.
    assert json.loads(altered)["payload"] == json.loads(file)["payload"]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"format": RECEIPT_FORMAT}, "application/vnd.in-toto+json"),
        ({"format": "another"}, RECEIPT_TYPE),
        ([], RECEIPT_TYPE),
    ],
    ids=["another type", "another form", "no object"],
)
def test_not_everything_signed_is_a_receipt(tmp_path: Path, said: Json, kind: str) -> None:
    """A good signature of the same key over something else does not pass."""
    keys = KeyFolder(tmp_path / "keys")
    with pytest.raises(ReceiptInvalid):
        check_receipt(signed(keys, said, kind), keys.public_key("receipt"))


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b'{"payload": 1, "payloadType": 2, "signatures": 3}',
        b'{"payload": "", "payloadType": "", "signatures": []}',
        b'{"payload": "e30=", "payloadType": "", "signatures": [{"keyid": "a", "sig": "!"}]}',
        b'{"payload": "e30=", "payloadType": "", "signatures": [{}]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_envelope_is_refused(file: bytes) -> None:
    """Malformed in one way each."""
    with pytest.raises(ReceiptInvalid):
        check_receipt(file, bytes(32))


def test_size_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too much is refused before it is parsed."""
    monkeypatch.setattr(module, "MAX_RECEIPT_BYTES", 10)
    with pytest.raises(TooLarge):
        check_receipt(b"x" * 11, bytes(32))
