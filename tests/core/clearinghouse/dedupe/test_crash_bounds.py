"""The text of a crash report is untrusted: it is bounded, read in linear time, and never raises."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstlight.core.clearinghouse.dedupe.crash import (
    Crash,
    CrashLimits,
    NoCrash,
    NoCrashReason,
    parse_crash,
)

FRAGMENTS = [
    *("==1==ERROR: AddressSanitizer: ", "SEGV", " on unknown address ", "0x", "0x7f00", "(pc 0x1"),
    *("    #0 0x1 in ", "    #1 0x2 (", "f(int) a.c:1:2", "READ of size ", "8", " at ", "\n", "\n"),
    *("# Fatal error in ", ", line 3", "# Check failed: ", "x vs. y", "[1:2:FATAL:a.cc(1)] "),
    *("Check failed: ", "Security DCHECK failed: ", "assertion ", "Assertion `", "' failed.", ": "),
    *("thread 'm' panicked at ", "panic: ", "runtime error: ", "index out of range", "a.go:1"),
    *(
        "fatal error: ",
        "main.f(",
        ")",
        "BUG: KASAN: ",
        " in ",
        " on address ",
        "[<c0>] ",
        "f+0x1/0x2",
    ),
    *("== Java Exception: ", "\tat a.B.c(D.java:1)", "Traceback (most recent call last):"),
    *(
        '  File "a.py", line 1, in f',
        "ValueError: x",
        "Uncaught Exception: Jazzer.js: ",
        "TypeError: ",
    ),
    *(
        "    at f (a.js:1:1)",
        "signal 11 (SIGSEGV), ",
        "fault addr ",
        "Abort message: ",
        "#00 pc 000000",
    ),
    *(
        "Direct leak of ",
        "previously allocated by",
        "member call on address 0x1 of type 'B'",
        "note: ",
    ),
    *(
        "ChildEBP RetAddr",
        "00000001 00000002 m!f+0x1",
        "_ZN4base5debugE + 1",
        "\x00",
        "\u2028",
        "é",
    ),
    *(
        "=== Uncaught Python exception: ===",
        "Sanitizer CHECK failed: ",
        "Internal error: Oops: ",
        "5",
    ),
    *("K[A-Z]SAN", "DEADLYSIGNAL", "AddressSanitizer:DEADLYSIGNAL", "Trusted App crash stacktrace"),
    *("stop reason = EXC_BAD_ACCESS", "frame #0: 0x1 m`f at a.c:1", "Program received signal X,"),
]
reports = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), max_size=40).map("".join)


@given(st.text())
def test_any_text_is_read_without_raising(text: str) -> None:
    """Whatever the text, the answer is a crash or a reason why there is none."""
    assert isinstance(parse_crash(text), Crash | NoCrash)


@settings(max_examples=500)
@given(reports)
def test_pieces_of_reports_in_any_order_are_read_without_raising(text: str) -> None:
    """Broken reports are read too, and what is told of them stays within its bounds."""
    crash = parse_crash(text)
    if isinstance(crash, Crash):
        assert crash.type
        assert len(crash.state) <= 4
        assert all(line.startswith("Bad-cast") or len(line) <= 80 for line in crash.state)
        assert crash.state_text


@given(reports)
def test_reading_is_a_function(text: str) -> None:
    """The same text gives the same answer."""
    assert parse_crash(text) == parse_crash(text)


@pytest.mark.parametrize(
    "fragment", [*FRAGMENTS, " ", "\t", " (", "((", "a vs. ", "1234.", " on ", "x.c:", "['"]
)
@pytest.mark.parametrize(
    "start",
    [
        "==1==ERROR: AddressSanitizer: stack-overflow on address 0x1\n",
        "panic: x a.go:1\n",
        "WARNING: ThreadSanitizer: data race (pid=1)\n",
        "BUG: KASAN: uaf in f+0x1/0x2 on address 1\n",
        "signal 11 (SIGSEGV), code 1, fault addr 0x1\n",
    ],
)
def test_hostile_lines_cost_no_more_than_honest_ones(fragment: str, start: str) -> None:
    """A quarter of a megabyte of long lines of one fragment takes a moment, not minutes.

    A pattern that is quadratic in the line would need minutes for these 32 lines.
    """
    line = (fragment.replace("\n", " ") * 8192)[:8191]
    began = time.process_time()
    parse_crash(start + f"{line}\n" * 32)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("line", ["a\n", "\n", "    #0 0x1 in f a.c:1\n", "panic: x\n", "#\n"])
def test_hostile_counts_of_lines_are_cut(line: str) -> None:
    """Millions of short lines are cut to the limit, and the cut is told."""
    began = time.process_time()
    crash = parse_crash(f"panic: x\n{line * 2_000_000}panic: y\n")
    assert time.process_time() - began < 10
    assert isinstance(crash, Crash)
    assert crash.cut
    assert len(crash.frames) <= CrashLimits().frames


def test_the_middle_of_a_long_text_is_left_out() -> None:
    """Of a text beyond the limit both ends are read."""
    limits = CrashLimits(text=4000)
    crash = parse_crash("Assertion `a' failed\n" + "x" * 9000 + "\npanic: last\n", limits=limits)
    assert isinstance(crash, Crash)
    assert crash.cut
    assert crash.state == ("last",)
    uncut = parse_crash("panic: last\n", limits=limits)
    assert isinstance(uncut, Crash)
    assert not uncut.cut


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", NoCrashReason.EMPTY),
        (" \n\t", NoCrashReason.EMPTY),
        ("There is a heap overflow in png_read().", NoCrashReason.NOT_RECOGNISED),
        ("ASSERT should not be triggered in focus event.", NoCrashReason.NOT_RECOGNISED),
        (
            (
                "#\n# Fatal error in CALL_AND_RETRY_LAST\n"
                "# Allocation failed - JavaScript heap out of memory\n#\n"
            ),
            NoCrashReason.ENGINE_LIMIT,
        ),
    ],
)
def test_no_crash_has_a_reason(text: str, reason: NoCrashReason) -> None:
    """A text without a crash says why, in words too."""
    answer = parse_crash(text)
    assert isinstance(answer, NoCrash)
    assert answer.reason is reason
    assert answer.sentence.endswith(".")
