"""The way of a flaw from two reports to one advisory, on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from tests.usecases.conftest import Bench
from tests.usecases.laboratory import PACKAGE

from firstlight.core.clearinghouse.advisory.model import Advisory, AdvisoryState
from firstlight.core.clearinghouse.case import CaseState
from firstlight.core.clearinghouse.finding import (
    Contact,
    Finding,
    FindingState,
    Format,
    Product,
    Proof,
    Report,
)
from firstlight.core.clearinghouse.patches.model import PatchState
from firstlight.core.kernel.canonical import canonical
from firstlight.core.kernel.errors import Conflict, Invalid, MoveNotAllowed, Refused
from firstlight.core.kernel.ids import CaseId, FindingId, OrganisationId
from firstlight.core.kernel.parties import Actor, Role
from firstlight.usecases.advisories.prepare import approve_advisory, draft_advisory
from firstlight.usecases.advisories.publish import publish_due
from firstlight.usecases.cases.grouping import decide_duplicate, grouping_of, undo_decision
from firstlight.usecases.findings.submit import submit
from firstlight.usecases.findings.validate import (
    give_up_validation,
    request_validation,
    validate_finding,
)
from firstlight.usecases.patches.propose import propose_patch

DIFF = "--- a/cJSON.c\n+++ b/cJSON.c\n@@ -1 +1 @@\n-good\n+good\n"


def render(advisory: Advisory) -> Mapping[str, bytes]:
    """One small file for an advisory."""
    return {f"{advisory.number}.txt": f"{advisory.state} {len(advisory.revisions)}".encode()}


def report(proof: str, name: str = "A flaw") -> Report:
    """A report with this proof."""
    return Report(
        format=Format.PLAIN,
        title=name,
        description="It reads too far.",
        product=Product(purl=PACKAGE),
        proofs=(Proof(name="input", data=proof.encode()),) if proof else (),
        contact=Contact(credit=True, credit_name=f"Finder of {name}"),
    )


def send(bench: Bench, actor: Actor, proof: str, name: str = "A flaw") -> FindingId:
    """Submit one report and let it be validated."""
    raw = canonical([proof, name])
    (receipt,) = submit(bench.context, actor, [report(proof, name)], raw)
    bench.validate(receipt.finding)
    return receipt.finding


def stored(bench: Bench, finding: FindingId) -> Finding:
    """The finding as it is stored."""
    with bench.context.storage.begin() as work:
        return work.findings.get(finding)


def finders_of(bench: Bench, case: CaseId) -> set[OrganisationId]:
    """The organisations that are parties of a case."""
    with bench.context.storage.begin() as work:
        return {party.organisation for party in work.cases.parties(case)}


def state_of(bench: Bench, case: CaseId) -> CaseState:
    """The state of a case as it is stored."""
    with bench.context.storage.begin() as work:
        return work.cases.get(case).state


def test_two_reports_of_one_flaw_become_one_case(bench: Bench) -> None:
    """The same crash puts both into the older case; the younger is merged and nothing is lost."""
    first = send(bench, bench.actor(Role.FINDER), "crash:parse_string", "one")
    bench.clock.turn(timedelta(minutes=1))
    second = send(bench, bench.actor(Role.FINDER), "crash:parse_string", "two")
    one, two = stored(bench, first), stored(bench, second)
    assert one.case == two.case == one.home
    assert state_of(bench, one.case) is CaseState.VALIDATED
    assert state_of(bench, two.home) is CaseState.MERGED
    explained = grouping_of(bench.context, bench.actor(Role.COORDINATOR), one.case)
    assert [reason.rule.value for reason in explained.reasons] == ["crash"]


def test_the_order_of_validation_does_not_matter(bench: Bench) -> None:
    """The older case goes on, also when the younger report is validated first."""
    finder = bench.actor(Role.FINDER)
    raw = (b"1", b"2")
    (early,) = submit(bench.context, finder, [report("crash:f", "one")], raw[0])
    bench.clock.turn(timedelta(minutes=1))
    (late,) = submit(bench.context, finder, [report("crash:f", "two")], raw[1])
    bench.validate(late.finding)
    bench.validate(early.finding)
    assert stored(bench, late.finding).case == stored(bench, early.finding).home
    assert state_of(bench, stored(bench, early.finding).home) is CaseState.VALIDATED


def test_a_claim_alone_makes_nobody_a_party(bench: Bench) -> None:
    """A report that names the same crash and is not reproduced stays in a case of its own."""
    known = send(bench, bench.actor(Role.FINDER), "crash:parse_string", "true")
    stranger = bench.actor(Role.FINDER)
    claimed = send(bench, stranger, "nothing happens", "claim")
    assert stored(bench, claimed).case != stored(bench, known).case
    assert stranger.organisation not in finders_of(bench, stored(bench, known).case)


def test_a_split_is_kept_and_can_be_undone(bench: Bench) -> None:
    """After a split both cases live again; after the undo they are one as before."""
    first = send(bench, bench.actor(Role.FINDER), "crash:parse_string", "one")
    bench.clock.turn(timedelta(minutes=1))
    other = bench.actor(Role.FINDER)
    second = send(bench, other, "crash:parse_string", "two")
    lead = bench.actor(Role.COORDINATOR)
    decide_duplicate(bench.context, lead, first, second, same=False, reason="other input path")
    assert stored(bench, second).case == stored(bench, second).home
    assert state_of(bench, stored(bench, second).home) is CaseState.VALIDATED
    assert other.organisation not in finders_of(bench, stored(bench, first).case)
    bench.clock.turn(timedelta(minutes=1))
    third = send(bench, bench.actor(Role.FINDER), "crash:parse_string", "three")
    assert stored(bench, second).case == stored(bench, second).home
    assert stored(bench, third).case in {stored(bench, first).home, stored(bench, second).home}
    undo_decision(bench.context, lead, first, second)
    assert stored(bench, second).case == stored(bench, first).home
    assert stored(bench, third).case == stored(bench, first).home


def test_only_a_coordinator_decides_about_duplicates(bench: Bench) -> None:
    """A finder cannot join or split cases."""
    finder = bench.actor(Role.FINDER)
    first = send(bench, finder, "crash:a", "one")
    second = send(bench, finder, "crash:b", "two")
    with pytest.raises(Refused):
        decide_duplicate(bench.context, finder, first, second, same=True, reason="mine")


def test_a_false_report_and_an_incomplete_one_keep_their_reason(bench: Bench) -> None:
    """Not reproduced and not tried are states with a sentence; neither refuses the report."""
    finder = bench.actor(Role.FINDER)
    false = stored(bench, send(bench, finder, "nothing happens", "false"))
    incomplete = stored(bench, send(bench, finder, "", "incomplete"))
    assert (false.state, incomplete.state) == (
        FindingState.NOT_REPRODUCED,
        FindingState.NOT_TRIED,
    )
    assert "no proof" in incomplete.state_reason


def test_sending_a_document_twice_changes_nothing(bench: Bench) -> None:
    """The second receipt names the finding of the first and says that it was known."""
    finder = bench.actor(Role.FINDER)
    (first,) = submit(bench.context, finder, [report("crash:f")], b"document")
    (again,) = submit(bench.context, finder, [report("crash:f")], b"document")
    assert again.finding == first.finding
    assert (first.known, again.known) == (False, True)


def test_the_same_document_of_another_finder_is_a_report_of_its_own(bench: Bench) -> None:
    """Nobody learns by sending it that a document is known."""
    (first,) = submit(bench.context, bench.actor(Role.FINDER), [report("crash:f")], b"document")
    (other,) = submit(bench.context, bench.actor(Role.FINDER), [report("crash:f")], b"document")
    assert other.finding != first.finding
    assert not other.known


def test_a_job_that_runs_twice_stores_one_result(bench: Bench) -> None:
    """The evidence follows from the job."""
    (receipt,) = submit(bench.context, bench.actor(Role.FINDER), [report("crash:f")], b"x")
    job = bench.job()
    validate_finding(bench.context, receipt.finding, job)
    validate_finding(bench.context, receipt.finding, job)
    case = stored(bench, receipt.finding).case
    with bench.context.storage.begin() as work:
        assert len(work.cases.evidence(case)) == 1


def test_nobody_waits_for_an_answer_that_will_not_come(bench: Bench) -> None:
    """A validation that was given up is *not tried*; a later try that succeeds counts."""
    coordinator = bench.actor(Role.COORDINATOR)
    sent = [report("crash:parse_string")]
    (receipt,) = submit(bench.context, bench.actor(Role.FINDER), sent, b"{}")
    finding = receipt.finding
    give_up_validation(bench.context, finding, bench.job())
    assert stored(bench, finding).state is FindingState.NOT_TRIED
    assert "a reason of ours" in stored(bench, finding).state_reason
    request_validation(bench.context, coordinator, finding)
    bench.validate(finding)
    give_up_validation(bench.context, finding, bench.job())
    assert stored(bench, finding).state is FindingState.REPRODUCED


def published(bench: Bench) -> tuple[Actor, CaseId, Advisory]:
    """A case whose advisory is approved for one hour from now."""
    finding = send(bench, bench.actor(Role.FINDER), "crash:parse_string", "one")
    lead, case = bench.actor(Role.COORDINATOR), stored(bench, finding).case
    patch = propose_patch(bench.context, lead, case, DIFF)
    bench.verify(patch)
    advisory = draft_advisory(bench.context, lead, case)
    go_live = bench.clock.now().plus(timedelta(hours=1))
    approved = approve_advisory(bench.context, lead, advisory.id, go_live, version=advisory.version)
    return lead, case, approved


def test_an_advisory_is_public_at_its_time_and_not_a_second_before(bench: Bench) -> None:
    """The clock decides, whenever the job runs."""
    _, case, advisory = published(bench)
    bench.clock.turn(timedelta(minutes=59, seconds=59))
    assert publish_due(bench.context, render) == []
    assert not bench.zone.exists()
    bench.clock.turn(timedelta(seconds=1))
    (public,) = publish_due(bench.context, render)
    assert public.state is AdvisoryState.PUBLISHED
    assert (bench.zone / f"{advisory.number}.txt").read_bytes() == b"published 1"
    assert state_of(bench, case) is CaseState.PUBLISHED
    assert publish_due(bench.context, render) == []


def test_the_advisory_names_observed_versions_and_willing_finders(bench: Bench) -> None:
    """Affected and fixed come from our runs, credit from consent."""
    _, _, advisory = published(bench)
    (package,) = advisory.packages
    assert (package.affected_versions, package.fixed) == (("1.7.15-1",), "1.7.15-2")
    assert [credit.name for credit in advisory.credits] == ["Finder of one"]


def test_nobody_approves_a_text_that_was_not_seen(bench: Bench) -> None:
    """An approval names the version that was read."""
    finding = send(bench, bench.actor(Role.FINDER), "crash:f", "one")
    lead = bench.actor(Role.COORDINATOR)
    advisory = draft_advisory(bench.context, lead, stored(bench, finding).case)
    with pytest.raises(Conflict):
        approve_advisory(
            bench.context, lead, advisory.id, bench.clock.now(), version=advisory.version + 1
        )


def test_an_approved_advisory_cannot_be_approved_again(bench: Bench) -> None:
    """The table has no such row."""
    lead, _, advisory = published(bench)
    with pytest.raises(MoveNotAllowed):
        approve_advisory(
            bench.context, lead, advisory.id, bench.clock.now(), version=advisory.version
        )


def test_without_a_reproduced_report_there_is_nothing_to_advise_on(bench: Bench) -> None:
    """A draft needs a flaw that we saw."""
    finding = send(bench, bench.actor(Role.FINDER), "nothing", "one")
    with pytest.raises(Conflict, match="reproduced"):
        draft_advisory(bench.context, bench.actor(Role.COORDINATOR), stored(bench, finding).case)


def test_a_patch_that_fails_a_check_is_refused_and_the_case_stays(bench: Bench) -> None:
    """Only a verified patch moves the case on."""
    finding = send(bench, bench.actor(Role.FINDER), "crash:f", "one")
    lead, case = bench.actor(Role.COORDINATOR), stored(bench, finding).case
    patch = propose_patch(bench.context, lead, case, DIFF.replace("good", "bad"))
    bench.verify(patch)
    with bench.context.storage.begin() as work:
        assert work.patches.get(patch).state is PatchState.REFUSED
    assert state_of(bench, case) is CaseState.VALIDATED
    better = propose_patch(bench.context, lead, case, DIFF)
    bench.verify(better)
    assert state_of(bench, case) is CaseState.PATCHED


def test_a_patch_is_a_unified_diff(bench: Bench) -> None:
    """Anything else is refused with what to do."""
    finding = send(bench, bench.actor(Role.FINDER), "crash:f", "one")
    with pytest.raises(Invalid, match="no unified diff"):
        propose_patch(
            bench.context, bench.actor(Role.COORDINATOR), stored(bench, finding).case, "fix it"
        )
