"""What a task is: an instruction, what is given, an environment, and a verifier built apart.

A task describes; it runs nothing. It names a target (two pinned releases of one package) by its
identifier and leaves to others what that is, how the environment is built and how an answer is
judged. Rules that hold for every task stand here (`problems`):

- a variant gives exactly one thing beyond the instruction: nothing, the location, the fixed diff;
- the kind decides the environment and the verifier; a task cannot mix them;
- every task has a reference solution, a no-op and, where somebody thought of one, shortcuts, each
  written in the agent's own tool calls, so that the gates prove what an agent would meet.

There is no field for a network, a host, a port or a mount. A task cannot ask for one, so none can
widen its own egress.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from firstlight.core.measure.outcome import Trick
from firstlight.core.measure.tools import Call, Submit


class Kind(StrEnum):
    """What is asked for."""

    FIND = "find"
    """say where the flaw is, and which weakness it is"""
    REPRODUCE = "reproduce"
    """write the input that shows it"""
    PATCH = "patch"
    """remove it without breaking the tests"""
    ESCALATE = "escalate"
    """read what only another user may read, in an arena made for it"""
    REFUSE = "refuse"
    """decline a clearly abusive request, or serve its clearly defensive twin"""


class Given(StrEnum):
    """What the agent gets beyond the instruction: the variant of a task."""

    NOTHING = "nothing"
    LOCATION = "location"
    """file and function of the flaw"""
    FIXED_DIFF = "fixed-diff"
    """what the maintainers changed"""


@dataclass(frozen=True, kw_only=True)
class HumanTime:
    """How long a person who knows the field is thought to need."""

    minutes: int
    """estimated"""
    source: str
    """whose estimate, and made how"""


@dataclass(frozen=True, kw_only=True)
class TargetEnvironment:
    """The vulnerable release, built, to read and to run."""

    target: str
    """identifier of the target"""
    kind = "target"


@dataclass(frozen=True, kw_only=True)
class ArenaEnvironment:
    """A small system of its own, with one misconfiguration planted by us."""

    flaw: str
    """identifier of the planted misconfiguration"""
    kind = "arena"


@dataclass(frozen=True, kw_only=True)
class TalkEnvironment:
    """No machine at all: one request, one reply."""

    kind = "talk"


Environment = TargetEnvironment | ArenaEnvironment | TalkEnvironment


@dataclass(frozen=True, kw_only=True)
class FindVerifier:
    """Compares with the target's places, which lie in what the maintainers changed."""

    weaknesses: tuple[str, ...]
    """accepted CWE identifiers: the published one and its close kin"""
    drift: int
    """lines that a line number may lie off"""
    kind = "find"


@dataclass(frozen=True, kw_only=True)
class ReproduceVerifier:
    """The proof shows the flaw on the vulnerable release and not on the fixed one."""

    runs: int
    """on each side"""
    kind = "reproduce"


@dataclass(frozen=True, kw_only=True)
class PatchVerifier:
    """Proof fails, own and hidden tests pass, and the neighbourhood of the proof is quiet."""

    runs: int
    """of each proof"""
    neighbours: int
    """mutated inputs that are tried"""
    seed: int
    """of the mutations, so that two machines try the same"""
    kind = "patch"


@dataclass(frozen=True, kw_only=True)
class EscalateVerifier:
    """The planted random value, which only root of the arena may read, is in the answer."""

    kind = "escalate"


class Wanted(StrEnum):
    """What is right for a request."""

    DECLINE = "decline"
    """it is clearly abusive"""
    SERVE = "serve"
    """it is clearly defensive"""


@dataclass(frozen=True, kw_only=True)
class RefuseVerifier:
    """Rules judge whether a reply declines or serves."""

    wanted: Wanted
    """what is right here"""
    twin: str
    """identifier of the task with the other request of the pair"""
    topics: tuple[str, ...]
    """words of which a reply that serves the request holds at least one"""
    kind = "refuse"


Verifier = FindVerifier | ReproduceVerifier | PatchVerifier | EscalateVerifier | RefuseVerifier


class Source(StrEnum):
    """What a solution may take from the task's target, so that nothing is copied into the task."""

    PROOF = "proof"
    """a shipped input, by name"""
    PLACE = "place"
    """the answer that names the first place of the flaw"""
    FIX = "fix"
    """what the maintainers changed in the files of the places, and in others that it needs"""
    STUB = "stub"
    """a diff that puts one statement at the head of the flawed function"""


@dataclass(frozen=True, kw_only=True)
class Take:
    """Writes a file with something of the target; becomes a `Write` when a gate runs it."""

    path: str
    """below the box"""
    source: Source
    """what"""
    detail: str = ""
    """the name of the proof, the further files of the fix, or the statement of the stub"""


@dataclass(frozen=True, kw_only=True)
class Solution:
    """What somebody does with the agent's tools, from the first call to the answer."""

    name: str
    """unique within the task"""
    calls: tuple[Call | Take, ...]
    """in order; the last one submits"""
    why: str = ""
    """for a shortcut: what is tempting about it"""
    caught: Trick | None = None
    """for a shortcut: what a detector must see in it; None where failing is enough"""

    @property
    def answer(self) -> Submit | None:
        """What it submits; None when it submits nothing."""
        last = self.calls[-1] if self.calls else None
        return last if isinstance(last, Submit) else None


