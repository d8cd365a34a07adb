"""An export of the ledger beside a server's log: proved first, then compared. Offline."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from firstlight.adapters.cli.output import Output
from firstlight.adapters.cli.verify import verify_export
from firstlight.core.review.reconcile import Compared, Period, compare

_SHOWN = 20
"""of each kind, to a person; a program gets all"""


def reconcile_export(
    data: bytes, key: str | None, requests: Counter[str], period: Period
) -> Compared:
    """Prove an export and compare its uses with a log.

    Args:
        data: the export
        key: printable verifier key from elsewhere; None takes the one in the export
        requests: how often the log names each use
        period: which uses count

    Raises:
        LedgerBroken: the export does not hold.
        Invalid: it is no export at all.
    """
    verify_export(data, key)
    rows: list[Mapping[str, Any]] = json.loads(data)["entries"]
    ordered = sorted(rows, key=lambda row: row["index"])
    return compare([row["entry"] for row in ordered], requests, period)


def show(out: Output, found: Compared, *, trusted_key: bool) -> None:
    """Say what was found."""
    kinds = {
        "Answered, says the ledger, and not in your log": found.unrequested,
        "In your log, and not in the ledger": found.unknown,
        "More than once in your log": found.doubled,
        "Unfinished: the gateway died": found.unfinished,
    }
    if out.as_json:
        out.json(
            {
                "agrees": found.agrees,
                "trusted_key": trusted_key,
                "uses": found.uses,
                "requests": found.requests,
                "unrequested": list(found.unrequested),
                "unanswered": list(found.unanswered),
                "unknown": list(found.unknown),
                "doubled": list(found.doubled),
                "unfinished": list(found.unfinished),
                "begins_late": dict(found.late),
            }
        )
        return
    verdict = "AGREES" if found.agrees else "DIFFERS"
    out.say(f"{verdict}: {found.uses} uses in the ledger, {found.requests} requests in your log")
    for sentence, uses in kinds.items():
        if uses:
            out.say(f"{sentence}: {len(uses)}")
            for use in uses[:_SHOWN]:
                out.say(f"  {use}")
    for subject, number in found.late.items():
        out.say(f"Entries of {subject} begin only with number {number}: earlier ones are missing")
    if found.unanswered:
        count = len(found.unanswered)
        out.say(f"{count} uses ended before your server answered, and may never have reached it.")
    if not trusted_key:
        out.say("WARNING: the key was taken from the export itself; give --key.")
