"""Documents that a developer shows, and who got a copy.

A system card, or one set of evaluation logs, is an artefact; what is uploaded to it are versions of
it, and none is ever written over. Only types that can carry a reader's mark are taken, because the
developer's own people alone read them unmarked. Weights are no document.

How content is sealed, and how a copy is marked, is left to the vault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from firstlight.core.kernel.canonical import canonical
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Invalid
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.review.artefacts import Artefact, ArtefactKind
from firstlight.core.review.ids import ArtefactId, DocumentId, DownloadId, EngagementId, GrantId

MOST_VERSIONS = 100
"""of one artefact"""
MOST_DOWNLOADS = 1000
"""by one grant"""
FETCHED_WITHIN = timedelta(minutes=10)
"""a copy that was asked for is handed out for so long; then it is asked for anew"""

KINDS = frozenset({ArtefactKind.SYSTEM_CARD, ArtefactKind.EVALUATION_LOGS})
"""artefacts that are documents"""

MEDIA_TYPES: Mapping[str, tuple[str, ...]] = {
    "application/pdf": (".pdf",),
    "text/markdown": (".md", ".markdown"),
    "text/plain": (".txt", ".log", ".csv", ".json", ".jsonl", ".yaml", ".yml"),
}
"""what can carry a mark, and how names of such files end"""


class NoMark(Invalid):
    """A file of this type cannot carry a reader's mark, so it could be handed to nobody else."""

    code = "document.no_mark"
    next_step = (
        "Upload it as PDF (application/pdf), Markdown (text/markdown) or plain text (text/plain); "
        "an archive is unpacked first, and each file is an artefact of its own."
    )


class NoDocument(Conflict):
    """This artefact is no document."""

    code = "document.not_a_document"
    next_step = (
        "Add an artefact of the kind system-card or evaluation-logs and upload to it. An endpoint "
        "is reached through the gateway; weights never pass through the program."
    )


class OtherDocument(Conflict):
    """The list of artefacts names another content by its digest."""

    code = "document.other_digest"
    next_step = "Upload exactly the listed file, or add an artefact without a digest."


class CopyExpired(Conflict):
    """This copy was asked for too long ago."""

    code = "document.copy_expired"
    next_step = "Ask for a new one; each is listed in the ledger."


@dataclass(frozen=True, kw_only=True)
class Document:
    """One version of a document, as it is listed. Its content is sealed elsewhere."""

    id: DocumentId
    engagement: EngagementId
    artefact: ArtefactId
    version: int
    """1, 2, 3, ... within the artefact"""
    name: str
    """of the file: one line"""
    media_type: str
    """one of `MEDIA_TYPES`"""
    size: int
    """of the content, in bytes"""
    digest: str
    """SHA-256 (hex) of the content as it was uploaded"""
    sealed_with: str
    """fingerprint of the engagement's key; the closing receipt names the same"""
    uploaded_by: PersonId
    uploaded_at: Instant

    @property
    def context(self) -> bytes:
        """What the seal is bound to besides engagement and identifier."""
        return canonical({"mediaType": self.media_type, "version": self.version})


@dataclass(frozen=True, kw_only=True)
class Download:
    """One copy, listed before its first byte left."""

    id: DownloadId
    engagement: EngagementId
    document: DocumentId
    grant: GrantId | None
    """None for the developer's own people, who read without a mark"""
    person: PersonId
    organisation: OrganisationId
    second: PersonId | None
    """who was present beside the person, where the grant asks for somebody"""
    reader: str
    """as the mark names them: person and organisation, by the names of that day"""
    at: Instant

    @property
    def marked(self) -> bool:
        """Whether the copy carries a mark of its reader."""
        return self.grant is not None

    def fresh(self, now: Instant) -> bool:
        """Whether the copy is still handed out."""
        return now < self.at.plus(FETCHED_WITHIN)


def media_type_of(name: str, said: str = "") -> str:
    """The type of a file, by what its sender says or else by its name.

    Args:
        name: the file's
        said: a media type; parameters are set aside; empty, or the one that means nothing, counts
            as not said

    Raises:
        NoMark: it is none that can carry a mark.
    """
    kind = said.partition(";")[0].strip().lower()
    if kind in MEDIA_TYPES:
        return kind
    lower = name.lower()
    if kind in {"", "application/octet-stream"}:
        for known, ends in MEDIA_TYPES.items():
            if lower.endswith(ends):
                return known
    raise NoMark(
        f"{(kind or name)[:60]!r} cannot carry a reader's mark", possible=sorted(MEDIA_TYPES)
    )


def check_upload(artefact: Artefact, versions: Sequence[Document], digest: str) -> int:
    """The number of the next version.

    Args:
        artefact: to which it is uploaded
        versions: those that are there
        digest: of the content

    Raises:
        NoDocument: the artefact is an endpoint, or weights.
        OtherDocument: the list of artefacts names another content.
        Conflict: the artefact was taken back, or has too many versions.
    """
    if artefact.kind not in KINDS:
        raise NoDocument(f"{artefact.name!r} is no document", kind=artefact.kind.value)
    if artefact.removed_at is not None:
        raise Conflict("this artefact was taken back")
    if artefact.digest and artefact.digest != digest:
        raise OtherDocument(listed=artefact.digest, uploaded=digest)
    if len(versions) >= MOST_VERSIONS:
        raise Conflict(f"a document has at most {MOST_VERSIONS} versions")
    return len(versions) + 1


def check_download(taken: int) -> None:
    """Refuse a copy beyond all use.

    Args:
        taken: how many this grant has taken already

    Raises:
        Conflict: there are too many.
    """
    if taken >= MOST_DOWNLOADS:
        raise Conflict(
            f"this grant has taken {taken} copies", hint="The developer can give another grant."
        )
