"""Rows of verdicts <-> core values."""

from __future__ import annotations

from firstlight.adapters.storage.models import VerdictRecord
from firstlight.core.guard.model import Channel, Rule, Verdict
from firstlight.core.guard.record import Kept, KeptState, VerdictId
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import PersonId
from firstlight.core.kernel.marking import Marking

MARKING = Marking.RED
"""of every verdict: what it is about may be anything"""
_RULES = {rule.value: rule for rule in Rule}


def verdict_row(kept: Kept, sealed: bytes) -> VerdictRecord:
    """A new row."""
    return VerdictRecord(
        id=str(kept.id),
        at=kept.at.utc,
        channel=kept.channel.value,
        key=kept.key,
        verdict=kept.verdict.value,
        rule=kept.rule.value if kept.rule else "",
        rules=",".join(rule.value for rule in kept.rules),
        marking=MARKING.value,
        key_name=kept.key_name,
        sealed=sealed,
        **changing(kept),
    )


def changing(kept: Kept) -> dict[str, object]:
    """The columns that a decision changes."""
    return {
        "state": kept.state.value,
        "fingerprint": kept.fingerprint,
        "decided_by": str(kept.decided_by) if kept.decided_by else None,
        "decided_at": kept.decided_at.utc if kept.decided_at else None,
        "reason": kept.reason,
        "version": kept.version,
    }


def kept(row: VerdictRecord) -> Kept:
    """From a row."""
    return Kept(
        id=VerdictId(row.id),
        at=Instant(row.at),
        channel=Channel(row.channel),
        key=row.key,
        verdict=Verdict(row.verdict),
        rule=_RULES[row.rule] if row.rule else None,
        rules=tuple(_RULES[name] for name in row.rules.split(",") if name),
        state=KeptState(row.state),
        fingerprint=row.fingerprint,
        key_name=row.key_name,
        decided_by=PersonId(row.decided_by) if row.decided_by else None,
        decided_at=Instant(row.decided_at) if row.decided_at else None,
        reason=row.reason,
        version=row.version,
    )
