"""Sealed documents, piece by piece, and the copies that were asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connections

from firstlight.adapters.storage import document_rows as rows
from firstlight.adapters.storage.models import documents as models
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.ids import Identifier, OrganisationId
from firstlight.core.review.documents import Document, Download
from firstlight.core.review.ids import (
    ArtefactId,
    DocumentId,
    DownloadId,
    EngagementId,
    GrantId,
)

_DROP = (
    "DELETE FROM firstlight_document_piece WHERE document_id IN "
    "(SELECT id FROM firstlight_document WHERE engagement_id = %s)"
)
"""plain SQL: the ORM's delete() would first read every piece"""


class Documents:
    """`DocumentStore` over one database."""

    def __init__(self, using: str) -> None:
        self._using = using
        self._rows = models.DocumentRecord.objects.using(using)
        self._pieces = models.DocumentPiece.objects.using(using)
        self._downloads = models.DownloadRecord.objects.using(using)

    def add(self, document: Document, envelope: Iterable[bytes]) -> None:
        """One row for each piece; no more than one of them is held."""
        rows.document_row(document).save(using=self._using, force_insert=True)
        for number, piece in enumerate(envelope):
            models.DocumentPiece(document_id=str(document.id), number=number, content=piece).save(
                using=self._using, force_insert=True
            )

    def get(self, identifier: DocumentId) -> Document:
        """Raises Missing."""
        row = self._rows.filter(pk=str(identifier)).first()
        if row is None:
            raise _missing(identifier)
        return rows.document(row)

    def envelope(self, identifier: DocumentId) -> Sequence[bytes]:
        """In order. Raises Missing: they were dropped, or never there."""
        found = self._pieces.filter(document_id=str(identifier)).order_by("number")
        pieces = tuple(bytes(each) for each in found.values_list("content", flat=True))
        if not pieces:
            raise _missing(identifier)
        return pieces

    def versions(self, artefact: ArtefactId) -> Sequence[Document]:
        """Oldest first."""
        found = self._rows.filter(artefact=str(artefact)).order_by("number")
        return tuple(rows.document(row) for row in found)

    def of_engagement(self, identifier: EngagementId) -> Sequence[Document]:
        """In the order of their uploads."""
        found = self._rows.filter(engagement_id=str(identifier)).order_by("uploaded_at", "id")
        return tuple(rows.document(row) for row in found)

    def drop_envelopes(self, identifier: EngagementId) -> None:
        """The listing stays."""
        with connections[self._using].cursor() as cursor:
            cursor.execute(_DROP, [str(identifier)])

    def add_download(self, download: Download) -> None:
        """List a copy."""
        rows.download_row(download).save(using=self._using, force_insert=True)

    def download(self, identifier: DownloadId) -> Download:
        """Raises Missing."""
        row = self._downloads.filter(pk=str(identifier)).first()
        if row is None:
            raise _missing(identifier)
        return rows.download(row)

    def downloads(self, identifier: EngagementId) -> Sequence[Download]:
        """Oldest first."""
        found = self._downloads.filter(engagement_id=str(identifier)).order_by("at", "id")
        return tuple(rows.download(row) for row in found)

    def downloads_from(self, developer: OrganisationId) -> Iterable[Download]:
        """Newest first."""
        mine = self._downloads.filter(engagement__developer=str(developer))
        return (rows.download(row) for row in mine.order_by("-at", "-id").iterator())

    def taken(self, grant: GrantId) -> int:
        """By the index on the grant."""
        return self._downloads.filter(grant=str(grant)).count()


def _missing(identifier: Identifier) -> Missing:
    return Missing(f"there is no {identifier} for you")
