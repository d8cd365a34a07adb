"""What the account use cases need: a store of people and organisations, and a brake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import NotSignedIn, Refused
from firstlight.core.kernel.ids import Identifier, OrganisationId, PersonId
from firstlight.core.kernel.parties import Membership, Organisation, Person


class TokenId(Identifier):
    """An API token, as people and the ledger name it; not the secret."""

    prefix = "tok"


class LinkId(Identifier):
    """A one-time sign-in link, as the ledger names it; not the secret."""

    prefix = "lnk"


class SecondFactorMissing(Refused):
    """A password alone does not open anything here."""

    code = "access.second_factor_missing"
    next_step = "Add a passkey or an authenticator app on the page `Sign-in methods`."


class LinkNotUsable(NotSignedIn):
    """This sign-in link has been used, has expired, or never existed."""

    code = "access.link_not_usable"
    next_step = "Ask an administrator for a new one; a link works once and for 15 minutes."


@dataclass(frozen=True, kw_only=True)
class ApiToken:
    """A token as it is kept: everything but the secret."""

    id: TokenId
    person: PersonId
    organisation: OrganisationId
    """the membership that it acts for; when that ends, the token ends"""
    role: str
    """the role of that membership; a token never speaks for another one"""
    name: str
    """what it is used for, in its owner's words"""
    scopes: frozenset[str]
    """names of actions; nothing else can be done with it"""
    created_at: Instant
    expires_at: Instant
    revoked_at: Instant | None = None
    last_used_at: Instant | None = None

    def usable(self, now: Instant) -> bool:
        """Whether it opens anything at `now`."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, kw_only=True)
class OrganisationRecord:
    """An organisation with what only account management needs to know."""

    organisation: Organisation
    raw_feed: bool = False
    """a maintainer who asked to see reports before they are validated"""
    purpose: str = ""
    """why it wants to take part, in its own words; for the vetting"""
    requested_at: Instant
    refused_at: Instant | None = None
    people: Sequence[tuple[Person, Membership]] = ()
    """everyone with a membership that has not ended"""


class AccountStore(Protocol):
    """People, organisations, memberships, links and tokens.

    Its writes belong to the unit of work that is running.
    """

    def add_person(self, person: Person, password: str | None) -> None:
        """Keep a new person; without a password only a link or passkey signs them in.

        Raises:
            Conflict: the address is taken.
            Invalid: the password is too weak.
        """
        ...

    def person(self, identifier: PersonId) -> Person:
        """Raises Missing."""
        ...

    def person_by_email(self, email: str) -> Person | None:
        """Without regard to upper and lower case."""
        ...

    def add_organisation(self, record: OrganisationRecord) -> None:
        """Keep a new organisation."""
        ...

    def organisation(self, identifier: OrganisationId) -> OrganisationRecord:
        """Raises Missing."""
        ...

    def organisation_by_name(self, name: str) -> OrganisationRecord | None:
        """The oldest of exactly this name that was vetted."""
        ...

    def organisations(self) -> Sequence[OrganisationRecord]:
        """All, those that wait for vetting first."""
        ...

    def save_organisation(self, record: OrganisationRecord) -> None:
        """Store whether it is vetted, refused, on the raw feed. Raises Missing."""
        ...

    def add_membership(self, membership: Membership) -> None:
        """Idempotent while an equal one is active."""
        ...

    def memberships(self, person: PersonId) -> Sequence[Membership]:
        """Of this person, oldest first, ended ones too."""
        ...

    def end_memberships(
        self, person: PersonId, organisation: OrganisationId, at: Instant
    ) -> Sequence[Membership]:
        """End the active ones and return them."""
        ...

    def add_link(
        self, identifier: LinkId, digest: str, person: PersonId, expires_at: Instant
    ) -> None:
        """Keep a one-time link by the digest of its secret."""
        ...

    def take_link(self, digest: str, now: Instant) -> tuple[LinkId, PersonId]:
        """Use a link up; two who try at once do not both succeed.

        Raises:
            LinkNotUsable: used, expired or unknown.
        """
        ...

    def add_token(self, token: ApiToken, digest: str) -> None:
        """Keep a token by the digest of its secret."""
        ...

    def tokens(self, person: PersonId) -> Sequence[ApiToken]:
        """Newest first, revoked and expired ones too."""
        ...

    def revoke_token(self, identifier: TokenId, person: PersonId, at: Instant) -> ApiToken:
        """Idempotent. Raises Missing when it is not this person's."""
        ...


@dataclass(frozen=True, kw_only=True)
class Limit:
    """How often something may be done."""

    name: str
    count: int
    per: timedelta
    block: int = 1
    """how many a process takes at once from the shared counter; saves writes, costs exactness"""


SIGN_IN_BY_ADDRESS = Limit(name="sign-in-address", count=30, per=timedelta(minutes=5))
SIGN_IN_BY_EMAIL = Limit(name="sign-in-email", count=10, per=timedelta(minutes=15))
TOKEN_FAILURE = Limit(name="token-failure", count=20, per=timedelta(minutes=5))
LINK_FAILURE = Limit(name="link-failure", count=20, per=timedelta(minutes=15))
ACCOUNT_REQUEST = Limit(name="account-request", count=5, per=timedelta(hours=1))
ANONYMOUS_REPORT = Limit(name="anonymous-report", count=10, per=timedelta(hours=1))
API_REQUEST = Limit(name="api-request", count=6000, per=timedelta(minutes=1), block=50)


class Brake(Protocol):
    """Counts over all processes."""

    def hit(self, limit: Limit, who: str) -> None:
        """Count one.

        Raises:
            TooMany: the limit is reached; the detail `retry_after` says for how many seconds.
        """
        ...
