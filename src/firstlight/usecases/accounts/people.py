"""Who may take part: ask for an account, vet, refuse, add a person, end a membership."""

from __future__ import annotations

from dataclasses import dataclass, replace

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Invalid
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import (
    ANONYMOUS,
    SYSTEM,
    Actor,
    Membership,
    Organisation,
    OrganisationKind,
    Person,
    Role,
)
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.accounts.port import AccountStore, OrganisationRecord
from firstlight.usecases.context import Context, record
from firstlight.usecases.ports import UnitOfWork

_ROLES: dict[OrganisationKind, Role] = {
    OrganisationKind.FINDER: Role.FINDER,
    OrganisationKind.MAINTAINER: Role.MAINTAINER,
    OrganisationKind.OPERATOR: Role.OPERATOR,
    OrganisationKind.AUTHORITY: Role.OPERATOR,
    OrganisationKind.PARTNER: Role.OPERATOR,
}
"""the role that a stranger may ask for; the others are given by an administrator only"""

REQUESTABLE = tuple(_ROLES)
"""kinds of organisations that may ask for an account"""

_MAX_NAME = 120
_MAX_PURPOSE = 2000


@dataclass(frozen=True, kw_only=True)
class AccountRequest:
    """What somebody writes who wants to take part."""

    name: str
    email: str
    password: str
    organisation: str
    kind: OrganisationKind
    sector: str = ""
    purpose: str = ""
    """why, in the own words"""


def _line(value: str, field: str) -> str:
    """One line of text without surplus blanks."""
    cleaned = " ".join(value.split())
    if not cleaned:
        raise Invalid(f"{field} is empty", field=field)
    if len(cleaned) > _MAX_NAME or not cleaned.isprintable():
        raise Invalid(f"{field} has at most {_MAX_NAME} printable characters", field=field)
    return cleaned


def _address(value: str) -> str:
    """A mail address in lower case. Only its shape is checked."""
    email = value.strip().lower()
    local, at, host = email.rpartition("@")
    plain = email.isprintable() and not any(mark in email for mark in ' <>,;"')
    if not (local and at and host and plain) or len(email) > _MAX_NAME:
        raise Invalid("this is not a mail address", field="email")
    return email


def request_account(context: Context, accounts: AccountStore, asked: AccountRequest) -> None:
    """Make an account that sees nothing until its organisation is vetted.

    An address that has an account already gives the same answer, so that nobody learns who takes
    part by asking.

    Raises:
        Invalid: a field is empty, too long, or the password is too weak.
    """
    if asked.kind not in _ROLES:
        raise Invalid("this kind of organisation is added by an administrator", field="kind")
    now = context.clock.now()
    person = Person(
        id=context.mint.new(PersonId, now),
        name=_line(asked.name, "name"),
        email=_address(asked.email),
    )
    organisation = Organisation(
        id=context.mint.new(OrganisationId, now),
        name=_line(asked.organisation, "organisation"),
        kind=asked.kind,
        sector=" ".join(asked.sector.split())[:_MAX_NAME],
    )
    with context.storage.begin() as work:
        if accounts.person_by_email(person.email):
            return
        accounts.add_person(person, asked.password)
        accounts.add_organisation(
            OrganisationRecord(
                organisation=organisation,
                purpose=asked.purpose.strip()[:_MAX_PURPOSE],
                requested_at=now,
            )
        )
        accounts.add_membership(
            Membership(
                person=person.id,
                organisation=organisation.id,
                role=_ROLES[asked.kind],
                started_at=now,
            )
        )
        _note(context, work, ANONYMOUS, str(organisation.id), "an account was asked for", now=now)


def vet_organisation(
    context: Context, accounts: AccountStore, actor: Actor, identifier: OrganisationId
) -> None:
    """Let the people of an organisation in.

    Raises:
        Refused: the actor is no administrator.
        Missing: no such organisation.
    """
    allow(actor, Action.ORGANISATION_VET)
    now = context.clock.now()
    with context.storage.begin() as work:
        known = accounts.organisation(identifier)
        vetted = replace(known.organisation, vetted_at=now)
        accounts.save_organisation(replace(known, organisation=vetted, refused_at=None))
        _note(context, work, actor, str(identifier), "vetted by an administrator", now=now)


def refuse_organisation(
    context: Context, accounts: AccountStore, actor: Actor, identifier: OrganisationId
) -> None:
    """Refuse an organisation, or take its vetting back: every membership in it ends now.

    Raises:
        Refused: the actor is no administrator.
        Conflict: it is the actor's own organisation.
        Missing: no such organisation.
    """
    allow(actor, Action.ORGANISATION_VET)
    if identifier == actor.organisation:
        raise Conflict("this is your own organisation", hint="Another administrator can do it.")
    now = context.clock.now()
    with context.storage.begin() as work:
        known = accounts.organisation(identifier)
        for person, _ in known.people:
            accounts.end_memberships(person.id, identifier, now)
        gone = replace(known.organisation, vetted_at=None)
        accounts.save_organisation(replace(known, organisation=gone, refused_at=now))
        _note(context, work, actor, str(identifier), "refused by an administrator", now=now)


