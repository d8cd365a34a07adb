"""`firstlight measure threshold`."""

from __future__ import annotations

import secrets
from pathlib import Path

import click

from firstlight.adapters.cli.options import Local, local, read_file, write_file, write_secret


@click.group()
def threshold() -> None:
    """Seal a threshold, open it later, and prove that it was this one."""


@threshold.command()
@local
@click.argument("file", metavar="THRESHOLD")
@click.argument("sealed", metavar="SEALED")
def seal(session: Local, file: str, sealed: str) -> None:
    """Seal THRESHOLD into a new file SEALED (mode 0600), and print its commitment.

    Keep SEALED where the secret lives; publish the commitment and remove THRESHOLD.

    Example: firstlight measure threshold seal threshold.json threshold.sealed
    """
    from firstlight.adapters.vault.thresholds import (  # noqa: PLC0415  # help needs none of it
        read_threshold,
        sealed_form,
    )
    from firstlight.core.measure.threshold import SALT_BYTES, commitment  # noqa: PLC0415

    found, salt = read_threshold(read_file(file)), secrets.token_bytes(SALT_BYTES)
    write_secret(sealed, sealed_form(found, salt))
    committed = commitment(found, salt)
    if session.out.as_json:
        session.out.json({"file": sealed, "commitment": committed})
    session.out.say(f"{sealed} is sealed. Publish its commitment: {committed}")


@threshold.command("open")
@local
@click.argument("sealed", metavar="SEALED")
@click.argument("opened", metavar="OPENED")
def open_sealed(session: Local, sealed: str, opened: str) -> None:
    """Write what shows a sealed threshold into a new file OPENED, to be handed out.

    From then on it is secret no longer; that cannot be undone.

    Example: firstlight measure threshold open threshold.sealed threshold.opened.json
    """
    from firstlight.adapters.vault.thresholds import (  # noqa: PLC0415  # help needs none of it
        SealedThresholdFile,
        sealed_form,
    )

    found = SealedThresholdFile(Path(sealed)).open()
    write_file(opened, [sealed_form(found.threshold, found.salt)])
    if session.out.as_json:
        session.out.json({"file": opened, "commitment": found.known_by})
    session.out.say(f"{opened} shows threshold {found.threshold.name} {found.threshold.version}.")


@threshold.command()
@local
@click.argument("opened", metavar="OPENED")
@click.option("--known-by", required=True, metavar="DIGEST", help="The published commitment.")
def verify(session: Local, opened: str, known_by: str) -> None:
    """Check that an opened threshold is the one that was committed to, and show it.

    Exit code 0: it is. 1: it is not.

    Example: firstlight measure threshold verify threshold.opened.json --known-by 3f2a...
    """
    from hmac import compare_digest  # noqa: PLC0415  # only here

    from firstlight.adapters.vault.thresholds import read_opened  # noqa: PLC0415
    from firstlight.core.measure.commitment import CommitmentBroken  # noqa: PLC0415

    found = read_opened(read_file(opened))
    if not compare_digest(found.known_by.encode(), known_by.strip().lower().encode()):
        raise CommitmentBroken("this is not the threshold that was committed to")
    body = found.threshold.to_json()
    if session.out.as_json:
        session.out.json({"holds": True, "threshold": body})
        return
    session.out.say(f"HOLDS: {found.threshold.name} {found.threshold.version}")
    session.out.facts({name: value for name, value in body.items() if name != "format"})
