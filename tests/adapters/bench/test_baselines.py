"""Tools without a model, for real: they build, search and answer in the sandbox of a sample."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from firstlight.adapters.bench.baselines import fuzzing, kits
from firstlight.adapters.bench.baselines.builds import BUILDS, SHOWN
from firstlight.adapters.bench.baselines.kits import KITS, ToolNotInstalled, kit_of, version_of
from firstlight.adapters.bench.baselines.player import ToolPlayer
from firstlight.adapters.bench.bench import LocalBench
from firstlight.core.clearinghouse.validation.target import Target
from firstlight.core.kernel.errors import Missing
from firstlight.core.measure.containment import Driver
from firstlight.core.measure.outcome import Failed, Solved
from firstlight.core.measure.task import Kind, Suite, TargetEnvironment, Task
from firstlight.core.measure.tools import Call, Reply, Run, Submit
from firstlight.usecases.ports.bench import Transcript
from firstlight.usecases.ports.players import Allowance, End

MakePlayer = Callable[..., ToolPlayer]


@pytest.fixture
def player(bench: LocalBench) -> MakePlayer:
    """A tool's player; skips where the tool is not installed."""

    def make(name: str, cpu_seconds: float = 20.0) -> ToolPlayer:
        if KITS[name].missing():
            pytest.skip(f"apt-get install {' '.join(KITS[name].missing())}")
        kit = kit_of(name)
        return ToolPlayer(
            kit,
            version_of(kit),
            cpu_seconds=cpu_seconds,
            target=bench.target,
            tick=time.monotonic,
        )

    return make


def _allowance(cpu_seconds: float) -> Allowance:
    return Allowance(seconds=200.0, cpu_seconds=cpu_seconds)


class Answering:
    """A sample that says what it is told to, in turn; for what no real tool does on demand."""

    def __init__(self, *texts: str, ok: bool = True) -> None:
        self.instruction = ""
        self.calls: list[Call] = []
        self._texts = list(texts)
        self._ok = ok

    @property
    def over(self) -> bool:
        """After a submission."""
        return any(isinstance(call, Submit) for call in self.calls)

    def call(self, call: Call) -> Reply:
        """The next text to each command."""
        self.calls.append(call)
        if isinstance(call, Run):
            text = self._texts.pop(0) if len(self._texts) > 1 else self._texts[0]
            return Reply(ok=self._ok, text=text, exit_code=0 if self._ok else 1)
        return Reply(ok=True, text="")

    def transcript(self) -> Transcript:
        """What was called."""
        return Transcript(calls=tuple(self.calls), answer=None)


@pytest.mark.sandbox
@pytest.mark.network
def test_a_fuzzer_finds_a_real_flaw_in_seconds(
    bench: LocalBench, tasks: Mapping[str, Task], player: MakePlayer
) -> None:
    """LibFuzzer's answer shows libcue's flaw, judged by the verifier that judges models."""
    task = tasks["reproduce-libcue"]
    sample = bench.open(task)
    played = player("libfuzzer").play(task, sample, _allowance(20.0), lambda: None)
    outcome = bench.verify(task, sample.transcript())
    assert isinstance(outcome, Solved), (played, outcome)
    assert played.end is End.OVER
    assert played.spent.cpu_seconds is not None
    assert 0 < played.spent.cpu_seconds < 20
    assert played.spent.tokens is None


@pytest.mark.sandbox
@pytest.mark.network
def test_a_tool_that_finds_nothing_has_failed(
    bench: LocalBench, tasks: Mapping[str, Task], player: MakePlayer
) -> None:
    """Cppcheck does not complain about libcue; it had its budget, so that is a failure."""
    task = tasks["find-libcue"]
    sample = bench.open(task)
    played = player("cppcheck").play(task, sample, _allowance(20.0), lambda: None)
    assert played.end is End.OVER
    assert played.why == "it complains about nothing"
    assert isinstance(bench.verify(task, sample.transcript()), Failed)


@pytest.mark.deep
@pytest.mark.sandbox
@pytest.mark.network
def test_aflplusplus_finds_a_real_flaw(
    bench: LocalBench, tasks: Mapping[str, Task], player: MakePlayer
) -> None:
    """So does AFL++, and its CPU time holds that of the processes it leaves behind."""
    task = tasks["reproduce-libcue"]
    sample = bench.open(task)
    played = player("afl").play(task, sample, _allowance(40.0), lambda: None)
    assert isinstance(bench.verify(task, sample.transcript()), Solved), played
    assert played.spent.cpu_seconds is not None
    assert 0 < played.spent.cpu_seconds < 40


