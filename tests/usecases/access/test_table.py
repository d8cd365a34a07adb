"""Laws of the access table: deny by default, and nothing more than its rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.kernel.errors import NotSignedIn, Refused
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import ANONYMOUS, Actor, Role
from firstlight.usecases.access.table import TABLE, Action, Reach, Thing, admits, allow, rule

MINE = OrganisationId.mint(1, b"0123456789")
OTHER = OrganisationId.mint(2, b"0123456789")
ME = PersonId.mint(1, b"0123456789")


def actor(role: Role, scopes: frozenset[str] | None = None) -> Actor:
    """Somebody of the organisation MINE."""
    return Actor(role=role, person=ME, organisation=MINE, scopes=scopes)


things = st.builds(
    Thing,
    marking=st.sampled_from(Marking),
    owner=st.sampled_from([None, MINE, OTHER]),
    parties=st.frozensets(st.sampled_from([MINE, OTHER])),
    published=st.booleans(),
)
roles = st.sampled_from(Role)
actions = st.sampled_from(Action)


def test_strangers_may_report_and_read_what_is_public_and_nothing_else() -> None:
    """Anonymous and unvetted people have exactly six rows."""
    expected = {
        Action.FINDING_SUBMIT,
        Action.ADVISORY_READ,
        Action.DIRECTIVE_READ,
        Action.REPORT_READ,
        Action.TOOL_READ,
        Action.PARTICIPANT_READ,
    }
    assert set(TABLE[Role.ANONYMOUS]) == expected
    assert set(TABLE[Role.PENDING]) == expected


@given(roles, actions, things)
def test_strict_and_foreign_is_for_those_with_the_whole_reach(
    role: Role, action: Action, thing: Thing
) -> None:
    """What is neither one's own nor one's case nor published needs reach over everything."""
    if MINE in thing.parties or thing.owner == MINE or thing.published:
        return
    assert admits(actor(role), action, thing) == (
        rule(actor(role), action).reach is Reach.EVERYTHING
        and thing.marking.at_most(rule(actor(role), action).ceiling)
    )


@given(roles, actions, things)
def test_publication_opens_only_the_public_markings(
    role: Role, action: Action, thing: Thing
) -> None:
    """A published AMBER thing is not readable by those who were not its recipients."""
    if MINE in thing.parties or thing.owner == MINE or thing.marking.at_most(Marking.GREEN):
        return
    assert not admits(actor(role), action, thing) or (
        rule(actor(role), action).reach is Reach.EVERYTHING
    )


@given(roles, actions, things, st.frozensets(st.sampled_from([a.value for a in Action])))
def test_a_token_never_does_more_than_its_person(
    role: Role, action: Action, thing: Thing, scopes: frozenset[str]
) -> None:
    """Scopes only take away."""
    by_token = admits(actor(role, scopes), action, thing)
    assert by_token == (admits(actor(role), action, thing) and action.value in scopes)


@given(actions, things)
def test_managing_accounts_gives_no_sight_of_a_case(action: Action, thing: Thing) -> None:
    """An administrator reads no finding, case, evidence or patch of others."""
    about_cases = action.value.startswith(("finding.read", "case.", "evidence.", "patch."))
    if about_cases:
        assert not admits(actor(Role.ADMINISTRATOR), action, thing)


@given(actions, things)
def test_an_auditor_changes_nothing(action: Action, thing: Thing) -> None:
    """Every action of an auditor on things is a read, beside the own tokens."""
    if admits(actor(Role.AUDITOR), action, thing):
        assert action.value.endswith(".read") or action is Action.TOKEN_MANAGE


@given(roles, actions, things)
def test_a_stricter_marking_never_admits_more(role: Role, action: Action, thing: Thing) -> None:
    """Admittance falls with strictness."""
    for stricter in Marking:
        if thing.marking.at_most(stricter):
            harder = Thing(
                marking=stricter,
                owner=thing.owner,
                parties=thing.parties,
                published=thing.published,
            )
            assert admits(actor(role), action, thing) or not admits(actor(role), action, harder)


def test_the_refusal_says_whose_turn_it_is() -> None:
    """The anonymous are asked to sign in; others learn which action their role lacks."""
    with pytest.raises(NotSignedIn):
        allow(ANONYMOUS, Action.CASE_READ)
    with pytest.raises(Refused, match=r"finder.*case\.move"):
        allow(actor(Role.FINDER), Action.CASE_MOVE)


def test_somebody_without_an_organisation_owns_nothing() -> None:
    """A thing without an owner does not belong to people without an organisation."""
    nobody = Actor(role=Role.FINDER, person=ME)
    ownerless = Thing(marking=Marking.CLEAR, owner=None)
    assert not admits(nobody, Action.FINDING_READ, ownerless)
