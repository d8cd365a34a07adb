"""Reads of documents and copies. Every one requires its reader and applies the access table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from firstlight.core.kernel.parties import Actor
from firstlight.core.review.documents import Document, Download
from firstlight.core.review.ids import DocumentId, EngagementId
from firstlight.core.review.webhooks import Webhook
from firstlight.usecases.queries.port import Page


@dataclass(frozen=True, kw_only=True)
class DocumentShelf:
    """An uploaded version, as its developer sees it."""

    document: Document
    kept: bool
    """whether its sealed content is still there"""
    copies: int
    """how many were listed"""


@dataclass(frozen=True, kw_only=True)
class OwnDocument:
    """A document that a person was given access to."""

    document: Document
    number: str
    """the review's"""
    developer_name: str
    artefact_name: str
    newest: bool
    """whether no later version is there"""


@dataclass(frozen=True, kw_only=True)
class CopyRow:
    """A copy in a list."""

    download: Download
    document: Document
    organisation_name: str


class DocumentQueries(Protocol):
    """What a reader may see of documents; the rest is Missing or not in the list."""

    def documents(self, reader: Actor, identifier: EngagementId) -> Sequence[DocumentShelf]:
        """Of the developer's own engagement, oldest first; none of another."""
        ...

    def document(self, reader: Actor, identifier: DocumentId) -> Document:
        """Of the developer's own, or of a grant of the reader in person. Raises Missing."""
        ...

    def own_documents(self, reader: Actor) -> Sequence[OwnDocument]:
        """Of the reader's grants that have not ended, newest first."""
        ...

    def copies(
        self, reader: Actor, identifier: EngagementId, *, cursor: str | None, limit: int
    ) -> Page[CopyRow]:
        """Who had what, in the developer's own engagement, newest first; none in another."""
        ...

    def own_copies(self, reader: Actor, *, limit: int) -> Sequence[CopyRow]:
        """Those that the reader asked for, newest first."""
        ...


class NoticeQueries(Protocol):
    """What a reader may see of where notices go."""

    def webhooks(self, reader: Actor) -> Sequence[Webhook]:
        """Of the reader's own organisation and role, by name; without their secrets."""
        ...

    def wants_mail(self, reader: Actor) -> bool:
        """Whether the reader gets mail about reviews."""
        ...
