"""The register says what the order says, and every row can be traced to its paragraph."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

import firstlight
from firstlight.core.directives import limits, order, related
from firstlight.core.directives.model import Duty, OpenQuestion, PressDifference, Prohibition
from firstlight.core.directives.register import (
    DUTIES,
    INSTRUMENTS,
    PARAGRAPHS,
    NoSuchDuty,
    cite,
    find,
    instrument_of,
)
from firstlight.core.kernel.parties import Role
from firstlight.core.review.engagement import ENGAGEMENT_MOVES, EngagementState
from firstlight.usecases.access.table import Action

PRINTED = {
    "2(a)": (30, date(2026, 7, 2)),
    "2(b)": (30, date(2026, 7, 2)),
    "2(c)": (30, date(2026, 7, 2)),
    "2(d)": (30, date(2026, 7, 2)),
    "2(e)": (30, date(2026, 7, 2)),
    "2(f)": (60, date(2026, 8, 1)),
    "3(a)": (60, date(2026, 8, 1)),
    "3(b)": (60, date(2026, 8, 1)),
}
"""paragraph to days and due day, copied by hand from the order's own count"""
Row = Prohibition | OpenQuestion | PressDifference
ROWS: tuple[Row, ...] = (*limits.PROHIBITIONS, *limits.OPEN_QUESTIONS, *limits.PRESS)


def test_due_days_are_those_that_are_printed() -> None:
    """What is computed from the day of signing is what people counted by hand."""
    computed = {duty.key: (duty.days, duty.due) for duty in order.DUTIES if duty.days is not None}
    assert computed == PRINTED


def test_eight_are_dated_and_three_stand() -> None:
    """2(a) to 2(f), 3(a) and 3(b) have a due day; 3(c), 4 and 5(c) always hold."""
    standing = [duty.key for duty in order.DUTIES if duty.due is None]
    assert standing == ["3(c)", "4", "5(c)"]
    assert len(order.DUTIES) - len(standing) == 8


def test_every_duty_cites_its_paragraph() -> None:
    """A duty of the order is named by its paragraph, its parts by theirs, and each is cited."""
    for duty in order.DUTIES:
        assert re.fullmatch(r"[2-5](\([a-z]\))?", duty.paragraph)
        assert duty.key == duty.paragraph
        assert cite(duty) == f"Executive Order 14409, section {duty.paragraph}"
        for part in duty.parts:
            assert re.fullmatch(re.escape(duty.paragraph) + r"\([ivx]+\)", part.paragraph)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_every_rule_cites_its_paragraph(row: Row) -> None:
    """Prohibitions, open questions and differences name paragraphs that the order has."""
    named = (row.paragraph,) if isinstance(row, Prohibition) else row.paragraphs
    assert named
    assert set(named) <= PARAGRAPHS


def test_instruments_name_paragraphs_that_exist() -> None:
    """What an instrument bears on is a paragraph of the order, and each duty has its instrument."""
    for instrument in related.INSTRUMENTS:
        assert instrument.touches
        assert set(instrument.touches) <= PARAGRAPHS
    assert {instrument_of(duty).key for duty in DUTIES} == {one.key for one in INSTRUMENTS}


def test_the_directive_of_june_has_its_own_dates() -> None:
    """BOD 26-04: issued, revoking two, enforced in full half a year later."""
    bod = instrument_of(find("BOD-26-04"))
    assert bod.signed == date(2026, 6, 10)
    assert bod.revokes == ("BOD 19-02", "BOD 22-01")
    assert find("BOD-26-04-full").starts == date(2026, 12, 7)


def test_names_and_keys_are_unique_and_fit_the_ledger() -> None:
    """A subject of the ledger has thirty characters at most; no name means two duties."""
    keys = [duty.key for duty in DUTIES]
    assert len({re.sub(r"\W", "", key.lower()) for key in keys}) == len(keys)
    assert all(len(f"directive:{key}") <= 30 for key in keys)
    assert len({row.key for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("duty", DUTIES, ids=lambda duty: duty.key)
def test_a_duty_is_found_by_its_name_with_or_without_brackets(duty: Duty) -> None:
    """A shell dislikes brackets, so they may be left out."""
    assert find(duty.key) is duty
    assert find(duty.key.replace("(", "").replace(")", "").upper()) is duty


@pytest.mark.parametrize("name", ["", "2", "2(g)", "2(c)(i)", "2(a)2(b)"])
def test_an_unknown_name_is_missing(name: str) -> None:
    """No prefix and no neighbour is taken for it; a part is not a duty."""
    with pytest.raises(NoSuchDuty):
        find(name)


def test_everything_left_open_is_listed() -> None:
    """The eleven questions that the order does not answer are explicit rows."""
    assert [one.key for one in limits.OPEN_QUESTIONS] == [
        "capabilities",
        "size",
        "clock",
        "extension",
        "early-release",
        "appeal",
        "retention",
        "incidents",
        "liability",
        "open-weights",
        "public-account",
    ]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_a_rule_is_traced_to_code_that_exists(row: Row) -> None:
    """Each prohibition names what keeps it, and no row names a module that is not there."""
    package = Path(str(firstlight.__file__)).parent
    assert row.places or not isinstance(row, Prohibition)
    assert [place for place in row.places if not (package / place).is_file()] == []


@pytest.mark.parametrize("step", ["launch", "withdraw", "close"])
def test_only_the_developer_launches_withdraws_and_closes(step: str) -> None:
    """3(c), in the table that the prohibition names: from every state, by nobody else."""
    for state in EngagementState:
        for role in Role:
            possible = step in ENGAGEMENT_MOVES.possible(state, role)
            assert not possible or role is Role.DEVELOPER
    assert any(move.name == step for move in ENGAGEMENT_MOVES.moves)


def test_no_action_gives_or_withholds_permission_for_a_model() -> None:
    """3(c): no action of the access table licences, clears, permits or blocks a launch."""
    verbs = r"licen[cs]e|clear|permit|certif|authori[sz]e|approve|block|veto|gate"
    wrong = [action.value for action in Action if re.search(verbs, action.value)]
    # Approving an advisory is about a text of the clearinghouse, not about a model.
    assert wrong == [Action.ADVISORY_APPROVE.value]
