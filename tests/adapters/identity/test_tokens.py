"""Tokens: what they open, when they stop, and that their secret is nowhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.http import HttpRequest
from tests.adapters.identity.conftest import Office

from firstlight.adapters.identity.resolve import BadToken, resolve
from firstlight.core.kernel.errors import Invalid, Missing, NotSignedIn, Refused, TooMany
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import ANONYMOUS, SYSTEM, Actor, Role
from firstlight.usecases.access.table import Action
from firstlight.usecases.accounts.entry import (
    TOKEN_LIFE_MAX,
    NewToken,
    create_token,
    digest_of,
    list_tokens,
    revoke_token,
    scopes_open_to,
)
from firstlight.usecases.accounts.people import end_membership, refuse_organisation
from firstlight.usecases.accounts.port import TOKEN_FAILURE

Make = Callable[..., HttpRequest]
READ = frozenset({Action.FINDING_READ.value})


@pytest.fixture
def finder(office: Office) -> Actor:
    """A signed-in finder; the clock says the real time, since `resolve` reads the real one."""
    office.bench.clock.moment = datetime.now(UTC)
    person, home = office.person("finder")
    return Actor(role=Role.FINDER, person=person, organisation=home)


def made(office: Office, finder: Actor, life: timedelta = timedelta(days=1)) -> NewToken:
    """A token that reads findings."""
    return create_token(
        office.bench.context,
        office.accounts,
        finder,
        name="a scanner",
        scopes=READ,
        expires_at=office.bench.clock.now().plus(life),
    )


def bearer(secret: str) -> dict[str, str]:
    """The header."""
    return {"Authorization": f"Bearer {secret}"}


def test_a_token_acts_as_its_owner_with_its_scopes_only(
    office: Office, finder: Actor, request_with: Make
) -> None:
    """The actor has the owner's role and organisation, and no scope beyond the token's."""
    actor = resolve(request_with(**bearer(made(office, finder).secret)))
    expected = (finder.person, finder.organisation, Role.FINDER)
    assert (actor.person, actor.organisation, actor.role) == expected
    assert actor.scopes == READ


def test_no_header_and_no_session_is_anonymous(office: Office, request_with: Make) -> None:
    """Nobody is nobody, and no error."""
    assert office
    assert resolve(request_with()) == ANONYMOUS


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer flt_short", "Basic dXNlcjpwYXNz", "flt_" + "A" * 43],
    ids=["empty", "no-secret", "blank", "too-short", "other-scheme", "no-scheme"],
)
def test_a_header_that_holds_no_token_is_refused(
    office: Office, request_with: Make, header: str
) -> None:
    """It never falls back to being anonymous or to the session."""
    assert office
    with pytest.raises(BadToken):
        resolve(request_with(Authorization=header))


def test_a_token_that_differs_in_its_last_letter_opens_nothing(
    office: Office, finder: Actor, request_with: Make
) -> None:
    """Only the whole secret counts."""
    secret = made(office, finder).secret
    other = secret[:-2] + ("AA" if secret[-2:] != "AA" else "BB")
    with pytest.raises(NotSignedIn):
        resolve(request_with(**bearer(other)))


def test_a_revoked_token_opens_nothing(office: Office, finder: Actor, request_with: Make) -> None:
    """From the moment of revocation."""
    token = made(office, finder)
    revoke_token(office.bench.context, office.accounts, finder, token.token.id)
    with pytest.raises(BadToken):
        resolve(request_with(**bearer(token.secret)))
    assert office.ledger(token.token.id) == [
        "a token was made by its owner",
        "a token was revoked by its owner",
    ]


def test_an_expired_token_opens_nothing(office: Office, finder: Actor, request_with: Make) -> None:
    """It was made to live one second, an hour ago."""
    office.bench.clock.turn(-timedelta(hours=1))
    token = made(office, finder, timedelta(seconds=1))
    with pytest.raises(BadToken):
        resolve(request_with(**bearer(token.secret)))


def test_a_token_ends_with_the_membership(
    office: Office, finder: Actor, request_with: Make
) -> None:
    """Who leaves the organisation takes no token along."""
    token = made(office, finder)
    context, accounts = office.bench.context, office.accounts
    person, home = _known(finder)
    end_membership(context, accounts, office.administrator(), person, home)
    with pytest.raises(BadToken):
        resolve(request_with(**bearer(token.secret)))


def test_a_token_of_a_refused_organisation_opens_nothing(
    office: Office, finder: Actor, request_with: Make
) -> None:
    """Taking the vetting back stops it at once."""
    token = made(office, finder)
    _, home = _known(finder)
    refuse_organisation(office.bench.context, office.accounts, office.administrator(), home)
    with pytest.raises(BadToken):
        resolve(request_with(**bearer(token.secret)))


def test_the_secret_is_nowhere_in_the_database(office: Office, finder: Actor) -> None:
    """Neither in the token's row nor in the ledger; only its digest is kept."""
    secret = made(office, finder).secret
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM identity_token")
        rows = str(cursor.fetchall())
    assert secret not in rows
    assert secret.removeprefix("flt_") not in rows
    assert digest_of(secret) in rows


