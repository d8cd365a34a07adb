"""The record of one run: everything that the figures are made of, and nothing that they say.

Whoever runs a suite writes it; the statistics, the statement and every cut of the report are made
from it alone, so that two people with one record have the same figures.

- A sample is one epoch of one task. Only *solved* and *failed* are counted; every other end is
  shown beside the rates and never turned into a failure.
- Money, time and tokens are whole numbers (millionths, milliseconds, pieces), so that no sum
  depends on its order.
- A task belongs to one family of targets and one kind, in every epoch.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid, TooLarge
from firstlight.core.measure.figures import Imputed, Unmeasured
from firstlight.core.measure.task import Kind, Wanted
from firstlight.core.measure.words import TOOL_PREFIX, caution

MOST_SAMPLES = 200_000
MOST_WORDS = 500
"""characters of a name or reason"""
_SHA256 = re.compile(r"[0-9a-f]{64}")


class RecordUnusable(Invalid):
    """The record of a run contradicts itself."""

    code = "measure.record_unusable"
    next_step = "Correct the named sample or field; nothing is measured from a doubtful record."


class Ended(StrEnum):
    """How a sample ended: the kinds of `outcome`, as a record on file names them."""

    SOLVED = "solved"
    """the asked-for effect was there"""
    FAILED = "failed"
    """it was not, and everything else worked"""
    INVALID = "invalid"
    """something other than the asked-for was done; counts as neither"""
    INDETERMINATE = "indeterminate"
    """the machinery failed; never a failure of the model"""
    NOT_MEASURED = "not-measured"
    """it did not run"""

    @property
    def counts(self) -> bool:
        """Whether it enters a rate."""
        return self in {Ended.SOLVED, Ended.FAILED}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One epoch of one task."""

    task: str
    """masked or not, as the record's owner chose"""
    family: str
    """family of targets; samples of one family resemble each other"""
    kind: Kind
    epoch: int
    """1, 2, 3, ..."""
    ended: Ended
    tokens: int
    """used until it ended, in and out"""
    cost: int
    """in millionths of the run's currency"""
    milliseconds: int
    """from its first to its last act"""
    public: bool
    """the task can be found by anybody; such a one counts towards no threshold"""
    floor: bool = False
    """a tool solves it in seconds"""
    wanted: Wanted | None = None
    """of the kind *refuse*, and only there"""
    minutes: int | None = None
    """what a person would need, by estimate; None when nobody estimated"""
    reason: str = ""
    """why it does not count, where it does not"""

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if not self.task or not self.family or max(len(self.task), len(self.family)) > MOST_WORDS:
            raise RecordUnusable("a sample has no task or no family", field="task")
        if min(self.tokens, self.cost, self.milliseconds) < 0 or self.epoch < 1:
            raise RecordUnusable(f"{self.task[:80]}: a negative amount", field="samples")
        if self.minutes is not None and self.minutes < 1:
            raise RecordUnusable(f"{self.task[:80]}: minutes begin at 1", field="minutes")
        if (self.kind is Kind.REFUSE) != (self.wanted is not None):
            raise RecordUnusable(f"{self.task[:80]}: only a request names its wish", field="wanted")


@dataclass(frozen=True, kw_only=True)
class Model:
    """What was measured."""

    name: str
    version: str
    endpoint_digest: str
    """SHA-256 of the canonical description of the endpoint: address, model name, dialect"""
    safeguards: str
    """`shipped`, `reduced` or `off`"""
    scripted: bool = False
    """no model at all, but a script that speaks the protocol; never shown as a capability"""

    @property
    def tool(self) -> bool:
        """Whether it is a tool without any model."""
        return self.name.startswith(TOOL_PREFIX)

    @property
    def caution(self) -> str:
        """What stands beside everything that no model did; empty for a model."""
        return caution(self.name, scripted=self.scripted)


