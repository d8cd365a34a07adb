"""What a run is fixed to: tasks and their commitment, threshold and plan, level and exception."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from firstlight.adapters.bench.sealed.running import SealedRun
from firstlight.adapters.cli.host_measure import ExceptionAsked, RunOrder
from firstlight.adapters.cli.suite_files import folder_digest
from firstlight.adapters.formats.measure_plan import read_plan
from firstlight.adapters.formats.measure_tools import NAME as SUMMARY
from firstlight.adapters.formats.measure_tools import read_summary
from firstlight.adapters.vault.thresholds import OpenThresholdFile, SealedThresholdFile
from firstlight.bootstrap import suites, suites_folder
from firstlight.core.kernel.canonical import canonical, digest
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.containment import ContainmentLevel
from firstlight.core.kernel.errors import Conflict, Invalid, Missing
from firstlight.core.measure.baselines import Summary
from firstlight.core.measure.commitment import Committed, TaskSecret, commit
from firstlight.core.measure.containment import Driver, LevelException
from firstlight.core.measure.measurement import Fixed, Item
from firstlight.core.measure.plan import Plan
from firstlight.core.measure.record import Limits, Model, SuiteUsed
from firstlight.core.measure.task import Suite, Task
from firstlight.usecases.ports.measurements import ThresholdKeeper
from firstlight.usecases.ports.players import Allowance, NotApplicable, Player

SAFEGUARDS = ("shipped", "reduced", "off")


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The tasks of a run, and the commitment to the suite that they are of."""

    suite: Suite
    tasks: Sequence[Task]
    committed: Committed
    sealed: SealedRun | None = None
    """where the suite is secret"""

    def used(self, now: Instant) -> SuiteUsed:
        """As the record names it. The whole suite is committed to, whatever was chosen of it."""
        if self.sealed is not None:
            return self.sealed.used
        return SuiteUsed(
            name=self.suite.id,
            version=str(self.suite.version),
            root=self.committed.root,
            size=self.committed.size,
            committed_at=now,
        )


def choose(order: RunOrder, sealed: SealedRun | None = None) -> Chosen:
    """The tasks that an order names, of a shipped suite or of the sealed one that is open.

    Raises:
        Missing: there is no such suite or task.
        Invalid: nothing is left of it, or tasks of a sealed suite are named.
    """
    if sealed is None:
        suite = _shipped(order)
        return Chosen(suite=suite, tasks=_tasks(order, suite), committed=commitment(suite))
    if order.tasks:
        raise Invalid(
            "tasks of a sealed suite have other names in each run",
            hint="Choose among them by --kind.",
            field="tasks",
        )
    tasks = _tasks(order, sealed.suite)
    return Chosen(suite=sealed.suite, tasks=tasks, committed=sealed.committed, sealed=sealed)


def _shipped(order: RunOrder) -> Suite:
    known = {suite.id: suite for suite in suites()}
    if order.suite not in known:
        raise Missing(
            f"there is no suite {order.suite[:80]!r}",
            hint=f"There are: {', '.join(known)}; a sealed one is named sealed:FOLDER.",
        )
    return known[order.suite]


def _tasks(order: RunOrder, suite: Suite) -> Sequence[Task]:
    names = {task.id for task in suite.tasks}
    unknown = [name for name in order.tasks if name not in names]
    if unknown:
        raise Missing(f"there is no task {unknown[0][:80]!r}", hint="firstlight suite list")
    tasks = [
        task
        for task in suite.tasks
        if (not order.tasks or task.id in order.tasks)
        and (not order.kinds or task.kind.value in order.kinds)
    ]
    if not tasks:
        raise Invalid("no task of the suite is of these names and kinds", field="tasks")
    return tasks


def commitment(suite: Suite) -> Committed:
    """Of a public suite: anybody can make it again, so its salts are no secret."""
    folder = suites_folder() / suite.id
    rows = []
    for task in suite.tasks:
        found = folder_digest(folder / task.id)
        salt = hashlib.sha256(f"firstlight public task {found}".encode()).digest()
        rows.append(TaskSecret(task=task.id, digest=found, salt=salt))
    return commit(suite.id, str(suite.version), rows)


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """The threshold that will be applied, and the plan that names it; both or neither."""

    keeper: ThresholdKeeper | None
    plan: Plan | None


