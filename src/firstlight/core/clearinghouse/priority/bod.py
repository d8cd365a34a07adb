"""CISA BOD 26-04: by when a flaw is to be remedied on one asset, and why.

Rules, all from the directive (2026-06-10, which revokes BOD 19-02 and BOD 22-01):

- Four questions decide: is the flaw in KEV, is the asset publicly exposed, is exploitation
  automatable, is the technical impact total.
- An asset of unknown exposure counts as exposed.
- The clock starts at the earlier of the listing in KEV and the detection on the asset. Days are
  calendar days; the day on which the clock starts is day 0.
- Full enforcement begins on 2026-12-07. Earlier due dates are computed alike, and marked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.priority import tables
from firstlight.core.clearinghouse.priority.asset import YesNo
from firstlight.core.clearinghouse.priority.decision import Answer, Known, Unknown
from firstlight.core.clearinghouse.priority.sources import (
    KevListed,
    KevNotListed,
    KevNotLoaded,
    KevStatus,
)

if TYPE_CHECKING:
    from firstlight.core.clearinghouse.priority.asset import AssetContext
    from firstlight.core.clearinghouse.priority.decision import Decision

ISSUED = date(2026, 6, 10)
ENFORCED_FROM = date(2026, 12, 7)

_DAYS = {"60D": 60, "14D": 14, "3D": 3, "3DF": 3}
_FORENSIC = "3DF"


@dataclass(frozen=True, kw_only=True)
class WithinDays:
    """Remedy within so many calendar days of the clock's start."""

    days: int


@dataclass(frozen=True, kw_only=True)
class AtNextUpgrade:
    """Remedy with the next scheduled upgrade or rebuild of the asset."""


@dataclass(frozen=True, kw_only=True)
class DueOn:
    """A last day, and where it comes from."""

    day: date
    started: date
    """the day the clock started"""
    because: str
    """which of the two events started it"""


@dataclass(frozen=True, kw_only=True)
class NoDueDate:
    """There is no last day, because."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Due:
    """The directive's answer for one flaw on one asset."""

    decision: Decision
    limit: WithinDays | AtNextUpgrade
    forensic_triage: bool
    """whether the asset is also examined for compromise"""
    deadline: DueOn | NoDueDate
    notes: tuple[str, ...]
    """what a reader must know besides, in whole sentences"""
    enforced_from: date = ENFORCED_FROM
    """the day from which CISA enforces in full"""


def fix_by(
    *, kev: KevStatus, asset: AssetContext, automatable: Answer, technical_impact: Answer
) -> Due:
    """Apply BOD 26-04 version 1.0.0 of the table.

    Raises:
        UnknownValue: an answer is not a value of its point.
    """
    decision = tables.CISA_BOD_26_04.decide(
        {
            "KEV": _in_kev(kev),
            "PE": _exposed(asset),
            "A": automatable,
            "TI": technical_impact,
        }
    )
    days = _DAYS.get(decision.outcome.key)
    limit = AtNextUpgrade() if days is None else WithinDays(days=days)
    deadline = _deadline(limit, kev, asset)
    return Due(
        decision=decision,
        limit=limit,
        forensic_triage=decision.outcome.key == _FORENSIC,
        deadline=deadline,
        notes=tuple(_notes(deadline, kev)),
    )


def _in_kev(kev: KevStatus) -> Answer:
    match kev:
        case KevListed(entry=entry):
            source = f"KEV catalogue {kev.catalogue}, listed {entry.added} as {entry.cve}"
            return Known(value="Y", source=source, as_of=kev.as_of)
        case KevNotListed(looked_up=()):
            source = f"KEV catalogue {kev.catalogue} lists CVE identifiers; the flaw has none"
            return Known(value="N", source=source, as_of=kev.as_of)
        case KevNotListed(looked_up=names):
            source = f"KEV catalogue {kev.catalogue} does not list {', '.join(names)}"
            return Known(value="N", source=source, as_of=kev.as_of)
        case KevNotLoaded(reason=reason):
            return Unknown(reason=reason)


def _exposed(asset: AssetContext) -> Answer:
    if asset.exposed is YesNo.UNKNOWN:
        return Unknown(reason="nobody has said whether the asset is publicly exposed")
    return Known(value=asset.exposed, source=asset.source)


def _deadline(
    limit: WithinDays | AtNextUpgrade, kev: KevStatus, asset: AssetContext
) -> DueOn | NoDueDate:
    """Start the clock at the earlier of the two events."""
    if isinstance(limit, AtNextUpgrade):
        return NoDueDate(reason="it is fixed with the next scheduled upgrade of the asset")
    starts: list[tuple[date, str]] = []
    if isinstance(kev, KevListed):
        starts.append((kev.entry.added, "KEV listed the flaw"))
    if asset.detected is not None:
        starts.append((asset.detected, "the flaw was detected on the asset"))
    if not starts:
        return NoDueDate(
            reason="the clock starts when KEV lists the flaw or it is detected on the asset, "
            "and neither day is known"
        )
    started, because = min(starts)
    return DueOn(day=started + timedelta(days=limit.days), started=started, because=because)


def _notes(deadline: DueOn | NoDueDate, kev: KevStatus) -> list[str]:
    notes = []
    if isinstance(kev, KevNotLoaded):
        notes.append(f"KEV was not asked ({kev.reason}): a listing may start the clock earlier.")
    if isinstance(deadline, DueOn) and deadline.started < ISSUED:
        notes.append(f"The clock starts before the directive was issued on {ISSUED}.")
    if isinstance(deadline, DueOn) and deadline.day < ENFORCED_FROM:
        notes.append(f"The due date lies before full enforcement begins on {ENFORCED_FROM}.")
    return notes
