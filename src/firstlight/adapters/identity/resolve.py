"""Who is asking: turn a request's session or token into an `Actor`, or refuse.

The checks, in this order; each failure is the strictest answer that does not tell a stranger more:

1. A request with an `Authorization` header is judged by that header alone. It never falls back to
   the session, so that a page of another site cannot add a person's session to a stolen token.
2. The token is found by the SHA-256 of its secret and compared in constant time. Failures are
   counted by address; a token that is revoked, expired, or whose membership ended opens nothing.
3. A session needs more than a password: a passkey, a code, or a one-time link.
4. A person without an active membership, or whose organisation is not vetted, is PENDING: no more
   than the public.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from hmac import compare_digest

from allauth.account.authentication import get_authentication_records
from django.db.models import Q
from django.http import HttpRequest

from firstlight.adapters.identity.brake import DatabaseBrake, address_of
from firstlight.adapters.identity.models import MembershipRow, PersonRow, TokenRow
from firstlight.core.kernel.errors import NotSignedIn
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import ANONYMOUS, Actor, Role
from firstlight.usecases.accounts.entry import TOKEN_PREFIX, digest_of
from firstlight.usecases.accounts.port import TOKEN_FAILURE, SecondFactorMissing

ACTING_AS = "firstlight.acting_as"
"""session key: number of the membership that the person acts for"""

_SECRET = re.compile(rf"{TOKEN_PREFIX}[A-Za-z0-9_-]{{43}}")
_STRONG = frozenset({"mfa", "link"})
_CACHE = "_firstlight_actor"
_MINUTE = timedelta(minutes=1)


class BadToken(NotSignedIn):
    """This token opens nothing: it is unknown, expired or revoked, or its membership ended."""

    code = "access.bad_token"
    next_step = "Make a new token on the page `API tokens`, and send it as `Authorization: Bearer`."


def resolve(request: HttpRequest) -> Actor:
    """The actor of a request; ANONYMOUS when it carries neither session nor token.

    Raises:
        BadToken: the `Authorization` header holds no usable token.
        SecondFactorMissing: the session was opened with a password alone.
        TooMany: too many bad tokens from this address.
    """
    known: Actor | None = getattr(request, _CACHE, None)
    if known is None:
        header = request.headers.get("Authorization")
        known = _by_token(request, header) if header is not None else _by_session(request)
        setattr(request, _CACHE, known)
    return known


def _by_token(request: HttpRequest, header: str) -> Actor:
    scheme, _, secret = header.partition(" ")
    row = None
    if scheme.lower() == "bearer" and _SECRET.fullmatch(secret.strip()):
        digest = digest_of(secret.strip())
        row = TokenRow.objects.select_related("organisation").filter(digest=digest).first()
        if row is not None and not compare_digest(row.digest, digest):
            row = None
    now = datetime.now(UTC)
    held = (
        _active(now).filter(person=row.person_id, organisation=row.organisation_id, role=row.role)
        if row and row.revoked_at is None and now < row.expires_at
        else None
    )
    if row is None or held is None or not held.exists():
        DatabaseBrake().hit(TOKEN_FAILURE, address_of(request))
        raise BadToken
    if row.last_used_at is None or now - row.last_used_at > _MINUTE:
        TokenRow.objects.filter(id=row.id).update(last_used_at=now)
    vetted = row.organisation.vetted_at is not None
    return Actor(
        role=Role(row.role) if vetted else Role.PENDING,
        person=PersonId(row.person_id),
        organisation=OrganisationId(row.organisation_id),
        scopes=frozenset(row.scopes),
    )


def _by_session(request: HttpRequest) -> Actor:
    user = request.user
    if not isinstance(user, PersonRow) or not user.is_active:
        return ANONYMOUS
    records = get_authentication_records(request, user)
    if not _STRONG & {record.get("method") for record in records}:
        raise SecondFactorMissing
    held = memberships_of(user)
    chosen = request.session.get(ACTING_AS)
    membership = next((one for one in held if one.pk == chosen), held[0] if held else None)
    if membership is None:
        return Actor(role=Role.PENDING, person=PersonId(user.id))
    vetted = membership.organisation.vetted_at is not None
    return Actor(
        role=Role(membership.role) if vetted else Role.PENDING,
        person=PersonId(user.id),
        organisation=OrganisationId(membership.organisation_id),
    )


def memberships_of(person: PersonRow) -> list[MembershipRow]:
    """What a person may act as now: active memberships, vetted organisations first."""
    rows = _active(datetime.now(UTC)).filter(person=person).select_related("organisation")
    return sorted(rows, key=lambda row: (row.organisation.vetted_at is None, row.pk))


def _active(now: datetime):  # type: ignore[no-untyped-def]  # noqa: ANN202  # a query set
    current = Q(ended_at__isnull=True) | Q(ended_at__gt=now)
    return MembershipRow.objects.filter(current, started_at__lte=now)
