"""A finding: one report by one finder, in our own words whatever format it arrived in.

The fields are those that maintainers and coordinators ask for; everything but the identity of the
report itself may be missing. What is missing becomes a checklist (`intake`), never a rejection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import CaseId, FindingId, OrganisationId, PersonId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.moves import Move, MoveTable
from firstlight.core.kernel.parties import Role


class Format(StrEnum):
    """How a report arrived."""

    PLAIN = "plain"
    """plain JSON after our published schema"""
    SARIF = "sarif"
    """SARIF 2.1.0 (OASIS)"""
    CSAF = "csaf"
    """CSAF 2.0 or 2.1 (OASIS), a vulnerability report among them"""
    OSV = "osv"
    """OSV 1.x (OpenSSF)"""
    CVE = "cve"
    """CVE record 5.x (CVE Program)"""


class Known(StrEnum):
    """An answer that may not have been given; unknown is never taken for no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    """not asked or not answered"""


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Who to ask, and what may be passed on."""

    name: str = ""
    email: str = ""
    share_with_maintainer: bool = False
    """consent to give the contact to the maintainer"""
    credit: bool = False
    """consent to be named in the advisory"""
    credit_name: str = ""
    """as which name"""


@dataclass(frozen=True, kw_only=True)
class Product:
    """What is affected, as the finder claims."""

    purl: str = ""
    """package URL without a version; empty when unknown"""
    name: str = ""
    """as the report calls it"""
    versions: Sequence[str] = ()
    """affected versions, or a vers range as one element"""
    last_unaffected: str = ""
    fixed: Sequence[str] = ()
    """versions that the finder claims to be fixed"""
    not_affected: str = ""
    """who is not affected, and why"""


@dataclass(frozen=True, kw_only=True)
class Location:
    """Where the root cause lies."""

    path: str = ""
    line: int | None = None
    function: str = ""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """An input that shows the flaw. It is data for a target's own harness, never run as code."""

    name: str
    media_type: str = "application/octet-stream"
    data: bytes = b""
    target: str = ""
    """identifier of the target it is meant for, when the finder knows one"""


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A patch or a test that came with the report."""

    name: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Severity:
    """Severity as the finder claims it; judged anew by `priority`."""

    vector: str = ""
    """a CVSS vector"""
    label: str = ""
    """low, medium, high, critical or the tool's own word"""


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """How the report came here. Carried on as it is at every relay."""

    tool: str = ""
    """name and version of the tool that found it"""
    ai_used: Known = Known.UNKNOWN
    ai_model: str = ""
    ai_model_public: Known = Known.UNKNOWN
    """flaws found with a publicly available model get no embargo"""
    reporters: Sequence[str] = ()
    """earlier reporters, oldest first; append only"""
    origin_references: Sequence[str] = ()
    """handling identifiers at earlier hops"""


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What is known about the flaw out in the world, and what the finder plans."""

    exploited: Known = Known.UNKNOWN
    public: Known = Known.UNKNOWN
    shared_with: Sequence[str] = ()
    work_around: str = ""
    disclosure_plan: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a finder says. Every format is translated into this; nothing here is validated yet."""

    format: Format
    title: str = ""
    description: str = ""
    trigger: str = ""
    """what makes it happen"""
    impact: str = ""
    exploit: str = ""
    """how it could be abused, in words"""
    product: Product = Product()
    severity: Severity = Severity()
    cwe: Sequence[str] = ()
    """CWE-<number>"""
    identifiers: Sequence[str] = ()
    """CVE, GHSA, OSV and other names of the same flaw"""
    root_cause: Location = Location()
    crash: str = ""
    """a stack trace or sanitizer report"""
    proofs: Sequence[Proof] = ()
    patches: Sequence[Attachment] = ()
    """unified diffs"""
    tests: Sequence[Attachment] = ()
    references: Sequence[str] = ()
    fingerprints: Sequence[str] = ()
    """`name=value` fingerprints of the tool (SARIF 3.27.17)"""
    contact: Contact = Contact()
    provenance: Provenance = Provenance()
    circumstances: Circumstances = Circumstances()


class FindingState(StrEnum):
    """How far a finding has come."""

    RECEIVED = "received"
    """stored; validation has not ended yet"""
    REPRODUCED = "reproduced"
    """the proof shows the flaw on the vulnerable release and on no fixed one"""
    NOT_REPRODUCED = "not-reproduced"
    """it was tried, and the flaw did not show"""
    FLAKY = "flaky"
    """it showed in some runs only"""
    NOT_TRIED = "not-tried"
    """it could not be tried, for a reason that is kept (no proof, no target, could not build)"""


def _ends_in(kind: str, target: FindingState, rule: str) -> Move[FindingState]:
    # Every validation speaks anew, so it may come from any state.
    return Move(
        name=kind,
        sources=frozenset(FindingState),
        target=target,
        roles=frozenset({Role.SYSTEM}),
        rule=rule,
    )


FINDING_MOVES: MoveTable[FindingState] = MoveTable(
    (
        _ends_in("reproduced", FindingState.REPRODUCED, "shown on the vulnerable release alone"),
        _ends_in("not-reproduced", FindingState.NOT_REPRODUCED, "tried, and it did not show"),
        _ends_in("flaky", FindingState.FLAKY, "shown in some runs only"),
        _ends_in("could-not-build", FindingState.NOT_TRIED, "the release could not be built"),
        _ends_in("not-tried", FindingState.NOT_TRIED, "it could not be tried; the reason is kept"),
    )
)
"""One row for each kind of outcome that a validation may have."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A stored report."""

    id: FindingId
    report: Report
    marking: Marking
    received_at: Instant
    reporter: PersonId | None
    """None for an anonymous report"""
    organisation: OrganisationId | None
    raw_digest: str
    """SHA-256 (hex) of the document as it arrived"""
    state: FindingState = FindingState.RECEIVED
    state_reason: str = ""
    observed_crash: str = ""
    """the sanitizer report or stack trace of our own run, not the finder's"""
    home: CaseId
    """the case that was opened for it; where it returns when a grouping is undone"""
    case: CaseId
    """the case that it belongs to now"""
