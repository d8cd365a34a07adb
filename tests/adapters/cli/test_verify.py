"""`firstlight ledger verify`: offline, strict, and loud when one byte was altered."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.adapters.cli.conftest import PYTHON, Shell

from firstlight.adapters.cli.verify import verify_export
from firstlight.adapters.vault.keys import KeyFolder
from firstlight.core.kernel.bundle import FORMAT
from firstlight.core.kernel.canonical import Json, canonical
from firstlight.core.kernel.checkpoint import Checkpoint, sign_note, verifier_key
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.ids import EntryId
from firstlight.core.kernel.ledger import SALT_BYTES, Entry, commitment, leaf_of
from firstlight.core.kernel.merkle import Tree

NAME = "test-ledger"


def _entry(number: int, subject: str, sequence: int, previous: str) -> Entry:
    return Entry(
        id=EntryId.mint(1_700_000_000_000 + number, bytes(10)),
        at=Instant.parse(f"2026-11-02T09:00:{number:02d}Z"),
        actor="system",
        action="case.move",
        subject=subject,
        rule="a rule",
        facts={"number": number, "text": "\u00e4 \u2028"},
        sequence=sequence,
        previous=previous,
    )


@cache
def exported(other_key: bool = False) -> tuple[bytes, str]:  # noqa: FBT001, FBT002  # a cache key
    """A real export of seven entries about two subjects, and its verifier key."""
    with TemporaryDirectory() as folder:
        keys = KeyFolder(Path(folder))
        last: dict[str, tuple[int, str]] = {}
        rows: list[tuple[Entry, bytes, bytes]] = []
        for number in range(7):
            subject = ("one", "two")[number % 2]
            sequence, previous = last.get(subject, (0, ""))
            entry = _entry(number, subject, sequence + 1, previous)
            salt = bytes([number + other_key]) * SALT_BYTES
            made = commitment(entry, salt)
            last[subject] = (sequence + 1, made.hex())
            rows.append((entry, salt, made))
        tree = Tree([leaf_of(made) for _, _, made in rows])
        public = keys.public_key("ledger")

        def note(size: int) -> str:
            root = Tree([leaf_of(made) for _, _, made in rows[:size]]).root()
            checkpoint = Checkpoint(origin=NAME, size=size, root=root)
            signature = keys.sign("ledger", checkpoint.text().encode())
            return sign_note(checkpoint, public, signature.value)

        bundle: Mapping[str, Json] = {
            "format": FORMAT,
            "verifier_key": verifier_key(NAME, public),
            "checkpoint": note(7),
            "entries": [
                {
                    "index": index,
                    "entry": entry.to_json(),
                    "salt": salt.hex(),
                    "commitment": made.hex(),
                    "inclusion": [node.hex() for node in tree.inclusion_proof(index)],
                }
                for index, (entry, salt, made) in enumerate(rows)
            ],
            "history": [
                {
                    "checkpoint": note(size),
                    "consistency": [node.hex() for node in tree.consistency_proof(size)],
                }
                for size in (1, 4, 6)
            ],
        }
        return canonical(bundle), verifier_key(NAME, public)


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """An export and its key as files."""
    data, key = exported()
    (tmp_path / "ledger.json").write_bytes(data)
    (tmp_path / "ledger.key").write_text(key + "\n")
    return str(tmp_path / "ledger.json"), str(tmp_path / "ledger.key")


def test_a_true_export_holds(shell: Shell, files: tuple[str, str]) -> None:
    """0, with what was proved and under which key."""
    told = shell("ledger", "verify", files[0], "--key", files[1], "--json").json()
    assert (told["holds"], told["trusted_key"]) == (True, True)
    assert (told["entries"], told["subjects"], told["older_checkpoints"]) == (7, 2, 3)
    said = shell("ledger", "verify", files[0], "--key", files[1])
    assert said.code == 0
    assert "HOLDS" in said.out
    assert "WARNING" not in said.out


def test_without_a_key_it_says_how_little_that_proves(shell: Shell, files: tuple[str, str]) -> None:
    """Trust on first use is said loudly, with the fingerprint to compare."""
    said = shell("ledger", "verify", files[0])
    told = shell("ledger", "verify", files[0], "--json").json()
    assert said.code == 0
    assert "WARNING: the key was taken from the file itself" in said.out
    assert told["fingerprint"] in said.out
    assert told["trusted_key"] is False


def test_an_export_of_another_ledger(shell: Shell, files: tuple[str, str], tmp_path: Path) -> None:
    """A whole export that is signed by somebody else fails under the key that was handed over."""
    forged = tmp_path / "forged.json"
    forged.write_bytes(exported(other_key=True)[0])
    assert shell("ledger", "verify", str(forged)).code == 0
    ended = shell("ledger", "verify", str(forged), "--key", files[1])
    assert ended.code == 1
    assert "code: ledger.broken" in ended.err


@settings(max_examples=600, deadline=None)
@given(data=st.data())
def test_one_altered_byte_is_noticed(data: st.DataObject) -> None:
    """Any byte, put to any other value, anywhere: it fails, also without a key from elsewhere."""
    true, key = exported()
    place = data.draw(st.integers(0, len(true) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda value: value != true[place]))
    altered = true[:place] + bytes([value]) + true[place + 1 :]
    with pytest.raises(Invalid):
        verify_export(altered, key)
    with pytest.raises(Invalid):
        verify_export(altered, None)


def test_every_byte_is_noticed() -> None:
    """The same for each position once, with the lowest bit turned: none is left out."""
    true, key = exported()
    passed = []
    for place in range(len(true)):
        altered = bytearray(true)
        altered[place] ^= 1
        try:
            verify_export(bytes(altered), key)
        except Invalid:
            continue
        passed.append(place)
    assert passed == []


@settings(max_examples=100, deadline=None)
@given(start=st.integers(0, 6000), length=st.integers(1, 400))
def test_what_was_cut_out_is_noticed(start: int, length: int) -> None:
    """Any stretch left out makes it fail."""
    true, key = exported()
    start %= len(true) - 1
    with pytest.raises(Invalid):
        verify_export(true[:start] + true[start + length :], key)


def _without(data: bytes, what: str) -> bytes:
    bundle = json.loads(data)
    match what:
        case "an entry":
            del bundle["entries"][2]
        case "the order":
            bundle["entries"].reverse()
        case "an unknown field":
            bundle["note"] = "trust me"
        case "an unknown field in an entry":
            bundle["entries"][0]["note"] = "trust me"
        case "the history":
            del bundle["history"]
        case "an older checkpoint's proof":
            bundle["history"][1]["consistency"] = []
        case "an entry's index":
            bundle["entries"][0]["index"] = True
        case "upper-case hex":
            bundle["entries"][0]["salt"] = "0A" * SALT_BYTES
    return canonical(bundle)


@pytest.mark.parametrize(
    "what",
    [
        "an entry",
        "the order",
        "an unknown field",
        "an unknown field in an entry",
        "the history",
        "an older checkpoint's proof",
        "an entry's index",
        "upper-case hex",
    ],
)
def test_a_well_formed_lie(shell: Shell, files: tuple[str, str], what: str) -> None:
    """Canonical JSON that says something else fails with exit code 1."""
    path = Path(files[0])
    path.write_bytes(_without(path.read_bytes(), what))
    ended = shell("ledger", "verify", files[0], "--key", files[1])
    assert (ended.code, "HOLDS" in ended.out) == (1, False)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff", b'{"a": 1, "a": 1}'])
def test_what_is_no_export(shell: Shell, tmp_path: Path, data: bytes) -> None:
    """It is refused with a code, never with a traceback."""
    path = tmp_path / "x.json"
    path.write_bytes(data)
    ended = shell("ledger", "verify", str(path))
    assert ended.code in {1, 4}
    assert "code: " in ended.err


def test_it_works_without_django_and_without_a_network(files: tuple[str, str]) -> None:
    """As a program whose sockets are shut: it verifies, and Django was never loaded."""
    script = """
import socket, sys
def shut(*_args, **_options): raise OSError("there is no network here")
socket.socket = shut
from firstlight.__main__ import main
sys.argv = ["firstlight", "ledger", "verify", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    assert end.code == 0, end.code
loaded = [name for name in ("django", "firstlight.bootstrap", "sqlite3") if name in sys.modules]
assert not loaded, loaded
"""
    done = subprocess.run(
        [PYTHON, "-c", script, files[0], "--key", files[1]],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "HOLDS" in done.stdout
