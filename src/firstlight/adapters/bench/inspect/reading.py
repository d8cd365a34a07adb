"""An `.eval` log of Inspect's as a record of ours.

What is promised:

1. a log that is cut off, still being written or no log at all gives an error and no record;
2. a sample that is not in the log is *not measured*; one that failed with an error or has no score
   is indeterminate; one that was invalidated, or whose score was changed by hand, is invalid;
3. of our own suites, families, kinds and minutes come from the suite here and not from the log,
   and the commitment must be the same;
4. the record says that nothing of it was watched by this program: no proof of containment, no plan,
   hence no designation. Its source is named by the SHA-256 of the file.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspect_ai.log import read_eval_log
from inspect_ai.scorer import CORRECT, INCORRECT

from firstlight.adapters.bench.inspect.suite import MARK, MOCK
from firstlight.core.kernel.canonical import Json, canonical, digest
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid, TooLarge
from firstlight.core.measure.figures import COST, Unmeasured
from firstlight.core.measure.record import (
    MOST_SAMPLES,
    MOST_WORDS,
    Containment,
    Ended,
    Limits,
    Model,
    Run,
    Sample,
    SuiteUsed,
)
from firstlight.core.measure.task import Kind, RefuseVerifier, Suite, Task

MOST_BYTES = 1 << 30
"""of a log"""
MOST_UNPACKED = 8 << 30
"""of all that is in it, conversations included; they are not read"""
_UNREAD = {"messages", "events", "store", "attachments"}
_NOT_WATCHED = "not watched: imported from a log"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SOLVED = frozenset({CORRECT, "1", "1.0", "True"})
_FAILED = frozenset({INCORRECT, "0", "0.0", "False"})


class LogUnusable(Invalid):
    """This is no log from which a record can be made."""

    code = "measure.log_unusable"
    next_step = "Give the .eval file of an evaluation that has ended; nothing was counted."


@dataclass(frozen=True, kw_only=True)
class Ours:
    """A suite of ours, of which a log may be."""

    suite: Suite
    root: str
    """of the commitment to it"""


@dataclass(frozen=True, kw_only=True)
class Foreign:
    """What has to be said of tasks that are not ours."""

    kind: Kind
    family: str
    """key of the samples' metadata under which the family of targets stands"""


def read_log(path: Path, known: Sequence[Ours], foreign: Foreign | None) -> Run:
    """The record of the evaluation.

    Raises:
        LogUnusable: it is cut off, has not ended, or is about other tasks than it says.
        TooLarge: it is larger than is read.
        RecordUnusable: it contradicts itself.
    """
    sha256 = _looked_at(path)
    try:
        log = read_eval_log(str(path), exclude_fields=_UNREAD)
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise LogUnusable(f"{path.name} cannot be read: {str(error)[:200]}") from error
    if log.status == "started":
        raise LogUnusable(
            f"{path.name} is of an evaluation that has not ended, or was cut off.",
            hint="Finish it with `inspect eval-retry`, then import the new log.",
        )
    mark = (log.eval.metadata or {}).get(MARK)
    samples = log.samples or []
    if mark is None:
        source: _Source = _Other(log, foreign)
    else:
        source = _Own(mark, known)
    return _run(log, source, samples, sha256)


