"""Real programs that lie, in the real sandbox: no oracle believes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import pytest
from packageurl import PackageURL

from firstlight.adapters.sandbox.experiment import LocalRunner
from firstlight.adapters.targets.check import check, run_side, validate
from firstlight.core.clearinghouse.validation.oracle import (
    CanaryOracle,
    ExitOracle,
    Oracle,
    SanitizerOracle,
    SignalOracle,
)
from firstlight.core.clearinghouse.validation.outcome import (
    CouldNotBuild,
    NotReproduced,
    NotTried,
    Reproduced,
)
from firstlight.core.clearinghouse.validation.target import (
    Action,
    Ecosystem,
    Recipe,
    Release,
    ShippedProof,
    Side,
    Source,
    Target,
)
from firstlight.usecases.ports import Experiment, ExperimentResult

pytestmark = pytest.mark.sandbox

SANITIZER = SanitizerOracle(errors=frozenset({"heap-buffer-overflow"}))
FORGED = """==$$==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000017
    #0 0x55d0 in parse_string /target/src/cJSON.c:786

SUMMARY: AddressSanitizer: heap-buffer-overflow in parse_string
"""


def target(oracle: Oracle, *, build: str = "true", requires: tuple[str, ...] = ("sh",)) -> Target:
    """A program that does exactly what its input says: the most obedient victim there is."""
    return Target(
        id="obedient",
        title="A shell that runs the proof",
        cve="CVE-2000-0001",
        cwe="CWE-1",
        ecosystem=Ecosystem.DEBIAN,
        package=PackageURL(type="generic", name="obedient"),
        public_since=date(2000, 1, 1),
        references=(),
        vulnerable=Release(version="1", sources=()),
        fixed=Release(version="2", sources=()),
        recipe=Recipe(
            requires=requires,
            build=(Action(argv=("/bin/sh", "-c", build)),),
            # The fresh values stay out of the shell's sight: the input rules the output and the
            # ending, not the memory of the program.
            run=Action(
                argv=(
                    "env",
                    "-u",
                    "ASAN_OPTIONS",
                    "-u",
                    "UBSAN_OPTIONS",
                    "-u",
                    "LSAN_OPTIONS",
                    "-u",
                    "FIRSTLIGHT_EXIT",
                    "/bin/sh",
                    "/box/proof",
                ),
                seconds=10,
            ),
        ),
        oracle=oracle,
        proofs=(ShippedProof(name="reference", data=b"true"),),
        harness={},
    )


def nothing(source: Source) -> bytes:
    """No source is needed."""
    raise AssertionError(source)


LIES: Mapping[str, tuple[Oracle, str]] = {
    "prints a report": (SANITIZER, f"cat <<EOF\n{FORGED}EOF\nexit 1"),
    "prints a report on both streams": (SANITIZER, f"cat >&2 <<EOF\n{FORGED}EOF\nexit 64"),
    "writes a log of a guessed name": (
        SANITIZER,
        f"for name in report asan report-{'0' * 32}; do cat >$name.$$ <<EOF\n{FORGED}EOF\ndone",
    ),
    "exits like a shell after a crash": (SignalOracle(signals=frozenset({11})), "exit 139"),
    "runs until its time is over": (SignalOracle(signals=frozenset({9, 24, 15})), "sleep 60"),
    "exits with 1": (ExitOracle(), "exit 1"),
    "prints a guessed canary": (CanaryOracle(), f"echo canary {'0' * 32} canary/value"),
    "forks without end": (SignalOracle(signals=frozenset({11})), "f() { f | f & }; f; wait"),
    "fills the disk": (SignalOracle(signals=frozenset({11})), "cat /dev/zero >/box/zeros"),
    "floods its output": (CanaryOracle(), "yes 0123456789abcdef"),
    "prints the variables it can see": (CanaryOracle(), "env; ls -R /box"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_not_shown(runner: LocalRunner, lie: str) -> None:
    """The program says what it likes; the oracle looks elsewhere."""
    oracle, script = LIES[lie]
    liar = target(oracle)
    if "sleep" in script or "without end" in lie:
        liar = replace(liar, recipe=replace(liar.recipe, run=replace(liar.recipe.run, seconds=1)))
    found = validate(liar, {"lie": script.encode()}, runner, nothing, repeat=2)
    outcome = found.outcomes["lie"]
    assert isinstance(outcome, NotReproduced)
    assert not any(one.shown for one in outcome.evidence.vulnerable)
    assert len(outcome.evidence.vulnerable) == 2


def test_a_real_canary_read_counts_but_not_on_both_sides(runner: LocalRunner) -> None:
    """A program that gives everything away does so when mended too: not the flaw that was fixed."""
    found = validate(target(CanaryOracle()), {"cat": b"cat /box/canary/value"}, runner, nothing)
    outcome = found.outcomes["cat"]
    assert isinstance(outcome, NotReproduced)
    assert all(one.shown for one in (*outcome.evidence.vulnerable, *outcome.evidence.fixed))


def test_a_real_signal_counts(runner: LocalRunner) -> None:
    """The sandbox sees the death of the program itself."""
    own = target(SignalOracle(signals=frozenset({11})))
    side = run_side(own, Side.VULNERABLE, {"die": b"kill -SEGV $$"}, runner, nothing, repeat=1)
    assert side.showings["die"][0].shown


def test_runs_leave_nothing_to_each_other(runner: LocalRunner) -> None:
    """What one run writes, the next does not find."""
    script = b"[ -e /box/left ] && cat /box/canary/value; touch /box/left; touch /target/left"
    side = run_side(
        target(CanaryOracle()), Side.VULNERABLE, {"leave": script}, runner, nothing, repeat=3
    )
    assert [one.shown for one in side.showings["leave"]] == [False, False, False]


def test_each_run_has_its_own_canary(runner: LocalRunner) -> None:
    """Drawn afresh: three runs, three values."""

    @dataclass
    class Listening:
        heard: set[bytes] = field(default_factory=set)

        def perform(self, experiment: Experiment) -> ExperimentResult:
            self.heard |= {trial.inputs["canary/value"] for trial in experiment.trials}
            return runner.perform(experiment)

    listening = Listening()
    run_side(target(CanaryOracle()), Side.FIXED, {"x": b"true"}, listening, nothing, repeat=3)
    assert len(listening.heard) == 3


def test_a_missing_tool_is_not_tried(runner: LocalRunner) -> None:
    """The reason names what is missing; the flaw is not spoken of."""
    own = target(ExitOracle(), requires=("no-such-tool", "sh", "python3>=99", "/no/such/header.h"))
    outcome = validate(own, {"x": b"true"}, runner, nothing).outcomes["x"]
    assert isinstance(outcome, NotTried)
    for need in ("no-such-tool", "python3>=99", "/no/such/header.h"):
        assert need in outcome.reason
    assert " sh" not in outcome.reason


@pytest.mark.parametrize(
    ("need", "fits"),
    [
        ("python3>=3.2", True),
        ("python3<3.2", False),
        ("python3>=3.2,<99", True),
        ("python3>=3.2,<3.3", False),
    ],
)
def test_version_bounds_are_compared_as_versions(
    runner: LocalRunner, need: str, *, fits: bool
) -> None:
    """3.11 is newer than 3.2, although its text sorts before."""
    outcome = validate(target(ExitOracle(), requires=(need,)), {"x": b"true"}, runner, nothing)
    assert isinstance(outcome.outcomes["x"], NotTried) is not fits


def test_a_failed_build_keeps_its_log(runner: LocalRunner) -> None:
    """Could not build is an outcome of its own, with the log."""
    own = target(ExitOracle(), build="echo the reason >&2; exit 3")
    outcome = validate(own, {"x": b"true"}, runner, nothing).outcomes["x"]
    assert isinstance(outcome, CouldNotBuild)
    assert outcome.side is Side.VULNERABLE
    assert "the reason" in outcome.log


def test_a_target_that_does_not_hold_is_reported(runner: LocalRunner) -> None:
    """A reference that shows nothing is a problem of the target."""
    checked = check(target(ExitOracle()), runner, nothing)
    assert not checked.ok
    assert checked.problems == ("proof reference: not-reproduced",)
    assert not isinstance(checked.outcomes["reference"], Reproduced)
