"""Reads of documents, copies and webhooks, filtered by what the reader may see, in the query.

What the table's words mean here: *own* is a document of the reader's own engagement as its
developer, or of an artefact for which the reader in person holds a grant that has not ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from firstlight.adapters.storage import cursors, document_rows, review_rows
from firstlight.adapters.storage.border import border
from firstlight.adapters.storage.models import (
    DocumentPiece,
    DocumentRecord,
    DownloadRecord,
    GrantRecord,
    OrganisationName,
    SilentPerson,
    WebhookRecord,
)
from firstlight.adapters.storage.visibility import ALL, NOTHING
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review.artefacts import find
from firstlight.core.review.documents import Document
from firstlight.core.review.grants import GrantState
from firstlight.core.review.ids import ArtefactId, DocumentId, EngagementId
from firstlight.core.review.webhooks import Webhook, WebhookState
from firstlight.usecases.access.rules import Action, Reach
from firstlight.usecases.access.table import rule
from firstlight.usecases.queries.documents import CopyRow, DocumentShelf, OwnDocument
from firstlight.usecases.queries.port import Page

_LONGEST_PAGE = 200


class DjangoDocumentQueries:
    """`DocumentQueries` on SQLite or PostgreSQL."""

    def __init__(self, using: str = "default") -> None:
        """`using` is Django's alias of the database."""
        self._documents = DocumentRecord.objects.using(using)
        self._pieces = DocumentPiece.objects.using(using)
        self._downloads = DownloadRecord.objects.using(using)
        self._grants = GrantRecord.objects.using(using)
        self._names = OrganisationName.objects.using(using)

    @staticmethod
    def _of_developer(reader: Actor, action: Action) -> Q:
        """Rows that hang on an engagement of the reader's own, as its developer."""
        row = rule(reader, action)
        if row.reach is Reach.EVERYTHING:
            return ALL
        mine = reader.role is Role.DEVELOPER and reader.organisation is not None
        if row.reach < Reach.OWN or not mine:
            return NOTHING
        up_to = [each.value for each in Marking if each.at_most(row.ceiling)]
        return Q(engagement__developer=str(reader.organisation), engagement__marking__in=up_to)

    def _granted(self, reader: Actor) -> QuerySet[DocumentRecord]:
        """Documents of the artefacts for which the reader in person holds a grant."""
        row = rule(reader, Action.DOCUMENT_READ)
        holds = reader.role in {Role.REVIEWER, Role.PARTNER}
        if row.reach < Reach.OWN or not holds or None in {reader.person, reader.organisation}:
            return self._documents.none()
        mine = self._grants.filter(
            person=str(reader.person), organisation=str(reader.organisation)
        ).exclude(state=GrantState.REVOKED.value)
        artefacts = {str(review_rows.grant(each).artefact) for each in mine}
        up_to = [each.value for each in Marking if each.at_most(row.ceiling)]
        return self._documents.filter(artefact__in=artefacts, engagement__marking__in=up_to)

    @border()
    def documents(self, reader: Actor, identifier: EngagementId) -> Sequence[DocumentShelf]:
        """Oldest first."""
        rows = self._documents.filter(self._of_developer(reader, Action.DOCUMENT_READ))
        found = rows.filter(engagement=str(identifier)).annotate(
            copies=Count("downloads"),
            kept=Exists(self._pieces.filter(document=OuterRef("pk"))),
        )
        return tuple(
            DocumentShelf(
                document=document_rows.document(row), kept=bool(row.kept), copies=row.copies
            )
            for row in found.order_by("uploaded_at", "id")
        )

    @border()
    def document(self, reader: Actor, identifier: DocumentId) -> Document:
        """Raises Missing."""
        own = self._documents.filter(self._of_developer(reader, Action.DOCUMENT_READ))
        for rows in (own, self._granted(reader)):
            row = rows.filter(pk=str(identifier)).first()
            if row is not None:
                return document_rows.document(row)
        raise Missing(f"there is no {identifier} for you")

    @border()
    def own_documents(self, reader: Actor) -> Sequence[OwnDocument]:
        """Newest first; what the developer took back is not among them."""
        named = (
            self._granted(reader)
            .select_related("engagement")
            .annotate(developer_name=self._name_of("engagement__developer"))
        )
        rows = list(named.order_by("-uploaded_at", "-id"))
        newest = {row.artefact: row.pk for row in reversed(rows)}
        found = []
        for row in rows:
            engagement = review_rows.engagement(row.engagement)
            artefact = find(engagement.artefacts, ArtefactId(row.artefact))
            if artefact.removed_at is None:
                found.append(
                    OwnDocument(
                        document=document_rows.document(row),
                        number=engagement.number,
                        developer_name=row.developer_name or "",
                        artefact_name=artefact.name,
                        newest=newest[row.artefact] == row.pk,
                    )
                )
        return tuple(found)

    @border()
    def copies(
        self, reader: Actor, identifier: EngagementId, *, cursor: str | None, limit: int
    ) -> Page[CopyRow]:
        """Newest first."""
        seen = self._of_developer(reader, Action.DOWNLOAD_READ)
        rows = self._copies(self._downloads.filter(seen).filter(engagement=str(identifier)))
        if cursor is not None:
            place = cursors.read_place(cursor)
            rows = rows.filter(Q(at__lt=place.at) | Q(at=place.at, pk__lt=place.id))
        size = min(max(limit, 1), _LONGEST_PAGE)
        found = list(rows[: size + 1])
        last = found[size - 1] if len(found) > size else None
        return Page(
            rows=tuple(_copy_row(row) for row in found[:size]),
            next_cursor=cursors.write(cursors.Place(last.at, last.pk)) if last else None,
        )

    @border()
    def own_copies(self, reader: Actor, *, limit: int) -> Sequence[CopyRow]:
        """Newest first."""
        row = rule(reader, Action.DOCUMENT_READ)
        if row.reach < Reach.OWN or None in {reader.person, reader.organisation}:
            return ()
        mine = self._downloads.filter(
            person=str(reader.person), organisation=str(reader.organisation)
        )
        return tuple(_copy_row(row) for row in self._copies(mine)[: min(limit, _LONGEST_PAGE)])

    def _copies(self, rows: QuerySet[DownloadRecord]) -> QuerySet[Any]:
        named = rows.select_related("document").annotate(name=self._name_of("organisation"))
        return named.order_by("-at", "-pk")

    def _name_of(self, column: str) -> Subquery:
        return Subquery(self._names.filter(pk=OuterRef(column)).values("name")[:1])


