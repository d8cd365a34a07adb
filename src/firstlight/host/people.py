"""Accounts from the server's own shell: the first administrator, links, tokens, vetting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from firstlight.adapters.cli.host import Link, OrganisationShown, TokenMade, TokenShown
from firstlight.bootstrap import Firstlight
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid, Missing
from firstlight.core.kernel.parties import SYSTEM, Actor, Membership, Person, Role
from firstlight.usecases.accounts.entry import (
    SignInLink,
    break_glass,
    create_token,
    list_tokens,
    make_sign_in_link,
    revoke_token,
    scopes_open_to,
)
from firstlight.usecases.accounts.people import (
    create_administrator,
    list_organisations,
    refuse_organisation,
    vet_organisation,
)
from firstlight.usecases.accounts.port import ApiToken, OrganisationRecord, TokenId


class People:
    """Account work with an opened installation; whoever has the shell acts as the program."""

    def __init__(self, opened: Firstlight) -> None:
        """Over what bootstrap opened."""
        self._opened = opened
        self._context = opened.context
        self._accounts = opened.accounts

    def create_administrator(
        self, *, email: str, name: str, organisation: str, coordinator: bool
    ) -> Link:
        """Make an administrator and their first way in."""
        roles = (Role.ADMINISTRATOR, *((Role.COORDINATOR,) if coordinator else ()))
        create_administrator(
            self._context,
            self._accounts,
            name=name,
            email=email,
            organisation=organisation,
            roles=roles,
        )
        return self.sign_in_link(email, reason="created on the server's shell")

    def sign_in_link(self, email: str, *, reason: str) -> Link:
        """A way in for somebody who was recognised by other means. Raises Missing."""
        person = self._person(email)
        made = make_sign_in_link(self._context, self._accounts, SYSTEM, person.id, reason=reason)
        return self._link(made)

    def break_glass(self, email: str) -> Link:
        """A way in for an administrator; loud in the ledger. Raises Missing."""
        return self._link(break_glass(self._context, self._accounts, email))

    def organisations(self) -> Sequence[OrganisationShown]:
        """All, those that wait first."""
        return [_shown(one) for one in list_organisations(self._accounts, SYSTEM)]

    def vet(self, organisation: str, *, refuse: bool) -> OrganisationShown:
        """Let an organisation in, or refuse it. Raises Missing."""
        known = list_organisations(self._accounts, SYSTEM)
        found = [
            one.organisation.id
            for one in known
            if organisation in {str(one.organisation.id), one.organisation.name}
        ]
        if not found:
            raise Missing(f"there is no organisation {organisation[:80]!r}")
        if len(found) > 1:
            raise Invalid("several have this name", hint="Name it by its identifier.")
        decide = refuse_organisation if refuse else vet_organisation
        decide(self._context, self._accounts, SYSTEM, found[0])
        return _shown(self._accounts.organisation(found[0]))

    def create_token(
        self, *, email: str, role: str, name: str, scopes: Sequence[str], days: int
    ) -> TokenMade:
        """A token for this person, acting in `role`. Raises Missing and Refused."""
        actor = self.actor(email, Role(role))
        wanted = frozenset(scopes) or frozenset(action.value for action in scopes_open_to(actor))
        made = create_token(
            self._context,
            self._accounts,
            actor,
            name=name,
            scopes=wanted,
            expires_at=self._context.clock.now().plus(timedelta(days=days)),
        )
        return TokenMade(
            id=str(made.token.id), secret=made.secret, expires_at=made.token.expires_at
        )

    def tokens(self, email: str) -> Sequence[TokenShown]:
        """A person's tokens, newest first."""
        now = self._context.clock.now()
        return [_token(one, now) for one in list_tokens(self._accounts, self._any_actor(email))]

    def revoke_token(self, email: str, token: str) -> None:
        """Stop a token for good. Raises Missing."""
        revoke_token(self._context, self._accounts, self._any_actor(email), TokenId(token))

    def actor(self, email: str, role: Role) -> Actor:
        """Somebody acting in one of their roles. Raises Missing."""
        person = self._person(email)
        for membership in self._active(person):
            if membership.role is role:
                return Actor(role=role, person=person.id, organisation=membership.organisation)
        raise Missing(f"{email} does not have the role {role.value}")

    def _any_actor(self, email: str) -> Actor:
        person = self._person(email)
        for membership in self._active(person):
            return Actor(
                role=membership.role, person=person.id, organisation=membership.organisation
            )
        raise Missing(f"{email} has no role in any organisation")

    def _active(self, person: Person) -> list[Membership]:
        now = self._context.clock.now()
        return [one for one in self._accounts.memberships(person.id) if one.active(now)]

    def _person(self, email: str) -> Person:
        person = self._accounts.person_by_email(email)
        if person is None:
            raise Missing(f"there is nobody with the address {email[:80]!r}")
        return person

    def _link(self, made: SignInLink) -> Link:
        return Link(url=self._opened.settings.base_url + made.path, expires_at=made.expires_at)


def _shown(record: OrganisationRecord) -> OrganisationShown:
    known = record.organisation
    state = "vetted" if known.vetted_at else "refused" if record.refused_at else "waiting"
    return OrganisationShown(
        id=str(known.id),
        name=known.name,
        kind=known.kind.value,
        state=state,
        requested_at=record.requested_at,
        people=[person.email for person, _ in record.people],
        purpose=record.purpose,
    )


def _token(token: ApiToken, now: Instant) -> TokenShown:
    state = "usable" if token.usable(now) else "revoked" if token.revoked_at else "expired"
    return TokenShown(
        id=str(token.id),
        name=token.name,
        role=token.role,
        scopes=sorted(token.scopes),
        expires_at=token.expires_at,
        state=state,
    )
