from __future__ import annotations

import json
from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.clearinghouse.priority.asset import AssetContext, YesNo
from firstlight.core.clearinghouse.priority.decision import NOT_ANSWERED, Known
from firstlight.core.clearinghouse.priority.ranking import (
    CvssAssessment,
    Facts,
    earliest_due_first,
    most_urgent_first,
    prioritise,
)
from firstlight.core.clearinghouse.priority.record import priority_record
from firstlight.core.clearinghouse.priority.severity import parse_cvss
from firstlight.core.clearinghouse.priority.sources import (
    EpssNotLoaded,
    EpssNotScored,
    EpssScored,
    KevEntry,
    KevListed,
    KevNotListed,
    KevNotLoaded,
    RansomwareUse,
)
from firstlight.core.clearinghouse.priority.ssvc import Exploits, SsvcAnswers
from firstlight.core.kernel.canonical import canonical

AS_OF = date(2026, 9, 1)
LISTED = KevListed(
    entry=KevEntry(cve="CVE-2014-0160", added=date(2026, 8, 20), ransomware=RansomwareUse.KNOWN),
    catalogue="2026.09.01",
    as_of=AS_OF,
)
NOT_LISTED = KevNotListed(catalogue="2026.09.01", as_of=AS_OF, looked_up=("CVE-2014-0160",))
SCORED = EpssScored(
    cve="CVE-2014-0160", probability=0.94, percentile=0.999, model="v2025.03.14", as_of=AS_OF
)
NOT_SCORED = EpssNotScored(model="v2025.03.14", as_of=AS_OF, looked_up=())
CVSS = CvssAssessment(
    score=parse_cvss("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N/E:U"),
    source="the finder",
    as_of=AS_OF,
)

yes_no = st.sampled_from(["Y", "N"]).map(lambda key: Known(value=key, source="a test"))
facts = st.builds(
    Facts,
    kev=st.sampled_from([LISTED, NOT_LISTED, KevNotLoaded()]),
    epss=st.sampled_from([SCORED, NOT_SCORED, EpssNotLoaded()]),
    cvss=st.sampled_from([(), (CVSS,), (CVSS, CVSS)]),
    exploits=st.builds(Exploits, public=st.sampled_from(YesNo), used=st.sampled_from(YesNo)),
    answers=st.builds(
        SsvcAnswers,
        automatable=yes_no | st.just(NOT_ANSWERED),
        supplier_contacted=yes_no | st.just(NOT_ANSWERED),
    ),
    asset=st.builds(
        AssetContext,
        exposed=st.sampled_from(YesNo),
        detected=st.none() | st.dates(min_value=date(2026, 1, 1), max_value=date(2027, 1, 1)),
    ),
)


@given(facts)
def test_every_step_says_where_from_and_what_it_led_to(given_facts: Facts) -> None:
    """No line of an explanation is without its question, answer, source and consequence."""
    for step in prioritise(given_facts).steps:
        assert step.part
        assert step.input
        assert step.value
        assert step.source
        assert step.led_to


@given(facts)
def test_every_assumption_is_in_the_explanation(given_facts: Facts) -> None:
    """A page that shows the steps hides no assumption of any decision."""
    priority = prioritise(given_facts)
    decisions = (priority.due.decision, priority.coordinator, priority.supplier, priority.deployer)
    expected = [one.point.name for decision in decisions for one in decision.assumed]
    assert expected == [step.input for step in priority.steps if step.assumed]


@given(facts)
def test_the_record_is_canonical_json_and_determined_by_the_facts(given_facts: Facts) -> None:
    """The same facts give the same bytes, and JSON carries all of them."""
    first = canonical(priority_record(prioritise(given_facts)))
    assert first == canonical(priority_record(prioritise(given_facts)))
    assert len(json.loads(first)["steps"]) == len(prioritise(given_facts).steps)


@given(st.lists(facts, min_size=2, max_size=4))
def test_the_order_does_not_depend_on_arrival(several: list[Facts]) -> None:
    """However priorities come in, both orders put equal keys in the same places."""
    priorities = [prioritise(one) for one in several]
    for key in (most_urgent_first, earliest_due_first):
        orders = {tuple(sorted(map(key, order))) for order in permutations(priorities)}
        assert len(orders) == 1


@given(facts)
def test_not_loaded_never_ranks_behind_loaded(given_facts: Facts) -> None:
    """Taking KEV and EPSS away moves no flaw down the coordinator's list."""
    blind = Facts(
        cvss=given_facts.cvss,
        exploits=given_facts.exploits,
        answers=given_facts.answers,
        asset=given_facts.asset,
    )
    assert most_urgent_first(prioritise(blind)) <= most_urgent_first(prioritise(given_facts))


def test_nothing_known_is_said_and_not_taken_for_no() -> None:
    """Without any fact every source says so, and the flaw is as urgent as it could be."""
    priority = prioritise(Facts())
    values = {step.part: step.value for step in priority.steps if step.part in {"KEV", "EPSS"}}
    assert values == {"KEV": "not loaded", "EPSS": "not loaded"}
    assert priority.due.decision.outcome.key == "3DF"
    record = priority_record(priority)
    assert record["kev"] == {"state": "not loaded", "reason": "no KEV catalogue has been loaded"}
    assert record["epss"] == {"state": "not loaded", "reason": "no EPSS scores have been loaded"}


def test_each_source_keeps_its_date() -> None:
    """KEV, EPSS and CVSS steps carry source and day."""
    priority = prioritise(Facts(kev=LISTED, epss=SCORED, cvss=(CVSS,)))
    assert [(s.part, s.source, s.as_of) for s in priority.steps[:3]] == [
        ("KEV", "KEV catalogue 2026.09.01", AS_OF),
        ("EPSS", "EPSS model v2025.03.14, CVE-2014-0160", AS_OF),
        ("CVSS 3.1", "the finder", AS_OF),
    ]
    assert "base score 7.5 (high); 6.9 (medium) with all its metrics" in priority.steps[2].led_to
    assert "ransomware campaigns: known" in priority.steps[0].led_to


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Facts(kev=LISTED), Facts(kev=NOT_LISTED)),
        (Facts(kev=NOT_LISTED, epss=EpssNotLoaded()), Facts(kev=NOT_LISTED, epss=SCORED)),
        (Facts(kev=NOT_LISTED), Facts(kev=NOT_LISTED, asset=AssetContext(exposed=YesNo.NO))),
        (Facts(), Facts(cvss=(CVSS,))),
    ],
    ids=["listed", "probability not known", "exposure not known", "score not known"],
)
def test_the_coordinators_order(first: Facts, second: Facts) -> None:
    """The more urgent, and in a tie the less known, stands first."""
    assert most_urgent_first(prioritise(first)) < most_urgent_first(prioritise(second))


def test_the_operators_order() -> None:
    """No day to count from stands first, then the days in order, then the next upgrade."""
    no = Known(value="N", source="a test")
    inner = AssetContext(exposed=YesNo.NO, detected=date(2026, 1, 1))
    expected = [
        Facts(kev=NOT_LISTED),
        Facts(kev=NOT_LISTED, asset=AssetContext(detected=date(2026, 7, 1))),
        Facts(kev=NOT_LISTED, asset=AssetContext(detected=date(2026, 8, 1))),
        Facts(kev=NOT_LISTED, asset=inner, answers=SsvcAnswers(automatable=no)),
    ]
    keys = [earliest_due_first(prioritise(one)) for one in expected]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
