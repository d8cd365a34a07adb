"""SSVC answers: what a coordinator, a supplier and a deployer do, from one set of answers.

Utility, public safety impact and human impact are derived by their own tables; each stands in the
path with the answers it was derived from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.priority import tables
from firstlight.core.clearinghouse.priority.asset import AssetContext, YesNo
from firstlight.core.clearinghouse.priority.decision import (
    NOT_ANSWERED,
    Answer,
    Derived,
    Known,
    Unknown,
)
from firstlight.core.clearinghouse.priority.sources import KevListed, KevNotLoaded, KevStatus

if TYPE_CHECKING:
    from firstlight.core.clearinghouse.priority.decision import Decision


@dataclass(frozen=True, kw_only=True)
class Exploits:
    """What the reports say about exploits, besides the catalogues."""

    public: YesNo = YesNo.UNKNOWN
    """whether a working exploit or its method is public"""
    used: YesNo = YesNo.UNKNOWN
    """whether real attackers use it; a no is a reporter's view and proves nothing"""
    source: str = "the reports"
    """who says so"""


@dataclass(frozen=True, kw_only=True)
class SsvcAnswers:
    """Answers to the questions that the tables ask; each starts unknown."""

    automatable: Answer = NOT_ANSWERED
    technical_impact: Answer = NOT_ANSWERED
    value_density: Answer = NOT_ANSWERED
    safety_impact: Answer = NOT_ANSWERED
    mission_impact: Answer = NOT_ANSWERED
    """of the deployer's organisation"""
    report_public: Answer = NOT_ANSWERED
    supplier_contacted: Answer = NOT_ANSWERED
    report_credibility: Answer = NOT_ANSWERED
    supplier_cardinality: Answer = NOT_ANSWERED
    supplier_engagement: Answer = NOT_ANSWERED


def coordinator_triage(answers: SsvcAnswers) -> Decision:
    """Decline, track or coordinate.

    Raises:
        UnknownValue: an answer is not a value of its point.
    """
    return tables.COORDINATOR_TRIAGE.decide(
        {
            "RP": answers.report_public,
            "SCON": answers.supplier_contacted,
            "RC": answers.report_credibility,
            "SC": answers.supplier_cardinality,
            "SE": answers.supplier_engagement,
            "U": utility(answers),
            "PSI": public_safety_impact(answers),
        }
    )


def supplier(answers: SsvcAnswers, *, exploitation: Answer) -> Decision:
    """When the supplier makes the patch.

    Raises:
        UnknownValue: an answer is not a value of its point.
    """
    return tables.SUPPLIER.decide(
        {
            "E": exploitation,
            "U": utility(answers),
            "TI": answers.technical_impact,
            "PSI": public_safety_impact(answers),
        }
    )


def deployer(answers: SsvcAnswers, *, exploitation: Answer, exposure: Answer) -> Decision:
    """When the deployer applies the patch.

    Raises:
        UnknownValue: an answer is not a value of its point.
    """
    return tables.DEPLOYER.decide(
        {
            "E": exploitation,
            "EXP": exposure,
            "A": answers.automatable,
            "HI": human_impact(answers),
        }
    )


def utility(answers: SsvcAnswers) -> Derived:
    """Utility, from automatable and value density."""
    given = {"A": answers.automatable, "VD": answers.value_density}
    return Derived(decision=tables.UTILITY.decide(given))


def public_safety_impact(answers: SsvcAnswers) -> Derived:
    """Public safety impact, from safety impact."""
    given = {"SI": answers.safety_impact}
    return Derived(decision=tables.PUBLIC_SAFETY_IMPACT.decide(given))


def human_impact(answers: SsvcAnswers) -> Derived:
    """Human impact, from safety impact and mission impact."""
    given = {"SI": answers.safety_impact, "MI": answers.mission_impact}
    return Derived(decision=tables.HUMAN_IMPACT.decide(given))


def exploitation(*, kev: KevStatus, exploits: Exploits) -> Answer:
    """Exploitation, from the catalogue and the reports.

    KEV lists it, or somebody reports attacks: active. Otherwise at least a public proof of concept
    where one is reported. What is not known stays open upwards: a catalogue that was not asked
    could have said active, and a report that is silent could have named a public exploit.
    """
    if isinstance(kev, KevListed):
        source = f"KEV catalogue {kev.catalogue}, listed {kev.entry.added} as {kev.entry.cve}"
        return Known(value="A", source=source, as_of=kev.as_of)
    if exploits.used is YesNo.YES:
        return Known(value="A", source=exploits.source)
    possible = {YesNo.YES: ["P"], YesNo.NO: ["N"], YesNo.UNKNOWN: ["N", "P"]}[exploits.public]
    if isinstance(kev, KevNotLoaded):
        return Unknown(reason=kev.reason, possible=(*possible, "A"))
    if len(possible) > 1:
        return Unknown(reason="nobody has said whether an exploit is public", possible=("N", "P"))
    source = f"{exploits.source}; KEV catalogue {kev.catalogue} does not list it"
    return Known(value=possible[0], source=source, as_of=kev.as_of)


def system_exposure(asset: AssetContext) -> Answer:
    """Exposure of the system, as far as the yes or no about the asset tells it."""
    if asset.exposed is YesNo.YES:
        return Known(value="O", source=f"{asset.source}: the asset is publicly exposed")
    if asset.exposed is YesNo.NO:
        return Unknown(
            reason="the asset is not publicly exposed; how tightly it is controlled is not known",
            possible=("S", "C"),
        )
    return Unknown(reason="nobody has said how exposed the system is")
