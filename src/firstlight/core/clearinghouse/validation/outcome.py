"""Outcomes of a validation: a union of types, each with a stable `kind`.

The rule of `decide`, in this order:

1. no run on one of the sides: nothing was tried;
2. shown on any fixed run: the proof shows something else than the flaw that was fixed, however
   often it also showed on the vulnerable side: not reproduced, with that reason;
3. shown on every vulnerable run: reproduced;
4. shown on no vulnerable run: not reproduced;
5. otherwise: flaky, k of n.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, assert_never

from firstlight.core.clearinghouse.validation.oracle import Showing
from firstlight.core.clearinghouse.validation.target import Side


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The judged runs that an outcome rests on."""

    vulnerable: tuple[Showing, ...]
    """in the order of the runs"""
    fixed: tuple[Showing, ...]
    """in the order of the runs"""
    level: str = ""
    """containment of the runs, as the sandbox names it"""
    notes: tuple[str, ...] = ()
    """limits that were weaker than asked for, and permissions that the target needed"""


class NotShown(StrEnum):
    """Why a proof does not reproduce the flaw."""

    NEVER = "never"
    """it showed nothing on the vulnerable side"""
    ALSO_ON_FIXED = "also-on-fixed"
    """it shows something on the fixed side too, so it is not the flaw that was fixed"""


@dataclass(frozen=True, kw_only=True)
class Reproduced:
    """Shown on every vulnerable run and on no fixed run."""

    kind: ClassVar[str] = "reproduced"
    k: int
    """vulnerable runs that showed it"""
    n: int
    """vulnerable runs"""
    evidence: Evidence
    """the runs"""


@dataclass(frozen=True, kw_only=True)
class NotReproduced:
    """The proof does not show the flaw."""

    kind: ClassVar[str] = "not-reproduced"
    reason: NotShown
    """which way it failed"""
    evidence: Evidence
    """the runs"""


@dataclass(frozen=True, kw_only=True)
class Flaky:
    """Shown on some vulnerable runs, and on no fixed run."""

    kind: ClassVar[str] = "flaky"
    k: int
    """vulnerable runs that showed it, at least one"""
    n: int
    """vulnerable runs, more than k"""
    evidence: Evidence
    """the runs"""


@dataclass(frozen=True, kw_only=True)
class CouldNotBuild:
    """The release could not be built, so nothing was run; this says nothing about the flaw."""

    kind: ClassVar[str] = "could-not-build"
    side: Side
    """which release"""
    log: str
    """the end of what the failing step printed"""


@dataclass(frozen=True, kw_only=True)
class NotTried:
    """Nothing was run, because."""

    kind: ClassVar[str] = "not-tried"
    reason: str
    """one sentence, such as a missing interpreter"""


Outcome = Reproduced | NotReproduced | Flaky | CouldNotBuild | NotTried


def decide(evidence: Evidence) -> Outcome:
    """Turn judged runs of both sides into an outcome, by the rule at the top of this module."""
    n, k = len(evidence.vulnerable), sum(run.shown for run in evidence.vulnerable)
    if not n or not evidence.fixed:
        return NotTried(reason="One of the two releases was not run.")
    if any(run.shown for run in evidence.fixed):
        return NotReproduced(reason=NotShown.ALSO_ON_FIXED, evidence=evidence)
    if k == n:
        return Reproduced(k=k, n=n, evidence=evidence)
    if k == 0:
        return NotReproduced(reason=NotShown.NEVER, evidence=evidence)
    return Flaky(k=k, n=n, evidence=evidence)


def sentence(outcome: Outcome) -> str:
    """The outcome in one sentence for a person."""
    match outcome:
        case Reproduced(k=k, n=n, evidence=evidence):
            rest = f"{len(evidence.fixed)} runs on the fixed one"
            return f"Shown in {k} of {n} runs on the vulnerable release and in none of {rest}."
        case NotReproduced(reason=NotShown.NEVER, evidence=evidence):
            first = _first(evidence.vulnerable)
            return f"Not shown in {len(evidence.vulnerable)} runs. {first}"
        case NotReproduced(evidence=evidence):
            k = sum(run.shown for run in evidence.fixed)
            runs = f"{k} of {len(evidence.fixed)} runs"
            return f"Also shown in {runs} on the fixed release, so it is not the flaw fixed there."
        case Flaky(k=k, n=n):
            return f"Shown in only {k} of {n} runs on the vulnerable release."
        case CouldNotBuild(side=side):
            return f"The {side} release could not be built; nothing was run."
        case NotTried(reason=reason):
            return f"Not tried: {reason}"
        case _ as unreachable:
            assert_never(unreachable)


def _first(showings: Sequence[Showing]) -> str:
    return showings[0].why if showings else ""
