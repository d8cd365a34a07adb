"""The story of a case: the steps follow the states, and whose turn it is is always said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from firstlight.adapters.web.story import tell
from firstlight.core.clearinghouse.advisory.model import Advisory, AdvisoryState
from firstlight.core.clearinghouse.case import Case, CaseState
from firstlight.core.clearinghouse.finding import FindingState, Format
from firstlight.core.clearinghouse.patches.model import Patch, PatchState
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import AdvisoryId, CaseId, FindingId, PatchId
from firstlight.core.kernel.marking import Marking
from firstlight.usecases.queries.port import FindingRow

NOW = Instant(datetime(2026, 11, 2, tzinfo=UTC))
CASE = Case(
    id=CaseId("cas_" + "0" * 26),
    number="FL-2026-0001",
    title="A flaw",
    package="",
    state=CaseState.OPEN,
    marking=Marking.AMBER,
    opened_at=NOW,
)
ROW = FindingRow(
    id=FindingId("fnd_" + "0" * 26),
    title="A flaw",
    package="",
    format=Format.PLAIN,
    state=FindingState.RECEIVED,
    state_reason="",
    marking=Marking.AMBER,
    received_at=NOW,
    organisation="",
    case=CASE.id,
    case_number=CASE.number,
)
PATCH = Patch(
    id=PatchId("pat_" + "0" * 26), case=CASE.id, diff="", author="system", proposed_at=NOW
)
ADVISORY = Advisory(
    id=AdvisoryId("adv_" + "0" * 26),
    case=CASE.id,
    number=CASE.number,
    state=AdvisoryState.DRAFT,
    marking=Marking.CLEAR,
    title="A flaw",
    summary="",
    details="",
    packages=(),
    drafted_at=NOW,
)
SHOWN = replace(ROW, state=FindingState.REPRODUCED)
VALID = replace(CASE, state=CaseState.VALIDATED)
GOOD = replace(PATCH, state=PatchState.VERIFIED)


@pytest.mark.parametrize(
    ("case", "rows", "patches", "advisory", "turn"),
    [
        (CASE, [ROW], [], None, "the program"),
        (CASE, [replace(ROW, state=FindingState.NOT_REPRODUCED)], [], None, "the finder"),
        (CASE, [replace(ROW, state=FindingState.NOT_TRIED)], [], None, "the finder"),
        (VALID, [SHOWN], [], None, "the maintainer"),
        (VALID, [SHOWN], [PATCH], None, "the program"),
        (VALID, [SHOWN], [replace(PATCH, state=PatchState.REFUSED)], None, "the maintainer"),
        (VALID, [SHOWN], [GOOD], None, "a coordinator"),
        (VALID, [SHOWN], [GOOD], ADVISORY, "a coordinator"),
        (VALID, [SHOWN], [], replace(ADVISORY, state=AdvisoryState.APPROVED), "the program"),
        (VALID, [SHOWN], [], replace(ADVISORY, state=AdvisoryState.PUBLISHED), ""),
        (replace(CASE, state=CaseState.CLOSED), [ROW], [], None, ""),
        (replace(CASE, state=CaseState.MERGED), [], [], None, ""),
    ],
    ids=[
        "being tried",
        "not shown",
        "no proof",
        "shown",
        "patch being checked",
        "patch refused",
        "patched",
        "drafted",
        "approved",
        "published",
        "closed",
        "merged",
    ],
)
def test_whose_turn_it_is(
    case: Case,
    rows: list[FindingRow],
    patches: list[Patch],
    advisory: Advisory | None,
    turn: str,
) -> None:
    """For every stage there is a sentence and somebody, or nobody when nothing is left to do."""
    story = tell(case, rows, (), patches, advisory)
    assert story.turn == turn
    assert story.next.endswith(".")
    assert len(story.steps) == 7
    assert sum(step.now for step in story.steps) <= 1


def test_a_published_case_is_done_from_end_to_end() -> None:
    """No step is left open behind a publication."""
    public = replace(ADVISORY, state=AdvisoryState.PUBLISHED)
    assert tell(VALID, [SHOWN], (), [], public).done == 7


def test_a_new_report_has_done_one_step_and_stands_at_the_second() -> None:
    """Reported is done, reproduced is now."""
    story = tell(CASE, [ROW], (), [], None)
    assert story.done == 1
    assert [step.name for step in story.steps if step.now] == ["Reproduced"]


def test_a_closed_case_stands_nowhere() -> None:
    """Nothing is marked as being done now."""
    story = tell(replace(CASE, state=CaseState.CLOSED), [ROW], (), [], None)
    assert not any(step.now for step in story.steps)
