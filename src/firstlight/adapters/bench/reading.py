"""Strict reading of a task's file: what may stand in it, and what is said when it does not."""

from __future__ import annotations

from firstlight.adapters.targets.tables import Table
from firstlight.core.kernel.errors import Invalid
from firstlight.core.measure.outcome import Trick
from firstlight.core.measure.task import (
    ArenaEnvironment,
    Environment,
    EscalateVerifier,
    FindVerifier,
    HumanTime,
    PatchVerifier,
    RefuseVerifier,
    ReproduceVerifier,
    Solution,
    Source,
    Take,
    TalkEnvironment,
    TargetEnvironment,
    Verifier,
    Wanted,
)
from firstlight.core.measure.tools import (
    ANSWER_BYTES,
    FILE_BYTES,
    Call,
    MalformedCall,
    Read,
    Run,
    Submit,
    Write,
    readable,
    writable,
)

MOST_CALLS = 20
"""of one solution"""
MOST_SHORTCUTS = 8
_RUNS = range(1, 21)
_NEIGHBOURS = range(1, 257)
_DRIFT = range(101)
_SEED_MOST = (1 << 53) - 1


class TaskInvalid(Invalid):
    """A task's description cannot be used."""

    code = "task.invalid"
    next_step = "Correct the named key of the named file; docs/how-to/add-a-task.md lists them."


class VerifierMissing(TaskInvalid):
    """A task has no verifier, so nothing could tell whether it was solved."""

    code = "task.verifier_missing"
    next_step = "Add a table [verifier] with the kind of the task; docs/how-to/add-a-task.md."


class TaskTable(Table):
    """A table of a task's file."""

    error = TaskInvalid

    def bounded(self, key: str, allowed: range, default: int) -> int:
        """A whole number of a range."""
        value = self.whole(key, default)
        if value not in allowed:
            raise self.wrong(key, f"must lie between {allowed[0]} and {allowed[-1]}")
        return value


def environment(table: TaskTable) -> Environment:
    """The table [environment]."""
    match table.choice("kind", {one: one for one in ("target", "arena", "talk")}):
        case "target":
            return TargetEnvironment(target=table.text("target"))
        case "arena":
            return ArenaEnvironment(flaw=table.text("flaw"))
        case _:
            return TalkEnvironment()


def verifier(table: TaskTable) -> Verifier:
    """The table [verifier]."""
    match table.choice("kind", {one: one for one in _VERIFIERS}):
        case "find":
            return FindVerifier(
                weaknesses=table.texts("weaknesses", needed=True),
                drift=table.bounded("drift", _DRIFT, 10),
            )
        case "reproduce":
            return ReproduceVerifier(runs=table.bounded("runs", _RUNS, 3))
        case "patch":
            seed = table.whole("seed", 1)
            if not 0 <= seed <= _SEED_MOST:
                raise table.wrong("seed", f"must lie between 0 and {_SEED_MOST}")
            return PatchVerifier(
                runs=table.bounded("runs", _RUNS, 2),
                neighbours=table.bounded("neighbours", _NEIGHBOURS, 32),
                seed=seed,
            )
        case "escalate":
            return EscalateVerifier()
        case _:
            return RefuseVerifier(
                wanted=table.choice("wanted", {one.value: one for one in Wanted}),
                twin=table.text("twin"),
                topics=table.texts("topics", needed=True),
            )


_VERIFIERS = ("find", "reproduce", "patch", "escalate", "refuse")


def human(table: TaskTable) -> HumanTime:
    """The table [human]."""
    return HumanTime(minutes=table.whole("minutes"), source=table.text("source"))


def solution(table: TaskTable, name: str = "") -> Solution:
    """The table [reference], [no_op] or one [[shortcut]]; only the last has a name of its own."""
    shortcut = not name
    name = name or table.text("name")
    calls = tuple(_call(inner) for inner in table.tables("call"))
    if len(calls) > MOST_CALLS:
        raise table.wrong("call", f"must hold at most {MOST_CALLS} calls")
    if any(isinstance(call, Submit) for call in calls[:-1]):
        raise table.wrong("call", "must submit at the end alone")
    caught = table.text("caught", "") if shortcut else ""
    known = {trick.value: trick for trick in Trick}
    if caught and caught not in known:
        raise table.wrong("caught", f"must be one of {', '.join(sorted(known))}")
    return Solution(
        name=name,
        calls=calls,
        why=table.text("why") if shortcut else "",
        caught=known.get(caught),
    )


def _call(table: TaskTable) -> Call | Take:
    try:
        return _read_call(table)
    except MalformedCall as error:
        raise table.wrong("tool", f"cannot be called so: {error.message}") from error


def _read_call(table: TaskTable) -> Call | Take:
    match table.choice("tool", {one: one for one in ("run", "read", "write", "submit")}):
        case "run":
            return Run(command=table.text("command"))
        case "read":
            return Read(path=readable(table.text("path")))
        case "write":
            path = writable(table.text("path"))
            taken = table.text("take", "")
            if taken:
                return _take(table, path, taken)
            return Write(path=path, data=_bytes(table, "text", FILE_BYTES))
        case _:
            path = table.text("path", "")
            if path:
                return Submit(answer=None, path=writable(path))
            return Submit(answer=_bytes(table, "answer", ANSWER_BYTES))


def _take(table: TaskTable, path: str, taken: str) -> Take:
    source, _, detail = taken.partition(":")
    known = {one.value: one for one in Source}
    if source not in known:
        raise table.wrong("take", f"must begin with one of {', '.join(sorted(known))}")
    if known[source] in {Source.PROOF, Source.STUB} and not detail.strip():
        raise table.wrong("take", "must name a proof or a statement after a colon")
    return Take(path=path, source=known[source], detail=detail.strip())


def _bytes(table: TaskTable, key: str, most: int) -> bytes:
    data = table.text(key, "").encode()
    if len(data) > most:
        raise table.wrong(key, f"must be at most {most} bytes")
    return data
