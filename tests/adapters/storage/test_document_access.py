"""What each reader sees of documents, copies and webhooks: every role, home, scope, marking."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import product

import pytest
from tests.adapters.storage.test_review_access import (
    DEVELOPER,
    HOMES,
    MEMBER,
    PARTNER,
    PEOPLE,
    READERS,
    STRANGER,
    _engagement,
    _store,
)
from tests.core.review import review_samples as made

from firstlight.adapters.storage import samples
from firstlight.adapters.storage.document_queries import DjangoDocumentQueries, DjangoNoticeQueries
from firstlight.adapters.storage.unit import DjangoStorage
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review.documents import Document, Download
from firstlight.core.review.engagement import Engagement, EngagementState
from firstlight.core.review.grants import GrantState
from firstlight.core.review.ids import ArtefactId, DocumentId, DownloadId, WebhookId
from firstlight.core.review.webhooks import Webhook, WebhookState
from firstlight.usecases.access.rules import Action, Thing
from firstlight.usecases.access.table import admits

ALONE = [
    Actor(role=role, person=PEOPLE[home], organisation=home, scopes=frozenset({action.value}))
    for (role, home), action in product(
        ((Role.DEVELOPER, DEVELOPER), (Role.REVIEWER, MEMBER), (Role.PARTNER, PARTNER)),
        (Action.DOCUMENT_READ, Action.DOWNLOAD_READ, Action.NOTICE_MANAGE, Action.REVIEW_READ),
    )
]
EVERYBODY = [*READERS, *ALONE]
OTHER = samples.fresh(ArtefactId)


@dataclass(frozen=True)
class Shelf:
    """One engagement with a document that is granted, and one that is not."""

    engagement: Engagement
    granted: Document
    other: Document


def _document(engagement: Engagement, artefact: ArtefactId, number: int) -> Document:
    return Document(
        id=samples.fresh(DocumentId),
        engagement=engagement.id,
        artefact=artefact,
        version=number,
        name="card.md",
        media_type="text/markdown",
        size=4,
        digest="ab" * 32,
        sealed_with="cd" * 16,
        uploaded_by=PEOPLE[DEVELOPER],
        uploaded_at=made.START,
    )


def _copy(document: Document, home: OrganisationId) -> Download:
    return Download(
        id=samples.fresh(DownloadId),
        engagement=document.engagement,
        document=document.id,
        grant=None,
        person=PEOPLE[home],
        organisation=home,
        second=None,
        reader="Somebody",
        at=made.START,
    )


@pytest.fixture
def world(any_storage: DjangoStorage) -> Sequence[Shelf]:
    """Every marking, and a closed one."""
    shelves = []
    kinds = [(marking, EngagementState.OPEN) for marking in Marking]
    kinds += [(Marking.AMBER_STRICT, EngagementState.CLOSED)]
    for number, (marking, state) in enumerate(kinds, start=1):
        engagement = _engagement(number, marking, state)
        stored = _store(any_storage, engagement)
        artefact = stored.grants[MEMBER].artefact
        granted, other = (
            _document(engagement, artefact, number),
            _document(engagement, OTHER, number),
        )
        with any_storage.begin() as work:
            for document in (granted, other):
                work.documents.add(document, [b"sealed", b"bytes"])
                for home in (MEMBER, DEVELOPER):
                    work.documents.add_download(_copy(document, home))
        shelves.append(Shelf(engagement, granted, other))
    return shelves


def _admitted(reader: Actor, action: Action, one: Shelf) -> bool:
    """As the developer's own."""
    thing = Thing(marking=one.engagement.marking, owner=DEVELOPER)
    mine = reader.role in {Role.DEVELOPER, Role.SYSTEM}
    return mine and admits(reader, action, thing)


def _granted(reader: Actor, one: Shelf) -> bool:
    """As a person with a grant."""
    if reader.role not in {Role.REVIEWER, Role.PARTNER} or reader.organisation is None:
        return False
    holds = reader.organisation in {MEMBER, PARTNER}
    thing = Thing(marking=one.engagement.marking, owner=reader.organisation)
    return holds and admits(reader, Action.DOCUMENT_READ, thing)


def test_the_developers_lists_are_the_developers(world: Sequence[Shelf]) -> None:
    """What was uploaded, and who had what: to nobody else, not even to who had it."""
    queries, shown = DjangoDocumentQueries(), 0
    for reader, one in product(EVERYBODY, world):
        identifier = one.engagement.id
        sees = _admitted(reader, Action.DOCUMENT_READ, one)
        rows = queries.documents(reader, identifier)
        assert [row.document for row in rows] == ([one.granted, one.other] if sees else []), reader
        assert all(row.kept and row.copies == 2 for row in rows)
        copies = queries.copies(reader, identifier, cursor=None, limit=50).rows
        assert len(copies) == (4 if _admitted(reader, Action.DOWNLOAD_READ, one) else 0), reader
        shown += len(rows) + len(copies)
    assert shown > 50, "the matrix must hold something to see"


