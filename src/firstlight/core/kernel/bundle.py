"""A ledger export that anyone can check offline: checkpoint, entries with proofs, history.

Checked, in this order:

1. the checkpoint's signature (a forged head);
2. each entry opens its commitment and lies under the root at its index (an altered entry);
3. entries of one subject count 1, 2, 3, ... and each names the one before (an omitted entry);
4. each older checkpoint is signed and is a prefix of the newest (a rewritten history).

Not checked: that the checkpoint is the newest there is. Ask another witness for that.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.checkpoint import Checkpoint, Verify, open_note
from firstlight.core.kernel.ledger import LedgerBroken, leaf_of, opens
from firstlight.core.kernel.merkle import verify_consistency, verify_inclusion

FORMAT = "firstlight-ledger-1"


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a verified export proves."""

    checkpoint: Checkpoint
    entries: int
    subjects: int
    older_checkpoints: int


def verify_bundle(
    bundle: Mapping[str, Json], *, name: str, public_key: bytes, verify: Verify
) -> Verified:
    """Check an export.

    Args:
        bundle: the parsed export
        name: the ledger's name, from its verifier key
        public_key: raw Ed25519 key, from its verifier key
        verify: checks one signature with that key

    Raises:
        LedgerBroken: it proves nothing, or something else; the message says what and where.
    """
    if bundle.get("format") != FORMAT:
        raise LedgerBroken(f"this is no ledger export: format {str(bundle.get('format'))[:40]!r}")
    head = open_note(_text(bundle, "checkpoint"), name=name, public_key=public_key, verify=verify)
    last: dict[str, tuple[int, str]] = {}
    rows = _list(bundle, "entries")
    for row in rows:
        _check_entry(_mapping(row), head, last)
    history = _list(bundle, "history")
    for item in history:
        older = _mapping(item)
        note = open_note(
            _text(older, "checkpoint"), name=name, public_key=public_key, verify=verify
        )
        if not verify_consistency(
            old_size=note.size,
            old_root=note.root,
            size=head.size,
            new_root=head.root,
            proof=_hashes(older, "consistency"),
        ):
            raise LedgerBroken(f"the ledger of {note.size} entries is no prefix of this one")
    return Verified(
        checkpoint=head, entries=len(rows), subjects=len(last), older_checkpoints=len(history)
    )


def _check_entry(
    row: Mapping[str, Json], head: Checkpoint, last: dict[str, tuple[int, str]]
) -> None:
    index, entry = row.get("index"), _mapping(row.get("entry"))
    if not isinstance(index, int) or isinstance(index, bool):
        raise LedgerBroken("an entry has no index")
    committed = _hash(_text(row, "commitment"))
    if not opens(entry, _hash(_text(row, "salt")), committed):
        raise LedgerBroken(f"entry {index} is not what was committed to", index=index)
    if not verify_inclusion(
        leaf=leaf_of(committed),
        index=index,
        size=head.size,
        proof=_hashes(row, "inclusion"),
        expected_root=head.root,
    ):
        raise LedgerBroken(f"entry {index} is not in the ledger of this checkpoint", index=index)
    subject, sequence = str(entry.get("subject")), entry.get("sequence")
    number, previous = last.get(subject, (0, ""))
    if sequence != number + 1 or entry.get("previous") != previous:
        raise LedgerBroken(f"an entry about {subject} before number {sequence} is missing")
    last[subject] = (number + 1, committed.hex())


def _mapping(value: Json) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise LedgerBroken("the export is malformed: an object is missing")
    return value


def _list(value: Mapping[str, Json], key: str) -> Sequence[Json]:
    found = value.get(key, [])
    if not isinstance(found, list):
        raise LedgerBroken(f"the export is malformed: {key} is no list")
    return found


def _text(value: Mapping[str, Json], key: str) -> str:
    found = value.get(key)
    if not isinstance(found, str):
        raise LedgerBroken(f"the export is malformed: {key} is missing")
    return found


def _hash(text: str) -> bytes:
    try:
        return binascii.unhexlify(text)
    except (binascii.Error, ValueError):
        raise LedgerBroken("the export is malformed: a hash is not hex") from None


def _hashes(value: Mapping[str, Json], key: str) -> list[bytes]:
    return [_hash(str(item)) for item in _list(value, key)]
