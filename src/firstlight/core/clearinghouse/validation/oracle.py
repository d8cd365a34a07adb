"""Oracles: judge from a run whether the flaw showed, in ways that printed text cannot forge.

The proof input is hostile: it may make the program print anything. Therefore

1. a sanitizer report counts only when it stands in the log file whose name was drawn at random
   for this run, carries the process id of that name, and the run ended with the exit code that
   was drawn for it too; standard output and error are never read for it;
2. a signal is the one that the sandbox saw from outside;
3. an exit code is drawn for the run and given to the harness alone;
4. a canary is a random value planted for the run; no input can know it before it is read;
5. growth is measured from outside, over several sizes, each in a run of its own.

What is not checked: an input that takes over the harness's process completely can read the
drawn values there. It has then shown a flaw, though perhaps another one; the comparison with the
fixed release, which it must leave unmoved, is what tells.

Nothing here draws random values: they are arguments (`Nonce`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import assert_never

from firstlight.core.kernel.errors import Invalid

BOX = "/box"
"""the working folder of a run, fresh each time"""
EXIT_FIRST, EXIT_LAST = 64, 113
"""drawn exit codes lie between; outside are the common 0-2 and the shell's 126-165"""
NONCE_CHARS = 32
"""hexadecimal characters: 128 bits"""
CANARY_FILE = "canary/value"
"""where the canary is planted below the box, for the program to find or to protect"""
EXIT_VARIABLE = "FIRSTLIGHT_EXIT"
"""tells the harness which exit code means `the flaw showed`"""
SIZE_VARIABLE = "FIRSTLIGHT_SIZE"
"""tells the harness how large to make the input of a growth run"""
REPORT_BYTES = 64 << 10
"""of a sanitizer log that is kept"""

_HEADER = re.compile(
    r"^==(?P<pid>\d+)==\s*ERROR: (?P<tool>\w+Sanitizer): (?P<error>[\w-]+)", re.MULTILINE
)
_FRAME = re.compile(r"^\s*#\d+ 0x[0-9a-f]+ in (?P<function>.+?)(?: /\S+| \(\S+\)| <null>.*)?$")


@dataclass(frozen=True, kw_only=True)
class Nonce:
    """Values drawn afresh for one run and never shown to the proof."""

    word: str
    """lower-case hexadecimal, names the log file and is the canary"""
    exit_code: int
    """ends the run when the flaw showed"""

    def __post_init__(self) -> None:
        if not re.fullmatch(rf"[0-9a-f]{{{NONCE_CHARS},64}}", self.word):
            raise Invalid("A nonce needs at least 128 random bits in hexadecimal.")
        if not EXIT_FIRST <= self.exit_code <= EXIT_LAST:
            raise Invalid("A drawn exit code must lie in its range.", exit_code=self.exit_code)


@dataclass(frozen=True, kw_only=True)
class SanitizerOracle:
    """A sanitizer's report, in its own log."""

    errors: frozenset[str]
    """accepted kinds, such as heap-buffer-overflow or SEGV"""
    frames: tuple[str, ...] = ()
    """patterns; a function of the faulting stack must match one, so that another flaw, or one of
    the harness, does not count"""
    options: str = ""
    """further sanitizer options, colon separated; may not set the log or the exit code"""
    kind = "sanitizer"


@dataclass(frozen=True, kw_only=True)
class SignalOracle:
    """Death by a signal."""

    signals: frozenset[int]
    """accepted numbers"""
    kind = "signal"


@dataclass(frozen=True, kw_only=True)
class ExitOracle:
    """The harness recognises the flaw and leaves with the drawn exit code."""

    kind = "exit"


@dataclass(frozen=True, kw_only=True)
class CanaryOracle:
    """The planted random value comes out although the program must not give it away."""

    kind = "canary"


@dataclass(frozen=True, kw_only=True)
class GrowthOracle:
    """Time grows faster than the input."""

    sizes: tuple[int, ...]
    """each the double of the one before; the run at size 0 gives the base cost"""
    factor: float
    """a doubling must multiply the time by at least this, taken over all sizes; linear is 2"""
    floor_seconds: float
    """the last size must cost at least this much above the base, or noise could decide"""
    kind = "growth"


