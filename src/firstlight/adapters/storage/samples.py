"""Made-up values for the conformance suite and for tests: small, valid, all different."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TypeVar

from firstlight.core.clearinghouse.advisory.model import (
    Advisory,
    AdvisoryState,
    AffectedPackage,
    Credit,
    Revision,
)
from firstlight.core.clearinghouse.case import Case, CaseState, Evidence, EvidenceKind
from firstlight.core.clearinghouse.finding import (
    Attachment,
    Circumstances,
    Contact,
    Finding,
    Format,
    Known,
    Location,
    Product,
    Proof,
    Provenance,
    Report,
    Severity,
)
from firstlight.core.clearinghouse.patches.model import Patch
from firstlight.core.guard.model import Channel, Rule, Verdict
from firstlight.core.guard.record import Kept, KeptState, VerdictId
from firstlight.core.kernel.canonical import digest
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import (
    AdvisoryId,
    CaseId,
    EntryId,
    EvidenceId,
    FindingId,
    Identifier,
    OrganisationId,
    PatchId,
    PersonId,
)
from firstlight.core.kernel.ledger import NO_PREVIOUS, SALT_BYTES, Entry, commitment
from firstlight.core.kernel.marking import Marking
from firstlight.usecases.ports import Committed, UnitOfWork

START = Instant(datetime(2026, 11, 21, 9, 0, 0, 123456, tzinfo=UTC))
_numbers = count(1)
_Id = TypeVar("_Id", bound=Identifier)


def later(seconds: float) -> Instant:
    """A moment after the start."""
    return START.plus(timedelta(seconds=seconds))


def fresh(kind: type[_Id]) -> _Id:
    """An identifier that was not given before in this process."""
    return kind.mint(START.milliseconds(), next(_numbers).to_bytes(10))


def report(title: str = "A buffer that is read past its end") -> Report:
    """A report with every field filled."""
    return Report(
        format=Format.PLAIN,
        title=title,
        description="Reading one byte too many.\x00 Tiếng Việt, \N{GRINNING FACE}",
        trigger="a length of zero",
        impact="a crash",
        exploit="none known",
        product=Product(
            purl="pkg:deb/debian/example",
            name="example",
            versions=("1.0", "1.1"),
            last_unaffected="0.9",
            fixed=("1.2",),
            not_affected="users of the other parser",
        ),
        severity=Severity(vector="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L", label="low"),
        cwe=("CWE-125",),
        identifiers=("CVE-2020-0001", "ghsa-xxxx-yyyy-zzzz"),
        root_cause=Location(path="src/parse.c", line=42, function="parse"),
        crash="ERROR: AddressSanitizer: heap-buffer-overflow",
        proofs=(Proof(name="proof.bin", data=bytes(range(256)), target="example"),),
        patches=(Attachment(name="fix.diff", text="--- a\n+++ b\n"),),
        tests=(Attachment(name="test.c", text="int main(void) { return 0; }\n"),),
        references=("https://example.org/advisory",),
        fingerprints=("primary=0123",),
        contact=Contact(name="A finder", email="finder@example.org", credit=True),
        provenance=Provenance(
            tool="fuzzer 1.0", ai_used=Known.YES, ai_model="a model", reporters=("first", "second")
        ),
        circumstances=Circumstances(public=Known.NO, shared_with=("nobody",)),
    )


def case(number: str, **changes: object) -> Case:
    """An open case."""
    made = Case(
        id=fresh(CaseId),
        number=number,
        title="A buffer that is read past its end",
        package="pkg:deb/debian/example",
        state=CaseState.OPEN,
        marking=Marking.AMBER_STRICT,
        opened_at=START,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields by name


def finding(of: Case, raw: bytes = b"{}", **changes: object) -> Finding:
    """A finding that opened this case."""
    made = Finding(
        id=fresh(FindingId),
        report=report(),
        marking=of.marking,
        received_at=START,
        reporter=fresh(PersonId),
        organisation=fresh(OrganisationId),
        raw_digest=digest(raw),
        home=of.id,
        case=of.id,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields by name


def evidence(of: Case, about: Finding | None = None, **changes: object) -> Evidence:
    """The evidence of one validation."""
    made = Evidence(
        id=fresh(EvidenceId),
        case=of.id,
        kind=EvidenceKind.VALIDATION,
        finding=about.id if about else None,
        patch=None,
        target="example",
        outcome="reproduced",
        summary="The proof showed the flaw in 3 of 3 runs.",
        level="L1",
        at=START,
        body={"runs": [{"exit": 1, "log": "\x00\x1b[31m"}], "seconds": 0.5, "none": None},
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields by name


def patch(of: Case, **changes: object) -> Patch:
    """A proposed patch."""
    made = Patch(
        id=fresh(PatchId),
        case=of.id,
        diff="--- a/parse.c\n+++ b/parse.c\n",
        author=str(fresh(PersonId)),
        proposed_at=START,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields by name


def advisory(of: Case, **changes: object) -> Advisory:
    """A drafted advisory with every field filled."""
    made = Advisory(
        id=fresh(AdvisoryId),
        case=of.id,
        number=of.number,
        state=AdvisoryState.DRAFT,
        marking=of.marking,
        title=of.title,
        summary="One byte too many is read.",
        details="Details.",
        packages=(
            AffectedPackage(
                purl=of.package,
                ecosystem="Debian:12",
                name="example",
                fixed="1.2",
                affected_versions=("1.1",),
                unaffected_versions=("1.2",),
            ),
        ),
        cwe=("CWE-125",),
        identifiers=("CVE-2020-0001",),
        cvss="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L",
        references=("https://example.org/",),
        credits=(Credit(name="A finder"),),
        mitigation="Do not parse.",
        drafted_at=START,
        revisions=(Revision(number=1, at=START, summary="First."),),
        approved_by=fresh(PersonId),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields by name


def verdict() -> Kept:
    """A verdict of the guard that waits for a person."""
    return Kept(
        id=fresh(VerdictId),
        at=START,
        channel=Channel.MAIL,
        key="mail a key",
        verdict=Verdict.HOLD,
        rule=Rule.PASSWORD,
        rules=(Rule.PASSWORD, Rule.PERSONAL),
        state=KeptState.HELD,
        fingerprint=digest(b"text"),
        key_name="guard-2026-11",
    )


def append(work: UnitOfWork, subject: str, randomness: bytes | None = None) -> Committed:
    """One ledger entry, as a use case appends it; several processes bring their own randomness."""
    last = work.ledger.last_of(subject)
    entry = Entry(
        id=EntryId.mint(1, randomness) if randomness else fresh(EntryId),
        at=START,
        actor="system",
        action="case.move",
        subject=subject,
        rule="a rule",
        facts={"number": next(_numbers), "list": ["a", None, True]},
        sequence=last.entry.sequence + 1 if last else 1,
        previous=last.commitment.hex() if last else NO_PREVIOUS,
    )
    salt = bytes(SALT_BYTES)
    return work.ledger.append(entry, salt, commitment(entry, salt))


def numbered(year: int, how_many: int) -> Sequence[str]:
    """Numbers as cases carry them."""
    return [f"FL-{year}-{number:04d}" for number in range(1, how_many + 1)]
