"""Accounts over each real database, with a clock that the test turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from tests import databases

databases.ready()

from django.contrib.sessions.backends.db import SessionStore  # noqa: E402  # needs Django
from django.test import RequestFactory  # noqa: E402
from tests.usecases.conftest import Bench, bench  # noqa: E402

from firstlight.adapters.identity.store import DjangoAccounts  # noqa: E402
from firstlight.core.kernel.ids import OrganisationId, PersonId  # noqa: E402
from firstlight.core.kernel.parties import SYSTEM, Actor, OrganisationKind, Role  # noqa: E402
from firstlight.usecases.accounts.people import add_organisation, add_person  # noqa: E402

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["bench"]

ROLES = {
    OrganisationKind.FINDER: Role.FINDER,
    OrganisationKind.COORDINATOR: Role.COORDINATOR,
    OrganisationKind.MAINTAINER: Role.MAINTAINER,
}


@dataclass(frozen=True)
class Office:
    """Accounts, and what a test needs around them."""

    bench: Bench
    accounts: DjangoAccounts

    def person(
        self, name: str, kind: OrganisationKind = OrganisationKind.FINDER, role: Role | None = None
    ) -> tuple[PersonId, OrganisationId]:
        """Somebody in a vetted organisation of their own."""
        home = add_organisation(
            self.bench.context, self.accounts, SYSTEM, name=f"Office of {name}", kind=kind
        )
        person = add_person(
            self.bench.context,
            self.accounts,
            SYSTEM,
            name=name,
            email=f"{name}@example.org",
            organisation=home.id,
            role=role or ROLES[kind],
        )
        return person.id, home.id

    def administrator(self, name: str = "admin") -> Actor:
        """Somebody who manages accounts."""
        person, home = self.person(name, OrganisationKind.COORDINATOR, Role.ADMINISTRATOR)
        return Actor(role=Role.ADMINISTRATOR, person=person, organisation=home)

    def ledger(self, subject: object) -> list[str]:
        """The rules of the entries about a subject, oldest first."""
        with self.bench.context.storage.begin() as work:
            found = work.ledger.entries(str(subject), 0, 100)
        return [one.entry.rule for one in found]


@pytest.fixture
def office(bench: Bench) -> Office:
    """A fresh installation without people."""
    return Office(bench, DjangoAccounts())


@pytest.fixture
def request_with() -> Callable[..., HttpRequest]:
    """Makes a request with headers, from an address, in an empty session."""

    def make(address: str = "192.0.2.7", **headers: str) -> HttpRequest:
        request: Any = RequestFactory().get("/", headers=headers, REMOTE_ADDR=address)
        request.session = SessionStore()
        from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415  # needs Django

        request.user = AnonymousUser()
        made: HttpRequest = request
        return made

    return make
