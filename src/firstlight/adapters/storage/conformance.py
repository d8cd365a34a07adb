# ruff: noqa: S101, PLR2004  # a check is an assertion about literal expectations
"""What every storage must do. A storage's own tests run each check over a fresh database.

A check takes the storage and raises AssertionError with the fact that does not hold. What needs
more than one process (kill -9, concurrent writers) is proved in the tests beside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date

from firstlight.adapters.storage import samples
from firstlight.core.clearinghouse.advisory.model import AdvisoryState
from firstlight.core.clearinghouse.case import CaseState, Party, PartyRole
from firstlight.core.clearinghouse.finding import FindingState
from firstlight.core.clearinghouse.patches.model import PatchState
from firstlight.core.guard.record import KeptState
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import BadEncoding, Conflict, FirstlightError, Invalid, Missing
from firstlight.core.kernel.ids import (
    AdvisoryId,
    CaseId,
    EvidenceId,
    FindingId,
    OrganisationId,
    PatchId,
)
from firstlight.core.kernel.ledger import opens
from firstlight.usecases.ports import DuplicateDecision, Message, SourceStatus, Storage, UnitOfWork


class _Undone(Exception):
    """Raised to roll a unit of work back."""


def _refuses(kind: type[FirstlightError], act: Callable[[], object]) -> None:
    try:
        act()
    except kind:
        return
    raise AssertionError(f"{kind.__name__} was not raised")


def findings_come_back_as_they_were(storage: Storage) -> None:
    """A finding keeps every field of its report, NUL characters and binary proofs included."""
    raw = b'{"any": "document"}\x00\xff'
    case = samples.case("FL-2026-0001")
    finding = samples.finding(case, raw)
    anonymous = samples.finding(case, raw, reporter=None, organisation=None)
    with storage.begin() as work:
        work.cases.add(case)
        work.findings.add(finding, raw)
        work.findings.add(anonymous, raw)
    with storage.begin() as work:
        assert work.findings.get(finding.id) == finding
        assert work.findings.get(anonymous.id) == anonymous
        assert work.findings.raw(finding.id) == raw
        assert work.findings.by_raw_digest(finding.raw_digest, finding.organisation) == (finding,)
        assert work.findings.by_raw_digest(finding.raw_digest, None) == (anonymous,)
        assert work.findings.by_raw_digest("0" * 64, finding.organisation) == ()
        _refuses(Missing, lambda: work.findings.get(samples.fresh(FindingId)))
        _refuses(Missing, lambda: work.findings.raw(samples.fresh(FindingId)))
        _refuses(Missing, lambda: work.findings.save(samples.finding(case)))


def a_false_digest_is_refused(storage: Storage) -> None:
    """A document is never kept under a digest that is not its own."""
    case = samples.case("FL-2026-0001")
    with storage.begin() as work:
        work.cases.add(case)
        _refuses(Invalid, lambda: work.findings.add(samples.finding(case, b"a"), b"b"))


def a_finding_moves_between_cases(storage: Storage) -> None:
    """State, reason, what was observed and the case change; home and report stay."""
    home, other = samples.case("FL-2026-0001"), samples.case("FL-2026-0002")
    finding = samples.finding(home)
    moved = replace(
        finding,
        state=FindingState.REPRODUCED,
        state_reason="shown 3 of 3 times",
        observed_crash="SUMMARY: \x00 AddressSanitizer",
        case=other.id,
    )
    evidence = samples.evidence(home, finding)
    of_home = samples.evidence(home, at=samples.later(1))
    with storage.begin() as work:
        work.cases.add(home)
        work.cases.add(other)
        work.findings.add(finding, b"{}")
        work.cases.add_evidence(evidence)
        work.cases.add_evidence(of_home)
        assert work.cases.evidence(home.id) == (evidence, of_home)
        work.findings.save(moved)
    with storage.begin() as work:
        assert work.findings.get(finding.id) == moved
        assert work.findings.of_case(other.id) == (moved,)
        assert work.findings.of_case(home.id) == ()
        assert work.findings.opened_with(home.id) == (moved,)
        assert work.findings.opened_with(other.id) == ()
        assert work.cases.evidence(other.id) == (evidence,), "evidence follows its finding"
        assert work.cases.evidence(home.id) == (of_home,)


def comparable_findings_are_found(storage: Storage) -> None:
    """By package or by public name in whatever letters; the oldest first, no more than asked."""
    case = samples.case("FL-2026-0001")
    plain = samples.report()

    def finding(number: int, purl: str, names: tuple[str, ...]) -> FindingId:
        product = replace(plain.product, purl=purl)
        made = samples.finding(
            case,
            received_at=samples.later(number),
            report=replace(plain, product=product, identifiers=names),
        )
        work.findings.add(made, b"{}")
        return made.id

    with storage.begin() as work:
        work.cases.add(case)
        by_name = finding(3, "pkg:npm/other", ("cve-2020-0001 ",))
        by_package = finding(2, "pkg:npm/one", ())
        by_both = finding(1, "pkg:npm/one", ("CVE-2020-0001", "CVE-2020-0001"))
        finding(4, "", ())
        finding(5, "pkg:npm/other", ("CVE-2020-0002",))

        def found(package: str, names: tuple[str, ...], limit: int) -> list[FindingId]:
            return [each.id for each in work.findings.comparable(package, names, limit)]

        assert found("pkg:npm/one", ("CVE-2020-0001",), 9) == [by_both, by_package, by_name]
        assert found("pkg:npm/one", ("CVE-2020-0001",), 2) == [by_both, by_package]
        assert found("", ("CVE-2020-0001",), 9) == [by_both, by_name]
        assert found("", (), 9) == [], "an unknown package is like no other"


def cases_keep_their_versions(storage: Storage) -> None:
    """A writer that saw an older version is refused; nothing of its change is kept."""
    case = samples.case("FL-2026-0001")
    with storage.begin() as work:
        work.cases.add(case)
        assert work.cases.get(case.id) == case
    with storage.begin() as work:
        seen = work.cases.lock(case.id)
        saved = work.cases.save(replace(seen, state=CaseState.VALIDATED, title="Another"))
        assert saved.version == 2
    with storage.begin() as work:
        assert work.cases.get(case.id) == saved
        _refuses(Conflict, lambda: work.cases.save(replace(case, title="Too late")))
        assert work.cases.get(case.id) == saved
        _refuses(Missing, lambda: work.cases.save(samples.case("FL-2026-0002")))
        _refuses(Missing, lambda: work.cases.lock(samples.fresh(CaseId)))


def two_cases_never_share_a_number(storage: Storage) -> None:
    """Numbers go up within the year; a case with a number that was given is refused."""
    with storage.begin() as work:
        given = [work.cases.next_number(2026) for _ in range(3)]
        assert given == list(samples.numbered(2026, 3))
        assert work.cases.next_number(2027) == "FL-2027-0001"
    with storage.begin() as work:
        assert work.cases.next_number(2026) == "FL-2026-0004"
        work.cases.add(samples.case("FL-2026-0004"))

    def again() -> None:
        with storage.begin() as work:
            work.cases.add(samples.case("FL-2026-0004"))

    _refuses(Conflict, again)


def parties_come_and_go(storage: Storage) -> None:
    """Once per organisation and role; the last word on the raw feed counts."""
    case = samples.case("FL-2026-0001")
    one, two = samples.fresh(OrganisationId), samples.fresh(OrganisationId)
    maintainer = Party(organisation=two, role=PartyRole.MAINTAINER)
    with storage.begin() as work:
        work.cases.add(case)
        for party in (Party(organisation=one, role=PartyRole.FINDER), maintainer, maintainer):
            work.cases.add_party(case.id, party)
        work.cases.add_party(case.id, replace(maintainer, raw_feed=True))
        assert work.cases.parties(case.id) == (
            Party(organisation=one, role=PartyRole.FINDER),
            replace(maintainer, raw_feed=True),
        )
        work.cases.remove_party(case.id, two, PartyRole.FINDER)
        work.cases.remove_party(case.id, two, PartyRole.MAINTAINER)
        work.cases.remove_party(case.id, two, PartyRole.MAINTAINER)
        assert [party.organisation for party in work.cases.parties(case.id)] == [one]


def evidence_is_stored_once(storage: Storage) -> None:
    """The first of an identifier stays; the body comes back as it was."""
    case = samples.case("FL-2026-0001")
    first = samples.evidence(case)
    second = samples.evidence(case, at=samples.later(-1))
    with storage.begin() as work:
        work.cases.add(case)
        work.cases.add_evidence(first)
        work.cases.add_evidence(second)
        work.cases.add_evidence(replace(first, summary="Another summary."))
        assert work.cases.evidence(case.id) == (second, first)
        assert work.cases.get_evidence(first.id) == first
        assert work.cases.get_evidence(samples.fresh(EvidenceId)) is None


def decisions_are_of_pairs(storage: Storage) -> None:
    """The latest word on a pair counts, whichever side is named first."""
    one, two, three = (samples.fresh(FindingId) for _ in range(3))

    def word(left: FindingId, right: FindingId, *, same: bool) -> DuplicateDecision:
        return DuplicateDecision(
            left=left, right=right, same=same, by="system", at=samples.START, reason="a reason"
        )

    with storage.begin() as work:
        work.decisions.put(word(one, two, same=True))
        work.decisions.put(word(two, one, same=False))
        work.decisions.put(word(two, three, same=True))
        assert work.decisions.among([one, two]) == (word(two, one, same=False),)
        assert len(work.decisions.among([one, two, three])) == 2
        assert work.decisions.among([one, three]) == ()
        work.decisions.remove(one, two)
        work.decisions.remove(one, two)
        assert work.decisions.among([one, two]) == ()


def patches_keep_their_diff(storage: Storage) -> None:
    """The verdict changes, the diff does not."""
    case = samples.case("FL-2026-0001")
    first = samples.patch(case, diff="--- a\r\n+++ b\x00\n")
    second = samples.patch(case, proposed_at=samples.later(-1))
    with storage.begin() as work:
        work.cases.add(case)
        work.patches.add(first)
        work.patches.add(second)
        work.patches.save(replace(first, state=PatchState.VERIFIED, diff="another"))
        verified = replace(first, state=PatchState.VERIFIED)
        assert work.patches.get(first.id) == verified
        assert work.patches.of_case(case.id) == (second, verified)
        _refuses(Missing, lambda: work.patches.get(samples.fresh(PatchId)))
        _refuses(Missing, lambda: work.patches.save(samples.patch(case)))


def advisories_are_due_and_published(storage: Storage) -> None:
    """Due at go-live and not before; published are those that the world has seen."""
    cases = [samples.case(number) for number in samples.numbered(2026, 4)]
    draft = samples.advisory(cases[0], go_live=samples.later(0))
    approved = samples.advisory(
        cases[1], state=AdvisoryState.APPROVED, go_live=samples.later(60), revisions=()
    )
    withdrawn = samples.advisory(cases[2], state=AdvisoryState.WITHDRAWN)
    never_public = samples.advisory(cases[3], state=AdvisoryState.WITHDRAWN, revisions=())
    with storage.begin() as work:
        for case in cases:
            work.cases.add(case)
        for advisory in (draft, approved, withdrawn, never_public):
            work.advisories.add(advisory)
        assert work.advisories.get(draft.id) == draft
        assert work.advisories.of_case(cases[0].id) == draft
        assert work.advisories.of_case(samples.fresh(CaseId)) is None
        assert work.advisories.due(samples.later(59)) == ()
        assert work.advisories.due(samples.later(60)) == (approved,)
        assert work.advisories.published() == (withdrawn,)
        saved = work.advisories.save(replace(approved, state=AdvisoryState.PUBLISHED))
        assert saved.version == 2
    with storage.begin() as work:
        assert work.advisories.lock(approved.id) == saved
        assert work.advisories.due(samples.later(60)) == ()
        _refuses(Conflict, lambda: work.advisories.save(approved))
        _refuses(Missing, lambda: work.advisories.get(samples.fresh(AdvisoryId)))


def the_ledger_keeps_order(storage: Storage) -> None:
    """Indexes go up without a gap, sequences within each subject; every entry opens."""
    with storage.begin() as work:
        assert work.ledger.size() == 0
        assert work.ledger.last_of("cas_a") is None
        stored = [samples.append(work, f"cas_{name}") for name in "abab"]
    with storage.begin() as work:
        assert [each.index for each in stored] == [0, 1, 2, 3]
        assert [each.entry.sequence for each in stored] == [1, 1, 2, 2]
        assert work.ledger.size() == 4
        assert work.ledger.entries(None, 0, 10) == tuple(stored)
        assert work.ledger.entries(None, 1, 2) == tuple(stored[1:3])
        assert work.ledger.entries("cas_a", 1, 10) == (stored[2],)
        assert work.ledger.last_of("cas_b") == stored[3]
        assert work.ledger.commitments(3) == tuple(each.commitment for each in stored[:3])
        for each in work.ledger.entries(None, 0, 10):
            assert opens(each.entry.to_json(), each.salt, each.commitment)
        work.ledger.keep_checkpoint(4, "note of 4")
        work.ledger.keep_checkpoint(2, "note of 2")
        work.ledger.keep_checkpoint(4, "another note")
        assert work.ledger.checkpoints() == ((2, "note of 2"), (4, "note of 4"))


def a_failed_unit_of_work_leaves_nothing(storage: Storage) -> None:
    """The change, the ledger entry, the job and the message go together or not at all."""
    case = samples.case("FL-2026-0001")
    message = Message(kind="mail", to="a@example.org", subject="s", body="b")

    def everything(work: UnitOfWork) -> None:
        assert work.cases.next_number(2026) == "FL-2026-0001", "no number was used up"
        work.cases.add(case)
        work.findings.add(samples.finding(case), b"{}")
        assert samples.append(work, str(case.id)).index == 0
        assert work.jobs.enqueue("validate", {}, key="k") is not None, "no job was left"
        work.outbox.put(message, key="k")
        work.idempotency.put("door", "k", "0" * 64, {"answer": 1}, samples.START)

    for _ in range(2):
        with suppress(_Undone), storage.begin() as work:
            everything(work)
            raise _Undone
    with storage.begin() as work:
        _refuses(Missing, lambda: work.cases.get(case.id))
        assert work.ledger.size() == 0
        assert work.idempotency.get("door", "k") is None
        everything(work)
    with storage.begin() as work:
        assert work.cases.get(case.id) == case


def answers_are_given_once(storage: Storage) -> None:
    """The first answer under a key stays; a second one is a Conflict that spoils nothing."""
    answer: Json = {"id": "fnd", "list": [1, None, "\x00"]}
    with storage.begin() as work:
        assert work.idempotency.get("door", "key") is None
        work.idempotency.put("door", "key", "0" * 64, answer, samples.START)
        _refuses(
            Conflict,
            lambda: work.idempotency.put("door", "key", "1" * 64, {}, samples.START),
        )
        work.idempotency.put("other door", "key", "2" * 64, None, samples.START)
    with storage.begin() as work:
        assert work.idempotency.get("door", "key") == ("0" * 64, answer)
        assert work.idempotency.get("other door", "key") == ("2" * 64, None)


def a_catalogue_is_replaced_as_a_whole(storage: Storage) -> None:
    """What its publisher removed is gone; never loaded is not the same as empty."""

    def status(count: int) -> SourceStatus:
        return SourceStatus(
            name="kev",
            version=f"v{count}",
            dated=date(2026, 11, 20),
            loaded_at=samples.START,
            origin="kev.json",
            count=count,
        )

    rows: list[tuple[str, Mapping[str, Json]]] = [
        (f"CVE-2020-{number:04d}", {"n": number}) for number in range(5000)
    ]
    with storage.begin() as work:
        assert work.sources.status("kev") is None
        assert work.sources.lookup("kev", ["CVE-2020-0001"]) == {}
        work.sources.replace(status(5000), iter(rows))
    with storage.begin() as work:
        assert work.sources.status("kev") == status(5000)
        keys = [key for key, _facts in rows[:1200]]
        assert work.sources.lookup("kev", [*keys, "CVE-1999-0001"]) == dict(rows[:1200])
        work.sources.replace(status(1), iter(rows[:1]))
        assert work.sources.lookup("kev", keys) == dict(rows[:1])
        assert work.sources.lookup("epss", keys) == {}


def text_is_clean_on_every_database(storage: Storage) -> None:
    """What one database cannot hold is refused by all: the same input has the same outcome."""
    for title in ("a\x00b", "a\ud800b"):

        def add(title: str = title) -> None:
            with storage.begin() as work:
                work.cases.add(samples.case("FL-2026-0001", title=title))

        _refuses(BadEncoding, add)


def messages_are_put_once(storage: Storage) -> None:
    """The same key twice is one message."""
    message = Message(kind="mail", to="a@example.org", subject="s", body="b")
    for _ in range(2):
        with storage.begin() as work:
            work.outbox.put(message, key="one")
            work.outbox.put(message, key="one")


def verdicts_keep_their_sealed_text(storage: Storage) -> None:
    """A verdict of the guard comes back as it was; a decision counts once; the newest is found."""
    kept = samples.verdict()
    with storage.begin() as work:
        work.guard.add(kept, b"\x00sealed")
    with storage.begin() as work:
        assert work.guard.lock(kept.id) == work.guard.get(kept.id) == kept
        assert work.guard.sealed(kept.id) == b"\x00sealed"
        assert work.guard.newest_of(kept.key) == kept
        assert work.guard.newest_of("another") is None
        saved = work.guard.save(replace(kept, state=KeptState.REFUSED, reason="no"))
        assert saved.version == kept.version + 1
        _refuses(Conflict, lambda: work.guard.save(kept))
        _refuses(Missing, lambda: work.guard.get(samples.verdict().id))


def what_is_open_is_known_and_what_is_public_is_not_sealed(storage: Storage) -> None:
    """Open cases with their reports; a merged one lends its names; the stamp tells of changes."""
    case, merged = samples.case("FL-2026-0001"), samples.case("FL-2026-0002")
    with storage.begin() as work:
        before = work.guard.stamp()
        work.cases.add(case)
        work.cases.add(replace(merged, state=CaseState.MERGED, merged_into=case.id))
        finding = samples.finding(case)
        work.findings.add(finding, b"{}")
    with storage.begin() as work:
        assert work.guard.stamp() != before
        (known,) = work.guard.open_cases()
        assert known.names[0] == case.number
        assert {merged.number, str(finding.id)} <= set(known.names)
        assert known.reports == (finding.report,)
        assert work.guard.public_cases().numbers == ()


CHECKS: tuple[Callable[[Storage], None], ...] = (
    findings_come_back_as_they_were,
    a_false_digest_is_refused,
    a_finding_moves_between_cases,
    comparable_findings_are_found,
    cases_keep_their_versions,
    two_cases_never_share_a_number,
    parties_come_and_go,
    evidence_is_stored_once,
    decisions_are_of_pairs,
    patches_keep_their_diff,
    advisories_are_due_and_published,
    the_ledger_keeps_order,
    a_failed_unit_of_work_leaves_nothing,
    answers_are_given_once,
    a_catalogue_is_replaced_as_a_whole,
    text_is_clean_on_every_database,
    messages_are_put_once,
    verdicts_keep_their_sealed_text,
    what_is_open_is_known_and_what_is_public_is_not_sealed,
)
