"""What is told, to whom, when something happens in a review.

A notice leaves the confidential zone: it goes by e-mail and to webhooks. So it says that something
happened, in which review (by its number) and where to read on, and nothing that a person wrote:
no reason, no name of a model, no text of terms or observations. Who reads on is asked again there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Self

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import Role
from firstlight.core.review.ids import EngagementId, NoticeId
from firstlight.core.review.window import Audience, Window

SOON = timedelta(days=3)
"""how long before its end a window is spoken of"""
LATE = timedelta(days=2)
"""an end that is longer ago is no news any more"""


class Event(StrEnum):
    """What happened, each with the sentence that people read."""

    sentence: str

    def __new__(cls, name: str, sentence: str) -> Self:
        """A name for programs and a sentence for people."""
        made = str.__new__(cls, name)
        made._value_ = name
        made.sentence = sentence
        return made

    REQUESTED = "review.requested", "An office asks for a review. Whether to answer is yours."
    QUESTION = "review.question", "A developer asks your office whether a model is covered."
    ANSWERED = "review.answered", "An office has shared its assessment with you."
    OFFICE_ADMITTED = "office.admitted", "Your office takes part in a review."
    OFFICE_DECLINED = "office.declined", "A developer has declined your office's request."
    OFFICE_REMOVED = "office.removed", "Your office takes part no longer; its grants have ended."
    OFFICE_LEFT = "office.left", "An office has left; its grants have ended."
    TERMS = "terms.changed", "There are new terms. Read and accept them to go on."
    DOCUMENT = "document.uploaded", "A new version of a document has been uploaded for you."
    GRANT_GIVEN = "grant.given", "You have been given access."
    GRANT_REVOKED = "grant.revoked", "Access that you had has been revoked."
    GRANT_ENDED = "grant.ended", "Access that you had has ended."
    SUSPENDED = "grant.suspended", "Access was suspended. The written reason is on its page."
    RESTORED = "grant.restored", "A suspension was lifted."
    WINDOW_SET = "window.set", "A window of access was set."
    WINDOW_EXTENDED = "window.extended", "A window of access was extended."
    WINDOW_STOPPED = "window.stopped", "A window of access was stopped."
    WINDOW_SOON = "window.ends-soon", "A window of access ends within three days."
    WINDOW_ENDED = "window.ended", "A window of access has ended."
    PARTNER_PROPOSED = "partner.proposed", "A trusted partner was proposed."
    PARTNER_AGREED = "partner.agreed", "Both sides agree to a trusted partner."
    PARTNER_REFUSED = "partner.refused", "A proposed partner was refused; the reason is on record."
    PARTNER_APPEALED = "partner.appealed", "An appeal against a refusal waits for an answer."
    PARTNER_ANSWERED = "partner.answered", "An appeal was answered."
    PARTNER_ENDED = "partner.ended", "A partnership has ended."
    OBSERVATION = "observation.written", "A reviewer has told you something. It is advice."
    RESPONSE = "observation.answered", "The developer has responded to your observation."
    WITHDRAWN = "review.withdrawn", "The developer has withdrawn the model; access has ended."
    CLOSED = "review.closed", "The review is closed; access has ended."
    RECEIPT = "review.receipt", "The signed receipt of the close is ready."
    DESTROYED = "review.destroyed", "Keys of sealed documents were destroyed; see the receipt."
    TEST = "test", "This is a test. Nothing happened."


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """One side, or one person of it, that a notice is for."""

    organisation: OrganisationId
    role: Role
    """in which its people act here"""
    person: PersonId | None = None
    """this one alone; None for everybody of the organisation in that role"""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One event for one recipient."""

    id: NoticeId
    event: Event
    engagement: EngagementId
    number: str
    """the review's, as people know it"""
    recipient: Recipient
    at: Instant
    by: PersonId | None = None
    """who did it; they need no mail about it"""

    def to_json(self) -> dict[str, Json]:
        """For the outbox."""
        told = self.recipient
        return {
            "id": str(self.id),
            "event": self.event.value,
            "engagement": str(self.engagement),
            "number": self.number,
            "organisation": str(told.organisation),
            "role": told.role.value,
            "person": str(told.person) if told.person else None,
            "at": str(self.at),
            "by": str(self.by) if self.by else None,
        }

    @classmethod
    def from_json(cls, said: dict[str, str]) -> Notice:
        """From the outbox, which holds only what `to_json` made."""
        recipient = Recipient(
            organisation=OrganisationId(said["organisation"]),
            role=Role(said["role"]),
            person=PersonId(said["person"]) if said["person"] else None,
        )
        return cls(
            id=NoticeId(said["id"]),
            event=by_name(said["event"]),
            engagement=EngagementId(said["engagement"]),
            number=said["number"],
            recipient=recipient,
            at=Instant.parse(said["at"]),
            by=PersonId(said["by"]) if said["by"] else None,
        )


_BY_NAME = {event.value: event for event in Event}


def by_name(name: str) -> Event:
    """The event of this name. Raises KeyError."""
    return _BY_NAME[name]


def page_of(notice: Notice) -> str:
    """Where its recipient reads on, below the portal's address."""
    mine = notice.recipient.person is not None or notice.recipient.role is Role.PARTNER
    return "/my-access/" if mine else f"/reviews/{notice.number}/"


@dataclass(frozen=True, kw_only=True)
class Ending:
    """A window that ends soon, or has ended."""

    event: Event
    window: Window

    @property
    def key(self) -> str:
        """The same for the same end, so that it is told once."""
        return f"{self.event.value} {self.window.audience.value} {self.window.period.end}"


def endings(windows: Sequence[Window], now: Instant) -> Iterator[Ending]:
    """What the clock alone does to windows: those to end within three days, and ended ones.

    A window that is no longer than three days is not announced to end soon, and one that was
    stopped has been spoken of already.
    """
    for each in windows:
        end, left = each.period.end, each.period.end.utc - now.utc
        if timedelta() < left <= SOON and each.length > SOON and each.period.start <= now:
            yield Ending(event=Event.WINDOW_SOON, window=each)
        if -LATE <= left <= timedelta() and end == each.planned_end:
            yield Ending(event=Event.WINDOW_ENDED, window=each)


def role_of(audience: Audience) -> Role:
    """In which role people of an audience act."""
    return Role.REVIEWER if audience is Audience.OFFICES else Role.PARTNER


def distinct(recipients: Iterable[Recipient]) -> tuple[Recipient, ...]:
    """Each once, in order."""
    return tuple(dict.fromkeys(recipients))
