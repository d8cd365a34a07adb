"""Sealed suites for the command line."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from firstlight.adapters.bench.gates import Gated, check_all
from firstlight.adapters.bench.planted.document import Files
from firstlight.adapters.bench.planted.reading import Planted, read
from firstlight.adapters.bench.sealed.folder import Named, SealedSuite, seal
from firstlight.adapters.bench.sealed.leaks import Search, needles_of
from firstlight.adapters.bench.sealed.make import fresh
from firstlight.adapters.cli.host import TaskChecked
from firstlight.adapters.cli.host_sealed import (
    LeakShown,
    OpenedTask,
    Order,
    Progress,
    SealedShown,
    SearchShown,
    Seen,
)
from firstlight.adapters.cli.suite_files import folder_files, tasks
from firstlight.adapters.machine import SystemClock
from firstlight.bootstrap import Firstlight, prove_planted, suite_vault
from firstlight.core.kernel.errors import Conflict, Missing
from firstlight.core.kernel.parties import SYSTEM
from firstlight.core.measure.ids import MeasurementId
from firstlight.host.secret import open_names
from firstlight.host.showing import folder_of
from firstlight.settings import Settings
from firstlight.usecases.measurements.suites import commit_suite, note_opening


class Suites:
    """Implements `SealedSuites`; whoever has the shell acts as the program."""

    def __init__(self, settings: Settings, opened: Callable[[], Firstlight]) -> None:
        """The database is opened when the ledger is written, and not before."""
        self._settings = settings
        self._opened = opened
        self._vault = suite_vault(settings)

    def new(self, order: Order, progress: Progress) -> SealedShown:
        """See the protocol."""
        return self._make(order, progress, follows="")

    def rotate(self, before: Path, order: Order, progress: Progress) -> SealedShown:
        """See the protocol."""
        old = self._suite(before).manifest
        if int(order.version) <= int(old.version) or order.name != old.suite:
            raise Conflict(
                f"Version {order.version} does not follow {old.version}.",
                hint="Raise the version; the name stays.",
            )
        return self._make(order, progress, follows=old.root)

    def seal(self, order: Order, tasks_in: Path) -> SealedShown:
        """See the protocol."""
        made = [folder_files(folder) for folder in tasks(tasks_in)]
        return self._seal(order, made, b"", "")

    def show(self, folder: Path) -> SealedShown:
        """See the protocol."""
        return _shown(self._suite(folder))

    def names(self, folder: Path) -> Sequence[str]:
        """See the protocol."""
        return self._suite(folder).names()

    def commit(self, folder: Path, *, ledger: bool) -> SealedShown:
        """See the protocol."""
        suite = self._suite(folder)
        if suite.committed_at is not None:
            raise Conflict("This suite was committed to already.", at=str(suite.committed_at))
        at = SystemClock().now()
        if ledger:
            context = self._opened().context
            at = commit_suite(context, SYSTEM, suite.committed, follows=suite.manifest.follows)
        suite.note_committed(at, ledger=ledger)
        return _shown(suite)

    def open_task(self, folder: Path, task: str, *, ledger: bool) -> OpenedTask:
        """See the protocol."""
        suite = self._suite(folder)
        found = suite.open_task(task, SystemClock().now())
        if ledger:
            note_opening(self._opened().context, SYSTEM, suite.committed, found.opening)
        return OpenedTask(
            opening=found.opening, files=dict(found.files), siblings=list(found.siblings)
        )

    def check(self, folder: Path, progress: Progress, *, jobs: int) -> Sequence[TaskChecked]:
        """See the protocol."""
        made = [files for _, files in self._suite(folder).documents()]
        return [_checked(one) for one in self._gates(made, progress, jobs=jobs)]

    def evidence(self, folder: Path, run: str) -> Sequence[Seen]:
        """See the protocol."""
        suite, measurements = self._suite(folder), self._opened().measurements
        page = measurements.run(SYSTEM, MeasurementId(run))
        if page.measurement.fixed.suite.root != suite.manifest.root:
            raise Conflict("That run was on another suite.", hint="firstlight measure list")
        opened = open_names(suite, run, folder_of(self._settings, run), again=True)
        return [
            Seen(
                task=opened.own_name(row.task),
                shown_as=row.task,
                epoch=kept.sample.epoch,
                evidence=json.loads(suite.open_log(kept.sealed_name, kept.sealed)),
            )
            for row in page.tasks
            for kept in measurements.samples(SYSTEM, page.measurement.id, row.task)
            if kept.sealed
        ]

    def search(self, folder: Path, places: Sequence[Path]) -> SearchShown:
        """See the protocol."""
        suite = self._suite(folder)
        public = suite.public_since()
        secret = [files for row, files in suite.documents() if row.task not in public]
        if not secret:
            raise Missing("Every task of this suite was opened.", hint="Nothing of it is secret.")
        wanted = needles_of(secret)
        found = Search(wanted).through(*places)
        return SearchShown(
            files=found.files,
            bytes=found.bytes,
            streams=found.streams,
            leaks=[
                LeakShown(place=one.place, encoding=one.encoding, packed=one.packed)
                for one in found.leaks
            ],
            unread=found.unread,
        )

    def _suite(self, folder: Path) -> SealedSuite:
        return SealedSuite(folder, self._vault)

    def _make(self, order: Order, progress: Progress, *, follows: str) -> SealedShown:
        seed, made = fresh(order.programs)
        if order.check:
            gates = self._gates(made, progress, jobs=order.jobs)
            bad = [one for one in gates if one.problems]
            if bad:
                raise Conflict(
                    f"Gates of {len(bad)} of {len(gates)} tasks do not hold; nothing is sealed.",
                    hint="Run it again; if it happens again, see firstlight doctor.",
                    kinds=sorted({one.task.kind.value for one in bad}),
                )
        return self._seal(order, made, seed, follows)

    def _seal(self, order: Order, made: Sequence[Files], seed: bytes, follows: str) -> SealedShown:
        named = Named(suite=order.name, version=order.version, follows=follows)
        seal(order.folder, self._vault, named, made, now=SystemClock().now(), seed=seed)
        return self.show(order.folder)

    def _gates(
        self, made: Sequence[Mapping[str, bytes]], progress: Progress, *, jobs: int
    ) -> Sequence[Gated]:
        planted: list[Planted] = [read(files) for files in made]
        counted = _Counted(progress, len(planted))
        with prove_planted(self._settings, planted) as bench:
            return check_all([one.task for one in planted], bench, counted, jobs=jobs)


class _Counted:
    """Progress by number: a sealed task's name does not belong on a terminal."""

    def __init__(self, progress: Progress, whole: int) -> None:
        self._progress = progress
        self._whole = whole
        self._done = 0
        self._lock = threading.Lock()

    def __call__(self, _task: str, what: str) -> None:
        if what != "checking":
            with self._lock:
                self._done += 1
                self._progress(f"{self._done} of {self._whole}", what)


def _shown(suite: SealedSuite) -> SealedShown:
    manifest = suite.manifest
    return SealedShown(
        committed=suite.committed,
        made_at=manifest.made_at,
        committed_at=str(suite.committed_at or ""),
        follows=manifest.follows,
        fingerprint=manifest.fingerprint,
        opened=[one.task for one in suite.opened()],
    )


def _checked(one: Gated) -> TaskChecked:
    return TaskChecked(
        id=one.task.id,
        ok=not one.problems,
        seconds=one.seconds,
        gates={gate.solution: gate.outcome.kind for gate in one.gates},
        problems=one.problems,
    )
