"""Ways in: one-time sign-in links and API tokens. Only digests of their secrets are kept."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import timedelta

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid, Missing, Refused
from firstlight.core.kernel.ids import PersonId
from firstlight.core.kernel.parties import SYSTEM, Actor, Role
from firstlight.usecases.access.table import TABLE, Action, Reach, allow
from firstlight.usecases.accounts.port import AccountStore, ApiToken, LinkId, TokenId
from firstlight.usecases.context import Context, record

LINK_LIFE = timedelta(minutes=15)
TOKEN_LIFE_MAX = timedelta(days=366)
TOKEN_PREFIX = "flt_"  # noqa: S105  # recognisable by secret scanners; not a secret itself
_SECRET_BYTES = 32
_MAX_NAME = 80
_NEVER_BY_TOKEN = {Action.TOKEN_MANAGE, Action.ACCOUNT_MANAGE, Action.ORGANISATION_VET}


@dataclass(frozen=True, kw_only=True)
class SignInLink:
    """A way in that works once."""

    path: str
    """below the portal's address; holds the secret, so it is shown to one person only"""
    expires_at: Instant


@dataclass(frozen=True, kw_only=True)
class NewToken:
    """A token at the only moment when its secret is known."""

    token: ApiToken
    secret: str


def digest_of(secret: str) -> str:
    """What is kept of a secret: SHA-256; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _secret(context: Context) -> str:
    drawn = context.mint.random_bytes(_SECRET_BYTES)
    return base64.urlsafe_b64encode(drawn).rstrip(b"=").decode()


def make_sign_in_link(
    context: Context, accounts: AccountStore, actor: Actor, person: PersonId, *, reason: str
) -> SignInLink:
    """Make a link for somebody who was recognised by other means (a call, a visit).

    Raises:
        Refused: the actor is no administrator, or asks for the own account.
        Missing: no such person.
        Invalid: no reason is given.
    """
    allow(actor, Action.ACCOUNT_MANAGE)
    if person == actor.person:
        raise Refused("nobody makes a link for themselves", hint="Ask another administrator.")
    if not reason.strip():
        raise Invalid("say how the person was recognised", field="reason")
    return _make_link(context, accounts, actor, person, f"recognised by: {reason.strip()[:200]}")


def break_glass(context: Context, accounts: AccountStore, email: str) -> SignInLink:
    """Let an administrator in from the server's own shell, when every other way is lost.

    Raises:
        Missing: there is no administrator with this address.
    """
    person = accounts.person_by_email(email)
    now = context.clock.now()
    held = accounts.memberships(person.id) if person else ()
    roles = {membership.role for membership in held if membership.active(now)}
    if person is None or Role.ADMINISTRATOR not in roles:
        raise Missing("there is no administrator with this address")
    return _make_link(context, accounts, SYSTEM, person.id, "BREAK GLASS on the server's shell")


def _make_link(
    context: Context, accounts: AccountStore, actor: Actor, person: PersonId, why: str
) -> SignInLink:
    now = context.clock.now()
    secret, identifier = _secret(context), context.mint.new(LinkId, now)
    expires_at = now.plus(LINK_LIFE)
    with context.storage.begin() as work:
        accounts.person(person)
        accounts.add_link(identifier, digest_of(secret), person, expires_at)
        record(
            context,
            work,
            now=now,
            actor=actor,
            action=Action.ACCOUNT_MANAGE,
            subject=str(person),
            rule=f"a one-time sign-in link was made; {why}",
            facts={"link": str(identifier), "expires_at": str(expires_at)},
        )
    return SignInLink(path=f"/account/link/{secret}/", expires_at=expires_at)


def use_sign_in_link(context: Context, accounts: AccountStore, secret: str) -> PersonId:
    """Use a link up and say whose it was.

    Raises:
        LinkNotUsable: used, expired or unknown.
    """
    now = context.clock.now()
    with context.storage.begin() as work:
        identifier, person = accounts.take_link(digest_of(secret), now)
        record(
            context,
            work,
            now=now,
            actor=Actor(role=Role.PENDING, person=person),
            action=Action.ACCOUNT_MANAGE,
            subject=str(person),
            rule="a one-time sign-in link was used",
            facts={"link": str(identifier)},
        )
    return person


def scopes_open_to(actor: Actor) -> tuple[Action, ...]:
    """What a token of this actor may carry: the role's actions, but none on accounts or tokens."""
    rows = TABLE.get(actor.role, {})
    return tuple(
        action
        for action, row in rows.items()
        if row.reach is not Reach.NOTHING and action not in _NEVER_BY_TOKEN
    )


