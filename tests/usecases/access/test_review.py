"""The access matrix of the review: every role, action, relation and marking, and every token."""

from __future__ import annotations

from itertools import product

import pytest

from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor, Role
from firstlight.usecases.access.table import TABLE, Action, Reach, Thing, admits

MINE = OrganisationId.mint(1, b"0123456789")
OTHER = OrganisationId.mint(2, b"0123456789")
ME = PersonId.mint(1, b"0123456789")
KINDS = {"review", "grant", "use", "assessment", "report", "document", "download", "notice"}
ACTIONS = [action for action in Action if action.value.split(".")[0] in KINDS]
REACHES = {
    Role.DEVELOPER: {
        Reach.OWN: "review.read review.arrange review.grant review.suspend review.accept "
        "review.select review.appeal review.end review.present use.read use.content "
        "assessment.read report.read document.write document.read download.read notice.manage",
    },
    Role.REVIEWER: {
        Reach.PARTY: "review.read review.ask review.answer review.suspend review.accept "
        "review.advise review.select review.appeal assessment.read report.read",
        Reach.OWN: "review.use review.present use.read grant.read document.read notice.manage",
    },
    Role.PARTNER: {
        Reach.PARTY: "review.suspend review.accept review.advise review.appeal",
        Reach.OWN: "review.use review.present use.read grant.read document.read notice.manage",
        Reach.PUBLISHED: "report.read",
    },
    Role.OPERATOR: {
        Reach.PARTY: "review.accept",
        Reach.OWN: "review.use grant.read",
        Reach.PUBLISHED: "report.read",
    },
    Role.RESEARCHER: {Reach.PUBLISHED: "assessment.read report.read"},
    Role.AUDITOR: {Reach.EVERYTHING: "report.read"},
    Role.SYSTEM: {
        Reach.EVERYTHING: "review.read review.use use.read grant.read assessment.read report.read"
    },
}
"""written out once more, by hand, so that a changed row fails here"""
_EVERYONE = {Reach.PUBLISHED: "report.read"}


def expected(role: Role, action: Action) -> Reach:
    """How far this role's action reaches, by the list above."""
    for reach, actions in REACHES.get(role, _EVERYONE).items():
        if action.value in actions.split():
            return reach
    return Reach.NOTHING


def reached(role: Role, action: Action) -> Reach:
    """And by the table."""
    row = TABLE[role].get(action)
    return row.reach if row else Reach.NOTHING


@pytest.mark.parametrize("role", Role)
def test_each_role_reaches_as_far_as_is_written_here(role: Role) -> None:
    """Every action of the review, for every role."""
    assert {action: reached(role, action) for action in ACTIONS} == {
        action: expected(role, action) for action in ACTIONS
    }


def test_only_the_developer_launches_withdraws_and_closes() -> None:
    """No other role has the action at all, the program included."""
    for action in (Action.REVIEW_END, Action.REVIEW_ARRANGE, Action.REVIEW_GRANT):
        assert [role for role in Role if reached(role, action) is not Reach.NOTHING] == [
            Role.DEVELOPER
        ]


def test_nobody_who_runs_the_program_sees_a_review() -> None:
    """Neither coordinator nor administrator reads, suspends, or uses anything."""
    for role, action in product((Role.COORDINATOR, Role.ADMINISTRATOR), ACTIONS):
        assert reached(role, action) is expected(Role.ANONYMOUS, action)


def test_the_whole_matrix() -> None:
    """Role x action x marking x relation x scope: admitted exactly where the list says so."""
    cells = 0
    relations = list(product((MINE, OTHER), (True, False), (True, False)))
    for role, action, marking, scoped in product(
        Role, ACTIONS, Marking, (None, frozenset(), frozenset({"review.read"}))
    ):
        actor = Actor(role=role, person=ME, organisation=MINE, scopes=scoped)
        reach = expected(role, action)
        if scoped is not None and action.value not in scoped:
            reach = Reach.NOTHING
        for owner, party, published in relations:
            thing = Thing(
                marking=marking,
                owner=owner,
                parties=frozenset({MINE}) if party else frozenset(),
                published=published,
            )
            open_to_all = published and marking.at_most(Marking.GREEN)
            should = (
                reach is Reach.EVERYTHING
                or (reach >= Reach.PARTY and party)
                or (reach >= Reach.OWN and owner == MINE)
                or (reach >= Reach.PUBLISHED and open_to_all)
            )
            ceiling = TABLE[role].get(action)
            within = ceiling is not None and marking.at_most(ceiling.ceiling)
            assert admits(actor, action, thing) == (should and within), (role, action, thing)
            cells += 1
    assert cells == len(Role) * len(ACTIONS) * len(Marking) * 3 * 8