def test_a_token_has_256_random_bits_and_a_recognisable_beginning(
    office: Office, finder: Actor
) -> None:
    """43 letters of base64url hold 256 bits; two tokens differ."""
    one, two = made(office, finder).secret, made(office, finder).secret
    assert one != two
    assert one.startswith("flt_")
    assert len(one) == len("flt_") + 43


@pytest.mark.parametrize(
    ("name", "scopes", "life"),
    [
        ("", READ, timedelta(days=1)),
        ("x" * 81, READ, timedelta(days=1)),
        ("a", frozenset[str](), timedelta(days=1)),
        ("a", READ, timedelta(0)),
        ("a", READ, TOKEN_LIFE_MAX + timedelta(seconds=1)),
    ],
    ids=["no-name", "long-name", "no-scope", "no-life", "too-long-a-life"],
)
def test_a_token_without_bounds_is_not_made(
    office: Office, finder: Actor, name: str, scopes: frozenset[str], life: timedelta
) -> None:
    """A name, a scope and an end within 366 days are needed."""
    with pytest.raises(Invalid):
        create_token(
            office.bench.context,
            office.accounts,
            finder,
            name=name,
            scopes=scopes,
            expires_at=office.bench.clock.now().plus(life),
        )


@pytest.mark.parametrize("scope", [Action.CASE_MOVE, Action.TOKEN_MANAGE, Action.ACCOUNT_MANAGE])
def test_a_token_gets_no_scope_beyond_its_owner(
    office: Office, finder: Actor, scope: Action
) -> None:
    """Not what the role lacks, and never what manages tokens or accounts."""
    with pytest.raises(Refused):
        create_token(
            office.bench.context,
            office.accounts,
            finder,
            name="greedy",
            scopes=frozenset({scope.value}),
            expires_at=office.bench.clock.now().plus(timedelta(days=1)),
        )
    assert scope not in scopes_open_to(finder)


def test_a_token_makes_no_tokens(office: Office, finder: Actor) -> None:
    """Only a signed-in person does, even if a scope said otherwise."""
    by_token = Actor(
        role=Role.FINDER,
        person=finder.person,
        organisation=finder.organisation,
        scopes=frozenset({Action.TOKEN_MANAGE.value}),
    )
    with pytest.raises(Refused):
        made(office, by_token)


def test_nobody_revokes_or_sees_the_token_of_another(office: Office, finder: Actor) -> None:
    """For the other it does not exist."""
    token = made(office, finder).token.id
    person, home = office.person("other")
    other = Actor(role=Role.FINDER, person=person, organisation=home)
    with pytest.raises(Missing):
        revoke_token(office.bench.context, office.accounts, other, token)
    assert list_tokens(office.accounts, other) == []
    assert [one.id for one in list_tokens(office.accounts, finder)] == [token]
    assert list_tokens(office.accounts, finder)[0].revoked_at is None


def test_guessing_tokens_is_slowed_down(office: Office, request_with: Make) -> None:
    """After the limit the answer is another one, with the seconds to wait; others are not hit."""
    assert office
    for _ in range(TOKEN_FAILURE.count):
        with pytest.raises(BadToken):
            resolve(request_with(**bearer("flt_" + "A" * 43)))
    with pytest.raises(TooMany) as caught:
        resolve(request_with(**bearer("flt_" + "A" * 43)))
    assert 1 <= int(str(caught.value.details["retry_after"])) <= 301
    with pytest.raises(BadToken):
        resolve(request_with(address="192.0.2.8", **bearer("flt_" + "A" * 43)))


def test_the_use_of_a_token_is_noted(office: Office, finder: Actor, request_with: Make) -> None:
    """So that its owner sees whether it is still needed."""
    token = made(office, finder)
    assert list_tokens(office.accounts, finder)[0].last_used_at is None
    resolve(request_with(**bearer(token.secret)))
    assert list_tokens(office.accounts, finder)[0].last_used_at is not None


def _known(actor: Actor) -> tuple[PersonId, OrganisationId]:
    assert actor.person is not None
    assert actor.organisation is not None
    assert actor != SYSTEM
    return actor.person, actor.organisation
