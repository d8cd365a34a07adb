"""Findings with like texts, found in the database whatever their package."""

from __future__ import annotations

from tests.usecases.conftest import Bench

from firstlight.core.clearinghouse.finding import Format, Product, Report
from firstlight.core.kernel.ids import FindingId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Role
from firstlight.usecases.cases.grouping import decide_duplicate, grouping_of
from firstlight.usecases.findings.submit import submit

SAID = (
    "When the decoder reads a frame whose header names more rows than the buffer holds, the loop"
    " that copies rows runs past the end of the buffer and overwrites what lies behind it, which"
    " an attacker who makes the frame can choose."
)


def sent(bench: Bench, number: int, said: str, purl: str = "") -> FindingId:
    """A new report, by a finder of its own."""
    report = Report(
        format=Format.PLAIN, title=f"Flaw {number}", description=said, product=Product(purl=purl)
    )
    finder = bench.actor(Role.FINDER)
    return submit(bench.context, finder, [report], b"%d" % number, Marking.RED)[0].finding


def proposed(bench: Bench, finding: FindingId, role: Role = Role.COORDINATOR) -> list[str]:
    """The sentences of what is proposed to this role about the finding's case."""
    with bench.context.storage.look() as work:
        case = work.findings.get(finding).case
    found = grouping_of(bench.context, bench.actor(role), case)
    return [one.reason.sentence for one in found.proposals]


def test_a_like_text_of_another_package_is_proposed_and_never_merged(bench: Bench) -> None:
    """To a coordinator, with how much they share; both keep their cases."""
    first = sent(bench, 1, SAID, "pkg:generic/one")
    sent(bench, 2, "Something else entirely is wrong here, and it has nothing in common at all.")
    second = sent(bench, 3, SAID.replace("decoder", "reader"), "pkg:generic/two")
    (sentence,) = proposed(bench, second)
    assert "may be the same flaw: their texts share" in sentence
    assert str(first) in sentence
    with bench.context.storage.look() as work:
        assert work.findings.get(first).case != work.findings.get(second).case


def test_a_split_is_remembered(bench: Bench) -> None:
    """What a person has separated is not proposed again because of its text."""
    first, second = sent(bench, 1, SAID), sent(bench, 2, SAID)
    assert proposed(bench, first)
    coordinator = bench.actor(Role.COORDINATOR)
    decide_duplicate(bench.context, coordinator, first, second, same=False, reason="two decoders")
    assert proposed(bench, first) == proposed(bench, second) == []


def test_the_likeliest_come_first_and_no_more_than_asked(bench: Bench) -> None:
    """From the index alone, the same on both databases."""
    near = sent(bench, 1, SAID)
    far = sent(bench, 2, SAID.partition(", which")[0])
    with bench.context.storage.look() as work:
        report = work.findings.get(near).report
        assert [near, far] == [one.id for one in work.findings.alike(report, 5)]
        assert [near] == [one.id for one in work.findings.alike(report, 1)]
