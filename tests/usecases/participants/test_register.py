"""The register of participants: an organisation's own acts, on real databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.usecases.reviews.conftest import PLAN, Review, review

from firstlight.adapters.storage.tool_queries import DjangoToolQueries
from firstlight.core.kernel.errors import Conflict, Invalid, Refused
from firstlight.core.kernel.parties import ANONYMOUS, Actor, OrganisationKind, Role
from firstlight.core.review.model import DeveloperSize
from firstlight.usecases.participants.register import Entry, enter_register, leave_register
from firstlight.usecases.queries.tools import RegisterRow
from firstlight.usecases.reviews import opening

__all__ = ["review"]
SAID = Entry(scope="Reviews of our models.", since=date(2026, 9, 1))
SMALL = replace(SAID, size=DeveloperSize.SMALL)


def enter(review: Review, actor: Actor, said: Entry) -> None:
    """Somebody's own organisation."""
    enter_register(review.context, review.accounts, actor, said)


def listed(reader: Actor = ANONYMOUS) -> list[RegisterRow]:
    """What a stranger reads."""
    return list(DjangoToolQueries().register(reader))


def test_who_enters_is_named_and_who_leaves_is_gone_at_once(review: Review) -> None:
    """Each an entry of the ledger under the organisation's own person."""
    enter(review, review.developer, SMALL)
    enter(review, review.reviewer, SAID)
    enter(review, review.partner, SAID)
    assert [row.role for row in listed()] == ["developer", "office", "partner"]
    assert listed()[0].size == "small"
    enter(review, review.developer, replace(SMALL, scope="Less.", until=date(2027, 1, 1)))
    assert listed()[0].scope == "Less."
    leave_register(review.context, review.developer)
    assert [row.role for row in listed()] == ["office", "partner"]
    with pytest.raises(Conflict):
        leave_register(review.context, review.developer)
    with review.context.storage.begin() as work:
        entries = work.ledger.entries(str(review.developer.organisation), 0, 99)
    moves = [one.entry.facts["move"] for one in entries if "move" in one.entry.facts]
    assert moves == ["enter", "change", "leave"]
    assert {one.entry.actor for one in entries} == {str(review.developer.person)}


def test_only_developers_offices_and_partners_have_a_place(review: Review) -> None:
    """Others are refused, and so is an entry that says too little."""
    operator = review.somebody(OrganisationKind.OPERATOR, Role.OPERATOR)
    odd = review.somebody(OrganisationKind.FINDER, Role.REVIEWER)
    with pytest.raises(Refused):
        enter(review, operator, SAID)
    for actor, said in (
        (odd, SAID),
        (review.developer, SAID),
        (review.reviewer, SMALL),
        (review.partner, replace(SAID, scope=" ")),
        (review.partner, replace(SAID, scope="x" * 1001)),
        (review.partner, replace(SAID, until=date(2026, 8, 31))),
    ):
        with pytest.raises(Invalid):
            enter(review, actor, said)
    assert listed() == []


def opened(review: Review, name: str, *, named: bool) -> None:
    """An engagement whose plan says whether it may be named."""
    opening.open_engagement(
        review.context,
        review.developer,
        name=name,
        version="1.0",
        size=DeveloperSize.LARGE,
        plan=replace(PLAN, listed=named),
    )


def test_a_plan_names_a_model_until_its_developer_leaves(review: Review) -> None:
    """The choice of a plan and the choice of the register: who left is named by neither."""
    opened(review, "Model X", named=True)
    opened(review, "Model Y", named=False)
    (row,) = listed()
    assert [one.name for one in row.models] == ["Model X"]
    assert (row.size, row.since, row.scope) == ("large", None, "")
    enter(review, review.developer, SMALL)
    (row,) = listed()
    assert (row.size, [one.name for one in row.models]) == ("small", ["Model X"])
    leave_register(review.context, review.developer)
    assert listed() == []
    assert "Model X" not in str(listed(review.reviewer))


def test_a_token_without_the_scope_reads_nothing(review: Review) -> None:
    """The access table is asked in the read itself."""
    enter(review, review.developer, SMALL)
    assert listed(replace(review.reviewer, scopes=frozenset())) == []
    assert DjangoToolQueries().own_entry(review.reviewer) is None
    own = DjangoToolQueries().own_entry(review.developer)
    assert own is not None
    assert own.scope == SMALL.scope