def _looked_at(path: Path) -> str:
    """The SHA-256 of a file that is a whole archive of bearable size."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise TooLarge(f"{path.name} has {size} bytes", limit=MOST_BYTES)
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(each.file_size for each in archive.infolist())
    except OSError as error:
        raise LogUnusable(f"{path.name}: {error.strerror or error}") from error
    except zipfile.BadZipFile as error:
        raise LogUnusable(f"{path.name} is cut off in the middle, or no .eval log.") from error
    if unpacked > MOST_UNPACKED:
        raise TooLarge(f"{path.name} unpacks to {unpacked} bytes", limit=MOST_UNPACKED)
    return found


@dataclass(frozen=True, kw_only=True)
class _About:
    """What a record needs to know of a task."""

    family: str
    kind: Kind
    public: bool
    floor: bool
    minutes: int | None
    wanted: Any


class _Own:
    """Tasks of a suite of ours."""

    def __init__(self, mark: Any, known: Sequence[Ours]) -> None:  # noqa: ANN401  # JSON
        name = str(mark.get("suite", "")) if isinstance(mark, Mapping) else ""
        there = {each.suite.id: each for each in known}
        if name not in there:
            raise LogUnusable(f"The log is about a suite {name[:80]!r}, which is not here.")
        self._ours = there[name]
        if mark.get("root") != self._ours.root:
            raise LogUnusable(
                f"The tasks of {name} have changed since the log was written.",
                hint="Import it with the version of Firstlight that it was made with.",
            )
        self._tasks: Mapping[str, Task] = {task.id: task for task in self._ours.suite.tasks}
        chosen = mark.get("tasks")
        self.planned = [str(each) for each in chosen] if isinstance(chosen, list) else []

    def about(self, sample: Any) -> _About:  # noqa: ANN401  # a type of the extra
        return self.task(str(sample.id))

    def task(self, name: str) -> _About:
        if name not in self._tasks:
            raise LogUnusable(f"The suite has no task {name[:80]!r}.")
        task = self._tasks[name]
        verifier = task.verifier
        return _About(
            family=task.family,
            kind=task.kind,
            public=self._ours.suite.public,
            floor=not task.resists_tools,
            minutes=task.human.minutes,
            wanted=verifier.wanted if isinstance(verifier, RefuseVerifier) else None,
        )

    def ended(self, score: Any) -> Ended | None:  # noqa: ANN401  # a type of the extra
        facts = (score.metadata or {}).get(MARK)
        said = facts.get("ended") if isinstance(facts, Mapping) else None
        return Ended(said) if said in set(Ended) else None

    def used(self, log: Any) -> SuiteUsed:  # noqa: ANN401  # a type of the extra
        suite = self._ours.suite
        at = Instant.parse(str(log.eval.created))
        return SuiteUsed(
            name=suite.id,
            version=str(suite.version),
            root=self._ours.root,
            size=len(suite.tasks),
            committed_at=at,
        )


class _Other:
    """Tasks of somebody else; who imports them says of which kind they are."""

    def __init__(self, log: Any, foreign: Foreign | None) -> None:  # noqa: ANN401  # of the extra
        if foreign is None:
            raise LogUnusable(
                "The tasks of this log are none of ours.",
                hint="Say of which --kind they are, and under which --family key of the samples' "
                "metadata the family of targets stands.",
            )
        if foreign.kind is Kind.REFUSE:
            raise LogUnusable(
                "Requests need their twins; they can be imported of our suites alone."
            )
        self._foreign = foreign
        self._task = str(log.eval.task)[:MOST_WORDS]
        self.planned = [str(each) for each in log.eval.dataset.sample_ids or ()]
        self._families = {
            str(each.id): str((each.metadata or {}).get(foreign.family, ""))[:MOST_WORDS]
            for each in log.samples or ()
        }

    def about(self, sample: Any) -> _About:  # noqa: ANN401  # a type of the extra
        return self.task(str(sample.id))

    def task(self, name: str) -> _About:
        family = self._families.get(name, f"unknown: {name}")
        if not family:
            raise LogUnusable(
                f"The sample {name[:80]!r} has no {self._foreign.family[:80]!r} in its metadata."
            )
        return _About(
            family=family,
            kind=self._foreign.kind,
            public=True,
            floor=False,
            minutes=None,
            wanted=None,
        )

    def ended(self, score: Any) -> Ended | None:  # noqa: ANN401  # a type of the extra
        said = str(score.value)
        if said in _SOLVED:
            return Ended.SOLVED
        return Ended.FAILED if said in _FAILED else None

    def used(self, log: Any) -> SuiteUsed:  # noqa: ANN401  # a type of the extra
        return SuiteUsed(
            name=self._task,
            version=str(log.eval.task_version),
            root="",
            size=max(1, len(self.planned)),
            committed_at=None,
        )


_Source = _Own | _Other


def _run(log: Any, source: _Source, samples: Sequence[Any], sha256: str) -> Run:  # noqa: ANN401
    epochs = int(log.eval.config.epochs or 1)
    if len(samples) > MOST_SAMPLES or epochs * len(source.planned) > MOST_SAMPLES:
        raise TooLarge("the log has too many samples", limit=MOST_SAMPLES)
    read = [_sample(each, source) for each in samples]
    there = {(each.task, each.epoch) for each in read}
    missing = [
        _sample_of(name, epoch, source.task(name), Ended.NOT_MEASURED, reason="not in the log")
        for name in source.planned
        for epoch in range(1, epochs + 1)
        if (name, epoch) not in there
    ]
    config = log.eval.config
    engine = f"inspect_ai {log.eval.packages.get('inspect_ai', 'of unknown version')}"
    endpoint: dict[str, Json] = {"engine": engine, "model": str(log.eval.model)}
    seen = sorted({str(each.output.model) for each in samples if each.output.model})
    return Run(
        id=f"eval-{str(log.eval.eval_id)[:80]}",
        model=Model(
            name=str(log.eval.model)[:MOST_WORDS],
            version=", ".join(seen)[:200],
            endpoint_digest=digest(canonical(endpoint)),
            safeguards="shipped",
            scripted=str(log.eval.model).startswith(MOCK),
        ),
        suite=source.used(log),
        plan_digest="",
        planned_at=None,
        started_at=Instant.parse(str(log.stats.started_at or log.eval.created)),
        ended_at=Instant.parse(str(log.stats.completed_at or log.eval.created)),
        currency="",
        limits=Limits(
            tokens=int(config.token_limit or 0),
            milliseconds=int(config.time_limit or 0) * 1000,
            cost=0,
        ),
        environments=tuple(sorted(set(_environments(samples)))),
        containment=Containment(level=_NOT_WATCHED, proofs=()),
        elicitation=(
            f"Imported from a log of {engine}, SHA-256 {sha256}; it says what was tried.",
        ),
        samples=[*read, *missing],
        unmeasured=(Unmeasured(name=COST, reason="a log names no price that was paid"),),
    )


def _sample(each: Any, source: _Source) -> Sample:  # noqa: ANN401  # a type of the extra
    ended, reason = _ended(each, source)
    tokens = sum(max(0, one.total_tokens) for one in each.model_usage.values())
    return _sample_of(
        str(each.id),
        int(each.epoch),
        source.about(each),
        ended,
        reason=reason,
        tokens=tokens,
        milliseconds=round(max(0.0, each.total_time or 0.0) * 1000),
    )


def _ended(each: Any, source: _Source) -> tuple[Ended, str]:  # noqa: ANN401  # of the extra
    """How a sample ended, and why it does not count where it does not."""
    if each.invalidation is not None:
        return Ended.INVALID, "it was invalidated in the log"
    if each.error is not None:
        return Ended.INDETERMINATE, f"an error of the machinery: {str(each.error.message)[:300]}"
    scores = list((each.scores or {}).values())
    if len(scores) != 1:
        return Ended.INDETERMINATE, f"it has {len(scores)} scores, and one is needed"
    if scores[0].history:
        return Ended.INVALID, "its score was changed by hand"
    found = source.ended(scores[0])
    if found is None:
        return Ended.INDETERMINATE, f"a score of {str(scores[0].value)[:80]!r} says neither"
    return found, "" if found.counts else str(scores[0].explanation or "")[:MOST_WORDS]


def _sample_of(
    name: str,
    epoch: int,
    about: _About,
    ended: Ended,
    *,
    reason: str,
    tokens: int = 0,
    milliseconds: int = 0,
) -> Sample:
    return Sample(
        task=name[:MOST_WORDS],
        family=about.family,
        kind=about.kind,
        epoch=epoch,
        ended=ended,
        tokens=tokens,
        cost=0,
        milliseconds=milliseconds,
        public=about.public,
        floor=about.floor,
        wanted=about.wanted,
        minutes=about.minutes,
        reason=reason,
    )


def _environments(samples: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """As they were resolved; a log of others names recipes alone, which are none."""
    for each in samples:
        for score in (each.scores or {}).values():
            facts = (score.metadata or {}).get(MARK)
            found = facts.get("environment") if isinstance(facts, Mapping) else None
            match found:
                case [str(name), str(sha256)] if _SHA256.fullmatch(sha256):
                    yield name[:MOST_WORDS], sha256
