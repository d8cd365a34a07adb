"""A priority as plain JSON, for the API, the export and the ledger's digest.

Keys are stable. Dates are ISO 8601 days, scores are numbers, and what was not loaded says so under
`state` instead of being left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.priority.bod import Due, DueOn, NoDueDate, WithinDays
from firstlight.core.clearinghouse.priority.sources import (
    EpssNotLoaded,
    EpssNotScored,
    EpssScored,
    EpssStatus,
    KevListed,
    KevNotListed,
    KevNotLoaded,
    KevStatus,
)

if TYPE_CHECKING:
    from firstlight.core.clearinghouse.priority.decision import Assumption, Decision
    from firstlight.core.clearinghouse.priority.explain import Step
    from firstlight.core.clearinghouse.priority.ranking import CvssAssessment, Priority
    from firstlight.core.kernel.canonical import Json


def priority_record(priority: Priority) -> dict[str, Json]:
    """The whole priority, explanation included."""
    return {
        "bod_26_04": _due(priority.due),
        "ssvc": {
            "coordinator": _decision(priority.coordinator),
            "supplier": _decision(priority.supplier),
            "deployer": _decision(priority.deployer),
        },
        "kev": _kev(priority.facts.kev),
        "epss": _epss(priority.facts.epss),
        "cvss": [_cvss(one) for one in priority.facts.cvss],
        "steps": [_step(step) for step in priority.steps],
    }


def _due(due: Due) -> dict[str, Json]:
    match due.deadline:
        case DueOn(day=day, started=started, because=because):
            deadline: dict[str, Json] = {
                "due": day.isoformat(),
                "started": started.isoformat(),
                "because": because,
            }
        case NoDueDate(reason=reason):
            deadline = {"due": None, "reason": reason}
    return {
        "decision": _decision(due.decision),
        "within_days": due.limit.days if isinstance(due.limit, WithinDays) else None,
        "at_next_upgrade": not isinstance(due.limit, WithinDays),
        "forensic_triage": due.forensic_triage,
        "deadline": deadline,
        "notes": list(due.notes),
        "enforced_from": due.enforced_from.isoformat(),
    }


def _decision(decision: Decision) -> dict[str, Json]:
    return {
        "table": decision.table,
        "outcome": decision.outcome.key,
        "outcome_name": decision.outcome.name,
        "possible": [value.key for value in decision.possible],
        "answers": {step.point.id: step.value.key for step in decision.path},
        "assumed": [_assumption(one) for one in decision.assumed],
    }


def _assumption(one: Assumption) -> dict[str, Json]:
    return {
        "point": one.point.id,
        "name": one.point.name,
        "assumed": one.assumed.key,
        "reason": one.reason,
        "rule": one.rule,
        "matters": one.matters,
        "otherwise": {other.value.key: other.outcome.key for other in one.otherwise},
    }


def _kev(kev: KevStatus) -> dict[str, Json]:
    match kev:
        case KevListed(entry=entry):
            return {
                "state": "listed",
                "cve": entry.cve,
                "added": entry.added.isoformat(),
                "ransomware": entry.ransomware.value,
                "catalogue": kev.catalogue,
                "as_of": kev.as_of.isoformat(),
            }
        case KevNotListed():
            return {
                "state": "not listed",
                "looked_up": list(kev.looked_up),
                "catalogue": kev.catalogue,
                "as_of": kev.as_of.isoformat(),
            }
        case KevNotLoaded(reason=reason):
            return {"state": "not loaded", "reason": reason}


def _epss(epss: EpssStatus) -> dict[str, Json]:
    match epss:
        case EpssScored():
            return {
                "state": "scored",
                "cve": epss.cve,
                "probability": epss.probability,
                "percentile": epss.percentile,
                "model": epss.model,
                "as_of": epss.as_of.isoformat(),
            }
        case EpssNotScored():
            return {
                "state": "not scored",
                "looked_up": list(epss.looked_up),
                "model": epss.model,
                "as_of": epss.as_of.isoformat(),
            }
        case EpssNotLoaded(reason=reason):
            return {"state": "not loaded", "reason": reason}


def _cvss(assessment: CvssAssessment) -> dict[str, Json]:
    score = assessment.score
    return {
        "vector": score.vector,
        "version": score.version.value,
        "base_score": float(score.base_score),
        "base_rating": score.base_rating.value,
        "score": float(score.score),
        "rating": score.rating.value,
        "source": assessment.source,
        "as_of": assessment.as_of.isoformat() if assessment.as_of else None,
    }


def _step(step: Step) -> dict[str, Json]:
    return {
        "part": step.part,
        "input": step.input,
        "value": step.value,
        "source": step.source,
        "as_of": step.as_of.isoformat() if step.as_of else None,
        "assumed": step.assumed or None,
        "led_to": step.led_to,
    }
