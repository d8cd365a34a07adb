"""Vetting, one-time links, break-glass: each for the right one, and in the ledger."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from tests.adapters.identity.conftest import Office

from firstlight.adapters.identity.models import PersonRow
from firstlight.adapters.identity.store import WeakPassword
from firstlight.core.kernel.errors import Conflict, Invalid, Missing, Refused
from firstlight.core.kernel.ids import PersonId
from firstlight.core.kernel.parties import SYSTEM, Actor, OrganisationKind, Role
from firstlight.usecases.accounts.entry import (
    LINK_LIFE,
    break_glass,
    make_sign_in_link,
    use_sign_in_link,
)
from firstlight.usecases.accounts.people import (
    AccountRequest,
    add_person,
    create_administrator,
    end_membership,
    list_organisations,
    refuse_organisation,
    request_account,
    vet_organisation,
)
from firstlight.usecases.accounts.port import LinkNotUsable

ASKED = AccountRequest(
    name="Alex Asker",
    email="Asker@Example.org",
    password="three unusual words",
    organisation="Fuzzing Club",
    kind=OrganisationKind.FINDER,
    purpose="We fuzz parsers.",
)


def secret_of(path: str) -> str:
    """The secret in a link's path."""
    return path.split("/")[3]


def test_an_account_is_pending_until_its_organisation_is_vetted(office: Office) -> None:
    """The request waits in the administrator's list; vetting sets the moment and the ledger."""
    request_account(office.bench.context, office.accounts, ASKED)
    admin = office.administrator()
    record = next(
        one
        for one in list_organisations(office.accounts, admin)
        if one.organisation.name == "Fuzzing Club"
    )
    assert record.organisation.vetted_at is None
    vet_organisation(office.bench.context, office.accounts, admin, record.organisation.id)
    vetted = office.accounts.organisation(record.organisation.id)
    assert vetted.organisation.vetted_at == office.bench.clock.now()
    assert office.ledger(record.organisation.id) == [
        "an account was asked for",
        "vetted by an administrator",
    ]


def test_asking_twice_changes_nothing_and_tells_nothing(office: Office) -> None:
    """The second request gives the same answer, and the first password stays."""
    request_account(office.bench.context, office.accounts, ASKED)
    again = replace(ASKED, password="an entirely other one", email="asker@example.org")
    request_account(office.bench.context, office.accounts, again)
    assert PersonRow.objects.get(email="asker@example.org").check_password("three unusual words")
    assert PersonRow.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"name": "  "},
        {"email": "nobody"},
        {"email": "a b@example.org"},
        {"organisation": ""},
        {"organisation": "x" * 121},
        {"name": "a\x1b[31mred"},
        {"kind": OrganisationKind.COORDINATOR},
        {"kind": OrganisationKind.AUDITOR},
    ],
    ids=lambda change: "-".join(f"{key}={str(value)[:12]!r}" for key, value in change.items()),
)
def test_a_request_that_is_wrong_in_one_way_is_refused(
    office: Office, change: dict[str, str]
) -> None:
    """And leaves nothing behind; nobody asks to become a coordinator or an auditor."""
    with pytest.raises(Invalid):
        request_account(office.bench.context, office.accounts, replace(ASKED, **change))  # type: ignore[arg-type]  # wrong on purpose
    assert not PersonRow.objects.exists()


@pytest.mark.parametrize("password", ["short", "password1234", "Asker@Example.org"])
def test_a_weak_password_is_refused(office: Office, password: str) -> None:
    """Too short, too common, or the address itself; the organisation is not kept either."""
    with pytest.raises(WeakPassword):
        request_account(office.bench.context, office.accounts, replace(ASKED, password=password))
    assert list_organisations(office.accounts, SYSTEM) == []


def test_only_an_administrator_vets(office: Office) -> None:
    """Not even the coordinator who leads the cases."""
    person, home = office.person("lead", OrganisationKind.COORDINATOR)
    lead = Actor(role=Role.COORDINATOR, person=person, organisation=home)
    _, target = office.person("finder")
    for act in (vet_organisation, refuse_organisation):
        with pytest.raises(Refused):
            act(office.bench.context, office.accounts, lead, target)
    with pytest.raises(Refused):
        list_organisations(office.accounts, lead)


def test_refusing_ends_every_membership(office: Office) -> None:
    """The people stay known, but act for nobody."""
    person, home = office.person("finder")
    refuse_organisation(office.bench.context, office.accounts, office.administrator(), home)
    (held,) = office.accounts.memberships(person)
    assert held.ended_at == office.bench.clock.now()


def test_nobody_locks_themselves_out(office: Office) -> None:
    """An administrator neither refuses the own organisation nor ends the own membership."""
    admin = office.administrator()
    assert admin.person is not None
    assert admin.organisation is not None
    context, accounts = office.bench.context, office.accounts
    with pytest.raises(Conflict):
        refuse_organisation(context, accounts, admin, admin.organisation)
    with pytest.raises(Conflict):
        end_membership(context, accounts, admin, admin.person, admin.organisation)


