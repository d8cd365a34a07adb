"""`firstlight suite commit`, `open`, `verify-opening`: a suite that is fixed before access."""

from __future__ import annotations

import secrets
from pathlib import Path

import click

from firstlight.adapters.cli.options import Local, local, read_file, write_file, write_secret


@click.command()
@local
@click.argument("folder", metavar="FOLDER")
@click.argument("commitment", metavar="COMMITMENT")
@click.argument("kept", metavar="SECRETS")
@click.option("--name", required=True, help="The suite's name.")
@click.option("--version", required=True, help="The suite's version.")
def commit(session: Local, folder: str, commitment: str, kept: str, **given: str) -> None:
    """Commit to every task below FOLDER.

    Writes what is published into COMMITMENT, and what the owner keeps into SECRETS (mode 0600).
    Publish the commitment where its time can be proved before anybody gets access.

    Example: firstlight suite commit sealed-1 sealed-1.json sealed-1.secrets --name sealed-1
    --version 1
    """
    from firstlight.adapters.cli.suite_files import folder_digest, tasks  # noqa: PLC0415
    from firstlight.adapters.formats.measure_suite import (  # noqa: PLC0415  # help needs none
        write_commitment,
        write_secrets,
    )
    from firstlight.core.measure.commitment import (  # noqa: PLC0415  # likewise
        SALT_BYTES,
        TaskSecret,
    )
    from firstlight.core.measure.commitment import commit as committed_to  # noqa: PLC0415

    made = [
        TaskSecret(task=path.name, digest=folder_digest(path), salt=secrets.token_bytes(SALT_BYTES))
        for path in tasks(Path(folder))
    ]
    name, version = given["name"], given["version"]
    committed = committed_to(name, version, made)
    write_secret(kept, write_secrets(name, version, made))
    write_file(commitment, [write_commitment(committed)])
    if session.out.as_json:
        session.out.json(committed.to_json())
    session.out.say(f"{committed.size} tasks, root {committed.root}")
    session.out.say(f"Publish {commitment}; keep {kept} as safe as the tasks.")


@click.command("open")
@local
@click.argument("kept", metavar="SECRETS")
@click.argument("task", metavar="TASK")
@click.argument("opening", metavar="OPENING")
def open_one(session: Local, kept: str, task: str, opening: str) -> None:
    """Write what shows one TASK into OPENING; it says nothing of the others.

    Example: firstlight suite open sealed-1.secrets find-cjson-1 opening.json
    """
    from firstlight.adapters.formats.measure_suite import (  # noqa: PLC0415  # help needs none
        read_secrets,
        write_opening,
    )
    from firstlight.core.measure.commitment import open_task  # noqa: PLC0415  # likewise

    name, version, made = read_secrets(read_file(kept))
    found = open_task(name, version, made, task)
    write_file(opening, [write_opening(found)])
    if session.out.as_json:
        session.out.json({"task": found.task, "digest": found.digest, "index": found.index})
    session.out.say(f"{opening} shows {task}; hand it out together with the task's folder.")


@click.command("verify-opening")
@local
@click.argument("commitment", metavar="COMMITMENT")
@click.argument("opening", metavar="OPENING")
@click.option("--task-folder", metavar="FOLDER", help="The task itself, to compare its digest.")
def verify_opening(session: Local, commitment: str, opening: str, task_folder: str | None) -> None:
    """Check that a task belonged to a suite when it was committed to.

    Without --task-folder only the digest in OPENING is checked, not the task behind it.

    Exit code 0: it did. 1: it did not.

    Example: firstlight suite verify-opening sealed-1.json opening.json --task-folder find-cjson-1
    """
    from firstlight.adapters.cli.suite_files import folder_digest  # noqa: PLC0415
    from firstlight.adapters.formats.measure_suite import (  # noqa: PLC0415  # help needs none
        read_commitment,
        read_opening,
    )
    from firstlight.core.measure.commitment import (  # noqa: PLC0415  # likewise
        CommitmentBroken,
        check_opening,
    )

    committed, opened = read_commitment(read_file(commitment)), read_opening(read_file(opening))
    check_opening(committed, opened)
    if task_folder is not None and folder_digest(Path(task_folder)) != opened.digest:
        raise CommitmentBroken(f"{task_folder} is not the task that was committed to")
    if session.out.as_json:
        session.out.json(
            {"holds": True, "task": opened.task, "compared_files": task_folder is not None}
        )
        return
    session.out.say(f"HOLDS: {opened.task} is one of {committed.size} tasks of {committed.suite}")
    if task_folder is None:
        session.out.say("The task's files were not compared; give --task-folder to do it.")
