"""What a reader sees of one case or report, gathered once for the page and for its news."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from firstlight.adapters.web.services import services
from firstlight.core.clearinghouse.advisory.model import Advisory
from firstlight.core.clearinghouse.case import Case, Evidence
from firstlight.core.clearinghouse.finding import Finding
from firstlight.core.clearinghouse.patches.model import Patch
from firstlight.core.kernel.errors import Missing, Refused
from firstlight.core.kernel.ids import FindingId
from firstlight.core.kernel.parties import Actor
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.queries.port import FindingRow

ALL = 200
"""reports and ledger entries of one case that are shown"""

T = TypeVar("T")


def maybe(ask: Callable[[], T]) -> T | None:
    """What the reader may see, or None when it is not for this reader or not there."""
    try:
        return ask()
    except (Missing, Refused):
        return None


@dataclass(frozen=True, kw_only=True)
class CaseSight:
    """A case with what hangs on it."""

    case: Case
    findings: Sequence[FindingRow]
    """oldest first"""
    evidence: Sequence[Evidence]
    patches: Sequence[Patch]
    advisory: Advisory | None


@dataclass(frozen=True, kw_only=True)
class ReportSight:
    """A report with what was tried."""

    finding: Finding
    evidence: Sequence[Evidence]


def see_case(actor: Actor, number: str) -> CaseSight:
    """Raises Missing, Refused, NotSignedIn."""
    allow(actor, Action.CASE_READ)
    queries = services().queries
    case = queries.case_by_number(actor, number)
    return CaseSight(
        case=case,
        findings=queries.findings(actor, case=case.id, cursor=None, limit=ALL).rows[::-1],
        evidence=maybe(lambda: queries.evidence(actor, case.id)) or (),
        patches=maybe(lambda: queries.patches(actor, case.id)) or (),
        advisory=maybe(lambda: queries.advisory_of(actor, case.id)),
    )


def see_report(actor: Actor, identifier: str) -> ReportSight:
    """Raises Missing, Refused, NotSignedIn."""
    allow(actor, Action.FINDING_READ)
    queries = services().queries
    finding = queries.finding(actor, FindingId(identifier))
    evidence = maybe(lambda: queries.evidence(actor, finding.case)) or ()
    own = [item for item in evidence if item.finding == finding.id]
    return ReportSight(finding=finding, evidence=own)
