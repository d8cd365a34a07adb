from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.clearinghouse.priority import ssvc
from firstlight.core.clearinghouse.priority.asset import AssetContext, YesNo
from firstlight.core.clearinghouse.priority.decision import Answer, Derived, Known, Unknown
from firstlight.core.clearinghouse.priority.sources import (
    KevEntry,
    KevListed,
    KevNotListed,
    KevNotLoaded,
    KevStatus,
    RansomwareUse,
)
from firstlight.core.clearinghouse.priority.ssvc import Exploits, SsvcAnswers
from firstlight.core.clearinghouse.priority.tables import points

AS_OF = date(2026, 9, 1)
LISTED = KevListed(
    entry=KevEntry(cve="CVE-2014-0160", added=date(2022, 5, 4), ransomware=RansomwareUse.UNKNOWN),
    catalogue="2026.09.01",
    as_of=AS_OF,
)
NOT_LISTED = KevNotListed(catalogue="2026.09.01", as_of=AS_OF, looked_up=("CVE-2014-0160",))
KEV_STATES: list[KevStatus] = [LISTED, NOT_LISTED, KevNotLoaded()]

POINTS = {
    "automatable": points.AUTOMATABLE,
    "technical_impact": points.TECHNICAL_IMPACT,
    "value_density": points.VALUE_DENSITY,
    "safety_impact": points.SAFETY_IMPACT,
    "mission_impact": points.MISSION_IMPACT,
    "report_public": points.REPORT_PUBLIC,
    "supplier_contacted": points.SUPPLIER_CONTACTED,
    "report_credibility": points.REPORT_CREDIBILITY,
    "supplier_cardinality": points.SUPPLIER_CARDINALITY,
    "supplier_engagement": points.SUPPLIER_ENGAGEMENT,
}


def said(value: str) -> Known:
    """An answer somebody gave."""
    return Known(value=value, source="a test")


all_known = st.builds(
    SsvcAnswers,
    **{
        name: st.sampled_from([said(v.key) for v in point.values]) for name, point in POINTS.items()
    },
)


def everything(answers: SsvcAnswers) -> list[int]:
    """Urgency of each SSVC decision, for a flaw under attack on an open system."""
    return [
        ssvc.coordinator_triage(answers).urgency,
        ssvc.supplier(answers, exploitation=said("A")).urgency,
        ssvc.deployer(answers, exploitation=said("A"), exposure=said("O")).urgency,
    ]


def possible(answer: Answer) -> set[str]:
    """Keys of exploitation that an answer leaves open."""
    if isinstance(answer, Known):
        return {answer.value}
    assert isinstance(answer, Unknown)
    return set(answer.possible)


def test_every_answer_has_its_point() -> None:
    """The laws below cover every field, also one that is added later."""
    assert {field.name for field in fields(SsvcAnswers)} == set(POINTS)


@given(answers=all_known, name=st.sampled_from(sorted(POINTS)))
def test_leaving_an_answer_out_is_never_less_urgent(answers: SsvcAnswers, name: str) -> None:
    """Also through derived inputs an unknown is at least as urgent as any answer."""
    without = replace(answers, **{name: Unknown(reason="a test")})
    for less, more in zip(everything(answers), everything(without), strict=True):
        assert less <= more


@given(answers=all_known, name=st.sampled_from(sorted(POINTS)), data=st.data())
def test_a_worse_answer_is_never_less_urgent(
    answers: SsvcAnswers, name: str, data: st.DataObject
) -> None:
    """Through derived inputs, too, no decision becomes less urgent as an answer gets worse."""
    point, answer = POINTS[name], getattr(answers, name)
    here = point.urgency(point.value(answer.value))
    worse = data.draw(st.sampled_from(point.values[here:]))
    changed = replace(answers, **{name: said(worse.key)})
    for less, more in zip(everything(answers), everything(changed), strict=True):
        assert less <= more


