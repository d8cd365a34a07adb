"""Judgements over what a sandbox saw: each forged ingredient alone is not enough."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.clearinghouse.validation.oracle import (
    CANARY_FILE,
    EXIT_FIRST,
    EXIT_LAST,
    CanaryOracle,
    ExitOracle,
    GrowthOracle,
    Nonce,
    Oracle,
    RunFacts,
    SanitizerOracle,
    SignalOracle,
    collect,
    environment,
    faulting_frames,
    inputs,
    judge,
    sizes,
)
from firstlight.core.kernel.errors import Invalid

NONCE = Nonce(word="0123456789abcdef" * 2, exit_code=77)
REPORT = b"""=================================================================
==42==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000017 at pc 0x1
READ of size 1 at 0x602000000017 thread T0
    #0 0x55d0 in parse_string /target/src/cJSON.c:786
    #1 0x55d1 in parse_object /target/src/cJSON.c:1663
    #2 0x55d2 in main /target/harness/parse.c:27

0x602000000017 is located 0 bytes to the right of 7-byte region
allocated by thread T0 here:
    #0 0x7f in malloc (/usr/lib/libasan.so.8+0xb89cf)
    #1 0x56 in secret_allocator /target/x.c:1
"""
SANITIZER = SanitizerOracle(errors=frozenset({"heap-buffer-overflow"}), frames=("parse_*",))
LOG = f"report-{NONCE.word}.42"
QUIET = RunFacts(
    exit_code=0,
    signal=None,
    stopped_by="itself",
    stdout=b"",
    stderr=b"",
    collected={},
    cpu_seconds=0.1,
)
SHOWN = replace(QUIET, exit_code=77, collected={LOG: REPORT})


def shown(oracle: Oracle, *runs: RunFacts) -> bool:
    """Whether these runs count."""
    return judge(oracle, runs, [NONCE] * len(runs)).shown


def test_the_real_thing_counts_and_keeps_its_report() -> None:
    """Log of its own name, own process, drawn exit code, kind and function: shown, report kept."""
    showing = judge(SANITIZER, [SHOWN], [NONCE])
    assert showing.shown
    assert showing.report == REPORT.decode()


@pytest.mark.parametrize(
    ("flaw", "run"),
    {
        "report printed instead of logged": replace(
            SHOWN, collected={}, stdout=REPORT, stderr=REPORT
        ),
        "guessed exit code alone": replace(QUIET, exit_code=77),
        "log under another name": replace(SHOWN, collected={"report-guess.42": REPORT}),
        "log of another process": replace(SHOWN, collected={f"{LOG}3": REPORT}),
        "log without a report": replace(SHOWN, collected={LOG: b"hello"}),
        "exit code 1": replace(SHOWN, exit_code=1),
        "another kind of error": replace(
            SHOWN, collected={LOG: REPORT.replace(b"heap-buffer-overflow", b"SEGV")}
        ),
        "another function": replace(SHOWN, collected={LOG: REPORT.replace(b" parse_", b" other_")}),
        "stopped by a limit": replace(SHOWN, exit_code=None, stopped_by="memory"),
    }.items(),
)
def test_one_missing_ingredient_is_not_enough(flaw: str, run: RunFacts) -> None:
    """A run that lacks exactly one ingredient does not count, and says why."""
    showing = judge(SANITIZER, [run], [NONCE])
    assert not showing.shown, flaw
    assert showing.why


def test_only_the_faulting_stack_is_compared() -> None:
    """The allocation stack further down does not lend its functions to the fault."""
    assert faulting_frames(REPORT.decode()) == ("parse_string", "parse_object", "main")
    oracle = replace(SANITIZER, frames=("secret_allocator",))
    assert not shown(oracle, SHOWN)


@given(st.binary(max_size=200), st.binary(max_size=200), st.integers(0, 255))
def test_text_never_shows_anything(stdout: bytes, stderr: bytes, code: int) -> None:
    """Whatever is printed, with any exit code but the drawn one, no oracle is satisfied."""
    run = replace(QUIET, stdout=stdout, stderr=stderr, exit_code=code if code != 77 else 0)
    for oracle in (SANITIZER, SignalOracle(signals=frozenset({11})), ExitOracle(), CanaryOracle()):
        assert not shown(oracle, run)


def test_a_signal_is_the_programs_own() -> None:
    """SIGSEGV counts; SIGKILL by a limit, another signal and exit code 139 do not."""
    oracle = SignalOracle(signals=frozenset({11}))
    assert shown(oracle, replace(QUIET, exit_code=None, signal=11))
    assert not shown(oracle, replace(QUIET, exit_code=None, signal=6))
    assert not shown(oracle, replace(QUIET, exit_code=139))
    assert not shown(oracle, replace(QUIET, exit_code=None, signal=11, stopped_by="memory"))


def test_the_canary_counts_wherever_it_comes_out() -> None:
    """The planted value in either stream counts, the wish for it does not."""
    assert shown(CanaryOracle(), replace(QUIET, stdout=b"x" + NONCE.word.encode() + b"y"))
    assert shown(CanaryOracle(), replace(QUIET, stderr=NONCE.word.encode()))
    assert not shown(CanaryOracle(), replace(QUIET, stdout=b"canary/value"))


def test_only_the_drawn_exit_code_counts() -> None:
    """Every other code is just an ending."""
    accepted = [code for code in range(256) if shown(ExitOracle(), replace(QUIET, exit_code=code))]
    assert accepted == [77]


GROWTH = GrowthOracle(sizes=(100, 200, 400), factor=2.7, floor_seconds=0.5)


def series(*seconds: float) -> list[RunFacts]:
    """Runs at the base and at each size."""
    return [replace(QUIET, cpu_seconds=one) for one in seconds]


@given(st.floats(0, 2), st.floats(0, 10))
def test_linear_time_is_no_growth(base: float, slope: float) -> None:
    """Time that follows the input is not shown, however slow."""
    assert not shown(GROWTH, *series(base, base + slope, base + 2 * slope, base + 4 * slope))


@given(st.floats(0, 2), st.floats(0.05, 2))
def test_square_time_is_growth(base: float, unit: float) -> None:
    """Time that grows with the square is shown, whatever starting up costs."""
    assert shown(GROWTH, *series(base, base + unit, base + 4 * unit, base + 16 * unit))


def test_noise_below_the_floor_is_no_growth() -> None:
    """Fast runs cannot show growth by chance."""
    assert not shown(GROWTH, *series(0.1, 0.1, 0.11, 0.2))


def test_a_run_that_did_not_finish_decides_nothing() -> None:
    """A crash or a limit in a series is not growth."""
    runs = series(0.1, 1, 4, 16)
    assert not shown(GROWTH, *runs[:3], replace(runs[3], stopped_by="wall-time", exit_code=None))


def test_a_series_has_a_run_for_each_size() -> None:
    """Too few runs are an error, not a judgement."""
    assert sizes(GROWTH) == (0, 100, 200, 400)
    with pytest.raises(Invalid):
        judge(GROWTH, series(0.1), [NONCE])


def test_a_target_cannot_move_the_log() -> None:
    """Sanitizer options of a target that touch the log or the exit code are refused."""
    for options in ("log_path=/box/x", "exitcode=0", "include=/box/more"):
        with pytest.raises(Invalid):
            environment(replace(SANITIZER, options=options), NONCE, None)
    values = environment(SANITIZER, NONCE, None)["ASAN_OPTIONS"].split(":")
    assert f"log_path=/box/report-{NONCE.word}" in values
    assert "exitcode=77" in values


def test_the_nonce_reaches_only_what_needs_it() -> None:
    """The canary is a file, the exit code a variable; no oracle hands over both."""
    assert inputs(CanaryOracle(), NONCE) == {CANARY_FILE: NONCE.word.encode()}
    assert environment(CanaryOracle(), NONCE, None) == {}
    assert inputs(ExitOracle(), NONCE) == {}
    assert environment(ExitOracle(), NONCE, None) == {"FIRSTLIGHT_EXIT": "77"}
    assert collect(SANITIZER, NONCE) == (f"report-{NONCE.word}.*",)


@pytest.mark.parametrize("word", ["", "abc", "G" * 32, "0" * 31])
def test_a_weak_nonce_is_refused(word: str) -> None:
    """Fewer than 128 bits cannot stand for a secret."""
    with pytest.raises(Invalid):
        Nonce(word=word, exit_code=EXIT_FIRST)


@pytest.mark.parametrize("code", [0, 1, 2, EXIT_LAST + 1, 139])
def test_a_common_exit_code_is_refused(code: int) -> None:
    """Codes that programs use by themselves cannot be drawn."""
    with pytest.raises(Invalid):
        Nonce(word=NONCE.word, exit_code=code)