def test_what_a_tool_cannot_try_is_declined(suite: Suite, bench: LocalBench) -> None:
    """Each task is tried or declined with a reason; a fuzzer is never asked for a place."""
    for kit in KITS.values():
        tool = ToolPlayer(kit, "1", cpu_seconds=1.0, target=bench.target, tick=time.monotonic)
        assert tool.described.driver is Driver.TOOL
        assert tool.described.name == f"tool:{kit.name}"
        tried = [task for task in suite.tasks if not tool.declines(task)]
        assert tried
        assert {task.kind for task in tried} == {kit.kind}
        declined = [tool.declines(task) for task in suite.tasks if tool.declines(task)]
        assert all(why.startswith("not applicable: ") for why in declined)


def test_every_c_program_can_be_fuzzed(targets: Mapping[str, Target], suite: Suite) -> None:
    """Each row of the table is a target of the suite whose places lie in instrumented files."""
    used = {
        task.environment.target
        for task in suite.tasks
        if task.kind is Kind.REPRODUCE and isinstance(task.environment, TargetEnvironment)
    }
    for name, build in BUILDS.items():
        assert name in used
        files = {place.file for place in targets[name].places}
        assert files <= set(build.sources.split())


def test_a_tool_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the packages and the command that brings them."""
    absent = kits.Kit(
        name="absent",
        kind=Kind.FIND,
        asks=("absent",),
        needs={"/usr/bin/no-such-tool": "no-such-package"},
        how="",
    )
    monkeypatch.setattr(kits, "KITS", {"absent": absent})
    with pytest.raises(ToolNotInstalled, match="no-such-package is missing") as caught:
        kit_of("absent")
    assert caught.value.hint == "On Debian: sudo apt-get install no-such-package"
    assert not version_of(absent)


def test_a_tool_that_nobody_knows_is_missing() -> None:
    """The error lists the tools there are."""
    with pytest.raises(Missing) as caught:
        kit_of("oracle")
    assert "tool:libfuzzer" in str(caught.value.hint)


def test_a_build_that_fails_says_nothing_of_the_tool(
    bench: LocalBench, tasks: Mapping[str, Task]
) -> None:
    """The sample is lost, so it is indeterminate and no failure."""
    tool = ToolPlayer(
        KITS["libfuzzer"], "1", cpu_seconds=9.0, target=bench.target, tick=time.monotonic
    )
    sample = Answering("clang: error: no such file", ok=False)
    played = tool.play(tasks["reproduce-libcue"], sample, _allowance(9.0), lambda: None)
    assert played.end is End.LOST
    assert "no such file" in played.why


def test_a_budget_is_not_exceeded_by_more_than_a_slice(
    bench: LocalBench, tasks: Mapping[str, Task]
) -> None:
    """A search that finds nothing ends when its CPU seconds are used up, and hands nothing in."""
    tool = ToolPlayer(KITS["afl"], "1", cpu_seconds=45.0, target=bench.target, tick=lambda: 0.0)
    sample = Answering("", "0m18.00s 0m2.00s\n")
    played = tool.play(tasks["reproduce-libcue"], sample, _allowance(45.0), lambda: None)
    assert played.end is End.TIME
    assert played.spent.cpu_seconds == 60.0
    assert not sample.over


def test_a_search_that_does_not_start_is_lost(bench: LocalBench, tasks: Mapping[str, Task]) -> None:
    """A tool that used no CPU time at all did not search; that is no failure of it."""
    tool = ToolPlayer(KITS["afl"], "1", cpu_seconds=9.0, target=bench.target, tick=lambda: 0.0)
    played = tool.play(
        tasks["reproduce-libcue"],
        Answering("", "0m0.00s 0m0.00s\n"),
        _allowance(9.0),
        lambda: None,
    )
    assert played.end is End.LOST


def test_only_what_a_slice_says_is_read() -> None:
    """CPU time is the sum of all lines; a candidate lies below the fuzzer's folder."""
    found = fuzzing.read_slice(
        "0m0.10s 0m0.20s\n1m2.00s 0m0.70s\nshows fuzz/found/crash-1\nshows ../../etc/passwd\n"
    )
    assert found.cpu_seconds == pytest.approx(63.0)
    assert list(found.candidates) == ["fuzz/found/crash-1"]
    assert fuzzing.read_slice("[stopped (wall)]").cpu_seconds is None


def test_the_driver_names_the_code_that_the_commands_name() -> None:
    """Both sides of the harness's own sign agree."""
    assert f"#define SHOWN {SHOWN}\n".encode() in fuzzing.driver()
    assert Path(fuzzing.__file__).with_name("driver.c").is_file()
