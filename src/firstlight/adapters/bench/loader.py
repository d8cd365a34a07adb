"""From a folder of task folders to a `Suite`, strictly.

A suite is a folder with `suite.toml` and a folder for each task; a task is a folder with one file,
`task.toml`. What a task shares with its target (weakness, ecosystem, since when it is public) is
taken from the target and cannot be written differently here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from firstlight.adapters.bench import reading
from firstlight.adapters.bench.reading import TaskInvalid, TaskTable, VerifierMissing
from firstlight.core.clearinghouse.validation.target import Target
from firstlight.core.kernel.errors import Missing
from firstlight.core.measure.task import (
    Environment,
    Given,
    Kind,
    Source,
    Suite,
    Take,
    TargetEnvironment,
    Task,
    pairs,
    problems,
)

SUITE, TASK = "suite.toml", "task.toml"
_MOST_BYTES = 256 << 10
"""of one file"""
_MOST_TASKS = 2000


def load_suites(folder: Path, targets: Mapping[str, Target]) -> tuple[Suite, ...]:
    """Every suite below `folder`, by identifier. Raises TaskInvalid."""
    return tuple(load_suite(file.parent, targets) for file in sorted(folder.glob(f"*/{SUITE}")))


def load_suite(folder: Path, targets: Mapping[str, Target]) -> Suite:
    """Read one suite and all of its tasks.

    Raises:
        Missing: there is no suite in this folder.
        TaskInvalid: a file is missing, too large or wrong; the error names file and key.
        VerifierMissing: a task has no verifier.
    """
    if not (folder / SUITE).is_file():
        raise Missing(f"There is no suite in {folder.name!r}.", file=SUITE)
    table = _read(folder / SUITE)
    folders = sorted(file.parent for file in folder.glob(f"*/{TASK}"))
    if not 1 <= len(folders) <= _MOST_TASKS:
        raise table.wrong("id", f"names a suite that must hold 1 to {_MOST_TASKS} tasks")
    tasks = tuple(load_task(one, targets) for one in folders)
    suite = Suite(
        id=table.text("id"),
        title=table.text("title"),
        version=table.whole("version"),
        public=table.yes("public"),
        tasks=tasks,
    )
    table.finish()
    if suite.id != folder.name:
        raise table.wrong("id", f"must be the folder's name, {folder.name!r}")
    for task, problem in pairs(tasks):
        file = f"{task.id}/{TASK}"
        raise TaskInvalid(
            f"{file}: {problem.field} {problem.reason}.", file=file, key=problem.field
        )
    return suite


def load_task(folder: Path, targets: Mapping[str, Target]) -> Task:
    """Read one task.

    Raises:
        TaskInvalid: the file is missing, too large, or a key is missing, wrong or unknown.
        VerifierMissing: it has no verifier.
    """
    table = _read(folder / TASK)
    task = _task(table, folder.name, targets)
    table.finish()
    for problem in problems(task):
        raise table.wrong(problem.field, problem.reason)
    return task


def _read(file: Path) -> TaskTable:
    name = f"{file.parent.name}/{file.name}"
    try:
        with file.open("rb") as opened:
            data = opened.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise TaskInvalid(f"{name}: is larger than {_MOST_BYTES} bytes.", file=name, key="")
        values = tomllib.loads(data.decode("utf-8"))
    except FileNotFoundError as error:
        raise TaskInvalid(f"{name}: is not there.", file=name, key="") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TaskInvalid(f"{name}: {error}.", file=name, key="") from error
    return TaskTable(values, file=name)


@dataclass(frozen=True, kw_only=True)
class _Shared:
    """What comes from the target, or stands in the file where there is none."""

    family: str
    ecosystem: str
    cwe: str
    public_since: date | None


def _task(table: TaskTable, name: str, targets: Mapping[str, Target]) -> Task:
    verifier = table.maybe("verifier", reading.verifier)
    if verifier is None:
        raise VerifierMissing(f"{name}/{TASK}: verifier is missing.", file=name, key="verifier")
    environment = table.table("environment", reading.environment)
    target = _target(table, environment, targets)
    shared = _shared(table, environment, target)
    shortcuts = tuple(reading.solution(inner) for inner in table.tables("shortcut"))
    if len(shortcuts) > reading.MOST_SHORTCUTS:
        raise table.wrong("shortcut", f"must hold at most {reading.MOST_SHORTCUTS}")
    task = Task(
        id=name,
        title=table.text("title"),
        kind=table.choice("kind", {kind.value: kind for kind in Kind}),
        given=table.choice("given", {given.value: given for given in Given}),
        family=shared.family,
        ecosystem=shared.ecosystem,
        cwe=shared.cwe,
        instruction=table.text("instruction"),
        environment=environment,
        verifier=verifier,
        reference=table.table("reference", lambda inner: reading.solution(inner, "reference")),
        no_op=table.table("no_op", lambda inner: reading.solution(inner, "no-op")),
        shortcuts=shortcuts,
        human=table.table("human", reading.human),
        public_since=shared.public_since,
        resists_tools=table.flag("resists_tools"),
    )
    _check_takes(table, task, target)
    return task


def _target(
    table: TaskTable, environment: Environment, targets: Mapping[str, Target]
) -> Target | None:
    if not isinstance(environment, TargetEnvironment):
        return None
    target = targets.get(environment.target)
    if target is None:
        raise table.wrong("environment.target", f"names no shipped target: {environment.target!r}")
    return target


def _shared(table: TaskTable, environment: Environment, target: Target | None) -> _Shared:
    if target is None:
        return _Shared(
            family=table.text("family"),
            ecosystem=environment.kind,
            cwe=table.text("cwe", ""),
            public_since=table.day("public_since"),
        )
    return _Shared(
        family=target.package.name.lower(),
        ecosystem=target.ecosystem.value,
        cwe=target.cwe,
        public_since=target.public_since,
    )


def _check_takes(table: TaskTable, task: Task, target: Target | None) -> None:
    """Refuse a solution that takes what its target does not have."""
    for solution in (task.reference, task.no_op, *task.shortcuts):
        for call in solution.calls:
            if not isinstance(call, Take):
                continue
            if target is None:
                raise table.wrong(solution.name, "takes something, but the task has no target")
            proofs = {proof.name for proof in target.proofs}
            if call.source is Source.PROOF and call.detail not in proofs:
                raise table.wrong(solution.name, f"takes an unknown proof: {call.detail!r}")
            if call.source is not Source.PROOF and not target.places:
                raise table.wrong(solution.name, "takes from the fix, but the target has no place")