def test_the_first_administrator_may_also_lead(office: Office) -> None:
    """One person, two memberships; a second call adds nothing twice."""
    for _ in range(2):
        person = create_administrator(
            office.bench.context,
            office.accounts,
            name="Robin Lead",
            email="robin@example.org",
            organisation="Clearinghouse",
            roles=(Role.ADMINISTRATOR, Role.COORDINATOR),
        )
    roles = [one.role for one in office.accounts.memberships(person.id)]
    assert roles == [Role.ADMINISTRATOR, Role.COORDINATOR]
    assert len(list_organisations(office.accounts, SYSTEM)) == 1


@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.PENDING, Role.SYSTEM])
def test_nobody_is_given_a_role_that_nobody_holds(office: Office, role: Role) -> None:
    """SYSTEM above all."""
    _, home = office.person("finder")
    with pytest.raises(Invalid):
        add_person(
            office.bench.context,
            office.accounts,
            SYSTEM,
            name="x",
            email="x@example.org",
            organisation=home,
            role=role,
        )


def test_a_link_works_once(office: Office) -> None:
    """The second use is refused; both the making and the use are in the ledger."""
    person, _ = office.person("finder")
    context, accounts = office.bench.context, office.accounts
    admin = office.administrator()
    made = make_sign_in_link(context, accounts, admin, person, reason="called back")
    assert use_sign_in_link(context, accounts, secret_of(made.path)) == person
    with pytest.raises(LinkNotUsable):
        use_sign_in_link(context, accounts, secret_of(made.path))
    assert office.ledger(person)[1:] == [
        "a one-time sign-in link was made; recognised by: called back",
        "a one-time sign-in link was used",
    ]


def test_a_link_ends_after_fifteen_minutes(office: Office) -> None:
    """At the very moment, not one later."""
    person, _ = office.person("finder")
    context, accounts = office.bench.context, office.accounts
    made = make_sign_in_link(context, accounts, office.administrator(), person, reason="a visit")
    office.bench.clock.turn(LINK_LIFE)
    with pytest.raises(LinkNotUsable):
        use_sign_in_link(context, accounts, secret_of(made.path))
    office.bench.clock.turn(-timedelta(seconds=1))
    assert use_sign_in_link(context, accounts, secret_of(made.path)) == person


def test_an_unknown_link_opens_nothing(office: Office) -> None:
    """43 letters that nobody made."""
    with pytest.raises(LinkNotUsable):
        use_sign_in_link(office.bench.context, office.accounts, "A" * 43)


def test_of_two_who_use_a_link_at_once_one_gets_in(office: Office) -> None:
    """Eight threads try; exactly one succeeds."""
    person, _ = office.person("finder")
    context, accounts = office.bench.context, office.accounts
    made = make_sign_in_link(context, accounts, office.administrator(), person, reason="a visit")
    let_in: list[PersonId] = []
    start = threading.Barrier(8)

    def attempt() -> None:
        start.wait()
        try:
            let_in.append(use_sign_in_link(context, accounts, secret_of(made.path)))
        except LinkNotUsable:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert let_in == [person]


def test_nobody_makes_a_link_for_themselves_or_without_a_reason(office: Office) -> None:
    """Two people are needed, and how the person was recognised is kept."""
    admin = office.administrator()
    person, _ = office.person("finder")
    assert admin.person is not None
    context, accounts = office.bench.context, office.accounts
    with pytest.raises(Refused):
        make_sign_in_link(context, accounts, admin, admin.person, reason="me")
    with pytest.raises(Invalid):
        make_sign_in_link(context, accounts, admin, person, reason=" ")


def test_breaking_the_glass_is_loud_and_for_administrators_only(office: Office) -> None:
    """It lets an administrator in and says so; for anybody else there is no glass."""
    admin = office.administrator("admin")
    office.person("finder")
    context, accounts = office.bench.context, office.accounts
    made = break_glass(context, accounts, "ADMIN@example.org")
    assert use_sign_in_link(context, accounts, secret_of(made.path)) == admin.person
    assert any("BREAK GLASS" in rule for rule in office.ledger(admin.person))
    for address in ("finder@example.org", "nobody@example.org"):
        with pytest.raises(Missing):
            break_glass(context, accounts, address)


def test_no_name_and_no_address_of_a_person_is_in_the_ledger(office: Office) -> None:
    """The ledger is for ever; it holds identifiers only."""
    request_account(office.bench.context, office.accounts, ASKED)
    with office.bench.context.storage.begin() as work:
        entries = work.ledger.entries(None, 0, 100)
    told = str([one.entry.to_json() for one in entries]).lower()
    assert entries
    assert "alex" not in told
    assert "example.org" not in told
