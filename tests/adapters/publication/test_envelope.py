from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.outbound import clear

from firstlight.adapters.publication.envelope import EnvelopeInvalid, check, seal
from firstlight.adapters.publication.zone import FolderZone
from firstlight.adapters.vault.keys import KeyFolder
from firstlight.core.kernel.errors import Invalid

FILES = {"csaf/a.json": b"one", "osv/a.json": b"two"}


@pytest.fixture
def keys(tmp_path: Path) -> KeyFolder:
    """A fresh key folder."""
    return KeyFolder(tmp_path / "keys")


def test_an_envelope_covers_exactly_its_files(keys: KeyFolder) -> None:
    """Checked by the DSSE library: right for its files, wrong for altered and for further ones."""
    sealed = seal(keys, "advisory", FILES, {"advisory": "FL-1"})
    public = keys.public_key("advisory")
    check(sealed, public, FILES)
    with pytest.raises(EnvelopeInvalid, match="is not what was signed"):
        check(sealed, public, FILES | {"osv/a.json": b"twO"})
    with pytest.raises(EnvelopeInvalid, match="is not what was signed"):
        check(sealed, public, {"csaf/b.json": b"one"})


def test_another_key_is_refused(keys: KeyFolder) -> None:
    """Only the publisher's key counts."""
    sealed = seal(keys, "advisory", FILES, {})
    with pytest.raises(EnvelopeInvalid, match="signature"):
        check(sealed, keys.public_key("ledger"), FILES)


def test_an_altered_payload_is_refused(keys: KeyFolder) -> None:
    """One byte of the statement changes, the signature fails."""
    envelope = json.loads(seal(keys, "advisory", FILES, {}))
    envelope["payload"] = "A" + envelope["payload"][1:]
    with pytest.raises(EnvelopeInvalid):
        check(json.dumps(envelope).encode(), keys.public_key("advisory"), FILES)


def test_signing_twice_gives_the_same_bytes(keys: KeyFolder) -> None:
    """Publication may run again without a change."""
    assert seal(keys, "advisory", FILES, {}) == seal(keys, "advisory", FILES, {})


@pytest.mark.parametrize("path", ["../out", "/etc/out", "a/../../out", ""])
def test_nothing_leaves_the_zone(tmp_path: Path, path: str) -> None:
    """A path outside the folder is refused and nothing is written."""
    with pytest.raises(Invalid):
        FolderZone(tmp_path / "public").put(clear({path: b"x"}))
    assert list(tmp_path.rglob("out")) == []


def test_a_file_is_replaced_whole_and_leaves_no_remains(tmp_path: Path) -> None:
    """After writing twice there is one file with the newer content."""
    zone = FolderZone(tmp_path)
    zone.put(clear({"csaf/a.json": b"old"}))
    zone.put(clear({"csaf/a.json": b"new"}))
    assert [(p.name, p.read_bytes()) for p in (tmp_path / "csaf").iterdir()] == [("a.json", b"new")]