def test_a_silent_supplier_of_a_useful_flaw_is_coordinated() -> None:
    """A credible private report, one silent supplier and an efficient exploit: coordinate."""
    decision = ssvc.coordinator_triage(
        SsvcAnswers(
            automatable=said("yes"),
            value_density=said("diffuse"),
            safety_impact=said("negligible"),
            report_public=said("no"),
            supplier_contacted=said("yes"),
            report_credibility=said("credible"),
            supplier_cardinality=said("one"),
            supplier_engagement=said("unresponsive"),
        )
    )
    assert decision.outcome.name == "Coordinate"
    assert decision.assumed == ()


def test_derived_inputs_stand_in_the_path_with_their_own_path() -> None:
    """The deployer's path holds human impact and how it came from safety and mission impact."""
    answers = SsvcAnswers(safety_impact=said("R"), mission_impact=said("MEF"))
    decision = ssvc.deployer(answers, exploitation=said("N"), exposure=said("S"))
    derived = next(step for step in decision.path if step.point == points.HUMAN_IMPACT).answer
    assert isinstance(derived, Derived)
    assert derived.decision.outcome.key == "H"
    assert [(step.point.key, step.value.key) for step in derived.decision.path] == [
        ("SI", "R"),
        ("MI", "MEF"),
    ]


@pytest.mark.parametrize("public", YesNo)
@pytest.mark.parametrize("used", YesNo)
def test_a_listing_in_kev_is_active_exploitation(public: YesNo, used: YesNo) -> None:
    """Whatever reports say, a listed flaw is exploited."""
    answer = ssvc.exploitation(kev=LISTED, exploits=Exploits(public=public, used=used))
    assert isinstance(answer, Known)
    assert (answer.value, answer.as_of) == ("A", AS_OF)
    assert "2022-05-04" in answer.source


@pytest.mark.parametrize(
    ("kev", "public", "expected"),
    [
        (NOT_LISTED, YesNo.YES, {"P"}),
        (NOT_LISTED, YesNo.NO, {"N"}),
        (NOT_LISTED, YesNo.UNKNOWN, {"N", "P"}),
        (KevNotLoaded(), YesNo.YES, {"P", "A"}),
        (KevNotLoaded(), YesNo.NO, {"N", "A"}),
        (KevNotLoaded(), YesNo.UNKNOWN, {"N", "P", "A"}),
    ],
)
def test_what_is_not_known_of_exploitation_stays_open(
    kev: KevStatus, public: YesNo, expected: set[str]
) -> None:
    """A silent report leaves a public exploit open, an unloaded catalogue leaves attacks open."""
    assert possible(ssvc.exploitation(kev=kev, exploits=Exploits(public=public))) == expected


@pytest.mark.parametrize("kev", KEV_STATES, ids=["listed", "not listed", "not loaded"])
def test_a_report_of_attacks_is_active_exploitation(kev: KevStatus) -> None:
    """Attacks that somebody reports count, whatever the catalogue says."""
    answer = ssvc.exploitation(kev=kev, exploits=Exploits(used=YesNo.YES))
    assert possible(answer) == {"A"}


@pytest.mark.parametrize(
    ("exposed", "chosen", "left_open"),
    [(YesNo.YES, "O", 1), (YesNo.NO, "C", 2), (YesNo.UNKNOWN, "O", 3)],
)
def test_system_exposure_follows_the_asset(exposed: YesNo, chosen: str, left_open: int) -> None:
    """An asset that is not publicly exposed is at worst controlled; an unknown one is open."""
    exposure = ssvc.system_exposure(AssetContext(exposed=exposed))
    decision = ssvc.deployer(SsvcAnswers(), exploitation=said("A"), exposure=exposure)
    step = next(step for step in decision.path if step.point == points.SYSTEM_EXPOSURE)
    assert step.value.key == chosen
    others = len(step.assumption.otherwise) if step.assumption else 0
    assert others == left_open - 1
