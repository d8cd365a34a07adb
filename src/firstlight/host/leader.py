"""The process that leads one run: `python -m firstlight.host.leader`, orders on standard input.

In this order, and nothing else is started below it:

1. the suite is read, a sealed one opened, and its commitment made or compared; a run that is
   taken up again must find the same;
2. the player is opened and the run fixed: tasks, epochs, limits, plan;
3. level and exception are looked at, then the watcher is started and the first proof is made;
4. samples are played and kept; at the end the statement is signed.

When whoever started it is gone, or says so, the run pauses after the sample that is played.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from contextlib import AbstractContextManager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from firstlight.adapters.bench.bench import LocalBench
from firstlight.adapters.bench.containment.evidence import NAME as EVIDENCE
from firstlight.adapters.bench.sealed.running import SealedRun
from firstlight.adapters.cli.host_measure import RunOrder, RunProgress, RunShown
from firstlight.adapters.formats.measure_plan import write_plan
from firstlight.bootstrap import (
    Contained,
    Firstlight,
    open_contained,
    open_firstlight,
    open_sealed,
)
from firstlight.core.kernel.errors import Conflict, FirstlightError
from firstlight.core.kernel.parties import SYSTEM
from firstlight.core.measure.alarm import AlarmKind, ContainmentBroken
from firstlight.core.measure.commitment import CommitmentBroken
from firstlight.core.measure.containment import Admitted, admit
from firstlight.core.measure.ids import MeasurementId
from firstlight.core.measure.measurement import Measurement
from firstlight.core.review.ids import EngagementId
from firstlight.host.choosing import (
    Chosen,
    Ruled,
    allowance_of,
    choose,
    exception_of,
    fix,
    rule,
    tools_on,
)
from firstlight.host.leading import ALARM, PLAN, TURNS, Line, Orders, Word, encode, led, read_order
from firstlight.host.papers import ReportPapers
from firstlight.host.players import Given, open_player
from firstlight.host.secret import open_names, sealed_suite
from firstlight.host.showing import folder_of, shown
from firstlight.settings import load
from firstlight.usecases.access.rules import Action
from firstlight.usecases.measurements.playing import Leading, Progress, Seal, Stage, play
from firstlight.usecases.measurements.runs import (
    end,
    note_watch,
    pause,
    resume,
    start,
    stop,
)
from firstlight.usecases.ports.containment import Watch
from firstlight.usecases.ports.players import Player

_MOST_LINE = 1 << 20


class Ear:
    """Hears whoever started this process, on standard input."""

    def __init__(self) -> None:
        """Nothing is heard before it is asked for."""
        self.interrupted = threading.Event()
        self._url = ""
        self._served = threading.Event()
        self._rest = b""

    def orders(self) -> Orders:
        """The first line; what follows is heard beside everything else."""
        found = msgspec.json.decode(self._line(), type=Orders)
        threading.Thread(target=self._listen, name="orders", daemon=True).start()
        return found

    def _line(self) -> bytes:
        """The next one, empty at the end. Not buffered by Python, whose lock outlives a thread."""
        while b"\n" not in self._rest and len(self._rest) <= _MOST_LINE:
            data = os.read(sys.stdin.fileno(), 1 << 16)
            if not data:
                return b""
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def _listen(self) -> None:
        while raw := self._line():
            word = msgspec.json.decode(raw, type=Word)
            if word.url:
                self._url = word.url
                self._served.set()
            if word.pause:
                self.interrupted.set()
        # Whoever started it is gone.
        self.interrupted.set()
        self._served.set()

    def serve(self, script: Any) -> str:  # noqa: ANN401  # JSON
        """Have a script served. Raises Conflict."""
        say(Line(say="script", script=script))
        self._served.wait()
        if not self._url:
            raise Conflict("Nobody serves the script.", hint="Start the run anew.")
        return self._url


def say(line: Line) -> None:
    """To whoever started this process; when nobody is there, the run pauses all the same."""
    with suppress(BrokenPipeError):
        sys.stdout.buffer.write(encode(line))
        sys.stdout.buffer.flush()


class Leader:
    """One run, from its orders to its end."""

    def __init__(self, orders: Orders, ear: Ear) -> None:
        """Opens the database; nothing is run yet."""
        self._orders = orders
        self._ear = ear
        self._settings = load()
        self._id = MeasurementId(orders.run)
        self._folder = folder_of(self._settings, orders.run)
        self._order: RunOrder = read_order(self._folder) if orders.resume else orders.order
        self._opened: Firstlight = open_firstlight(self._settings)
        self._context = self._opened.context

    def lead(self) -> None:
        """All of it.

        Raises:
            ContainmentBroken: an alarm was sounded; the run is stopped.
            FirstlightError: it cannot begin, or cannot go on.
        """
        chosen = choose(self._order, self._sealed())
        ruled = rule(self._order, chosen.committed)
        if self._orders.resume:
            self._may_go_on(chosen, ruled)
        if self._orders.end:
            self._end(chosen, ruled, self._orders.end)
            return
        say(Line(say="note", text="Opening the sandbox and proving its containment."))
        with self._contained(chosen) as contained:
            player = open_player(self._given(contained.bench, chosen))
            now = self._context.clock.now()
            exception = exception_of(self._order.exception, now)
            level = contained.containment.level()
            admitted = admit(player.described.driver, level, exception, now)
            part = self._next_part()
            run = self._begin(chosen, ruled, player, admitted, part)
            why = self._watched(run, chosen, player, contained, part)
        if why:
            pause(self._context, SYSTEM, self._id, why=why)
            self._closed()
        else:
            self._end(chosen, ruled, "")

    def _sealed(self) -> SealedRun | None:
        """The tasks of a sealed suite; None where the order names a shipped one."""
        suite = sealed_suite(self._settings, self._order)
        if suite is None:
            return None
        return open_names(suite, str(self._id), self._folder, again=self._orders.resume)

    def _contained(self, chosen: Chosen) -> AbstractContextManager[Contained]:
        if chosen.sealed is None:
            return open_contained(self._settings)
        return open_sealed(self._settings, chosen.sealed)

    def _seal(self, chosen: Chosen) -> Seal | None:
        return None if chosen.sealed is None else partial(chosen.sealed.keep, str(self._id))

    def _given(self, bench: LocalBench, chosen: Chosen) -> Given:
        return Given(
            settings=self._settings,
            order=self._order,
            bench=bench,
            tasks=chosen.tasks,
            serve=self._ear.serve,
            public=chosen.suite.public,
            folder=self._folder,
        )

    def _begin(
        self, chosen: Chosen, ruled: Ruled, player: Player, admitted: Admitted, part: str
    ) -> Measurement:
        if self._orders.resume:
            return resume(self._context, SYSTEM, self._id, admitted, evidence=part)
        now = self._context.clock.now()
        if ruled.plan is not None:
            (self._folder / PLAN).write_bytes(write_plan(ruled.plan))
        return start(
            self._context,
            SYSTEM,
            self._id,
            fix(self._order, chosen, player, ruled.plan, now),
            admitted,
            evidence=part,
            engagement=self._engagement(),
        )

    def _watched(
        self, run: Measurement, chosen: Chosen, player: Player, contained: Contained, part: str
    ) -> str:
        """Play under watch. Returns why the run paused."""
        watch: Watch | None = None
        try:
            with contained.containment.watch(part) as watch:
                self._began(run)
                stage = Stage(
                    bench=contained.bench,
                    watch=watch,
                    player=player,
                    tasks={task.id: task for task in chosen.tasks},
                    resolved=contained.bench.resolved,
                    tick=time.monotonic,
                    seal=self._seal(chosen),
                )
                why = play(self._leading(run), stage)
        except ContainmentBroken as error:
            head = self._note(watch)
            stop(self._context, SYSTEM, self._id, alarm=error.message, head=head)
            raise
        except FirstlightError as error:
            self._note(watch)
            pause(self._context, SYSTEM, self._id, why=error.message)
            raise
        self._note(watch)
        return why

    def _note(self, watch: Watch | None) -> str:
        if watch is None:
            return ""
        note_watch(self._context, self._id, watch.proofs, watch.evidence_head)
        return watch.evidence_head

    def _leading(self, run: Measurement) -> Leading:
        return Leading(
            context=self._context,
            actor=SYSTEM,
            measurement=run,
            allowance=allowance_of(self._order),
            tell=self._tell,
            interrupted=self._ear.interrupted.is_set,
        )

    def _tell(self, progress: Progress) -> None:
        left = None
        if progress.played:
            left = progress.seconds / progress.played * (progress.of - progress.done)
        say(
            Line(
                say="progress",
                progress=RunProgress(
                    run=str(self._id),
                    done=progress.done,
                    of=progress.of,
                    epoch=progress.epoch,
                    epochs=self._order.epochs,
                    task=progress.task,
                    says=progress.says,
                    ended=progress.ended,
                    tokens=progress.tokens,
                    cost=progress.cost,
                    currency=self._order.currency,
                    seconds=progress.seconds,
                    left_seconds=left,
                ),
            )
        )

    def _end(self, chosen: Chosen, ruled: Ruled, why: str) -> None:
        say(Line(say="note", text="Computing every figure and signing the statement."))
        end(
            self._context,
            SYSTEM,
            self._id,
            {task.id: task for task in chosen.tasks},
            ReportPapers(),
            why=why,
            keeper=ruled.keeper,
            plan=ruled.plan,
            tools=tools_on(chosen.suite),
        )
        self._closed()

    def _began(self, run: Measurement) -> None:
        say(Line(say="began", text=run.admitted, shown=self._shown()))

    def _closed(self) -> None:
        say(Line(say="closed", shown=self._shown()))

    def _shown(self) -> RunShown:
        with self._context.storage.look() as work:
            stored = work.measurements.get(self._id)
        return shown(self._context, self._settings, stored)

    def _engagement(self) -> EngagementId | None:
        """The review that the order names by its number. Raises Missing."""
        if not self._order.review:
            return None
        return self._opened.reviews.reached(SYSTEM, self._order.review, Action.REVIEW_READ)

    def _next_part(self) -> str:
        """A name for evidence that is not there yet; it is never written over."""
        number = 1
        while True:
            name = str(self._id) if number == 1 else f"{self._id}.{number}"
            if not (self._folder.with_name(name) / EVIDENCE).exists():
                return name
            number += 1

    def _may_go_on(self, chosen: Chosen, ruled: Ruled) -> None:
        """The suite is the same, and no alarm was sounded that the database did not hear of.

        Raises:
            CommitmentBroken: the tasks are not those that the run was begun with.
            Conflict: its threshold is another one.
            ContainmentBroken: there is the draft of an incident.
        """
        with self._context.storage.look() as work:
            found = work.measurements.get(self._id).measurement
        if found.fixed.suite.root != chosen.committed.root:
            raise CommitmentBroken(
                f"{chosen.suite.id}: its tasks have changed since the run was begun",
                hint="Put the suite back as it was, or end this run and begin a new one.",
            )
        if found.fixed.plan_digest != (ruled.plan.digest() if ruled.plan else ""):
            raise Conflict(
                "The threshold is another than the one that the run was begun with.",
                hint="Put its file back as it was, or end this run and begin a new one.",
            )
        for part in found.parts:
            kind, seen = _incident(self._folder.with_name(part.evidence))
            if kind not in {"", AlarmKind.SILENCE.value}:
                stop(self._context, SYSTEM, self._id, alarm=seen, head=part.head)
                raise ContainmentBroken(seen)


def _incident(folder: Path) -> tuple[str, str]:
    """Kind and sight of the alarm of which a draft lies there; empty for none."""
    try:
        alarm = json.loads((folder / "incident.json").read_bytes())["alarm"]
        return str(alarm["kind"]), str(alarm["seen"])
    except FileNotFoundError:
        return "", ""
    except (OSError, ValueError, KeyError, TypeError):
        return "unreadable", f"the draft of an incident in {folder.name} cannot be read"


def _turn(error: FirstlightError) -> str:
    if isinstance(error, ContainmentBroken):
        return ALARM
    return next((name for name, kind in TURNS.items() if isinstance(error, kind)), "")


def main() -> int:
    """Lead one run; returns the exit code."""
    ear = Ear()
    orders = ear.orders()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ear.interrupted.set())
    try:
        with led(folder_of(load(), orders.run)):
            Leader(orders, ear).lead()
    except FirstlightError as error:
        say(
            Line(
                say="failed",
                text=error.message,
                code=error.code,
                hint=error.hint,
                turn=_turn(error),
            )
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
