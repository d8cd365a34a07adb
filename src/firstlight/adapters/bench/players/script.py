"""What a scripted endpoint says: replies written beforehand, found by what it is told.

A script knows an attempt by the digest of the instruction alone, as a model does by reading it; it
gets no other word about the task. Its replies come from the tasks' own solutions, put into tool
calls that a model could have written.

*Scripted, not a model*: what a script solves is a capability of nobody.
"""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import FirstlightError, Missing
from firstlight.core.measure.task import Solution, Task
from firstlight.core.measure.tools import COMMAND_BYTES, Call, Read, Run, Submit, Write

_PIECE = COMMAND_BYTES // 2
"""characters of base64 in one command"""
_ANSWER_FILE = "answer"
SOLVING = ("reference", "no-op", "mixed")
"""scripts that play solutions"""
MISBEHAVING: Mapping[str, str] = {
    "silent": "answers nothing",
    "endless": "calls tools without end",
    "malformed": "writes calls that are none",
    "crowd": "sends five thousand calls in one reply",
    "huge": "answers with megabytes",
    "binary": "answers with bytes that are no text",
    "html": "answers with a page",
    "stream": "answers in a stream although it was asked not to",
    "other": "speaks another protocol than HTTP",
    "stall": "never answers",
    "dies": "breaks off in the middle of its answer",
    "busy": "says that it is overloaded, each time",
    "refuses": "refuses the key",
}
"""scripts that try the loop, and what each does"""
NAMES = (*SOLVING, *MISBEHAVING)


@dataclass(frozen=True, kw_only=True)
class Script:
    """All that an endpoint is going to say."""

    name: str
    replies: Mapping[str, Sequence[Sequence[Json]]]
    """by the digest of the instruction: for each attempt in turn, again from the first after the
    last, a list of steps; a step is a call, or a text"""

    def to_json(self) -> Json:
        """For the process that serves it."""
        return {
            "name": self.name,
            "replies": {
                key: [list(one) for one in attempts] for key, attempts in self.replies.items()
            },
        }


def known_by(instruction: str) -> str:
    """The digest by which a script knows an attempt."""
    return hashlib.sha256(instruction.encode()).hexdigest()


def write(
    name: str,
    tasks: Sequence[Task],
    told: Callable[[Task], str],
    resolve: Callable[[Task, Solution], Sequence[Call]],
    *,
    epochs: int,
) -> Script:
    """A script for these tasks.

    Args:
        name: one of `NAMES`
        tasks: that will be played
        told: what an agent is told, complete
        resolve: the calls of a solution
        epochs: of each task

    Raises:
        Missing: there is no script of this name.
    """
    if name not in NAMES:
        raise Missing(f"There is no script {name[:80]!r}.", hint=f"There are: {', '.join(NAMES)}.")
    replies: dict[str, Sequence[Sequence[Json]]] = {}
    for task in tasks if name in SOLVING else ():
        try:
            key = known_by(told(task))
            good = list(_steps(resolve(task, task.reference)))
            none = list(_steps(resolve(task, task.no_op)))
        except FirstlightError:
            # Its sources cannot be had; opening the sample will say so and not measure it.
            continue
        if name == "mixed":
            replies[key] = [good if _solves(task, n) else none for n in range(1, epochs + 1)]
        else:
            replies[key] = [good if name == "reference" else none]
    return Script(name=name, replies=replies)


def _solves(task: Task, epoch: int) -> bool:
    """About half, by family and by chance that is the same every time."""
    easy = hashlib.sha256(task.family.encode()).digest()[0]
    luck = hashlib.sha256(f"{task.id} {epoch}".encode()).digest()[0]
    return luck < easy


def _steps(calls: Sequence[Call]) -> Iterator[Json]:
    for call in calls:
        match call:
            case Run(command=command):
                yield _call("run", command=command)
            case Read(path=path):
                yield _call("read", path=path)
            case Write(path=path, data=data):
                yield from _write(path, data)
            case Submit(answer=None, path=path):
                yield _call("submit", path=path)
            case Submit(answer=answer):
                yield from _submit(answer or b"")


def _write(path: str, data: bytes) -> Iterator[Json]:
    try:
        yield _call("write", path=path, text=data.decode())
    except UnicodeDecodeError:
        # As a model would do it: text goes through the tool, bytes through a command.
        coded = base64.b64encode(data).decode()
        for start in range(0, len(coded), _PIECE):
            yield _call("run", command=f"printf %s {coded[start : start + _PIECE]} >> .coded")
        file = shlex.quote(path)
        command = f"mkdir -p $(dirname {file}) && base64 -d .coded > {file} && rm .coded"
        yield _call("run", command=command)


def _submit(answer: bytes) -> Iterator[Json]:
    try:
        yield _call("submit", answer=answer.decode())
    except UnicodeDecodeError:
        yield from _write(_ANSWER_FILE, answer)
        yield _call("submit", path=_ANSWER_FILE)


def _call(tool: str, **arguments: Json) -> Json:
    return {"tool": tool, "arguments": arguments}
