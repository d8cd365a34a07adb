"""`firstlight suite commit`, `open`, `verify-opening`: a suite that is fixed before access."""

from __future__ import annotations

import secrets
from pathlib import Path

import click

from firstlight.adapters.cli.options import Local, local, read_file, write_file, write_secret
from firstlight.core.kernel.errors import Invalid

_LEDGER = click.option(
    "--ledger/--no-ledger",
    default=True,
    show_default=True,
    help="Enter it in this installation's ledger (sealed suites).",
)


def is_sealed(folder: str) -> bool:
    """Whether a folder holds a sealed suite."""
    return (Path(folder) / "sealed.json").is_file()


def _commit_sealed(session: Local, folder: str, commitment: str, *, ledger: bool) -> None:
    from firstlight.adapters.formats.measure_suite import (  # noqa: PLC0415  # help needs none
        write_commitment,
    )

    if Path(commitment).exists():
        raise Invalid(f"{commitment} exists", hint="Choose another name.")
    found = session.host.sealed_suites().commit(Path(folder), ledger=ledger)
    write_file(commitment, [write_commitment(found.committed)])
    if session.out.as_json:
        session.out.json({**found.committed.to_json(), "committed_at": found.committed_at})
    session.out.say(f"{found.committed.size} tasks, root {found.committed.root}")
    session.out.say(f"Publish {commitment}, committed at {found.committed_at}.")


def _open_sealed(
    session: Local, which: tuple[str, str], opening: str, into: str, *, ledger: bool
) -> None:
    from firstlight.adapters.cli.suite_files import write_folder  # noqa: PLC0415
    from firstlight.adapters.formats.measure_suite import write_opening  # noqa: PLC0415

    folder, task = which
    for name in (opening, into):
        # Before anything is opened: that cannot be undone.
        if Path(name).exists():
            raise Invalid(f"{name} exists", hint="Choose another name.")
    found = session.host.sealed_suites().open_task(Path(folder), task, ledger=ledger)
    write_folder(Path(into), found.files)
    write_file(opening, [write_opening(found.opening)])
    if session.out.as_json:
        shown = found.opening
        session.out.json(
            {
                "task": shown.task,
                "digest": shown.digest,
                "index": shown.index,
                "also_public": list(found.siblings),
            }
        )
    session.out.say(f"{opening} shows {task}; the task itself is in {into}.")
    session.out.say(
        f"It counts as public now, and so do {len(found.siblings)} other tasks of its program."
    )


@click.command()
@local
@click.argument("folder", metavar="FOLDER")
@click.argument("commitment", metavar="COMMITMENT")
@click.argument("kept", metavar="[SECRETS]", required=False)
@click.option("--name", help="The suite's name, of tasks in clear.")
@click.option("--version", help="The suite's version, of tasks in clear.")
@_LEDGER
def commit(  # each is an argument of the command
    session: Local,
    folder: str,
    commitment: str,
    kept: str | None,
    *,
    ledger: bool,
    **given: str | None,
) -> None:
    """Commit to every task of FOLDER: a sealed suite, or folders of tasks in clear.

    Writes what is published into COMMITMENT. Of a sealed suite it writes down the time as well, in
    the suite's folder and in the ledger. Of tasks in clear, what the owner keeps goes into SECRETS
    (mode 0600). Publish the commitment where its time can be proved before anybody gets access.

    Example: firstlight suite commit sealed-1 sealed-1.json
    """
    if is_sealed(folder):
        _commit_sealed(session, folder, commitment, ledger=ledger)
        return
    name, version = given["name"], given["version"]
    if kept is None or name is None or version is None:
        raise click.UsageError("tasks in clear need SECRETS, --name and --version")
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
    committed = committed_to(name, version, made)
    write_secret(kept, write_secrets(name, version, made))
    write_file(commitment, [write_commitment(committed)])
    if session.out.as_json:
        session.out.json(committed.to_json())
    session.out.say(f"{committed.size} tasks, root {committed.root}")
    session.out.say(f"Publish {commitment}; keep {kept} as safe as the tasks.")


@click.command("open")
@local
@click.argument("kept", metavar="SECRETS|FOLDER")
@click.argument("task", metavar="TASK")
@click.argument("opening", metavar="OPENING")
@click.option("--into", metavar="FOLDER", help="Where to write a sealed task in clear.")
@_LEDGER
def open_one(
    session: Local, kept: str, task: str, opening: str, into: str | None, *, ledger: bool
) -> None:
    """Write what shows one TASK into OPENING; it says nothing of the others.

    Of a sealed suite's FOLDER the task itself is written as well, and counts as public from now
    on, with every other task of the same program. That cannot be undone.

    Example: firstlight suite open sealed-1 sealed-3fa94c01d2b7 opening.json --into opened
    """
    if is_sealed(kept):
        if into is None:
            raise click.UsageError("a sealed task needs --into FOLDER")
        _open_sealed(session, (kept, task), opening, into, ledger=ledger)
        return
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
