"""The API over a real database, real accounts and tokens, and a scripted laboratory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from tests import databases
from tests.databases import Database
from tests.outbound import make_gate
from tests.review_parts import review_parts
from tests.usecases.laboratory import PACKAGE, ScriptedLaboratory

databases.ready()

from django.test import Client, override_settings  # noqa: E402  # after ready()

from firstlight.adapters.api import services as api  # noqa: E402
from firstlight.adapters.formats.csaf_advisory import Publisher  # noqa: E402
from firstlight.adapters.formats.detect import read_any  # noqa: E402
from firstlight.adapters.identity.brake import DatabaseBrake, address_of  # noqa: E402
from firstlight.adapters.identity.resolve import resolve  # noqa: E402
from firstlight.adapters.identity.store import DjangoAccounts  # noqa: E402
from firstlight.adapters.jobs.queues import job_queue  # noqa: E402
from firstlight.adapters.machine import SystemClock, SystemMint  # noqa: E402
from firstlight.adapters.publication.render import Renderer  # noqa: E402
from firstlight.adapters.publication.zone import FolderZone  # noqa: E402
from firstlight.adapters.storage.flood_queries import DjangoFloodQueries  # noqa: E402
from firstlight.adapters.storage.queries import DjangoQueries  # noqa: E402
from firstlight.adapters.storage.tool_queries import DjangoToolQueries  # noqa: E402
from firstlight.adapters.storage.unit import DjangoStorage  # noqa: E402
from firstlight.adapters.storage.use_queries import DjangoUseQueries  # noqa: E402
from firstlight.adapters.vault.keys import KeyFolder  # noqa: E402
from firstlight.adapters.vault.sealed import EngagementVault  # noqa: E402
from firstlight.adapters.workers.handlers import handlers  # noqa: E402
from firstlight.core.kernel.ids import OrganisationId  # noqa: E402
from firstlight.core.kernel.parties import (  # noqa: E402
    SYSTEM,
    Actor,
    OrganisationKind,
    Role,
)
from firstlight.usecases.accounts.entry import create_token, scopes_open_to  # noqa: E402
from firstlight.usecases.accounts.people import (  # noqa: E402
    add_organisation,
    add_person,
    refuse_organisation,
)
from firstlight.usecases.context import Context  # noqa: E402

if TYPE_CHECKING:
    from django.http import HttpResponse

KINDS = {
    Role.FINDER: OrganisationKind.FINDER,
    Role.MAINTAINER: OrganisationKind.MAINTAINER,
    Role.OPERATOR: OrganisationKind.OPERATOR,
    Role.COORDINATOR: OrganisationKind.COORDINATOR,
    Role.DEVELOPER: OrganisationKind.DEVELOPER,
    Role.REVIEWER: OrganisationKind.AGENCY,
    Role.PARTNER: OrganisationKind.PARTNER,
    Role.RESEARCHER: OrganisationKind.PARTNER,
    Role.AUDITOR: OrganisationKind.AUDITOR,
    Role.ADMINISTRATOR: OrganisationKind.COORDINATOR,
}


@dataclass
class Caller:
    """Somebody with a token, or nobody."""

    headers: dict[str, str]
    actor: Actor
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        **options: Any,  # noqa: ANN401  # headers
    ) -> HttpResponse:
        """One request; a body that is no bytes is sent as JSON."""
        data = body if isinstance(body, bytes) else b"" if body is None else _bytes(body)
        kind = options.pop("content_type", "application/json")
        headers = self.headers | options.pop("headers", {})
        response = self.client.generic(
            method, f"/api/v1{path}", data, content_type=kind, headers=headers, **options
        )
        return cast("HttpResponse", response)

    def get(self, path: str, **options: Any) -> HttpResponse:  # noqa: ANN401  # likewise
        """Read."""
        return self.call("GET", path, **options)

    def post(self, path: str, body: object = None, **options: Any) -> HttpResponse:  # noqa: ANN401
        """Do."""
        return self.call("POST", path, body, **options)


def _bytes(body: object) -> bytes:
    return json.dumps(body).encode()


@dataclass
class Installation:
    """A running API and its people."""

    context: Context
    accounts: DjangoAccounts
    parts: api.Services
    zone: Path
    callers: dict[Role, Caller] = field(default_factory=dict)

    def caller(self, role: Role) -> Caller:
        """The one caller with this role; made, with a token of all its scopes, when first asked."""
        if role not in self.callers:
            self.callers[role] = self.newcomer(role)
        return self.callers[role]

    def newcomer(self, role: Role, scopes: frozenset[str] | None = None) -> Caller:
        """Somebody of an organisation of their own."""
        if role is Role.ANONYMOUS:
            return Caller(headers={}, actor=Actor(role=role))
        held = Role.FINDER if role is Role.PENDING else role
        number = len(self.accounts.organisations())
        organisation = add_organisation(
            self.context, self.accounts, SYSTEM, name=f"Org {number}", kind=KINDS[held]
        )
        actor = self._person(held, organisation.id, number)
        wanted = scopes or frozenset(action.value for action in scopes_open_to(actor))
        now = self.context.clock.now()
        made = create_token(
            self.context,
            self.accounts,
            actor,
            name="test",
            scopes=wanted,
            expires_at=replace(now, utc=now.utc.replace(year=now.utc.year + 1)),
        )
        if role is Role.PENDING:
            self._unvet(organisation.id, actor)
        return Caller(headers={"Authorization": f"Bearer {made.secret}"}, actor=actor)

    def _person(self, role: Role, organisation: OrganisationId, number: int) -> Actor:
        person = add_person(
            self.context,
            self.accounts,
            SYSTEM,
            name="Somebody",
            email=f"somebody{number}@example.org",
            organisation=organisation,
            role=role,
        )
        return Actor(role=role, person=person.id, organisation=organisation)

    def _unvet(self, organisation: OrganisationId, actor: Actor) -> None:
        """Vetting is taken back, and the membership is begun again: a person who waits."""
        refuse_organisation(self.context, self.accounts, SYSTEM, organisation)
        assert actor.person
        add_person(
            self.context,
            self.accounts,
            SYSTEM,
            name="Somebody",
            email=self.accounts.person(actor.person).email,
            organisation=organisation,
            role=actor.role,
        )

    def work(self) -> int:
        """Do what workers would do now."""
        table = handlers(self.context, self.parts.render)
        return self.parts.jobs.drain(table)


def report(title: str = "Reads too far", proof: bytes = b"crash:parse_string") -> dict[str, Any]:
    """A plain report; `proof` is for the scripted laboratory."""
    import base64  # noqa: PLC0415  # one place

    return {
        "title": title,
        "description": "It reads past the end.",
        "product": {"purl": PACKAGE, "versions": ["1.7.15-1"]},
        "proofs": [{"name": "input", "data": base64.b64encode(proof).decode()}],
        "contact": {"name": "Finder", "email": "finder@example.org", "credit": True},
    }


@pytest.fixture
def installation(any_database: Database, tmp_path: Path) -> Iterator[Installation]:
    """A fresh one, on each database."""
    assert any_database.url
    with _configured(tmp_path) as made:
        yield made


@pytest.fixture
def on_sqlite(sqlite_database: Database, tmp_path: Path) -> Iterator[Installation]:
    """A fresh one on SQLite, for what has nothing to do with the database."""
    assert sqlite_database.url
    with _configured(tmp_path) as made:
        yield made


class _configured:  # noqa: N801  # used as a function
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._urls = override_settings(
            ROOT_URLCONF="firstlight.adapters.api.urls", ALLOWED_HOSTS=["*"]
        )

    def __enter__(self) -> Installation:
        self._urls.enable()
        signer = KeyFolder(self._folder / "keys")
        context = Context(
            storage=DjangoStorage(),
            clock=SystemClock(),
            mint=SystemMint(),
            signer=signer,
            laboratory=ScriptedLaboratory(),
            zone=FolderZone(self._folder / "public"),
            gate=make_gate(self._folder),
        )
        publisher = Publisher(name="Test", namespace="https://firstlight.invalid")
        parts = api.Services(
            context=context,
            queries=DjangoQueries(),
            **review_parts(self._folder),
            floods=DjangoFloodQueries(),
            vault=EngagementVault(self._folder / "sealed-keys"),
            tools=DjangoToolQueries(),
            accounts=DjangoAccounts(),
            resolve=resolve,
            address_of=address_of,
            brake=DatabaseBrake(),
            read_any=read_any,
            render=Renderer(signer=signer, publisher=publisher, signature=lambda _: b""),
            jobs=job_queue(),
            uses=DjangoUseQueries(),
            gateway_url="http://gateway.example",
            base_url="http://testserver",
        )
        api.configure(parts)
        return Installation(
            context=context,
            accounts=DjangoAccounts(),
            parts=parts,
            zone=self._folder / "public",
        )

    def __exit__(self, *_: object) -> None:
        self._urls.disable()