def create_token(
    context: Context,
    accounts: AccountStore,
    actor: Actor,
    *,
    name: str,
    scopes: frozenset[str],
    expires_at: Instant,
) -> NewToken:
    """Make a token for the actor's own use. Its secret is returned once and never kept.

    Raises:
        Refused: the role has no tokens, or asks for a scope beyond itself.
        Invalid: no name, no scope, or a life of more than 366 days.
    """
    allow(actor, Action.TOKEN_MANAGE)
    now = context.clock.now()
    token = _checked(context, actor, name=name, scopes=scopes, expires_at=expires_at, now=now)
    secret = TOKEN_PREFIX + _secret(context)
    with context.storage.begin() as work:
        accounts.add_token(token, digest_of(secret))
        record(
            context,
            work,
            now=now,
            actor=actor,
            action=Action.TOKEN_MANAGE,
            subject=str(token.id),
            rule="a token was made by its owner",
            facts={"scopes": sorted(scopes), "expires_at": str(expires_at)},
        )
    return NewToken(token=token, secret=secret)


def _checked(
    context: Context,
    actor: Actor,
    *,
    name: str,
    scopes: frozenset[str],
    expires_at: Instant,
    now: Instant,
) -> ApiToken:
    if actor.person is None or actor.organisation is None or actor.scopes is not None:
        raise Refused("only a signed-in person makes tokens")
    label = " ".join(name.split())
    if not label or len(label) > _MAX_NAME:
        raise Invalid(f"a token needs a name of at most {_MAX_NAME} characters", field="name")
    if not now < expires_at <= now.plus(TOKEN_LIFE_MAX):
        raise Invalid("a token lives at least a moment and at most 366 days", field="expires_at")
    if not scopes:
        raise Invalid("a token without a scope opens nothing", field="scopes")
    beyond = sorted(scopes - {action.value for action in scopes_open_to(actor)})
    if beyond:
        raise Refused(f"your role does not include {beyond[0][:40]}", field="scopes")
    return ApiToken(
        id=context.mint.new(TokenId, now),
        person=actor.person,
        organisation=actor.organisation,
        role=actor.role.value,
        name=label,
        scopes=scopes,
        created_at=now,
        expires_at=expires_at,
    )


def revoke_token(
    context: Context, accounts: AccountStore, actor: Actor, identifier: TokenId
) -> None:
    """Stop an own token, at once and for good.

    Raises:
        Refused: the actor may not have tokens.
        Missing: it is not the actor's.
    """
    allow(actor, Action.TOKEN_MANAGE)
    if actor.person is None:
        raise Missing(token=str(identifier))
    now = context.clock.now()
    with context.storage.begin() as work:
        accounts.revoke_token(identifier, actor.person, now)
        record(
            context,
            work,
            now=now,
            actor=actor,
            action=Action.TOKEN_MANAGE,
            subject=str(identifier),
            rule="a token was revoked by its owner",
        )


def list_tokens(accounts: AccountStore, actor: Actor) -> list[ApiToken]:
    """The actor's own tokens, newest first.

    Raises:
        Refused: the actor may not have tokens.
    """
    allow(actor, Action.TOKEN_MANAGE)
    return list(accounts.tokens(actor.person)) if actor.person else []
