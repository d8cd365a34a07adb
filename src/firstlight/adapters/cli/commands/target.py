"""`firstlight target`."""

from __future__ import annotations

import sys

import click

from firstlight.adapters.cli.failures import Exit
from firstlight.adapters.cli.options import Local, local
from firstlight.adapters.cli.output import visible


@click.group()
def target() -> None:
    """List and prove the shipped targets: known flaws, long fixed, shown harmlessly."""


@target.command("list")
@local
def list_targets(session: Local) -> None:
    """List the shipped targets.

    Example: firstlight target list
    """
    found = session.host.targets()
    if session.out.as_json:
        items = [
            {
                "id": one.id,
                "ecosystem": one.ecosystem,
                "package": one.package,
                "vulnerable": one.vulnerable,
                "fixed": one.fixed,
                "identifiers": list(one.identifiers),
            }
            for one in found
        ]
        session.out.json({"items": items})
        return
    session.out.table(
        ("TARGET", "ECOSYSTEM", "VULNERABLE", "FIXED"),
        [[one.id, one.ecosystem, one.vulnerable, one.fixed] for one in found],
        empty="No targets are shipped here.",
    )


@target.command()
@local
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--repeat", type=click.IntRange(1, 20), default=3, show_default=True)
def check(session: Local, ids: tuple[str, ...], repeat: int) -> None:
    """Build targets in the sandbox and prove each: the flaw shows before the fix, and not after.

    Exit code 0: every one holds. 1: at least one does not.

    Example: firstlight target check CVE-2023-53154-cjson
    """

    def progress(name: str, what: str) -> None:
        sys.stderr.write(f"{visible(name)}: {visible(what)}\n")

    found = session.host.check_targets(ids, repeat=repeat, progress=progress)
    if session.out.as_json:
        items = [
            {
                "id": one.id,
                "ok": one.ok,
                "seconds": round(one.seconds, 2),
                "problems": list(one.problems),
            }
            for one in found
        ]
        session.out.json({"items": items, "ok": all(one.ok for one in found)})
    else:
        session.out.table(
            ("TARGET", "RESULT", "SECONDS", "PROBLEMS"),
            [
                [
                    one.id,
                    "holds" if one.ok else "DOES NOT HOLD",
                    f"{one.seconds:.1f}",
                    "; ".join(one.problems),
                ]
                for one in found
            ],
            empty="There is nothing to check.",
        )
    if not all(one.ok for one in found):
        click.get_current_context().exit(int(Exit.CHECK_FAILED))
