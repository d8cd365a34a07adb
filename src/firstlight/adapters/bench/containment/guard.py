"""The one place that every tool call of a watched run goes through, on its way in and out.

1. Going in: decoys in the call are an alarm; it is never carried out.
2. The sandbox gets the decoy files and variables, and the name of its sample.
3. Coming out: attempts to leave, decoy files that were opened, and decoys in the output are
   alarms; what came out is not handed on.
4. A sandbox that dies is looked at twice: an alarm may be the reason.

An environment is proved from inside once in each run, before its first call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from firstlight.adapters.bench.box import Shell
from firstlight.adapters.bench.containment.detectors import Detector
from firstlight.adapters.bench.containment.rules import SESSION
from firstlight.adapters.bench.containment.watch import RunWatch, current_sample
from firstlight.adapters.bench.containment.wire import Word
from firstlight.core.kernel.errors import Unavailable
from firstlight.core.measure.alarm import AlarmKind
from firstlight.usecases.ports import RunResult, Step

_SETTLE_SECONDS = 1.0


class GuardedShell:
    """A shell under watch, for as long as a run is being watched; otherwise the shell itself."""

    def __init__(
        self,
        shell: Shell,
        current: Callable[[], RunWatch | None],
        prove: Callable[[Shell, RunWatch], None],
    ) -> None:
        """`prove` is called before every call; it remembers what it has proved."""
        self._shell = shell
        self._current = current
        self._prove = prove

    def perform(self, step: Step, inputs: Mapping[str, bytes], collect: Sequence[str]) -> RunResult:
        """See the protocol. Raises ContainmentBroken as well."""
        watch = self._current()
        if watch is None:
            return self._shell.perform(step, inputs, collect)
        watch.check()
        if Detector.CALLS in watch.armed:
            _going_in(watch, step, inputs)
        try:
            self._prove(self._shell, watch)
            result = self._shell.perform(_equipped(watch, step), inputs, collect)
        except Unavailable:
            watch.settle(_SETTLE_SECONDS)
            raise
        _coming_out(watch, result)
        watch.check()
        return result


def _going_in(watch: RunWatch, step: Step, inputs: Mapping[str, bytes]) -> None:
    for text in (" ".join(step.argv).encode("utf-8", "replace"), *inputs.values()):
        found = watch.decoys.called(text)
        if found:
            watch.alarm(AlarmKind.DECOY_CALLED, found)


def _equipped(watch: RunWatch, step: Step) -> Step:
    env = {**watch.decoys.environment, SESSION: current_sample.get() or "none", **step.env}
    return replace(step, traps={**watch.decoys.files, **step.traps}, env=env)


def _coming_out(watch: RunWatch, result: RunResult) -> None:
    if result.departures and Detector.DEPARTURES in watch.armed:
        watch.alarm(AlarmKind.EGRESS, f"{result.departures} attempts")
    if result.departures is None:
        # It killed what counts; what the watcher saw until then stands.
        watch.say(Word(say="note", name=current_sample.get(), text="attempts were not counted"))
    if result.touched and Detector.TRAPS in watch.armed:
        watch.alarm(AlarmKind.DECOY_TOUCHED, ", ".join(result.touched)[:500])
    if Detector.OUTPUT in watch.armed:
        for text in (result.stdout, result.stderr):
            found = watch.decoys.leaving(text)
            if found:
                watch.alarm(AlarmKind.DECOY_LEAVING, found)
