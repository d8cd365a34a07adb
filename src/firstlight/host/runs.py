"""Leads runs for the command line: starts a leader, hears it, serves scripts, writes the files."""

from __future__ import annotations

import os
import selectors
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

import msgspec

from firstlight.adapters.bench.players.scripted import serve
from firstlight.adapters.cli.host_measure import (
    RunClosed,
    RunOrder,
    RunShown,
    RunTeller,
)
from firstlight.adapters.formats.measure_report.page import Cut
from firstlight.bootstrap import Firstlight
from firstlight.core.kernel.errors import FirstlightError, Missing, Unavailable
from firstlight.core.kernel.parties import SYSTEM
from firstlight.core.measure.alarm import ContainmentBroken
from firstlight.core.measure.ids import MeasurementId
from firstlight.host.choosing import choose, rule
from firstlight.host.leading import (
    ALARM,
    PLAN,
    TURNS,
    Line,
    Orders,
    Word,
    encode,
    read_order,
    write_order,
)
from firstlight.host.secret import SEALED, sealed_suite
from firstlight.host.showing import folder_of, shown
from firstlight.settings import Settings
from firstlight.usecases.ports.runs import RECORD, STATEMENT, report_name

_LOOK_SECONDS = 0.2
_SHORTEST = 4
"""characters of the end of an identifier that name a run"""


class LeaderLost(Unavailable):
    """The process that led the run died. What was kept stays."""

    code = "measure.leader_lost"
    next_step = "Take it up again with `firstlight measure resume`."


class LocalRuns:
    """Implements `Runs`; whoever has the shell acts as the program."""

    def __init__(self, settings: Settings, opened: Firstlight) -> None:
        """Over an opened installation."""
        self._settings = settings
        self._opened = opened
        self._context = opened.context

    def run(self, order: RunOrder, teller: RunTeller, stop: Callable[[], bool]) -> RunClosed:
        """See the protocol."""
        # Looked at before anything is written, so that a slip leaves nothing behind.
        order = _absolute(order)
        secret = sealed_suite(self._settings, order)
        rule(order, secret.committed if secret else choose(order).committed)
        identifier = self._context.mint.new(MeasurementId, self._context.clock.now())
        folder = folder_of(self._settings, str(identifier))
        write_order(folder, order)
        try:
            return self._lead(Orders(run=str(identifier), order=order), teller, stop)
        finally:
            if not self._is_kept(identifier):
                shutil.rmtree(folder)

    def _is_kept(self, identifier: MeasurementId) -> bool:
        """Whether the run was begun; one that was refused leaves no trace."""
        with self._context.storage.look() as work:
            try:
                work.measurements.get(identifier)
            except Missing:
                return False
        return True

    def resume(self, run: str, teller: RunTeller, stop: Callable[[], bool]) -> RunClosed:
        """See the protocol."""
        identifier = str(self._named(run))
        order = read_order(folder_of(self._settings, identifier))
        return self._lead(Orders(run=identifier, order=order, resume=True), teller, stop)

    def end(self, run: str, why: str, teller: RunTeller) -> RunClosed:
        """See the protocol."""
        identifier = str(self._named(run))
        order = read_order(folder_of(self._settings, identifier))
        orders = Orders(run=identifier, order=order, resume=True, end=why)
        return self._lead(orders, teller, lambda: False)

    def show(self, run: str) -> RunShown:
        """See the protocol."""
        with self._context.storage.look() as work:
            stored = work.measurements.get(self._named(run))
        return shown(self._context, self._settings, stored)

    def list(self, *, limit: int) -> Sequence[RunShown]:
        """See the protocol."""
        page = self._opened.measurements.runs(SYSTEM, cursor=None, limit=limit)
        found = []
        for row in page.rows:
            with self._context.storage.look() as work:
                stored = work.measurements.get(row.id)
            found.append(shown(self._context, self._settings, stored))
        return found

    def _named(self, run: str) -> MeasurementId:
        """By its identifier, the end of it, or `latest`. Raises Missing."""
        if run.startswith(f"{MeasurementId.prefix}_"):
            return MeasurementId(run)
        page = self._opened.measurements.runs(SYSTEM, cursor=None, limit=200)
        known = [row.id for row in page.rows]
        if run == "latest" and known:
            return known[0]
        found = [one for one in known if len(run) >= _SHORTEST and str(one).endswith(run)]
        if len(found) != 1:
            raise Missing(
                f"there is no run {run[:40]!r}" if not found else f"{run[:40]!r} names several",
                hint="firstlight measure list",
            )
        return found[0]

    def _lead(self, orders: Orders, teller: RunTeller, stop: Callable[[], bool]) -> RunClosed:
        with ExitStack() as stack:
            process = stack.enter_context(_leader())
            given, heard = process.stdin, process.stdout
            if given is None or heard is None:
                raise LeaderLost
            given.write(encode(orders))
            given.flush()
            closed: RunShown | None = None
            for line in _lines(heard, given, stop):
                match line.say:
                    case "note":
                        teller.note(line.text)
                    case "script":
                        url = stack.enter_context(serve(line.script))
                        _tell(given, Word(url=url))
                    case "began" if line.shown is not None:
                        teller.began(line.shown, line.text)
                    case "progress" if line.progress is not None:
                        teller.progress(line.progress)
                    case "closed":
                        closed = line.shown
                    case _:
                        raise _failure(line)
        if closed is None:
            raise LeaderLost(run=orders.run)
        return RunClosed(run=closed, files=self._files(MeasurementId(closed.id)))

    def _files(self, identifier: MeasurementId) -> Mapping[str, Path]:
        """Record, statement and reports of a run that has ended, in its folder."""
        wanted = {
            "record": (RECORD, "run.json"),
            "statement": (STATEMENT, "statement.json"),
            **{f"report, {cut}": (report_name(cut), f"report-{cut}.html") for cut in Cut},
        }
        folder = folder_of(self._settings, str(identifier))
        written = {}
        with self._context.storage.look() as work:
            for what, (kept, name) in wanted.items():
                try:
                    content = work.measurements.result(identifier, kept)
                except Missing:
                    return {}
                (folder / name).write_bytes(content)
                written[what] = folder / name
        if (folder / PLAN).exists():
            written["plan"] = folder / PLAN
        return written


