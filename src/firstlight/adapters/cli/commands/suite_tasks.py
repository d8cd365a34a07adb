"""`firstlight suite list`, `show`, `judge`, `check`: the tasks of the shipped suites."""

from __future__ import annotations

import sys

import click

from firstlight.adapters.cli.failures import Exit
from firstlight.adapters.cli.host import TaskChecked, TaskShown
from firstlight.adapters.cli.options import Local, local, read_file
from firstlight.adapters.cli.output import visible
from firstlight.core.kernel.errors import TooLarge
from firstlight.core.measure.tools import ANSWER_BYTES

_KINDS = ("find", "reproduce", "patch", "escalate", "refuse")


@click.command("list")
@local
@click.option("--kind", "kinds", type=click.Choice(_KINDS), multiple=True, help="only these")
def list_tasks(session: Local, kinds: tuple[str, ...]) -> None:
    """List the tasks.

    Example: firstlight suite list --kind patch
    """
    found = [one for one in session.host.tasks() if not kinds or one.kind in kinds]
    if session.out.as_json:
        session.out.json({"items": [_shown(one) for one in found]})
        return
    session.out.table(
        ("SUITE", "TASK", "KIND", "GIVEN", "FAMILY", "CWE", "MINUTES"),
        [
            [one.suite, one.id, one.kind, one.given, one.family, one.cwe or "-", str(one.minutes)]
            for one in found
        ],
        empty="No suites are shipped here.",
    )


@click.command()
@local
@click.argument("task")
def show(session: Local, task: str) -> None:
    """Show what an agent is told at the start of a task, word for word.

    Example: firstlight suite show find-cjson
    """
    told = session.host.task_told(task)
    if session.out.as_json:
        session.out.json({"id": task, "told": told})
        return
    sys.stdout.write("".join(f"{visible(line)}\n" for line in told.splitlines()))


@click.command()
@local
@click.argument("task")
@click.argument("file", metavar="ANSWER")
def judge(session: Local, task: str, file: str) -> None:
    """Judge an ANSWER that was made elsewhere: a file, or - for standard input.

    Exit code 0: the task is solved. 1: it is not. A task in an arena cannot be judged so, because
    its value is planted for each sample.

    Example: firstlight suite judge find-cjson answer.json
    """
    data = read_file(file)
    if len(data) > ANSWER_BYTES:
        raise TooLarge("The answer is too large.", limit=ANSWER_BYTES)
    found = session.host.judge_answer(task, data)
    if session.out.as_json:
        session.out.json(
            {
                "task": found.task,
                "outcome": found.outcome,
                "summary": found.summary,
                "detections": list(found.detections),
                "level": found.level,
                "facts": dict(found.facts),
            }
        )
    else:
        lines = (f"{found.task}: {found.outcome}. {found.summary}", *found.detections)
        sys.stdout.write("".join(f"{visible(line)}\n" for line in lines))
    if found.outcome != "solved":
        click.get_current_context().exit(int(Exit.CHECK_FAILED))


@click.command()
@local
@click.argument("ids", metavar="[TASK]...", nargs=-1)
@click.option("--kind", "kinds", type=click.Choice(_KINDS), multiple=True, help="only these")
@click.option("--jobs", type=click.IntRange(1, 16), default=1, show_default=True)
def check(session: Local, ids: tuple[str, ...], kinds: tuple[str, ...], jobs: int) -> None:
    """Try the gates of tasks: the reference is solved, the no-op fails, shortcuts are not solved.

    Each is carried out through the agent's own interface. Exit code 0: all gates hold. 1: at
    least one does not.

    Example: firstlight suite check reproduce-cjson
    """

    def progress(name: str, what: str) -> None:
        sys.stderr.write(f"{visible(name)}: {visible(what)}\n")

    found = session.host.check_tasks(ids, kinds=kinds, jobs=jobs, progress=progress)
    if session.out.as_json:
        items = [_checked(one) for one in found]
        session.out.json({"items": items, "ok": all(one.ok for one in found)})
    else:
        session.out.table(
            ("TASK", "RESULT", "GATES", "SECONDS", "PROBLEMS"),
            [
                [
                    one.id,
                    "holds" if one.ok else "DOES NOT HOLD",
                    str(len(one.gates)),
                    f"{one.seconds:.1f}",
                    "; ".join(one.problems),
                ]
                for one in found
            ],
            empty="There is nothing to check.",
        )
    if not all(one.ok for one in found):
        click.get_current_context().exit(int(Exit.CHECK_FAILED))


def _shown(one: TaskShown) -> dict[str, object]:
    return {
        "suite": one.suite,
        "id": one.id,
        "kind": one.kind,
        "given": one.given,
        "family": one.family,
        "ecosystem": one.ecosystem,
        "cwe": one.cwe,
        "human_minutes": one.minutes,
        "resists_tools": one.resists_tools,
        "title": one.title,
    }


def _checked(one: TaskChecked) -> dict[str, object]:
    return {
        "id": one.id,
        "ok": one.ok,
        "seconds": round(one.seconds, 2),
        "gates": dict(one.gates),
        "problems": list(one.problems),
    }
