from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from tests.databases import Database

from firstlight.adapters.storage.backup import backup, restore
from firstlight.adapters.vault.conformance import AT
from firstlight.adapters.vault.sealed import EngagementVault
from firstlight.usecases.ports.sealed import (
    KeyDestroyed,
    KeyMissing,
    Sealed,
    SealedVault,
    VaultUnusable,
)

_DYING = Path(__file__).with_name("dying_process.py")


def secret_in(folder: Path) -> bytes:
    """The 32 bytes of the key, from its file."""
    return (folder / "e.key").read_bytes()[8:40]


def test_keys_are_for_the_owner_alone(tmp_path: Path) -> None:
    """Folder 0700, every file in it 0600."""
    folder = tmp_path / "keys"
    vault = EngagementVault(folder)
    vault.seal("e", "d", b"", b"")
    vault.seal("f", "d", b"", b"")
    vault.destroy("f", AT)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {
        "e.key": 0o600,
        "f.destroyed": 0o600,
        ".lock": 0o600,
    }


def test_who_seals_first_at_once_agree_on_one_key(tmp_path: Path) -> None:
    """A race for the first key has one winner, and all documents open."""
    with ThreadPoolExecutor(8) as pool:
        sealed = list(
            pool.map(lambda _: EngagementVault(tmp_path).seal("e", "d", b"x", b""), range(24))
        )
    vault = EngagementVault(tmp_path)
    assert {vault.open("e", "d", each, b"") for each in sealed} == {b"x"}


def test_sealing_against_destruction(tmp_path: Path) -> None:
    """Whoever wins, in the end there is a tombstone and no key."""
    for turn in range(20):
        name, vault = f"e{turn}", EngagementVault(tmp_path)

        def seal(name: str = name, vault: SealedVault = vault) -> str:
            try:
                vault.seal(name, "d", b"x", b"")
            except KeyDestroyed:
                return "refused"
            return "sealed"

        with ThreadPoolExecutor(2) as pool:
            outcome = pool.submit(seal)
            pool.submit(vault.destroy, name, AT).result()
        assert outcome.result() in {"sealed", "refused"}
        assert not vault.exists(name)
        assert not (tmp_path / f"{name}.key").exists()


def test_a_key_is_overwritten_before_it_is_removed(tmp_path: Path) -> None:
    """Through a second name of the same file one sees that the secret itself is gone."""
    vault = EngagementVault(tmp_path / "keys")
    vault.seal("e", "d", b"", b"")
    secret = secret_in(tmp_path / "keys")
    (tmp_path / "second name").hardlink_to(tmp_path / "keys" / "e.key")
    vault.destroy("e", AT)
    left = (tmp_path / "second name").read_bytes()
    assert len(left) == 56
    assert secret not in left


@pytest.mark.parametrize("step", range(6))
def test_destruction_that_dies_is_finished(tmp_path: Path, step: int) -> None:
    """Killed at any fsync: either all still opens, or nothing does; asked again, no key is left."""
    vault = EngagementVault(tmp_path)
    sealed = vault.seal("e", "d", b"content", b"")
    secret, name = secret_in(tmp_path), vault.fingerprint("e")
    done = subprocess.run(
        [sys.executable, str(_DYING), str(tmp_path), "destroy", str(step)], check=False
    )
    assert done.returncode == (9 if step < 4 else 0), "four steps are made durable"
    if (tmp_path / "e.destroyed").exists():
        with pytest.raises(KeyDestroyed):
            vault.open("e", "d", sealed, b"")
    else:
        assert vault.open("e", "d", sealed, b"") == b"content"
    assert vault.destroy("e", AT.plus(timedelta(hours=1))).keys == (name,)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "e.destroyed"]
    assert all(secret not in path.read_bytes() for path in tmp_path.iterdir())


