"""The register as plain JSON: the same shape from the API and from the command line offline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from firstlight.core.directives.history import HistoryEntry
from firstlight.core.directives.limits import OPEN_QUESTIONS, PRESS, PROHIBITIONS
from firstlight.core.directives.model import Instrument
from firstlight.core.directives.register import INSTRUMENTS, cite
from firstlight.core.directives.status import Standing
from firstlight.core.kernel.canonical import Json


def register_json(duties: Sequence[Standing], as_of: date) -> dict[str, Json]:
    """The whole register on one day."""
    return {
        "as_of": as_of.isoformat(),
        "instruments": [_instrument(one) for one in INSTRUMENTS],
        "duties": [duty_json(one) for one in duties],
        "prohibitions": [
            {
                "key": one.key,
                "paragraph": one.paragraph,
                "text": one.text,
                "kept": one.kept,
                "places": list(one.places),
            }
            for one in PROHIBITIONS
        ],
        "open_questions": [
            {
                "key": one.key,
                "paragraphs": list(one.paragraphs),
                "question": one.question,
                "handled": one.handled,
                "places": list(one.places),
            }
            for one in OPEN_QUESTIONS
        ],
        "press": [
            {
                "key": one.key,
                "paragraphs": list(one.paragraphs),
                "reported": one.reported,
                "order": one.order,
                "handled": one.handled,
                "places": list(one.places),
            }
            for one in PRESS
        ],
    }


def duty_json(standing: Standing) -> dict[str, Json]:
    """One duty on one day, with its whole history."""
    duty, gone = standing.duty, standing.withdrawn
    return {
        "key": duty.key,
        "instrument": duty.instrument,
        "paragraph": duty.paragraph,
        "cites": cite(duty),
        "text": duty.text,
        "parts": [{"paragraph": part.paragraph, "text": part.text} for part in duty.parts],
        "lead": list(duty.lead),
        "consulted": list(duty.consulted),
        "starts": duty.starts.isoformat(),
        "days": duty.days,
        "due": duty.due.isoformat() if duty.due else None,
        "as_of": standing.as_of.isoformat(),
        "status": standing.status.value,
        "since": standing.since.isoformat(),
        "days_left": standing.days_left,
        "decided_by": str(standing.decided_by.id) if standing.decided_by else None,
        "history": [entry_json(one, counts=one.id not in gone) for one in standing.history],
    }


def entry_json(entry: HistoryEntry, *, counts: bool) -> dict[str, Json]:
    """One line of a history."""
    return {
        "id": str(entry.id),
        "kind": entry.kind.value,
        "on": entry.on.isoformat(),
        "text": entry.text,
        "source": entry.source,
        "link": entry.link,
        "withdraws": str(entry.withdraws) if entry.withdraws else None,
        "counts": counts,
        "recorded_by": entry.recorded_by,
        "recorded_at": str(entry.recorded_at),
    }


def _instrument(one: Instrument) -> dict[str, Json]:
    return {
        "key": one.key,
        "title": one.title,
        "issuer": one.issuer,
        "signed": one.signed.isoformat(),
        "published": one.published.isoformat() if one.published else None,
        "reference": one.reference,
        "revokes": list(one.revokes),
        "touches": list(one.touches),
    }
