"""Sign a checkpoint of the ledger, and export what a reader may open, with proofs."""

from __future__ import annotations

from collections.abc import Sequence

from firstlight.core.kernel.bundle import FORMAT
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.checkpoint import Checkpoint, sign_note, verifier_key
from firstlight.core.kernel.ledger import leaf_of
from firstlight.core.kernel.merkle import Tree
from firstlight.core.kernel.parties import Actor
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.context import Context
from firstlight.usecases.ports import Committed, UnitOfWork
from firstlight.usecases.queries.port import Queries

ORIGIN = "firstlight-ledger"
KEY = "ledger"
_PAGE = 500


def make_checkpoint(context: Context) -> str:
    """Sign the ledger as it is now, keep the note and return it."""
    with context.storage.begin() as work:
        return _checkpoint(context, work)[0]


def export_ledger(
    context: Context, queries: Queries, actor: Actor, subjects: Sequence[str] | None = None
) -> dict[str, Json]:
    """Everything of the ledger that `actor` may open, checkable offline by `verify_bundle`.

    Args:
        context: the ports
        queries: reads the entries as the actor may
        actor: who asks; the export opens exactly this reader's entries
        subjects: only entries about these; None for all

    Raises:
        Refused: the actor may read no ledger.
    """
    allow(actor, Action.LEDGER_READ)
    opened = _readable(queries, actor, subjects)
    with context.storage.begin() as work:
        note, tree = _checkpoint(context, work)
        history = _history(work, tree)
    return {
        "format": FORMAT,
        "verifier_key": verifier_key(ORIGIN, context.signer.public_key(KEY)),
        "checkpoint": note,
        "entries": [_entry(item, tree) for item in opened],
        "history": history,
    }


def _checkpoint(context: Context, work: UnitOfWork) -> tuple[str, Tree]:
    """The signed note of the present ledger, kept, and its tree."""
    size = work.ledger.size()
    tree = Tree([leaf_of(item) for item in work.ledger.commitments(size)])
    checkpoint = Checkpoint(origin=ORIGIN, size=size, root=tree.root())
    signature = context.signer.sign(KEY, checkpoint.text().encode())
    note = sign_note(checkpoint, context.signer.public_key(KEY), signature.value)
    work.ledger.keep_checkpoint(size, note)
    return note, tree


def _readable(queries: Queries, actor: Actor, subjects: Sequence[str] | None) -> list[Committed]:
    found: list[Committed] = []
    cursor: str | None = None
    while True:
        page = queries.ledger(actor, subjects=subjects, cursor=cursor, limit=_PAGE)
        found.extend(page.rows)
        cursor = page.next_cursor
        if cursor is None:
            return sorted(found, key=lambda item: item.index)


def _entry(item: Committed, tree: Tree) -> dict[str, Json]:
    return {
        "index": item.index,
        "entry": item.entry.to_json(),
        "salt": item.salt.hex(),
        "commitment": item.commitment.hex(),
        "inclusion": [node.hex() for node in tree.inclusion_proof(item.index)],
    }


def _history(work: UnitOfWork, tree: Tree) -> list[Json]:
    return [
        {
            "checkpoint": note,
            "consistency": [node.hex() for node in tree.consistency_proof(size)],
        }
        for size, note in work.ledger.checkpoints()
        if 0 < size < tree.size
    ]
