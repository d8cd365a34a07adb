"""`firstlight ledger`."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import UTC, datetime

import click

from firstlight.adapters.cli.failures import Exit
from firstlight.adapters.cli.options import (
    Local,
    Remote,
    local,
    read_file,
    read_lines,
    read_text,
    remote,
    write_file,
)
from firstlight.core.kernel.clock import Instant


@click.group()
def ledger() -> None:
    """Export the ledger, and check an export offline."""


@ledger.command()
@remote
@click.argument("file", metavar="FILE")
@click.option("--subject", "subjects", multiple=True, help="Only entries about this; repeat it.")
def export(session: Remote, file: str, subjects: tuple[str, ...]) -> None:
    """Write every entry that you may open, with its proofs, into a new FILE.

    Example: firstlight ledger export ledger.json
    """
    reply = session.client.get("ledger", "export", subject=list(subjects) or None)
    if file == "-":
        sys.stdout.buffer.write(reply.content)
        return
    write_file(file, [reply.content])
    count = len(reply.json()["entries"])
    if session.out.as_json:
        session.out.json({"file": file, "entries": count})
    session.out.say(f"{count} entries are in {file}. Check it: firstlight ledger verify {file}")


@ledger.command()
@local
@click.argument("file", metavar="FILE")
@click.option(
    "--key", "key_file", metavar="KEYFILE", help="The ledger's verifier key, from elsewhere."
)
def verify(session: Local, file: str, key_file: str | None) -> None:
    """Check an export, without server, database or network.

    Proves that every entry is in the signed ledger as it stands there, that no entry between two
    of one subject is left out, and that every earlier checkpoint is a beginning of the newest.
    Without --key the key in FILE is used: that proves only that FILE agrees with itself.

    Exit code 0: it holds. 1: it does not.

    Example: firstlight ledger verify ledger.json --key firstlight-ledger.key
    """
    from firstlight.adapters.cli.verify import verify_export  # noqa: PLC0415  # loads cryptography

    key = read_text(key_file) if key_file else None
    proved = verify_export(read_file(file), key)
    if session.out.as_json:
        session.out.json(
            {
                "holds": True,
                "trusted_key": key_file is not None,
                "fingerprint": proved.fingerprint,
                "origin": proved.verified.checkpoint.origin,
                "size": proved.verified.checkpoint.size,
                "entries": proved.verified.entries,
                "subjects": proved.verified.subjects,
                "older_checkpoints": proved.verified.older_checkpoints,
            }
        )
        return
    out, verified = session.out, proved.verified
    out.say(f"HOLDS: {verified.entries} entries about {verified.subjects} subjects")
    out.facts(
        {
            "Ledger": f"{verified.checkpoint.origin}, {verified.checkpoint.size} entries",
            "Root": verified.checkpoint.root.hex(),
            "Earlier checkpoints": verified.older_checkpoints,
            "Key": f"SHA-256 {proved.fingerprint}",
        }
    )
    if key_file is None:
        out.say(
            "WARNING: the key was taken from the file itself. This proves only that the file agrees"
            " with itself under that key. Compare the fingerprint with one that you got by another"
            " way, or give --key."
        )


_MOMENT = click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


@ledger.command()
@local
@click.argument("file", metavar="EXPORT")
@click.argument("logs", metavar="LOG...", nargs=-1, required=True)
@click.option(
    "--key", "key_file", metavar="KEYFILE", help="The ledger's verifier key, from elsewhere."
)
@click.option("--since", type=_MOMENT, help="Only uses from this moment (UTC) on.")
@click.option("--until", type=_MOMENT, help="Only uses before this moment (UTC).")
@click.pass_context
def reconcile(
    ctx: click.Context,
    session: Local,
    file: str,
    logs: tuple[str, ...],
    *,
    key_file: str | None,
    since: datetime | None,
    until: datetime | None,
) -> None:
    """Compare your ledger entries with the logs of your own server, offline.

    EXPORT comes from `firstlight ledger export`. A LOG is a file of your server in which each
    request's header Firstlight-Use stands on the request's line: JSON lines, an access log, or
    anything else. First the export's own proofs are checked, as `ledger verify` does.

    Exit code 0: both agree. 1: they do not, or the export does not hold.

    Example: firstlight ledger reconcile ledger.json access.log --key firstlight-ledger.key
    """
    from firstlight.adapters.cli.reconcile import (  # noqa: PLC0415  # loads cryptography
        reconcile_export,
        show,
    )
    from firstlight.core.review.reconcile import Period, uses_named  # noqa: PLC0415  # likewise

    requests: Counter[str] = Counter()
    for log in logs:
        requests.update(uses_named(read_lines(log)))
    key = read_text(key_file) if key_file else None
    period = Period(since=_instant(since), until=_instant(until))
    found = reconcile_export(read_file(file), key, requests, period)
    show(session.out, found, trusted_key=key is not None)
    if not found.agrees:
        ctx.exit(int(Exit.CHECK_FAILED))


def _instant(moment: datetime | None) -> Instant | None:
    return Instant(moment.replace(tzinfo=UTC)) if moment else None
