"""Hand a report on to another coordinator with its provenance (after Apache's RFC-AI-0008).

What came with the report goes on word for word. At each hop two things are added at the end and
nothing is ever taken away: who relays, and under which identifiers it is handled there. Credit
travels with the report; whom to write to travels only where the finder agreed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from firstlight.core.clearinghouse.finding import Contact, Report


def relayed(report: Report, *, by: str, handles: Sequence[str], with_contact: bool) -> Report:
    """The report as it is handed on.

    Args:
        report: as it is kept
        by: who relays, for the chain of reporters
        handles: identifiers under which it is handled here
        with_contact: whether the reader may know whom to write to
    """
    told = report.provenance
    contact = report.contact
    if not with_contact:
        named = contact.credit_name or contact.name if contact.credit else ""
        contact = Contact(credit=contact.credit, credit_name=named)
    return replace(
        report,
        contact=contact,
        provenance=replace(
            told,
            reporters=_with(told.reporters, [by]),
            origin_references=_with(told.origin_references, handles),
        ),
    )


def _with(chain: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    """The chain as it is, then what is not in it yet: relaying twice adds nothing."""
    return (*chain, *(one for one in dict.fromkeys(more) if one and one not in chain))