class DjangoNoticeQueries:
    """`NoticeQueries` on SQLite or PostgreSQL."""

    def __init__(self, using: str = "default") -> None:
        """`using` is Django's alias of the database."""
        self._webhooks = WebhookRecord.objects.using(using)
        self._silent = SilentPerson.objects.using(using)

    @border()
    def webhooks(self, reader: Actor) -> Sequence[Webhook]:
        """By name."""
        if rule(reader, Action.NOTICE_MANAGE).reach < Reach.OWN or reader.organisation is None:
            return ()
        mine = self._webhooks.filter(
            organisation=str(reader.organisation), role=reader.role.value
        ).exclude(state=WebhookState.REMOVED.value)
        return tuple(
            replace(document_rows.webhook(row), sealed=b"") for row in mine.order_by("name")
        )

    @border()
    def wants_mail(self, reader: Actor) -> bool:
        """Nobody who has no notices gets mail about them."""
        if rule(reader, Action.NOTICE_MANAGE).reach < Reach.OWN or reader.person is None:
            return False
        return not self._silent.filter(pk=str(reader.person)).exists()


def _copy_row(row: Any) -> CopyRow:  # noqa: ANN401  # an annotated row
    return CopyRow(
        download=document_rows.download(row),
        document=document_rows.document(row.document),
        organisation_name=row.name or "",
    )