def rule(order: RunOrder, committed: Committed) -> Ruled:
    """Threshold and plan. A plan that was made before must be about this very run.

    Raises:
        Invalid: a file is none, or a plan stands without a threshold.
        Conflict: the plan names another threshold, suite or number of epochs.
    """
    if order.threshold and order.sealed_threshold:
        raise Invalid("a run has one threshold, open or sealed", field="threshold")
    keeper: ThresholdKeeper | None = None
    if order.threshold:
        keeper = OpenThresholdFile(Path(order.threshold))
    elif order.sealed_threshold:
        keeper = SealedThresholdFile(Path(order.sealed_threshold))
    if keeper is None:
        if order.plan:
            raise Invalid("a plan needs the threshold that it names", field="threshold")
        return Ruled(keeper=None, plan=None)
    fixed = Plan(threshold=keeper.known_by(), suite_root=committed.root, epochs=order.epochs)
    if order.plan:
        try:
            given = read_plan(Path(order.plan).read_bytes())
        except OSError as error:
            raise Invalid(f"{order.plan}: {error.strerror}", field="plan") from None
        if given != fixed:
            raise Conflict(
                "The plan is about another threshold, suite or number of epochs.",
                hint="Run what was planned, or plan anew before the run.",
                planned=given.digest(),
                asked=fixed.digest(),
            )
    return Ruled(keeper=keeper, plan=fixed)


def tools_on(suite: Suite) -> Summary | None:
    """What tools solved of the suite; None where nobody tried this version of it.

    Raises:
        Invalid: the file beside the suite is no summary.
    """
    file = suites_folder() / suite.id / SUMMARY
    if not suite.public or not file.is_file():
        return None
    found = read_summary(file.read_bytes())
    return found if (found.suite, found.version) == (suite.id, str(suite.version)) else None


def exception_of(asked: ExceptionAsked | None, now: Instant) -> LevelException | None:
    """The named exception. Raises Invalid."""
    if asked is None:
        return None
    try:
        level = ContainmentLevel(asked.level)
    except ValueError:
        known = ", ".join(each.value for each in ContainmentLevel)
        raise Invalid(
            f"{asked.level[:40]!r} is no level of containment", hint=f"There are: {known}."
        ) from None
    return LevelException(
        by=asked.by, why=asked.why, level=level, recorded_at=now, until=Instant.parse(asked.until)
    )


def fix(order: RunOrder, chosen: Chosen, player: Player, plan: Plan | None, now: Instant) -> Fixed:
    """Everything that does not change from here on.

    Raises:
        Invalid: it could not be recorded.
    """
    if order.safeguards not in SAFEGUARDS:
        raise Invalid(f"safeguards are one of {', '.join(SAFEGUARDS)}", field="safeguards")
    about = player.described
    return Fixed(
        model=Model(
            name=about.name,
            version=about.version,
            endpoint_digest=digest(canonical(dict(about.endpoint))),
            safeguards=order.safeguards,
            scripted=about.driver is Driver.SCRIPT,
        ),
        driver=about.driver.value,
        suite=chosen.used(now),
        public=chosen.suite.public,
        items=[_item(task, player) for task in chosen.tasks],
        epochs=order.epochs,
        limits=Limits(tokens=order.tokens, milliseconds=order.seconds * 1000, cost=order.cost),
        turns=order.turns,
        currency=order.currency,
        elicitation=(*about.elicitation, _limits(order, about.driver)),
        plan_digest=plan.digest() if plan else "",
        planned_at=now if plan else None,
        threshold=plan.threshold if plan else "",
    )


def _limits(order: RunOrder, driver: Driver) -> str:
    if driver is Driver.TOOL:
        return (
            f"Each sample had up to {order.cpu_seconds} CPU seconds of searching and "
            f"{order.seconds} seconds."
        )
    return (
        f"Each sample had up to {order.turns} turns, {order.tokens} tokens and "
        f"{order.seconds} seconds."
    )


def _item(task: Task, player: Player) -> Item:
    declined = player.declines(task) if isinstance(player, NotApplicable) else ""
    return Item(
        task=task.id,
        family=task.family,
        floor=not task.resists_tools,
        minutes=task.human.minutes,
        declined=declined,
    )


def allowance_of(order: RunOrder) -> Allowance:
    """Of each sample."""
    return Allowance(
        turns=order.turns,
        tokens=order.tokens,
        seconds=float(order.seconds),
        cost=order.cost,
        cpu_seconds=float(order.cpu_seconds),
    )