def set_raw_feed(
    context: Context,
    accounts: AccountStore,
    actor: Actor,
    identifier: OrganisationId,
    *,
    wanted: bool,
) -> None:
    """Keep whether a maintainer asked to see reports before they are validated.

    Raises:
        Refused: the actor is no administrator.
        Missing: no such organisation.
    """
    allow(actor, Action.ACCOUNT_MANAGE)
    now = context.clock.now()
    with context.storage.begin() as work:
        accounts.save_organisation(replace(accounts.organisation(identifier), raw_feed=wanted))
        why = "the maintainer asked for the raw feed" if wanted else "the raw feed was given up"
        _note(context, work, actor, str(identifier), why, now=now)


def add_person(
    context: Context,
    accounts: AccountStore,
    actor: Actor,
    *,
    name: str,
    email: str,
    organisation: OrganisationId,
    role: Role,
) -> Person:
    """Add a person, or give a known one a further role. They come in by a one-time link.

    Raises:
        Refused: the actor is no administrator.
        Missing: no such organisation.
        Invalid: a field is empty or too long, or the role cannot be held.
    """
    allow(actor, Action.ACCOUNT_MANAGE)
    if role in {Role.ANONYMOUS, Role.PENDING, Role.SYSTEM}:
        raise Invalid(f"nobody holds the role {role.value}", field="role")
    now = context.clock.now()
    with context.storage.begin() as work:
        known = accounts.organisation(organisation)
        person = accounts.person_by_email(_address(email))
        if person is None:
            person = Person(
                id=context.mint.new(PersonId, now), name=_line(name, "name"), email=_address(email)
            )
            accounts.add_person(person, None)
        membership = Membership(
            person=person.id, organisation=known.organisation.id, role=role, started_at=now
        )
        accounts.add_membership(membership)
        why = f"became {role.value} of {organisation}"
        _note(context, work, actor, str(person.id), why, now=now)
    return person


def add_organisation(
    context: Context,
    accounts: AccountStore,
    actor: Actor,
    *,
    name: str,
    kind: OrganisationKind,
    sector: str = "",
) -> Organisation:
    """Add an organisation that the administrator knows, vetted from the start.

    Raises:
        Refused: the actor is no administrator.
        Invalid: the name is empty or too long.
    """
    allow(actor, Action.ORGANISATION_VET)
    now = context.clock.now()
    organisation = Organisation(
        id=context.mint.new(OrganisationId, now),
        name=_line(name, "organisation"),
        kind=kind,
        sector=" ".join(sector.split())[:_MAX_NAME],
        vetted_at=now,
    )
    with context.storage.begin() as work:
        accounts.add_organisation(OrganisationRecord(organisation=organisation, requested_at=now))
        _note(context, work, actor, str(organisation.id), "added and vetted", now=now)
    return organisation


def create_administrator(
    context: Context,
    accounts: AccountStore,
    *,
    name: str,
    email: str,
    organisation: str,
    roles: tuple[Role, ...] = (Role.ADMINISTRATOR,),
) -> Person:
    """Make the first administrator. Whoever has the server's own shell may do this.

    Args:
        context: the ports
        accounts: the store
        name: of the person
        email: to sign in with
        organisation: the coordinating organisation's name; made, and vetted, when there is none
        roles: an administrator sees no case; add COORDINATOR where one person is both

    Raises:
        Invalid: a field is empty or too long, or there is no role.
    """
    if not roles:
        raise Invalid("an administrator needs a role", field="roles")
    called = _line(organisation, "organisation")
    with context.storage.begin():
        known = accounts.organisation_by_name(called)
    if known and known.organisation.kind is OrganisationKind.COORDINATOR:
        home = known.organisation
    else:
        kind = OrganisationKind.COORDINATOR
        home = add_organisation(context, accounts, SYSTEM, name=called, kind=kind)
    first, *others = roles
    person = add_person(
        context, accounts, SYSTEM, name=name, email=email, organisation=home.id, role=first
    )
    for role in others:
        add_person(
            context, accounts, SYSTEM, name=name, email=email, organisation=home.id, role=role
        )
    return person


def end_membership(
    context: Context,
    accounts: AccountStore,
    actor: Actor,
    person: PersonId,
    organisation: OrganisationId,
) -> None:
    """End a person's part in an organisation; sessions and tokens stop at once.

    Raises:
        Refused: the actor is no administrator.
        Conflict: it is the actor's own membership.
        Missing: no such person.
    """
    allow(actor, Action.ACCOUNT_MANAGE)
    if person == actor.person and organisation == actor.organisation:
        raise Conflict("this is your own membership", hint="Another administrator can end it.")
    now = context.clock.now()
    with context.storage.begin() as work:
        accounts.person(person)
        if accounts.end_memberships(person, organisation, now):
            work.engagements.touch()
            why = f"the membership in {organisation} was ended"
            _note(context, work, actor, str(person), why, now=now)


def list_organisations(accounts: AccountStore, actor: Actor) -> list[OrganisationRecord]:
    """All organisations with their people, those that wait for vetting first.

    Raises:
        Refused: the actor is no administrator.
    """
    allow(actor, Action.ACCOUNT_MANAGE)
    return list(accounts.organisations())


def _note(
    context: Context,
    work: UnitOfWork,
    actor: Actor,
    subject: str,
    why: str,
    *,
    now: Instant,
) -> None:
    """Into the ledger: identifiers only, no names and no addresses of people."""
    record(
        context,
        work,
        now=now,
        actor=actor,
        action=Action.ACCOUNT_MANAGE,
        subject=subject,
        rule=why,
    )
