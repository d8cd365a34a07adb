"""What is signed about a run: an in-toto statement (v1) with a predicate of our own.

The subject is the model, named by the digest of its endpoint's description. The predicate says how
the figures came about before it says the figures, and ends with what was not measured. Families of
a sealed suite have numbers in place of names: a name would tell which targets are in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firstlight.core.kernel.canonical import Json, canonical, digest
from firstlight.core.measure import coverage_table
from firstlight.core.measure.figures import rounded
from firstlight.core.measure.statistics.plain import WILSON, Z95
from firstlight.core.measure.words import LOWER_BOUND

if TYPE_CHECKING:  # types alone: whoever checks a statement needs neither them nor numpy
    from firstlight.core.measure.designation import Designation
    from firstlight.core.measure.record import Run
    from firstlight.core.measure.results import Group, Results
    from firstlight.core.measure.statistics.rates import Count, Family

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://firstlight.invalid/measurement/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
FORMAT = "firstlight-measurement-1"
PURPOSE = "measurement"
"""name of the key that signs statements"""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A statement before it is signed."""

    payload: bytes
    """canonical JSON"""

    @property
    def reference(self) -> str:
        """By which an assessment names it."""
        return reference(self.payload)


def reference(payload: bytes) -> str:
    """The name of a statement: the digest of what was signed."""
    return f"sha256:{digest(payload)}"


def statement(
    run: Run, found: Results, *, record_digest: str, designation: Designation | None
) -> Made:
    """The statement about a run.

    Args:
        run: the record
        found: its results
        record_digest: SHA-256 of the record's canonical bytes, so that it can be asked for
        designation: as prepared; None when no threshold was applied
    """
    body: dict[str, Json] = {
        "_type": STATEMENT,
        "subject": [
            {
                "name": f"{run.model.name} {run.model.version}",
                "digest": {"sha256": run.model.endpoint_digest},
            }
        ],
        "predicateType": PREDICATE,
        "predicate": {
            "format": FORMAT,
            **_circumstances(run, record_digest),
            **_figures(run, found),
            "designation": designation.to_json() if designation else None,
        },
    }
    return Made(payload=canonical(body))


def _circumstances(run: Run, record_digest: str) -> dict[str, Json]:
    """How the figures came about."""
    committed, planned = run.suite.committed_at, run.planned_at
    return {
        "run": {
            "id": run.id,
            "record": record_digest,
            "started_at": str(run.started_at),
            "ended_at": str(run.ended_at),
            "plan": run.plan_digest,
            "planned_at": None if planned is None else str(planned),
        },
        "model": {
            "name": run.model.name,
            "version": run.model.version,
            "safeguards": run.model.safeguards,
            "scripted": run.model.scripted,
        },
        "suite": {
            "name": run.suite.name,
            "version": run.suite.version,
            "commitment": run.suite.root,
            "tasks": run.suite.size,
            "committed_at": None if committed is None else str(committed),
        },
        "environments": [
            {"name": name, "sha256": found} for name, found in sorted(run.environments)
        ],
        "containment": {
            "level": run.containment.level,
            "exception": run.containment.exception,
            "proofs": [
                {"when": each.when, "at": str(each.at), "sha256": each.digest, "held": each.held}
                for each in run.containment.proofs
            ],
        },
        "elicitation": {"tried": list(run.elicitation), "reading": LOWER_BOUND},
        "limits": {
            "tokens": run.limits.tokens,
            "milliseconds": run.limits.milliseconds,
            "cost": run.limits.cost,
        },
        "method": {
            "estimate": coverage_table.METHOD,
            "check": WILSON,
            "coverage_table": coverage_table.VERSION,
            "coverage_command": coverage_table.COMMAND,
        },
    }


def _figures(run: Run, found: Results) -> dict[str, Json]:
    spent = found.spent
    each_solved = spent.cost_per_solved
    return {
        "results": [_group(each) for each in found.groups],
        "requests": [
            {"wanted": each.wanted.value, "count": counted(each.count), "rate": each.rate.to_json()}
            for each in found.requests
        ],
        "time_horizon": found.horizon.to_json(),
        "spent": {
            "currency": run.currency,
            "cost": spent.cost,
            "tokens": spent.tokens,
            "milliseconds": spent.milliseconds,
            "cost_per_solved": None if each_solved is None else rounded(each_solved),
        },
        "baselines": [
            {
                "tool": each.tool,
                "version": each.version,
                "kind": each.kind.value,
                "solved": each.solved,
                "tasks": each.tasks,
                "cpu_seconds": each.cpu_seconds,
            }
            for each in run.baselines
        ],
        "imputed": [each.to_json() for each in run.imputed],
        "not_measured": [each.to_json() for each in found.unmeasured],
    }


def _group(group: Group) -> dict[str, Json]:
    check = group.check
    return {
        "kind": group.kind.value,
        "public": group.public,
        "count": counted(group.count),
        "floor": counted(group.floor),
        "estimate": group.estimate.to_json(),
        "check": None
        if check is None
        else {
            "rate": rounded(check.rate),
            "effective_size": rounded(check.size),
            "z": rounded(Z95),
            "interval": check.interval.to_json(),
        },
        "attempts": [
            {"k": each.k, "any": each.any_solved.to_json(), "all": each.all_solved.to_json()}
            for each in group.attempts
        ],
        "families": [
            {
                "family": name,
                "tasks": each.tasks,
                "solved": each.solved,
                "valid": each.valid,
                "estimate": each.estimate.to_json(),
            }
            for name, each in named(group)
        ],
        "warnings": list(group.warnings),
        "tokens": [{"budget": e.budget, "rate": e.rate.to_json()} for e in group.tokens],
        "cost": [{"budget": e.budget, "rate": e.rate.to_json()} for e in group.cost],
    }


def counted(count: Count) -> dict[str, Json]:
    """How samples ended."""
    return {
        "solved": count.solved,
        "failed": count.failed,
        "invalid": count.invalid,
        "indeterminate": count.indeterminate,
        "not_measured": count.not_measured,
    }


def named(group: Group) -> Sequence[tuple[str, Family]]:
    """Families with names where the tasks are public, with numbers where they are sealed.

    Numbers go by what was measured, so they say nothing about names.
    """
    if group.public:
        return [(each.family, each) for each in group.families]
    ordered = sorted(group.families, key=lambda each: (-each.valid, -each.solved, -each.tasks))
    return [(f"family {number}", each) for number, each in enumerate(ordered, 1)]
