"""Check a statement with a printed key. Loads neither numpy nor Django."""

from __future__ import annotations

from firstlight.adapters.formats.measure_statement import Statement, check_statement
from firstlight.adapters.vault.ed25519 import ed25519_verifier
from firstlight.core.kernel.checkpoint import parse_verifier_key
from firstlight.core.kernel.ledger import LedgerBroken
from firstlight.core.measure.recheck import StatementBroken


def verify_statement(data: bytes, key: str) -> Statement:
    """Check a statement.

    Args:
        data: the file
        key: the printable verifier key, from elsewhere

    Raises:
        StatementBroken: it does not hold.
        Invalid: it is no statement at all.
    """
    try:
        _, public_key = parse_verifier_key(key)
        verify = ed25519_verifier(public_key)
    except (LedgerBroken, ValueError):
        raise StatementBroken(
            "this is no verifier key", hint="It looks like name+hash+key; see `measure key`."
        ) from None
    return check_statement(data, public_key=public_key, verify=verify)
