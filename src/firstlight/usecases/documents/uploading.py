"""A developer uploads a document: checked, sealed with the engagement's key, and listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from firstlight.core.kernel.canonical import Json, digest
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.parties import Actor
from firstlight.core.review import artefacts
from firstlight.core.review.documents import Document, check_upload, media_type_of
from firstlight.core.review.grants import GrantState
from firstlight.core.review.ids import ArtefactId, DocumentId, EngagementId
from firstlight.core.review.notices import Event, Recipient, role_of
from firstlight.core.review.words import line
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.context import Context
from firstlight.usecases.documents.desk import Desk
from firstlight.usecases.ports.sealed import SealedVault
from firstlight.usecases.reviews.step import Step, step

PIECE_BYTES = 1 << 20
"""of an envelope, in one row"""


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file that can be sealed: of a type that bears a mark, and really of it."""

    engagement: EngagementId
    artefact: ArtefactId
    name: str
    media_type: str
    content: bytes


def check(
    context: Context,
    desk: Desk,
    actor: Actor,
    engagement: EngagementId,
    artefact: ArtefactId,
    *,
    name: str,
    media_type: str,
    content: bytes,
) -> Upload:
    """Look whether a file can be handed out later, before anything is locked for long.

    Args:
        context: the ports
        desk: the marks
        actor: the developer
        engagement: which one
        artefact: to which it belongs
        name: of the file
        media_type: as its sender says; empty to go by the name
        content: all of it; a mark needs the whole

    Raises:
        Missing, Refused, MoveNotAllowed: as usual; Missing also for an unknown artefact.
        NoMark: the type cannot carry a reader's mark.
        NotMarkable, TooLarge, BadEncoding: this file cannot.
        NoDocument, OtherDocument, Conflict: the artefact does not take it.
        Invalid: the file is empty, or its name is.
    """
    allow(actor, Action.DOCUMENT_WRITE)
    plain = line(name.replace("\\", "/").rpartition("/")[2], "name")
    kind = media_type_of(plain, media_type)
    if not content:
        raise Invalid("the file is empty", field="document")
    with step(context, actor, engagement, Action.DOCUMENT_WRITE) as taken:
        taken.move("arrange")
        _number(taken, artefact, digest(content))
    desk.marker.check(content, kind)
    return Upload(
        engagement=engagement, artefact=artefact, name=plain, media_type=kind, content=content
    )


def keep(context: Context, desk: Desk, actor: Actor, upload: Upload) -> Document:
    """Seal what was checked, and list it as the next version.

    Raises:
        Missing, Refused, MoveNotAllowed, NoDocument, OtherDocument, Conflict: as `check`; what was
            so then may be otherwise now.
        VaultUnusable: the key's folder; nothing was stored.
    """
    with step(context, actor, upload.engagement, Action.DOCUMENT_WRITE) as taken:
        _, rule = taken.move("arrange")
        unsealed = Document(
            id=context.mint.new(DocumentId, taken.now),
            engagement=upload.engagement,
            artefact=upload.artefact,
            version=_number(taken, upload.artefact, digest(upload.content)),
            name=upload.name,
            media_type=upload.media_type,
            size=len(upload.content),
            digest=digest(upload.content),
            sealed_with="",
            uploaded_by=taken.person,
            uploaded_at=taken.now,
        )
        document, envelope = _sealed(desk.vault, unsealed, upload.content)
        taken.work.documents.add(document, in_pieces(envelope))
        facts: dict[str, Json] = {
            "document": str(document.id),
            "artefact": str(document.artefact),
            "version": document.version,
            "media_type": document.media_type,
            "size": document.size,
            "digest": document.digest,
            "sealed_with": document.sealed_with,
        }
        taken.note(rule, facts)
        taken.tell(Event.DOCUMENT, *_readers(taken, upload.artefact))
    return document


def upload_document(
    context: Context,
    desk: Desk,
    actor: Actor,
    engagement: EngagementId,
    artefact: ArtefactId,
    *,
    name: str,
    media_type: str,
    content: bytes,
) -> Document:
    """Check and keep. Raises as both."""
    upload = check(
        context,
        desk,
        actor,
        engagement,
        artefact,
        name=name,
        media_type=media_type,
        content=content,
    )
    return keep(context, desk, actor, upload)


def _sealed(
    vault: SealedVault, document: Document, content: bytes
) -> tuple[Document, Iterator[bytes]]:
    """The document with the name of its key, and the envelope. The first sealing makes the key."""
    sealing = str(document.engagement)
    chunks = vault.seal_stream(sealing, str(document.id), [content], document.context)
    first = next(chunks)
    return replace(document, sealed_with=vault.fingerprint(sealing)), chain([first], chunks)


def in_pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of a mebibyte or a little more."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        if len(held) >= PIECE_BYTES:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


def _number(taken: Step, artefact: ArtefactId, content: str) -> int:
    found = artefacts.find(taken.engagement.artefacts, artefact)
    return check_upload(found, taken.work.documents.versions(artefact), content)


def _readers(taken: Step, artefact: ArtefactId) -> Iterator[Recipient]:
    for grant in taken.work.grants.of_engagement(taken.engagement.id):
        if grant.artefact == artefact and grant.state is not GrantState.REVOKED:
            role = role_of(grant.audience)
            yield Recipient(organisation=grant.organisation, role=role, person=grant.person)