def _leader() -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C is ours, and pauses the run after its sample.
    return subprocess.Popen(
        [sys.executable, "-I", "-m", "firstlight.host.leader"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


def _tell(given: IO[bytes], word: Word) -> None:
    with suppress(BrokenPipeError):
        given.write(encode(word))
        given.flush()


def _lines(heard: IO[bytes], given: IO[bytes], stop: Callable[[], bool]) -> Iterator[Line]:
    """What a leader says, until it ends; asks now and then whether it shall pause."""
    told, rest = False, b""
    with selectors.DefaultSelector() as look:
        look.register(heard, selectors.EVENT_READ)
        while True:
            if not told and stop():
                told = True
                _tell(given, Word(pause=True))
            if not look.select(_LOOK_SECONDS):
                continue
            data = os.read(heard.fileno(), 1 << 16)
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for raw in lines:
                yield msgspec.json.decode(raw, type=Line)


def _failure(line: Line) -> FirstlightError:
    """The leader's error: its sentence, hint and code, and whose turn it is."""
    kind = ContainmentBroken if line.turn == ALARM else TURNS.get(line.turn, Unavailable)
    error = kind(line.text, hint=line.hint)
    # The class of the leader's error is not known here; its stable code is.
    vars(error)["code"] = line.code
    return error


def _absolute(order: RunOrder) -> RunOrder:
    """Its files by their whole names, so that it can be taken up again from any folder."""

    def whole(path: str) -> str:
        return str(Path(path).absolute()) if path else ""

    return replace(
        order,
        suite=SEALED + whole(order.suite.removeprefix(SEALED))
        if order.suite.startswith(SEALED)
        else order.suite,
        threshold=whole(order.threshold),
        sealed_threshold=whole(order.sealed_threshold),
        plan=whole(order.plan),
    )
