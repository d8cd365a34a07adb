"""What documents need: a store of sealed versions and of copies, and marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.review.documents import Document, Download
from firstlight.core.review.ids import (
    ArtefactId,
    DocumentId,
    DownloadId,
    EngagementId,
    GrantId,
)


class DocumentStore(Protocol):
    """Documents and downloads. Part of the unit of work; content comes and goes sealed."""

    def add(self, document: Document, envelope: Iterable[bytes]) -> None:
        """Keep a new version and its envelope, piece by piece, in bounded memory."""
        ...

    def get(self, identifier: DocumentId) -> Document:
        """Raises Missing."""
        ...

    def envelope(self, identifier: DocumentId) -> Sequence[bytes]:
        """The sealed pieces, in order. Raises Missing: they were dropped, or never there."""
        ...

    def versions(self, artefact: ArtefactId) -> Sequence[Document]:
        """Oldest first."""
        ...

    def of_engagement(self, identifier: EngagementId) -> Sequence[Document]:
        """In the order of their uploads."""
        ...

    def drop_envelopes(self, identifier: EngagementId) -> None:
        """Let go of what nobody can open any more. What was there stays listed."""
        ...

    def add_download(self, download: Download) -> None:
        """List a copy."""
        ...

    def download(self, identifier: DownloadId) -> Download:
        """Raises Missing."""
        ...

    def downloads(self, identifier: EngagementId) -> Sequence[Download]:
        """Of an engagement, oldest first."""
        ...

    def downloads_from(self, developer: OrganisationId) -> Iterable[Download]:
        """Of every engagement of a developer, newest first."""
        ...

    def taken(self, grant: GrantId) -> int:
        """How many copies a grant has taken."""
        ...


class Marker(Protocol):
    """Marks copies with their readers, and recognises them.

    Raises, in `check` and `mark`: NotMarkable, TooLarge, BadEncoding (what cannot be marked);
    BadLabel (`mark` alone: the reader's name cannot stand in a mark); MarkerUnavailable.
    """

    def check(self, content: bytes, media_type: str) -> None:
        """Refuse content that could not be handed out later."""
        ...

    def mark(self, content: bytes, media_type: str, download: Download) -> bytes:
        """The copy of this download, marked with its reader."""
        ...

    def is_of(self, code: str, download: Download) -> bool:
        """Whether a code that was found stands in the copy of this download."""
        ...