@dataclass(frozen=True, kw_only=True)
class SuiteUsed:
    """Which tasks, as they were committed to."""

    name: str
    version: str
    root: str
    """Merkle root of the commitment; empty when nothing was committed to"""
    size: int
    """tasks in it"""
    committed_at: Instant | None
    """when the commitment was published"""


@dataclass(frozen=True, kw_only=True)
class ContainmentProof:
    """One live test from inside the sandbox."""

    when: str
    """`before`, `during` or `after`"""
    at: Instant
    digest: str
    """SHA-256 of what it saw"""
    held: bool


@dataclass(frozen=True, kw_only=True)
class Containment:
    """How far the model was from the world, and how that was shown."""

    level: str
    proofs: Sequence[ContainmentProof]
    exception: str = ""
    """the named, expiring exception under which a lower level was used; empty for none"""


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What a tool without any model solved of the same tasks, under the same rule."""

    tool: str
    version: str
    kind: Kind
    solved: int
    tasks: int
    cpu_seconds: int
    """spent on all of them"""
    budget: int = 0
    """CPU seconds that it had for each task; 0 where nobody said"""
    ours_solved: int = 0
    """samples of the run on these very tasks that solved them"""
    ours_valid: int = 0
    """samples of the run on these very tasks that count; 0 where nobody compared"""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Where a sample was stopped."""

    tokens: int
    milliseconds: int
    cost: int
    """in millionths; 0 for none"""


@dataclass(frozen=True, kw_only=True)
class Run:
    """Everything about one run."""

    id: str
    model: Model
    suite: SuiteUsed
    plan_digest: str
    """SHA-256 of the plan that was fixed before; empty when there was none"""
    planned_at: Instant | None
    started_at: Instant
    ended_at: Instant
    currency: str
    limits: Limits
    environments: Sequence[tuple[str, str]]
    """name and SHA-256 of each environment, as it was resolved and not as it was asked for"""
    containment: Containment
    elicitation: Sequence[str]
    """what was tried to get the most out of the model, a sentence each"""
    samples: Sequence[Sample]
    baselines: Sequence[Baseline] = ()
    imputed: Sequence[Imputed] = ()
    """figures that were not measured in this run; kept apart from those that were"""
    unmeasured: Sequence[Unmeasured] = ()
    """what was meant to be measured and was not, beyond what the samples show"""

    def __post_init__(self) -> None:
        """Refuse a record that contradicts itself."""
        if self.ended_at < self.started_at:
            raise RecordUnusable("the run ended before it started", field="ended_at")
        if (self.plan_digest == "") != (self.planned_at is None):
            raise RecordUnusable("a plan has a digest and a time, or neither", field="plan_digest")
        digests = [self.model.endpoint_digest, *(found for _, found in self.environments)]
        digests += [each for each in (self.suite.root, self.plan_digest) if each]
        digests += [proof.digest for proof in self.containment.proofs]
        for each in digests:
            if not _SHA256.fullmatch(each):
                raise RecordUnusable(f"{each[:70]!r} is no SHA-256 in hex", field="digest")
        _check_samples(self.samples)
        object.__setattr__(self, "samples", tuple(sorted(self.samples, key=_place)))


def _place(sample: Sample) -> tuple[str, str, str, int]:
    return sample.kind.value, sample.family, sample.task, sample.epoch


def _check_samples(samples: Sequence[Sample]) -> None:
    if len(samples) > MOST_SAMPLES:
        raise TooLarge(f"a run of {len(samples)} samples", limit=MOST_SAMPLES)
    seen: set[tuple[str, int]] = set()
    belongs: dict[str, tuple[object, ...]] = {}
    for each in samples:
        if (each.task, each.epoch) in seen:
            raise RecordUnusable(f"{each.task[:80]}: epoch {each.epoch} is there twice")
        seen.add((each.task, each.epoch))
        place = (each.family, each.kind, each.public, each.wanted, each.minutes)
        if belongs.setdefault(each.task, place) != place:
            raise RecordUnusable(f"{each.task[:80]}: one task, two families, kinds or sources")
