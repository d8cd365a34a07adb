"""The verifier's own runs: trees of its own, nonces of its own, nothing that an agent has touched.

What the sandbox saw of each run is kept beside the oracle's judgement, so that a verifier can tell
*another effect* from *no effect*.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from firstlight.adapters.bench.truth import Fix, fix_of
from firstlight.adapters.targets.plan import Fetch, draw, nonces_needed, plan, prepare
from firstlight.adapters.targets.reading import SideRun, read
from firstlight.core.clearinghouse.validation.oracle import Showing
from firstlight.core.clearinghouse.validation.target import Side, Target
from firstlight.usecases.ports import Runner, RunResult, Stopped

_KEPT_TREES = 6
_KEPT_FIXES = 64
_REPORT = re.compile(rb"==\d+==\s*ERROR: \w+Sanitizer")


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What one side did."""

    side: SideRun
    """as the clearinghouse reads it"""
    runs: Mapping[str, tuple[RunResult, ...]]
    """what the sandbox saw, by proof"""

    def shown(self, proof: str) -> tuple[bool, ...]:
        """Whether the flaw showed, run by run."""
        return tuple(showing.shown for showing in self.side.showings.get(proof, ()))

    def other_effects(self, proof: str) -> Iterator[str]:
        """What happened in runs in which the flaw did not show; one sentence each."""
        showings = self.side.showings.get(proof, ())
        per = max(1, len(self.runs.get(proof, ())) // max(1, len(showings)))
        for index, result in enumerate(self.runs.get(proof, ())):
            showing = showings[min(index // per, len(showings) - 1)]
            if not showing.shown:
                yield from _effects(result, showing)


def _effects(result: RunResult, showing: Showing) -> Iterator[str]:
    if result.stopped_by is not Stopped.ITSELF:
        yield f"the run was stopped by its limit on {result.stopped_by}"
    elif result.signal is not None:
        yield f"the program died from signal {result.signal}"
    elif result.collected and showing.report:
        yield showing.why.rstrip(".")


def forged(result: RunResult) -> bool:
    """Whether a report was printed that no sanitizer wrote to its log."""
    printed = _REPORT.search(result.stdout) or _REPORT.search(result.stderr)
    return bool(printed) and not result.collected


class Lab:
    """Runs proofs and patches of targets, and remembers trees that it has just used."""

    def __init__(self, runner: Runner, fetch: Fetch) -> None:
        """Nothing is fetched yet."""
        self._runner = runner
        self.fetch = fetch
        self._lock = threading.Lock()
        self._trees: OrderedDict[tuple[str, Side], bytes] = OrderedDict()
        self._fixes: OrderedDict[str, Fix] = OrderedDict()

    def run(  # each is a fact of the run
        self,
        target: Target,
        side: Side,
        proofs: Mapping[str, bytes],
        *,
        repeat: int,
        tests: bool = False,
        diff: str | None = None,
    ) -> Ran:
        """Build one side, with a patch where one is given, and run everything on it.

        Raises:
            FirstlightError: a source cannot be fetched, or the runner or its sandbox is lost.
        """
        nonces = draw(nonces_needed(target, len(proofs), repeat))
        tree = self.tree(target, side)
        planned = plan(target, side, tree, proofs, nonces, repeat=repeat, tests=tests, diff=diff)
        done = self._runner.perform(planned.experiment)
        results = {run.name: run.result for run in done.trials}
        runs: dict[str, tuple[RunResult, ...]] = {}
        for series in planned.series if done.built else ():
            found = tuple(results[name] for name in series.trials if name in results)
            runs[series.proof] = (*runs.get(series.proof, ()), *found)
        return Ran(side=read(planned, done), runs=runs)

    def fix(self, target: Target) -> Fix:
        """What the maintainers changed. Raises as `fix_of`."""
        with self._lock:
            if target.id not in self._fixes:
                self._fixes[target.id] = fix_of(target, self.fetch)
                if len(self._fixes) > _KEPT_FIXES:
                    self._fixes.popitem(last=False)
            return self._fixes[target.id]

    def tree(self, target: Target, side: Side) -> bytes:
        """The sources of one side, as a runner unpacks them. Raises as `prepare`."""
        key = (target.id, side)
        with self._lock:
            if key not in self._trees:
                self._trees[key] = prepare(target, side, self.fetch)
                if len(self._trees) > _KEPT_TREES:
                    self._trees.popitem(last=False)
            self._trees.move_to_end(key)
            return self._trees[key]
