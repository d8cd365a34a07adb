"""`firstlight suite new-sealed`, `seal`, `rotate`, `sealed`, `search`: suites that stay secret."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from firstlight.adapters.cli.failures import Exit
from firstlight.adapters.cli.options import Local, local
from firstlight.adapters.cli.output import visible

if TYPE_CHECKING:  # help needs none of it
    from firstlight.adapters.cli.host_sealed import Order, SealedShown

_Command = Callable[..., None]
_PROGRAMS = click.option(
    "--programs",
    type=click.IntRange(1, 1000),
    default=30,
    show_default=True,
    help="How many programs; each gives four tasks.",
)
_CHECK = click.option(
    "--check/--no-check",
    default=True,
    show_default=True,
    help="Try every gate before anything is sealed (about a second for each task).",
)
_JOBS = click.option("--jobs", type=click.IntRange(1, 16), default=2, show_default=True)
_NAME = click.option("--name", required=True, help="The suite's name.")
_VERSION = click.option(
    "--version", default="1", show_default=True, metavar="NUMBER", help="The suite's version."
)


@click.command("new-sealed")
@local
@click.argument("folder", metavar="FOLDER")
@_NAME
@_VERSION
@_PROGRAMS
@_CHECK
@_JOBS
def new_sealed(session: Local, folder: str, **given: object) -> None:
    """Make a suite of small programs with planted flaws from fresh entropy, sealed into FOLDER.

    No file in clear is ever written: programs are made in memory and proved on a tmpfs. The key
    is kept apart, in the folder of suite keys; who loses it loses the suite.

    Example: firstlight suite new-sealed sealed-1 --name sealed --programs 30
    """
    found = session.host.sealed_suites().new(_order(folder, given), _progress)
    _tell(session, folder, found)
    _next(session, folder)


@click.command()
@local
@click.argument("tasks", metavar="TASKS")
@click.argument("folder", metavar="FOLDER")
@_NAME
@_VERSION
def seal(session: Local, tasks: str, folder: str, **given: object) -> None:
    """Seal the task folders below TASKS, made elsewhere, into FOLDER.

    A task folder has the form of an opened task. TASKS stays as it is: remove it where it can
    be recovered by nobody.

    Example: firstlight suite seal my-tasks sealed-2 --name own --version 1
    """
    found = session.host.sealed_suites().seal(_order(folder, given), Path(tasks))
    _tell(session, folder, found)
    _next(session, folder)


@click.command()
@local
@click.argument("before", metavar="OLD")
@click.argument("folder", metavar="NEW")
@click.option("--version", metavar="NUMBER", help="One more than that of OLD when left out.")
@_PROGRAMS
@_CHECK
@_JOBS
def rotate(session: Local, before: str, folder: str, **given: object) -> None:
    """Replace a suite: new programs from fresh entropy under a new key, as the next version.

    Nothing of OLD is in NEW. OLD stays as it is, so that its tasks can be opened and its runs
    understood; it names no successor, and NEW names its commitment.

    Example: firstlight suite rotate sealed-1 sealed-2
    """
    suites = session.host.sealed_suites()
    old = suites.show(Path(before)).committed
    given["name"] = old.suite
    given["version"] = given["version"] or str(int(old.version) + 1)
    found = suites.rotate(Path(before), _order(folder, given), _progress)
    _tell(session, folder, found)
    _next(session, folder)


@click.command()
@local
@click.argument("folder", metavar="FOLDER")
@click.option("--tasks", "with_tasks", is_flag=True, help="The tasks' names; needs the key.")
def sealed(session: Local, folder: str, *, with_tasks: bool) -> None:
    """Show what is public of a sealed suite, and with --tasks what its owner knows.

    Example: firstlight suite sealed sealed-1
    """
    suites = session.host.sealed_suites()
    names = suites.names(Path(folder)) if with_tasks else ()
    _tell(session, folder, suites.show(Path(folder)), names)


@click.command("check-sealed")
@local
@click.argument("folder", metavar="FOLDER")
@_JOBS
def check_sealed(session: Local, folder: str, jobs: int) -> None:
    """Try the gates of a sealed suite's tasks, in memory; what is printed quotes no task.

    Exit code 0: all gates hold. 1: at least one does not.

    Example: firstlight suite check-sealed sealed-1
    """
    found = session.host.sealed_suites().check(Path(folder), _progress, jobs=jobs)
    bad = [one for one in found if not one.ok]
    gates = sum(len(one.gates) for one in found)
    if session.out.as_json:
        items = [
            {"id": one.id, "ok": one.ok, "gates": dict(one.gates), "seconds": round(one.seconds, 2)}
            for one in found
        ]
        session.out.json({"items": items, "ok": not bad})
    else:
        session.out.table(
            ("TASK", "RESULT", "GATES"),
            [[one.id, "DOES NOT HOLD", str(len(one.gates))] for one in bad],
            empty=f"All {gates} gates of {len(found)} tasks hold.",
        )
    if bad:
        click.get_current_context().exit(int(Exit.CHECK_FAILED))


@click.command()
@local
@click.argument("folder", metavar="FOLDER")
@click.argument("run", metavar="RUN")
@click.option("--task", "tasks", multiple=True, metavar="TASK", help="These alone, by either name.")
def evidence(session: Local, folder: str, run: str, tasks: tuple[str, ...]) -> None:
    """Open what was seen in a RUN on a sealed suite, for who holds its key.

    What is printed quotes tasks: it is no less secret than they are. With --json, everything that
    a verifier said is there; else a line for each sample.

    Example: firstlight suite evidence sealed-1 mea_01m8cz4drc3f62ephd2y4spf4e
    """
    found = [
        one
        for one in session.host.sealed_suites().evidence(Path(folder), run)
        if not tasks or {one.task, one.shown_as} & set(tasks)
    ]
    if session.out.as_json:
        session.out.json({"items": [dict(vars(one)) for one in found]})
        return
    session.out.table(
        ("TASK", "SHOWN AS", "EPOCH", "ENDED", "SEEN"),
        [
            (
                one.task,
                one.shown_as,
                str(one.epoch),
                str(one.evidence["kind"]),
                visible(str(one.evidence["summary"])),
            )
            for one in found
        ],
        empty="No sample of that run is kept.",
    )


@click.command()
@local
@click.argument("folder", metavar="FOLDER")
@click.argument("places", metavar="PLACE...", nargs=-1, required=True)
def search(session: Local, folder: str, places: tuple[str, ...]) -> None:
    """Look for text and canaries of a sealed suite's tasks in PLACEs where they must not be.

    Files, their names and what they compress are searched, in clear, base64, hexadecimal, UTF-16,
    rotated and backwards. What is found is told by place and encoding, never by its text. Tasks
    that were opened are left out.

    Exit code 0: nothing was found. 1: something was, or could not be read.

    Example: firstlight suite search sealed-1 .firstlight /tmp /var/log
    """
    found = session.host.sealed_suites().search(Path(folder), [Path(one) for one in places])
    if session.out.as_json:
        session.out.json(
            {
                "files": found.files,
                "bytes": found.bytes,
                "streams": found.streams,
                "leaks": [
                    {"place": one.place, "encoding": one.encoding, "packed": one.packed}
                    for one in found.leaks
                ],
                "unread": list(found.unread),
            }
        )
    else:
        session.out.table(
            ("PLACE", "ENCODING", "COMPRESSED"),
            [[one.place, one.encoding, "yes" if one.packed else "no"] for one in found.leaks],
            empty="Nothing of the suite was found.",
        )
        session.out.say(
            f"{found.files} files and {found.streams} compressed streams were searched, "
            f"{found.bytes} bytes."
        )
        for one in found.unread:
            session.out.say(f"NOT READ: {visible(one)}")
    if found.leaks or found.unread:
        click.get_current_context().exit(int(Exit.CHECK_FAILED))


def _order(folder: str, given: dict[str, object]) -> Order:
    from firstlight.adapters.cli.host_sealed import Order  # noqa: PLC0415  # help needs none

    return Order(
        folder=Path(folder),
        name=str(given["name"]),
        version=str(given["version"]),
        programs=int(str(given.get("programs", 1))),
        check=bool(given.get("check")),
        jobs=int(str(given.get("jobs", 1))),
    )


def _progress(task: str, what: str) -> None:
    sys.stderr.write(f"{visible(task)}: {visible(what)}\n")


def _tell(session: Local, folder: str, found: SealedShown, names: object = ()) -> None:
    tasks = [str(one) for one in names] if isinstance(names, (list, tuple)) else []
    if session.out.as_json:
        session.out.json(
            {
                "folder": folder,
                **found.committed.to_json(),
                "made_at": found.made_at,
                "committed_at": found.committed_at or None,
                "follows": found.follows or None,
                "key_fingerprint": found.fingerprint,
                "opened": list(found.opened),
                **({"tasks": tasks} if tasks else {}),
            }
        )
        return
    session.out.facts(
        {
            "Suite": f"{found.committed.suite} {found.committed.version}",
            "Tasks": str(found.committed.size),
            "Root": found.committed.root,
            "Made": found.made_at,
            "Committed": found.committed_at or "not yet; it cannot be run before",
            "Follows": found.follows or "nothing",
            "Key": found.fingerprint,
            "Opened": ", ".join(found.opened) or "none",
        }
    )
    for one in tasks:
        session.out.say(one)


def _next(session: Local, folder: str) -> None:
    session.out.say(
        f"Publish its commitment before anybody gets access: firstlight suite commit {folder} "
        "commitment.json. Copy the folder of suite keys to where secrets are kept."
    )
