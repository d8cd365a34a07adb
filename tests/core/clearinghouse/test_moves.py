"""Laws over the tables of moves."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest

from firstlight.core.clearinghouse.advisory.model import ADVISORY_MOVES, AdvisoryState
from firstlight.core.clearinghouse.case import CASE_MOVES, CaseState
from firstlight.core.clearinghouse.finding import FINDING_MOVES
from firstlight.core.clearinghouse.patches.model import (
    PATCH_MOVES,
    Answer,
    Check,
    CheckResult,
    PatchState,
    verdict,
)
from firstlight.core.kernel.errors import MoveNotAllowed
from firstlight.core.kernel.moves import Move, MoveTable
from firstlight.core.kernel.parties import Role

TABLES: dict[str, MoveTable[Any]] = {
    "case": CASE_MOVES,
    "advisory": ADVISORY_MOVES,
    "finding": FINDING_MOVES,
    "patch": PATCH_MOVES,
}


@pytest.mark.parametrize("name", TABLES)
def test_every_move_says_under_which_rule(name: str) -> None:
    """No row without a rule and a role."""
    assert all(move.rule and move.roles for move in TABLES[name].moves)


@pytest.mark.parametrize("name", TABLES)
def test_what_is_not_in_the_table_does_not_happen(name: str) -> None:
    """Every move by every role from every state is either a row or an error."""
    table = TABLES[name]
    states: type[StrEnum] = type(table.moves[0].target)
    for move in table.moves:
        for state in states:
            for role in Role:
                lawful = state in move.sources and role in move.roles
                if lawful:
                    assert table.apply(move.name, state, role).target == move.target
                else:
                    with pytest.raises(MoveNotAllowed):
                        table.apply(move.name, state, role)


def test_two_rows_cannot_contradict_each_other() -> None:
    """One name from one state leads to one place."""
    row = CASE_MOVES.moves[0]
    with pytest.raises(ValueError, match="two rows"):
        MoveTable((row, Move(**(vars(row) | {"target": CaseState.CLOSED}))))


def test_nothing_is_published_that_no_coordinator_approved() -> None:
    """Every way to PUBLISHED leads through APPROVED, and only a coordinator approves."""
    into = [move for move in ADVISORY_MOVES.moves if move.target is AdvisoryState.PUBLISHED]
    assert [move.sources for move in into] == [frozenset({AdvisoryState.APPROVED})]
    approving = [move for move in ADVISORY_MOVES.moves if move.target is AdvisoryState.APPROVED]
    assert [move.roles for move in approving] == [frozenset({Role.COORDINATOR})]


def test_no_person_says_that_a_flaw_was_reproduced() -> None:
    """Validated, patched and published are facts that only the program states."""
    facts = {CaseState.VALIDATED, CaseState.PATCHED, CaseState.PUBLISHED}
    stated = [move for move in CASE_MOVES.moves if move.target in facts]
    assert {role for move in stated for role in move.roles} == {Role.SYSTEM}


def results(answers: dict[Check, Answer]) -> list[CheckResult]:
    """Check results with these answers."""
    return [CheckResult(check=c, answer=a, detail="seen") for c, a in answers.items()]


def test_a_patch_is_verified_only_when_every_check_passed() -> None:
    """One check that failed, was not run or is missing refuses the patch."""
    good = dict.fromkeys(Check, Answer.PASSED)
    assert verdict(results(good)) == "verify"
    for check in Check:
        for answer in (Answer.FAILED, Answer.NOT_RUN):
            assert verdict(results(good | {check: answer})) == "refuse"
        fewer = {one: answer for one, answer in good.items() if one is not check}
        assert verdict(results(fewer)) == "refuse"
    assert verdict([]) == "refuse"
    assert PATCH_MOVES.apply("verify", PatchState.PROPOSED, Role.SYSTEM)
