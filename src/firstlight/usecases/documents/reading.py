"""Reading a document: a copy is asked for and listed, and only then handed out.

1. The same decision as at the gateway admits the person (`reviews.use.admit`): engagement, window,
   grant, membership, terms, second person. It is asked when the copy is listed, and again when it
   is handed out, so that a revocation in between counts.
2. The copy stands in the ledger, durably, before its first byte leaves.
3. It carries the mark of its reader; without one it is handed out to the developer's people alone.
4. It is handed out for ten minutes, to the person that asked, always as the same copy.
"""

from __future__ import annotations

from dataclasses import dataclass

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.ids import PersonId
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review.documents import CopyExpired, Document, Download, check_download
from firstlight.core.review.grants import Grant, GrantState
from firstlight.core.review.ids import DocumentId, DownloadId
from firstlight.core.review.presence import there
from firstlight.core.review.use import Admission, UseDenied
from firstlight.usecases.access.rules import Thing
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.context import Context, record
from firstlight.usecases.documents.desk import Desk
from firstlight.usecases.ports import UnitOfWork
from firstlight.usecases.reviews import use
from firstlight.usecases.reviews.step import organisation_of, person_of


@dataclass(frozen=True, kw_only=True)
class Copy:
    """What leaves."""

    document: Document
    download: Download
    content: bytes


def ask_copy(context: Context, desk: Desk, actor: Actor, identifier: DocumentId) -> Download:
    """List a copy for the person who asks. The second person is whoever is present now.

    Raises:
        Missing: no such document for this person.
        Refused: the role or the token does not include it.
        UseDenied: not now, with the reason.
        Conflict: the grant has taken too many copies.
        KeyDestroyed, KeyMissing, VaultUnusable: nobody can open it, or not now.
    """
    allow(actor, Action.DOCUMENT_READ)
    person, organisation = person_of(actor), organisation_of(actor)
    clock = context.clock.now()
    with context.storage.begin() as work:
        document = work.documents.get(identifier)
        work.engagements.lock(document.engagement)
        grant, second = None, None
        if not _own(work, document, actor):
            grant = _grant(work, document, actor, clock)
            second = _second(work, grant, clock)
            check_download(work.documents.taken(grant.id))
            _admitted(context, work, desk, grant, second=second, now=clock)
        desk.vault.fingerprint(str(document.engagement))  # nothing is listed that cannot be opened
        newest = work.engagements.last_recorded(document.engagement)
        now = max(clock, newest) if newest else clock
        download = Download(
            id=context.mint.new(DownloadId, now),
            engagement=document.engagement,
            document=document.id,
            grant=grant.id if grant else None,
            person=person,
            organisation=organisation,
            second=second,
            reader=_called(desk, actor),
            at=now,
        )
        work.documents.add_download(download)
        _note(context, work, actor, document, download)
    return download


def read_copy(context: Context, desk: Desk, actor: Actor, identifier: DownloadId) -> Copy:
    """Hand out a copy that was listed.

    Raises:
        Missing: no such copy of this person.
        Refused: the role or the token does not include it.
        UseDenied: not any more, with the reason.
        CopyExpired: it was asked for too long ago.
        KeyDestroyed, SealBroken, NotMarkable, Unavailable: it cannot be opened, or not marked.
    """
    allow(actor, Action.DOCUMENT_READ)
    now = context.clock.now()
    with context.storage.begin() as work:
        download = work.documents.download(identifier)
        mine = (download.person, download.organisation) == (actor.person, actor.organisation)
        if not mine:
            raise Missing(f"there is no {identifier} for you")
        if not download.fresh(now):
            raise CopyExpired(asked_at=str(download.at))
        document = work.documents.get(download.document)
        if download.grant is not None:
            grant = work.grants.get(download.grant)
            _allow(work, document, grant, actor)
            _admitted(context, work, desk, grant, second=_second(work, grant, now), now=now)
        elif not _own(work, document, actor):
            raise Missing(f"there is no {identifier} for you")
        pieces = _envelope(work, desk, document)
    sealing = str(document.engagement)
    content = b"".join(desk.vault.open_stream(sealing, str(document.id), pieces, document.context))
    if download.marked:
        content = desk.marker.mark(content, document.media_type, download)
    return Copy(document=document, download=download, content=content)