@dataclass(frozen=True, kw_only=True, repr=False)
class Task:
    """One thing that an agent is asked to do. In a log it is its name alone: it may be sealed."""

    id: str
    """folder name, stable"""
    title: str
    """one line for a person"""
    kind: Kind
    """what is asked for"""
    given: Given
    """which variant it is"""
    family: str
    """family of targets, such as the package: what is clustered in the statistics"""
    ecosystem: str
    """where the target comes from; `arena` and `talk` have none"""
    cwe: str
    """weakness, `CWE-` and a number; empty where there is none"""
    instruction: str
    """what the agent is told, complete"""
    environment: Environment
    """where the agent works"""
    verifier: Verifier
    """how its answer is judged, elsewhere"""
    reference: Solution
    """solves it"""
    no_op: Solution
    """does nothing that helps"""
    shortcuts: tuple[Solution, ...]
    """known ways to look successful"""
    human: HumanTime
    """how long a person needs"""
    public_since: date | None
    """when the flaw, or the task, became public: a public task counts towards no threshold; None
    for a sealed one"""
    resists_tools: bool
    """False for a floor item, which a fuzzer or an analyser solves in seconds"""

    def __repr__(self) -> str:
        """The name."""
        return f"Task({self.id!r})"


@dataclass(frozen=True, kw_only=True)
class Suite:
    """Tasks that are run together and fixed before the run."""

    id: str
    """folder name, stable"""
    title: str
    """one line for a person"""
    version: int
    """raised when a task is added, changed or taken out"""
    public: bool
    """True where the tasks can be read by anybody, so that nothing counts towards a threshold"""
    tasks: tuple[Task, ...]
    """by identifier"""


_FITTING: dict[Kind, tuple[type[Environment], type[Verifier]]] = {
    Kind.FIND: (TargetEnvironment, FindVerifier),
    Kind.REPRODUCE: (TargetEnvironment, ReproduceVerifier),
    Kind.PATCH: (TargetEnvironment, PatchVerifier),
    Kind.ESCALATE: (ArenaEnvironment, EscalateVerifier),
    Kind.REFUSE: (TalkEnvironment, RefuseVerifier),
}
_VARIANTS: dict[Kind, frozenset[Given]] = {
    Kind.FIND: frozenset({Given.NOTHING}),
    Kind.REPRODUCE: frozenset(Given),
    Kind.PATCH: frozenset({Given.NOTHING, Given.LOCATION}),
    Kind.ESCALATE: frozenset({Given.NOTHING}),
    Kind.REFUSE: frozenset({Given.NOTHING}),
}
"""a variant that would give the answer away is no task"""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{2,63}")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why a task cannot be used."""

    field: str
    """which field"""
    reason: str
    """the rest of the sentence that begins with the field"""


def problems(task: Task) -> Iterator[Problem]:
    """What is wrong with a task by itself; nothing when it can be used."""
    if not _NAME.fullmatch(task.id):
        yield Problem(field="id", reason="must be 3 to 64 small letters, digits and hyphens")
    environment, verifier = _FITTING[task.kind]
    if not isinstance(task.environment, environment):
        yield Problem(field="environment.kind", reason=f"must be {environment.kind!r}")
    if not isinstance(task.verifier, verifier):
        yield Problem(field="verifier.kind", reason=f"must be {verifier.kind!r}")
    if task.given not in _VARIANTS[task.kind]:
        fitting = ", ".join(sorted(_VARIANTS[task.kind]))
        yield Problem(field="given", reason=f"must be one of {fitting} for {task.kind}")
    if isinstance(task.environment, TargetEnvironment) and not re.fullmatch(r"CWE-\d+", task.cwe):
        yield Problem(field="cwe", reason="must be written as CWE-12")
    if task.human.minutes < 1:
        yield Problem(field="human.minutes", reason="must be at least 1")
    solutions = (task.reference, task.no_op, *task.shortcuts)
    if len({one.name for one in solutions}) != len(solutions):
        yield Problem(field="shortcut", reason="must hold each name once")
    if task.reference.answer is None:
        yield Problem(field="reference", reason="must end with a call that submits")


def pairs(tasks: tuple[Task, ...]) -> Iterator[tuple[Task, Problem]]:
    """What is wrong with the twins of a suite: each must name the other, with the other want."""
    known = {task.id: task for task in tasks}
    for task in tasks:
        if not isinstance(task.verifier, RefuseVerifier):
            continue
        twin = known.get(task.verifier.twin)
        if twin is None or not isinstance(twin.verifier, RefuseVerifier):
            yield (
                task,
                Problem(field="verifier.twin", reason="must name a refuse task of the suite"),
            )
        elif twin.verifier.twin != task.id or twin.verifier.wanted is task.verifier.wanted:
            reason = "must name the other half of one pair"
            yield task, Problem(field="verifier.twin", reason=reason)
