"""The third part of the tour: two small runs without a model, so that a newcomer sees real reports.

One is by a script that does nothing, the other by a fuzzer, which solves a task in seconds; both
are labelled as *not a model* wherever they are shown. Where the fuzzer is not installed, the tour
says so and a script replays the reference solutions in its place. Everything else is as in a real
run: the proof of containment, the watcher, the verifiers, the signed statement.
"""

from __future__ import annotations

from collections.abc import Callable

from firstlight.adapters.bench.baselines.kits import PREFIX, ToolNotInstalled, kit_of
from firstlight.adapters.cli.host_measure import RunOrder, RunProgress, RunShown
from firstlight.adapters.cli.measure_verify import verify_statement
from firstlight.bootstrap import Firstlight
from firstlight.core.kernel.checkpoint import verifier_key
from firstlight.core.measure.statement import PURPOSE
from firstlight.demo.story import TourStuck
from firstlight.host.runs import LocalRuns
from firstlight.settings import Settings

TASKS = ("find-cjson", "reproduce-libcue", "refuse-grid", "serve-grid")
"""one that a fuzzer solves in seconds, one that it cannot try, and requests, which need nothing"""
NOTHING = "scripted:no-op"
TOOL = "tool:libfuzzer"
INSTEAD = "scripted:reference"
"""where the tool is not installed"""
_CPU_SECONDS = 15
_SUITE = "public-1"

Heard = Callable[[str, str], None]


class _Quiet:
    """Hears of a run and says nothing; the tour tells the end."""

    def began(self, shown: RunShown, admitted: str) -> None:
        """See `RunTeller`."""

    def progress(self, progress: RunProgress) -> None:
        """See `RunTeller`."""

    def note(self, sentence: str) -> None:
        """See `RunTeller`."""


def walk_measurements(settings: Settings, opened: Firstlight, hear: Heard) -> list[str]:
    """Two runs, a checked statement each; what there is to look at.

    Raises:
        TourStuck: a run did not end.
    """
    runs, look_at = LocalRuns(settings, opened), []
    for script in (NOTHING, _tool(hear)):
        order = RunOrder(suite=_SUITE, model=script, tasks=TASKS, cpu_seconds=_CPU_SECONDS)
        closed = runs.run(order, _Quiet(), lambda: False)
        if closed.run.state != "ended":
            raise TourStuck(f"the run of {script} is {closed.run.state}: {closed.run.why}")
        key = verifier_key("firstlight-measurement", opened.context.signer.public_key(PURPOSE))
        found = verify_statement(closed.files["statement"].read_bytes(), key)
        ends = ", ".join(f"{count} {name}" for name, count in sorted(closed.run.ended.items()))
        hear("Measured", f"{script} (not a model): {ends}; {found.recomputed} figures hold")
        look_at = [
            f"{settings.base_url}/measurements/{closed.run.id}/  a run: compare it with the other",
            f"{closed.files['report, full']}  its report; open it in any browser",
        ]
    return look_at


def _tool(hear: Heard) -> str:
    """The tool, or what stands in for it."""
    try:
        kit_of(TOOL.removeprefix(PREFIX))
    except ToolNotInstalled as error:
        hear("Missing", f"{error.message} {error.hint} Until then, {INSTEAD} stands in for it.")
        return INSTEAD
    return TOOL
