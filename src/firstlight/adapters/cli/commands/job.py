"""`firstlight job`."""

from __future__ import annotations

import click

from firstlight.adapters.cli.options import Remote, remote
from firstlight.adapters.cli.output import shown


@click.group()
def job() -> None:
    """See and retry background work."""


@job.command("list")
@remote
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
def list_jobs(session: Remote, limit: int) -> None:
    """Say how much waits and runs, and list what failed for good with its error.

    Example: firstlight job list
    """
    found = session.client.get("jobs", limit=limit).json()
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.facts({name: found[name] for name in ("waiting", "running", "failed")})
    if found["poisoned"]:
        session.out.text("")
        session.out.table(
            ("JOB", "KIND", "TRIES", "FAILED", "ERROR"),
            [
                shown(row, "id", "kind", "attempts", "failed_at", "error")
                for row in found["poisoned"]
            ],
            empty="",
        )


@job.command()
@remote
@click.argument("job_id", metavar="JOB")
def retry(session: Remote, job_id: str) -> None:
    """Give a job that failed for good its tries again.

    Example: firstlight job retry job_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    answer = session.client.post("jobs", job_id, "retry").json()
    if session.out.as_json:
        session.out.json(answer)
    session.out.say("It will be tried again.")
