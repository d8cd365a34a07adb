"""CISA's SSVC answers in a case's priority, each with its source and day."""

from __future__ import annotations

from datetime import date

from tests.usecases.conftest import Bench

from firstlight.core.clearinghouse.finding import Format, Report
from firstlight.core.clearinghouse.priority.record import priority_record
from firstlight.core.clearinghouse.priority.sources import SsvcCatalogue, SsvcFact
from firstlight.core.kernel.ids import CaseId
from firstlight.core.kernel.parties import SYSTEM, Role
from firstlight.usecases.cases.priority import assess, priority_of
from firstlight.usecases.cases.sources import load_ssvc
from firstlight.usecases.findings.submit import submit

ONE, OTHER = "CVE-2026-0001", "CVE-2026-0002"


def case_of(bench: Bench, *names: str) -> CaseId:
    """A case of a flaw with these names."""
    report = Report(format=Format.PLAIN, title="A flaw", identifiers=names)
    finder = bench.actor(Role.FINDER)
    finding = submit(bench.context, finder, [report], b"{}")[0].finding
    with bench.context.storage.look() as work:
        return work.findings.get(finding).case


def loaded(bench: Bench, **answers: str) -> None:
    """A catalogue with an answer about automation for each of these."""
    facts = {
        name: SsvcFact(
            cve=name, automatable=answer, version="2.0.3", dated=date(2026, 3, number + 1)
        )
        for number, (name, answer) in enumerate(
            (key.replace("_", "-"), value) for key, value in answers.items()
        )
    }
    catalogue = SsvcCatalogue(version="SSVC 2.0.3", dated=date(2026, 3, 1), facts=facts)
    load_ssvc(bench.context, SYSTEM, catalogue, "test")


def told(bench: Bench, case: CaseId) -> str:
    """All that is said about the priority."""
    return str(priority_record(priority_of(bench.context, bench.actor(Role.COORDINATOR), case)))


def test_an_answer_is_taken_with_its_source_and_day(bench: Bench) -> None:
    """And goes when the next catalogue has it no more."""
    case = case_of(bench, ONE)
    assert "CISA, SSVC" not in told(bench, case)
    loaded(bench, CVE_2026_0001="no")
    said = told(bench, case)
    assert f"CISA, SSVC 2.0.3 in {ONE}" in said
    assert "2026-03-01" in said
    loaded(bench, CVE_2026_0009="no")
    assert "CISA, SSVC" not in told(bench, case)


def test_of_several_names_the_worse_counts(bench: Bench) -> None:
    """A case with two CVEs can be automated when one can."""
    case = case_of(bench, ONE, OTHER)
    loaded(bench, CVE_2026_0001="yes", CVE_2026_0002="no")
    assert f"in {ONE}" in told(bench, case)
    loaded(bench, CVE_2026_0001="no", CVE_2026_0002="yes")
    assert f"in {OTHER}" in told(bench, case)


def test_a_coordinators_word_stands_above_it(bench: Bench) -> None:
    """Who knows the case knows better."""
    case = case_of(bench, ONE)
    loaded(bench, CVE_2026_0001="yes")
    coordinator = bench.actor(Role.COORDINATOR)
    assess(bench.context, coordinator, case, {"automatable": "no"}, "a person must click")
    said = told(bench, case)
    assert "a person must click" in said
    assert "CISA, SSVC" not in said
