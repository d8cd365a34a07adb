"""A case as the access table sees it."""

from __future__ import annotations

from firstlight.core.clearinghouse.case import Case, PartyRole
from firstlight.core.clearinghouse.finding import FindingState
from firstlight.usecases.access.table import Thing
from firstlight.usecases.ports import UnitOfWork


def thing_of(work: UnitOfWork, case: Case) -> Thing:
    """Its marking and those parties that may see it.

    A maintainer comes in when the flaw has been reproduced, or earlier by the raw feed.
    """
    validated = any(
        finding.state is FindingState.REPRODUCED for finding in work.findings.of_case(case.id)
    )
    parties = frozenset(
        party.organisation
        for party in work.cases.parties(case.id)
        if validated or party.raw_feed or party.role is not PartyRole.MAINTAINER
    )
    return Thing(marking=case.marking, parties=parties)