Oracle = SanitizerOracle | SignalOracle | ExitOracle | CanaryOracle | GrowthOracle


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """What the sandbox saw of one run, from outside."""

    exit_code: int | None
    """None after a signal"""
    signal: int | None
    """the program's own; None when it exited or a limit ended it"""
    stopped_by: str
    """`itself`, or the limit that ended it"""
    stdout: bytes
    """bounded"""
    stderr: bytes
    """bounded"""
    collected: Mapping[str, bytes]
    """files that were asked for, by path below the box"""
    cpu_seconds: float
    """processor time where measured, wall time otherwise"""


@dataclass(frozen=True, kw_only=True)
class Showing:
    """The judgement of one run (of one series, for growth)."""

    shown: bool
    """whether the flaw showed"""
    why: str
    """one sentence for a person"""
    report: str | None = None
    """the sanitizer's log, for the comparison of crashes"""
    seconds: float = 0.0
    """of the run, or of all runs of a series"""


def sizes(oracle: Oracle) -> tuple[int | None, ...]:
    """The runs that one judgement needs: one, or one per input size (the base, 0, first)."""
    return (0, *oracle.sizes) if isinstance(oracle, GrowthOracle) else (None,)


def environment(oracle: Oracle, nonce: Nonce, size: int | None) -> dict[str, str]:
    """The variables that the oracle gives to a run.

    Raises:
        Invalid: the target's own sanitizer options would move the log or the exit code.
    """
    match oracle:
        case SanitizerOracle(options=options):
            if re.search(r"log_|exitcode|include", options):
                raise Invalid("The target may not choose the sanitizer's log or exit code.")
            own = [f"log_path={BOX}/{_log_name(nonce)}", f"exitcode={nonce.exit_code}"]
            fixed = ["abort_on_error=0", "log_exe_name=0", "color=never"]
            value = ":".join([*([options] if options else ["detect_leaks=0"]), *fixed, *own])
            return {"ASAN_OPTIONS": value, "UBSAN_OPTIONS": value, "LSAN_OPTIONS": value}
        case ExitOracle():
            return {EXIT_VARIABLE: str(nonce.exit_code)}
        case GrowthOracle():
            return {SIZE_VARIABLE: str(size or 0)}
        case SignalOracle() | CanaryOracle():
            return {}
        case _ as unreachable:
            assert_never(unreachable)


def inputs(oracle: Oracle, nonce: Nonce) -> dict[str, bytes]:
    """The files that the oracle plants in the box of a run."""
    if isinstance(oracle, CanaryOracle):
        return {CANARY_FILE: nonce.word.encode()}
    return {}


def collect(oracle: Oracle, nonce: Nonce) -> tuple[str, ...]:
    """The patterns of the files that the oracle wants back."""
    return (f"{_log_name(nonce)}.*",) if isinstance(oracle, SanitizerOracle) else ()


def judge(oracle: Oracle, runs: Sequence[RunFacts], nonces: Sequence[Nonce]) -> Showing:
    """Judge one run, or one series of runs in the order of `sizes(oracle)`.

    Raises:
        Invalid: the number of runs or nonces is not the one that the oracle needs.
    """
    if len(runs) != len(sizes(oracle)) or len(nonces) != len(runs):
        raise Invalid("The oracle needs another number of runs.", runs=len(runs))
    run, nonce = runs[0], nonces[0]
    match oracle:
        case SanitizerOracle():
            return _sanitizer(oracle, run, nonce)
        case SignalOracle(signals=signals):
            return _signal(signals, run)
        case ExitOracle():
            return _exit(run, nonce)
        case CanaryOracle():
            return _canary(run, nonce)
        case GrowthOracle():
            return _growth(oracle, runs)
        case _ as unreachable:
            assert_never(unreachable)


def _log_name(nonce: Nonce) -> str:
    return f"report-{nonce.word}"