@pytest.mark.parametrize("step", range(4))
def test_a_first_sealing_that_dies_leaves_all_or_no_key(tmp_path: Path, step: int) -> None:
    """The next sealing works; a key half made is gone with the engagement's destruction."""
    folder = tmp_path / "keys"
    subprocess.run([sys.executable, str(_DYING), str(folder), "seal", str(step)], check=False)
    vault = EngagementVault(folder)
    assert vault.open("e", "d", vault.seal("e", "d", b"x", b""), b"") == b"x"
    vault.destroy("e", AT)
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "e.destroyed"]


@pytest.mark.parametrize("size", [0, 20, 40, 55])
def test_a_cut_key_is_an_error_and_is_never_replaced(tmp_path: Path, size: int) -> None:
    """A key that cannot be used stops sealing, and stays as it is; it can be destroyed."""
    vault = EngagementVault(tmp_path)
    vault.seal("e", "d", b"", b"")
    data = (tmp_path / "e.key").read_bytes()[:size]
    (tmp_path / "e.key").write_bytes(data)
    with pytest.raises(VaultUnusable, match="damaged"):
        vault.seal("e", "d", b"", b"")
    assert (tmp_path / "e.key").read_bytes() == data
    vault.destroy("e", AT)
    assert not (tmp_path / "e.key").exists()


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    """A file in the folder's place: VaultUnusable, for each verb."""
    (tmp_path / "keys").write_bytes(b"")
    vault = EngagementVault(tmp_path / "keys")
    with pytest.raises(VaultUnusable):
        vault.seal("e", "d", b"", b"")
    with pytest.raises(VaultUnusable):
        vault.destroy("e", AT)


def test_a_key_never_shows_in_print(tmp_path: Path) -> None:
    """Neither the vault nor what it derives tells a secret to a log."""
    vault = EngagementVault(tmp_path)
    vault.seal("e", "d", b"", b"")
    key = vault._keys.get("e")
    assert key.wrapping.hex() not in repr(key)
    assert str(key.wrapping) not in repr(key)


def _store(sealed: Sealed) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE documents (envelope BLOB)")
        cursor.execute("INSERT INTO documents VALUES (%s)", [sealed.envelope])


def _stored() -> Sealed:
    with connection.cursor() as cursor:
        cursor.execute("SELECT envelope FROM documents")
        return Sealed(envelope=bytes(cursor.fetchone()[0]))


def test_an_old_backup_opens_nothing(sqlite_database: Database, tmp_path: Path) -> None:
    """A backup taken before the destruction is restored after it: the document stays shut.

    The bytes come back whole (they open while the key is there), and the backup holds no key.
    """
    content = b"the developer's card of the system " * 5000
    folder = tmp_path / "keys"
    vault = EngagementVault(folder)
    _store(vault.seal("e", "card", content, b"version 1"))
    secret = secret_in(folder)
    backup(tmp_path / "backup")
    restore(tmp_path / "backup", overwrite=True)
    assert vault.open("e", "card", _stored(), b"version 1") == content
    vault.destroy("e", AT)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE documents")
    restore(tmp_path / "backup", overwrite=True)
    restored = _stored()
    with pytest.raises(KeyDestroyed):
        vault.open("e", "card", restored, b"version 1")
    with pytest.raises(KeyMissing):
        EngagementVault(tmp_path / "another machine").open("e", "card", restored, b"version 1")
    assert sqlite_database.vendor == "sqlite"
    for file in tmp_path.iterdir():
        if file.is_file():
            data = file.read_bytes()
            assert secret not in data, f"{file.name} holds the key"
            assert content[:35] not in data, f"{file.name} holds the text"


def test_a_copy_of_the_key_folder_is_outside_the_claim(tmp_path: Path) -> None:
    """Who copied the folder before can still read: so the destruction says that it cannot know."""
    vault = EngagementVault(tmp_path / "keys")
    sealed = vault.seal("e", "d", b"content", b"")
    shutil.copytree(tmp_path / "keys", tmp_path / "copy")
    destruction = vault.destroy("e", AT)
    assert EngagementVault(tmp_path / "copy").open("e", "d", sealed, b"") == b"content"
    assert any("Copies of the key folder" in sentence for sentence in destruction.not_covered)