def test_a_document_is_its_developers_and_its_grants_persons(world: Sequence[Shelf]) -> None:
    """One that is not granted does not exist for a reader who has a grant for another."""
    queries, found = DjangoDocumentQueries(), 0
    for reader, one in product(EVERYBODY, world):
        developer = _admitted(reader, Action.DOCUMENT_READ, one)
        for document, granted in ((one.granted, _granted(reader, one)), (one.other, False)):
            there = False
            with suppress(Missing):
                there = queries.document(reader, document.id) == document
            assert there is (developer or granted), (reader, document)
            found += there
    assert found > 20


def test_own_documents_and_copies_are_of_the_person(world: Sequence[Shelf]) -> None:
    """Every granted document, none of the others; and the copies that one asked for oneself."""
    queries = DjangoDocumentQueries()
    for reader in EVERYBODY:
        expected = {one.granted.id for one in world if _granted(reader, one)}
        assert {row.document.id for row in queries.own_documents(reader)} == expected, reader
        scoped = reader.scopes is None or Action.DOCUMENT_READ.value in reader.scopes
        reads = reader.role in {Role.DEVELOPER, Role.REVIEWER, Role.PARTNER} and scoped
        took = reads and reader.organisation in {MEMBER, DEVELOPER}
        mine = queries.own_copies(reader, limit=200)
        assert len(mine) == (2 * len(world) if took else 0), reader
        assert {row.download.person for row in mine} <= {reader.person}


def test_a_revoked_grant_shows_nothing(any_storage: DjangoStorage, world: Sequence[Shelf]) -> None:
    """Neither in the list nor by its identifier."""
    reader = Actor(role=Role.REVIEWER, person=PEOPLE[MEMBER], organisation=MEMBER)
    with any_storage.begin() as work:
        for one in world:
            for grant in work.grants.of_engagement(one.engagement.id):
                work.grants.save(replace(grant, state=GrantState.REVOKED))
    assert DjangoDocumentQueries().own_documents(reader) == ()
    with pytest.raises(Missing):
        DjangoDocumentQueries().document(reader, world[0].granted.id)


def test_pages_of_copies_join_to_all(world: Sequence[Shelf]) -> None:
    """However small they are."""
    reader = Actor(role=Role.DEVELOPER, person=PEOPLE[DEVELOPER], organisation=DEVELOPER)
    seen: list[DownloadId] = []
    cursor: str | None = None
    while True:
        page = DjangoDocumentQueries().copies(
            reader, world[0].engagement.id, cursor=cursor, limit=1
        )
        seen += [row.download.id for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 4


def test_webhooks_are_of_organisation_and_role(any_storage: DjangoStorage) -> None:
    """Without their secrets, to those who manage notices; a removed one is shown to nobody."""
    homes = [
        (DEVELOPER, Role.DEVELOPER),
        (MEMBER, Role.REVIEWER),
        (PARTNER, Role.PARTNER),
        (STRANGER, Role.REVIEWER),
    ]
    with any_storage.begin() as work:
        for (home, role), state in product(homes, WebhookState):
            work.notices.add_webhook(
                Webhook(
                    id=samples.fresh(WebhookId),
                    organisation=home,
                    role=role,
                    name=state.value,
                    url="https://hooks.example.org/",
                    sealed=b"sealed",
                    state=state,
                    added_by=PEOPLE[home],
                    added_at=made.START,
                )
            )
        work.notices.silence(PEOPLE[MEMBER], silent=True, now=made.START)
    queries = DjangoNoticeQueries()
    for reader in EVERYBODY:
        scoped = reader.scopes is None or Action.NOTICE_MANAGE.value in reader.scopes
        manages = scoped and (reader.organisation, reader.role) in homes
        found = queries.webhooks(reader)
        assert [one.name for one in found] == (["active", "paused"] if manages else []), reader
        assert all(one.sealed == b"" and one.organisation == reader.organisation for one in found)
        roles = {Role.DEVELOPER, Role.REVIEWER, Role.PARTNER}
        mailed = scoped and reader.role in roles and reader.person not in {None, PEOPLE[MEMBER]}
        assert queries.wants_mail(reader) is mailed, reader
    assert len(HOMES) == 6
