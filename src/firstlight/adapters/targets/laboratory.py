"""The laboratory: pinned releases, a runner, and what came of running proofs and patches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from firstlight.adapters.formats.purl import BadPurl, osv_ecosystem, osv_name, package_of
from firstlight.adapters.targets.check import Validated, run_side, validate
from firstlight.adapters.targets.patching import none_run, try_patch
from firstlight.adapters.targets.plan import Fetch
from firstlight.adapters.targets.reading import SideRun, tail
from firstlight.core.clearinghouse.finding import Proof
from firstlight.core.clearinghouse.patches.model import Answer, Check, CheckResult
from firstlight.core.clearinghouse.patches.witness import tampering
from firstlight.core.clearinghouse.validation.outcome import (
    CouldNotBuild,
    Flaky,
    NotReproduced,
    NotTried,
    Outcome,
    Reproduced,
)
from firstlight.core.clearinghouse.validation.target import Target
from firstlight.core.kernel.canonical import Json
from firstlight.usecases.ports import PatchResult, Runner, TargetFacts, ValidationResult

MAX_PROOFS = 8
"""of one finding; further ones are not run"""
_BEST_FIRST = (Reproduced, Flaky, NotReproduced, CouldNotBuild, NotTried)


class TargetLaboratory:
    """Implements the `Laboratory` port over the shipped targets."""

    def __init__(
        self, load: Callable[[], Sequence[Target]], runner: Runner, fetch: Fetch, *, repeat: int = 3
    ) -> None:
        """Targets are read on first use; `repeat` runs are made of each proof on each side."""
        self._load = load
        self._runner = runner
        self._fetch = fetch
        self._repeat = repeat
        self._targets: dict[str, Target] | None = None

    def target(self, identifier: str) -> TargetFacts | None:
        """What is known of a target; None when it is not shipped."""
        target = self._shipped().get(identifier)
        if target is None:
            return None
        purl = target.package.to_string()
        return TargetFacts(
            id=target.id,
            purl=package_of(purl)[0],
            ecosystem=osv_ecosystem(purl),
            name=osv_name(purl),
            vulnerable=target.vulnerable.version,
            fixed=target.fixed.version,
            cwe=(target.cwe,),
            identifiers=(target.cve,),
            references=target.references,
        )

    def validate(self, package: str, proofs: Sequence[Proof]) -> ValidationResult:
        """Run the proofs on every fitting target until one shows the flaw.

        Raises:
            RunnerLost: the runner died; the job runs again.
            SandboxUnavailable: nothing untrusted can be run at the moment.
        """
        usable = [proof for proof in proofs if proof.data][:MAX_PROOFS]
        if not usable:
            return _nothing("The report has no proof to run.")
        candidates = self._fitting(package, {proof.target for proof in usable})
        if not candidates:
            return _nothing(f"No target is shipped for {package or 'a product without a name'}.")
        named = {f"{number}-{proof.name}": proof.data for number, proof in enumerate(usable, 1)}
        tried = [self._try(candidates[0], named)]
        for target in candidates[1:]:
            if isinstance(tried[-1].outcome, Reproduced):
                break
            tried.append(self._try(target, named))
        return min(tried, key=lambda result: _BEST_FIRST.index(type(result.outcome)))

    def _try(self, target: Target, proofs: Mapping[str, bytes]) -> ValidationResult:
        found = validate(target, proofs, self._runner, self._fetch, repeat=self._repeat)
        outcome = min(found.outcomes.values(), key=lambda one: _BEST_FIRST.index(type(one)))
        vulnerable = found.sides[0]
        return ValidationResult(
            target=target.id,
            outcome=outcome,
            crash=vulnerable.crash,
            body=_body(target, found, outcome),
            level=vulnerable.level,
        )

    def verify_patch(self, target: str, proofs: Sequence[Proof], diff: str) -> PatchResult:
        """Build and run the vulnerable release without and with the diff, and compare.

        Raises:
            RunnerLost: the runner died; the job runs again.
            SandboxUnavailable: nothing untrusted can be run at the moment.
        """
        shipped = self._shipped().get(target)
        named = {f"{n}-{proof.name}": proof.data for n, proof in enumerate(proofs[:MAX_PROOFS], 1)}
        if shipped is None or shipped.recipe.patch is None or not named:
            reason = (
                "no proof of this case was reproduced"
                if not named
                else f"the target {target or '(none)'} does not support patches"
            )
            return PatchResult(target=target, checks=none_run(reason), body={}, level="")
        run = partial(run_side, shipped, runner=self._runner, fetch=self._fetch)
        tried = try_patch(shipped, named, diff, run, repeat=self._repeat)
        body: dict[str, Json] = {
            "before": _side(tried.before),
            "after": _side(tried.after),
            "variants": [_side(one) for one in tried.variants],
        }
        checks = [_watched(one, diff) for one in tried.checks]
        return PatchResult(target=target, checks=checks, body=body, level=tried.after.level)

    def _shipped(self) -> dict[str, Target]:
        if self._targets is None:
            self._targets = {target.id: target for target in self._load()}
        return self._targets

    def _fitting(self, package: str, hints: set[str]) -> list[Target]:
        targets = self._shipped()
        hinted = [targets[hint] for hint in sorted(hints) if hint in targets]
        try:
            named, _ = package_of(package)
        except BadPurl:
            return []
        same = [one for one in targets.values() if package_of(one.package.to_string())[0] == named]
        # A hint chooses among the targets of the reported package; it cannot name another one.
        return [one for one in hinted if one in same] or same


def _nothing(reason: str) -> ValidationResult:
    return ValidationResult(
        target="", outcome=NotTried(reason=reason), crash="", body={"reason": reason}, level=""
    )


def _body(target: Target, found: Validated, outcome: Outcome) -> dict[str, Json]:
    body: dict[str, Json] = {
        "target": target.id,
        "title": target.title,
        "versions": {
            "vulnerable": target.vulnerable.version,
            "fixed": target.fixed.version,
        },
        "sides": [_side(one) for one in found.sides],
    }
    if isinstance(outcome, CouldNotBuild):
        body["log"] = outcome.log
    return body


def _side(one: SideRun) -> dict[str, Json]:
    return {
        "side": one.side.value,
        "level": one.level,
        "notes": list(one.notes),
        "environment": dict(one.environment),
        "cached": one.cached,
        "seconds": round(one.seconds, 3),
        "runs": [
            {
                "proof": proof,
                "shown": showing.shown,
                "why": showing.why,
                "seconds": round(showing.seconds, 3),
                "report": showing.report or "",
            }
            for proof, showings in one.showings.items()
            for showing in showings
        ],
        "tests": {
            name: {"exit_code": result.exit_code, "output": tail(result)}
            for name, result in one.tests.items()
        },
        "failed": "" if one.failed is None else one.failed.kind,
        "log": one.failed.log if isinstance(one.failed, CouldNotBuild) else "",
    }


def _watched(one: CheckResult, diff: str) -> CheckResult:
    """A patch that switches off what watches it counts as one that does not apply."""
    line = tampering(diff)
    if one.check is not Check.APPLIES or one.answer is not Answer.PASSED or not line:
        return one
    why = f"The patch applies, but it switches off or looks at what watches it: {line}"
    return replace(one, answer=Answer.FAILED, detail=why)
