from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from firstlight.adapters.vault.keys import KeyFolder, KeyUnreadable, ed25519_verifier


def test_a_signature_holds_for_its_message_alone(tmp_path: Path) -> None:
    """What was signed verifies; another message or another purpose's key does not."""
    keys = KeyFolder(tmp_path / "keys")
    signature = keys.sign("ledger", b"message").value
    assert ed25519_verifier(keys.public_key("ledger"))(b"message", signature)
    assert not ed25519_verifier(keys.public_key("ledger"))(b"another", signature)
    assert not ed25519_verifier(keys.public_key("advisory"))(b"message", signature)


def test_keys_are_for_the_owner_alone(tmp_path: Path) -> None:
    """Folder 0700, files 0600."""
    folder = tmp_path / "keys"
    KeyFolder(folder).public_key("ledger")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()] == [0o600]


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    """A race for the first key has one winner."""
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: KeyFolder(tmp_path).public_key("ledger"), range(16)))
    assert len(set(made)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.pem"]


def test_a_damaged_key_is_an_error_and_is_never_replaced(tmp_path: Path) -> None:
    """A key that cannot be read stops signing and stays as it is."""
    (tmp_path / "ledger.pem").write_bytes(b"damaged")
    with pytest.raises(KeyUnreadable):
        KeyFolder(tmp_path).sign("ledger", b"message")
    assert (tmp_path / "ledger.pem").read_bytes() == b"damaged"


def test_a_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    """Purposes are plain words."""
    with pytest.raises(ValueError, match="does not name a key"):
        KeyFolder(tmp_path / "keys").sign("../other", b"message")