def standing(
    context: Context, desk: Desk, actor: Actor, document: Document
) -> Admission | UseDenied:
    """Whether the person would be let in now, for a page that lists what there is. Raises Missing.

    A second person who is absent is a reason like any other.
    """
    now = context.clock.now()
    with context.storage.begin() as work:
        grant = _grant(work, document, actor, now)
        try:
            return _admitted(context, work, desk, grant, second=_second(work, grant, now), now=now)
        except UseDenied as denied:
            return denied


def _envelope(work: UnitOfWork, desk: Desk, document: Document) -> list[bytes]:
    """The sealed pieces; after a destruction that is what is said, not that they are gone."""
    desk.vault.fingerprint(str(document.engagement))
    return list(work.documents.envelope(document.id))


def _own(work: UnitOfWork, document: Document, actor: Actor) -> bool:
    """Whether it is the developer that uploaded it who asks."""
    if actor.role is not Role.DEVELOPER:
        return False
    engagement = work.engagements.get(document.engagement)
    if engagement.model.developer != actor.organisation:
        raise Missing(f"there is no {document.id} for you")
    owner = engagement.model.developer
    allow(actor, Action.DOCUMENT_READ, Thing(marking=engagement.marking, owner=owner))
    return True


def _grant(work: UnitOfWork, document: Document, actor: Actor, now: Instant) -> Grant:
    """The person's grant for this document: the one that lasts longest. Raises Missing."""
    mine = [
        each
        for each in work.grants.of_engagement(document.engagement)
        if each.artefact == document.artefact
        and (each.person, each.organisation) == (actor.person, actor.organisation)
    ]
    if not mine:
        raise Missing(f"there is no {document.id} for you")

    def best(grant: Grant) -> tuple[bool, bool, Instant]:
        stands = grant.state is GrantState.ACTIVE
        return stands, grant.valid.contains(now), grant.valid.end

    found = max(mine, key=best)
    _allow(work, document, found, actor)
    return found


def _allow(work: UnitOfWork, document: Document, grant: Grant, actor: Actor) -> None:
    marking = work.engagements.get(document.engagement).marking
    allow(actor, Action.DOCUMENT_READ, Thing(marking=marking, owner=grant.organisation))


def _second(work: UnitOfWork, grant: Grant, now: Instant) -> PersonId | None:
    """Who is there beside the grant's person, where the grant asks for somebody."""
    if not grant.seconds:
        return None
    present = there(work.presences.of_grant(grant.id, now), now)
    return present[0].person if present else None


def _admitted(
    context: Context,
    work: UnitOfWork,
    desk: Desk,
    grant: Grant,
    *,
    second: PersonId | None,
    now: Instant,
) -> Admission:
    """The one decision; a grant that asks for a second person refuses without one."""
    return use.admit(
        context,
        work,
        desk.accounts,
        grant=grant.id,
        artefact=grant.artefact,
        now=now,
        second_person=second,
    )


def _called(desk: Desk, actor: Actor) -> str:
    """Name and organisation, as the mark bears them."""
    person = desk.accounts.person(person_of(actor)).name
    home = desk.accounts.organisation(organisation_of(actor)).organisation.name
    return f"{person}, {home}"


def _note(
    context: Context, work: UnitOfWork, actor: Actor, document: Document, download: Download
) -> None:
    facts: dict[str, Json] = {
        "download": str(download.id),
        "document": str(document.id),
        "version": document.version,
        "grant": str(download.grant) if download.grant else None,
        "organisation": str(download.organisation),
        "second": str(download.second) if download.second else None,
        "reader": download.reader,
        "marked": download.marked,
    }
    record(
        context,
        work,
        now=download.at,
        actor=actor,
        action=Action.DOCUMENT_READ,
        subject=str(document.engagement),
        rule="each copy is listed before it leaves, with whom it is for",
        facts=facts,
    )
