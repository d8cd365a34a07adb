"""The verifier's own runs: trees of its own, nonces of its own, nothing that an agent has touched.

What the sandbox saw of each run is kept beside the oracle's judgement, so that a verifier can tell
*another effect* from *no effect*.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Mapping

from firstlight.adapters.bench.truth import Fix, fix_of
from firstlight.adapters.targets.plan import Fetch, draw, nonces_needed, plan, prepare
from firstlight.adapters.targets.reading import SideRun, read
from firstlight.core.clearinghouse.validation.target import Side, Target
from firstlight.usecases.ports import Runner, RunResult

_KEPT_TREES = 6
_KEPT_FIXES = 64
_REPORT = re.compile(rb"==\d+==\s*ERROR: \w+Sanitizer")


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
    ) -> SideRun:
        """Build one side, with a patch where one is given, and run everything on it.

        Raises:
            FirstlightError: a source cannot be fetched, or the runner or its sandbox is lost.
        """
        nonces = draw(nonces_needed(target, len(proofs), repeat))
        tree = self.tree(target, side)
        planned = plan(target, side, tree, proofs, nonces, repeat=repeat, tests=tests, diff=diff)
        done = self._runner.perform(planned.experiment)
        return read(planned, done)

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
