"""One priority from every source: BOD 26-04, SSVC, CVSS, KEV and EPSS, with the whole path.

The parts are joined and never mixed into one number: each keeps its own scale, source and date.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.priority import ssvc
from firstlight.core.clearinghouse.priority.asset import AssetContext
from firstlight.core.clearinghouse.priority.bod import AtNextUpgrade, Due, DueOn, NoDueDate, fix_by
from firstlight.core.clearinghouse.priority.explain import Step, decision_steps
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
from firstlight.core.clearinghouse.priority.ssvc import Exploits, SsvcAnswers

if TYPE_CHECKING:
    from firstlight.core.clearinghouse.priority.decision import Decision
    from firstlight.core.clearinghouse.priority.severity import CvssScore


@dataclass(frozen=True, kw_only=True)
class CvssAssessment:
    """A CVSS score and who gave it."""

    score: CvssScore
    source: str
    as_of: date | None = None
    """None when the source gives no date"""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything a priority is computed from. Whatever is left out is unknown, never a no."""

    kev: KevStatus = field(default_factory=KevNotLoaded)
    epss: EpssStatus = field(default_factory=EpssNotLoaded)
    cvss: tuple[CvssAssessment, ...] = ()
    """any number: people rarely agree on one"""
    exploits: Exploits = field(default_factory=Exploits)
    answers: SsvcAnswers = field(default_factory=SsvcAnswers)
    asset: AssetContext = field(default_factory=AssetContext)
    """of the operator who asks; the default is nobody's asset, of unknown exposure"""


@dataclass(frozen=True, kw_only=True)
class Priority:
    """What to do about a flaw, by when, and why."""

    due: Due
    """BOD 26-04 for the asset"""
    coordinator: Decision
    """SSVC: decline, track or coordinate"""
    supplier: Decision
    """SSVC: when the patch is made"""
    deployer: Decision
    """SSVC: when the patch is applied"""
    facts: Facts
    """what it was computed from"""
    steps: tuple[Step, ...]
    """the explanation, in reading order"""


def prioritise(facts: Facts) -> Priority:
    """Join every source into one priority. The same facts give the same priority.

    Raises:
        UnknownValue: an answer is not a value of its decision point.
    """
    exploitation = ssvc.exploitation(kev=facts.kev, exploits=facts.exploits)
    due = fix_by(
        kev=facts.kev,
        asset=facts.asset,
        automatable=facts.answers.automatable,
        technical_impact=facts.answers.technical_impact,
    )
    coordinator = ssvc.coordinator_triage(facts.answers)
    supplier = ssvc.supplier(facts.answers, exploitation=exploitation)
    deployer = ssvc.deployer(
        facts.answers, exploitation=exploitation, exposure=ssvc.system_exposure(facts.asset)
    )
    return Priority(
        due=due,
        coordinator=coordinator,
        supplier=supplier,
        deployer=deployer,
        facts=facts,
        steps=(
            _kev_step(facts.kev),
            _epss_step(facts.epss),
            *map(_cvss_step, facts.cvss),
            *decision_steps(due.decision),
            _clock_step(due),
            *decision_steps(coordinator),
            *decision_steps(supplier),
            *decision_steps(deployer),
        ),
    )


def earliest_due_first(priority: Priority) -> tuple[date, tuple[float, ...]]:
    """Sort key for an operator: by due date, then by urgency.

    Without a day to count from, a flaw stands with those that were due at once, as nobody can say
    that it is not; one for the next upgrade stands last.
    """
    deadline = priority.due.deadline
    if isinstance(deadline, DueOn):
        day = deadline.day
    else:
        day = date.max if isinstance(priority.due.limit, AtNextUpgrade) else date.min
    return (day, most_urgent_first(priority))


def most_urgent_first(priority: Priority) -> tuple[float, ...]:
    """Sort key for a coordinator: BOD 26-04, then deployer, coordinator, EPSS and CVSS.

    What is not known stands before what is, all else being equal. Equal keys are equally urgent.
    """
    epss, cvss = priority.facts.epss, priority.facts.cvss
    probability = epss.probability if isinstance(epss, EpssScored) else float("inf")
    score = max((float(one.score.base_score) for one in cvss), default=float("inf"))
    decisions = (priority.due.decision, priority.deployer, priority.coordinator)
    return (*(-float(one.urgency) for one in decisions), -probability, -score)


def _kev_step(kev: KevStatus) -> Step:
    match kev:
        case KevListed(entry=entry):
            return Step(
                part="KEV",
                input="Known exploited",
                value="listed",
                source=f"KEV catalogue {kev.catalogue}",
                as_of=kev.as_of,
                led_to=f"exploited since {entry.added} at the latest; "
                f"ransomware campaigns: {entry.ransomware}",
            )
        case KevNotListed(looked_up=names):
            return Step(
                part="KEV",
                input="Known exploited",
                value="not listed",
                source=f"KEV catalogue {kev.catalogue}",
                as_of=kev.as_of,
                led_to=f"no entry for {', '.join(names)}"
                if names
                else "the flaw has no CVE identifier to look up",
            )
        case KevNotLoaded(reason=reason):
            return Step(
                part="KEV",
                input="Known exploited",
                value="not loaded",
                source=reason,
                led_to="not known; not taken for a no",
            )


def _epss_step(epss: EpssStatus) -> Step:
    part, asked = "EPSS", "Probability of exploitation within 30 days"
    match epss:
        case EpssScored():
            return Step(
                part=part,
                input=asked,
                value=f"{epss.probability:.5f}",
                source=f"EPSS model {epss.model}, {epss.cve}",
                as_of=epss.as_of,
                led_to=f"percentile {epss.percentile:.5f}",
            )
        case EpssNotScored(looked_up=names):
            return Step(
                part=part,
                input=asked,
                value="not scored",
                source=f"EPSS model {epss.model}",
                as_of=epss.as_of,
                led_to=f"not known; no score for {', '.join(names)}"
                if names
                else "not known; the flaw has no CVE identifier to look up",
            )
        case EpssNotLoaded(reason=reason):
            return Step(
                part=part,
                input=asked,
                value="not loaded",
                source=reason,
                led_to="not known; not taken for zero",
            )


def _cvss_step(assessment: CvssAssessment) -> Step:
    score = assessment.score
    full = f"; {score.score} ({score.rating}) with all its metrics"
    return Step(
        part=f"CVSS {score.version}",
        input="Vector",
        value=score.vector,
        source=assessment.source,
        as_of=assessment.as_of,
        led_to=f"base score {score.base_score} ({score.base_rating})"
        + (full if score.score != score.base_score else ""),
    )


def _clock_step(due: Due) -> Step:
    notes = " ".join(due.notes)
    match due.deadline:
        case DueOn() as deadline:
            value, source = f"started on {deadline.started}", deadline.because
            led_to = f"due on {deadline.day}"
        case NoDueDate(reason=reason):
            value, source, led_to = "not running", reason, "no due date"
    return Step(
        part=due.decision.table_name,
        input="Clock",
        value=value,
        source=source,
        led_to=f"{led_to}. {notes}".rstrip(". ") if notes else led_to,
    )