def _ending(run: RunFacts) -> str:
    if run.stopped_by != "itself":
        return f"the run was stopped by its limit on {run.stopped_by}"
    if run.signal is not None:
        return f"the program died from signal {run.signal}"
    return f"the program left with exit code {run.exit_code}"


def _showing(run: RunFacts, *, shown: bool, why: str, report: str | None = None) -> Showing:
    return Showing(shown=shown, why=why, report=report, seconds=run.cpu_seconds)


def _sanitizer(oracle: SanitizerOracle, run: RunFacts, nonce: Nonce) -> Showing:
    prefix = f"{_log_name(nonce)}."
    logs = {name: data for name, data in run.collected.items() if name.startswith(prefix)}
    if not logs:
        return _showing(run, shown=False, why=f"No sanitizer log; {_ending(run)}.")
    name, data = min(logs.items())
    report = data[:REPORT_BYTES].decode("utf-8", "replace")
    header = _HEADER.search(report)
    if header is None or header["pid"] != name.removeprefix(prefix):
        return _showing(run, shown=False, why="The log holds no report of its own process.")
    error, frames = header["error"], faulting_frames(report)
    if run.exit_code != nonce.exit_code:
        why = f"A log of {error}, but {_ending(run)}, not with the drawn code."
        return _showing(run, shown=False, why=why, report=report)
    if error not in oracle.errors:
        why = f"The sanitizer reports {error}, which is not the flaw looked for."
        return _showing(run, shown=False, why=why, report=report)
    if oracle.frames and not any(fnmatchcase(f, p) for f in frames for p in oracle.frames):
        top = frames[0] if frames else "an unknown function"
        why = f"The sanitizer reports {error} in {top}, which is not the flaw looked for."
        return _showing(run, shown=False, why=why, report=report)
    why = f"The sanitizer reports {error} in {frames[0] if frames else 'an unknown function'}."
    return _showing(run, shown=True, why=why, report=report)


def faulting_frames(report: str) -> tuple[str, ...]:
    """The functions of the first stack of a sanitizer report, innermost first."""
    found: list[str] = []
    for line in report.splitlines():
        match = _FRAME.match(line)
        if match:
            found.append(match["function"])
        elif found:
            break
    return tuple(found)


def _signal(signals: frozenset[int], run: RunFacts) -> Showing:
    shown = run.stopped_by == "itself" and run.signal in signals
    return _showing(run, shown=shown, why=_ending(run).capitalize() + ".")


def _exit(run: RunFacts, nonce: Nonce) -> Showing:
    if run.stopped_by == "itself" and run.exit_code == nonce.exit_code:
        return _showing(run, shown=True, why="The harness saw the flaw and said so by its code.")
    return _showing(run, shown=False, why=_ending(run).capitalize() + ".")


def _canary(run: RunFacts, nonce: Nonce) -> Showing:
    word = nonce.word.encode()
    if word in run.stdout or word in run.stderr:
        return _showing(run, shown=True, why="The planted random value came out.")
    return _showing(run, shown=False, why=f"The canary stayed hidden; {_ending(run)}.")


def _growth(oracle: GrowthOracle, runs: Sequence[RunFacts]) -> Showing:
    base, *rest = (run.cpu_seconds for run in runs)
    total = base + sum(rest)
    odd = next((r for r in runs if r.stopped_by != "itself" or r.exit_code != 0), None)
    if odd is not None:
        return Showing(shown=False, why=f"A run did not finish: {_ending(odd)}.", seconds=total)
    costs = [max(cost - base, 0.0) for cost in rest]
    table = ", ".join(
        f"{size}: {cost:.2f} s" for size, cost in zip(oracle.sizes, costs, strict=True)
    )
    # Over the whole span: a single doubling is too exposed to the noise of a busy machine.
    fast = costs[-1] >= costs[0] * oracle.factor ** (len(costs) - 1)
    if fast and costs[-1] >= oracle.floor_seconds:
        return Showing(shown=True, why=f"Time outgrows the input ({table}).", seconds=total)
    return Showing(shown=False, why=f"Time follows the input ({table}).", seconds=total)
