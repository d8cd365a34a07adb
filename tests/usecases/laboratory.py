"""A laboratory that follows a script, for the rules around validation.

It announces itself in every answer. The real one is proved in tests/adapters/targets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from firstlight.core.clearinghouse.finding import Proof
from firstlight.core.clearinghouse.patches.model import Answer, Check, CheckResult
from firstlight.core.clearinghouse.validation.oracle import Showing
from firstlight.core.clearinghouse.validation.outcome import (
    Evidence,
    NotReproduced,
    NotShown,
    NotTried,
    Outcome,
    Reproduced,
)
from firstlight.usecases.ports import PatchResult, TargetFacts, ValidationResult

PACKAGE = "pkg:deb/debian/cjson"
TRACE = """==1==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000017
READ of size 1 at 0x602000000017 thread T0
    #0 0x1 in {function} /target/src/cJSON.c:782
    #1 0x2 in {caller} /target/src/cJSON.c:1661
    #2 0x3 in parse_value /target/src/cJSON.c:1361
"""


def trace(function: str) -> str:
    """A sanitizer's report of a crash in this function."""
    return TRACE.format(function=function, caller=f"caller_of_{function}")


@dataclass
class ScriptedLaboratory:
    """A proof that starts with `crash:` shows a crash in the function that it names."""

    calls: list[str] = field(default_factory=list)
    """what was asked for, in order"""

    def target(self, identifier: str) -> TargetFacts | None:
        """The one target of the script."""
        if identifier != "scripted":
            return None
        return TargetFacts(
            id="scripted",
            purl=PACKAGE,
            ecosystem="Debian",
            name="cjson",
            vulnerable="1.7.15-1",
            fixed="1.7.15-2",
            cwe=("CWE-125",),
            identifiers=("CVE-2023-53154",),
            references=("https://example.org/advisory",),
        )

    def validate(self, package: str, proofs: Sequence[Proof]) -> ValidationResult:
        """Read the outcome from the proof."""
        self.calls.append(f"validate {package}")
        if not proofs:
            return _result(NotTried(reason="The report has no proof to run."), "")
        words = proofs[0].data.decode().split(":")
        if words[0] != "crash":
            showing = Showing(shown=False, why="The script says no.")
            outcome: Outcome = NotReproduced(
                reason=NotShown.NEVER, evidence=Evidence(vulnerable=(showing,), fixed=(showing,))
            )
            return _result(outcome, "")
        shown = Showing(shown=True, why="The script says yes.")
        clean = Showing(shown=False, why="The script says no.")
        outcome = Reproduced(k=1, n=1, evidence=Evidence(vulnerable=(shown,), fixed=(clean,)))
        return _result(outcome, trace(words[1]))

    def verify_patch(self, target: str, proofs: Sequence[Proof], diff: str) -> PatchResult:
        """Every check passes for a diff that says so."""
        self.calls.append(f"verify {target} {len(proofs)}")
        answer = Answer.PASSED if "good" in diff else Answer.FAILED
        checks = [CheckResult(check=check, answer=answer, detail="scripted") for check in Check]
        return PatchResult(target=target, checks=checks, body={"scripted": True}, level="scripted")


def _result(outcome: Outcome, crash: str) -> ValidationResult:
    return ValidationResult(
        target="" if isinstance(outcome, NotTried) else "scripted",
        outcome=outcome,
        crash=crash,
        body={"scripted": True},
        level="scripted",
    )
