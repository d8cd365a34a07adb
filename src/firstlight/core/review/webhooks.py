"""Webhooks: addresses to which an organisation has its notices sent, and how each stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid, TooLarge
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.moves import Move, MoveTable
from firstlight.core.kernel.parties import Role
from firstlight.core.review.ids import WebhookId

MOST_WEBHOOKS = 10
"""of one organisation in one role"""
SECRET_BYTES = 32
_LONGEST_URL = 500
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


class WebhookState(StrEnum):
    """Whether notices go there."""

    ACTIVE = "active"
    """they do"""
    PAUSED = "paused"
    """they do not, until somebody resumes it; what happens meanwhile is not sent later"""
    REMOVED = "removed"
    """never again; its secret is destroyed"""


_MEMBERS = frozenset({Role.DEVELOPER, Role.REVIEWER, Role.PARTNER})
_RULE = "an organisation decides where its own notices are sent"

WEBHOOK_MOVES: MoveTable[WebhookState] = MoveTable(
    (
        Move(
            name="pause",
            sources=frozenset({WebhookState.ACTIVE}),
            target=WebhookState.PAUSED,
            roles=_MEMBERS,
            rule=_RULE,
        ),
        Move(
            name="resume",
            sources=frozenset({WebhookState.PAUSED}),
            target=WebhookState.ACTIVE,
            roles=_MEMBERS,
            rule=_RULE,
        ),
        Move(
            name="remove",
            sources=frozenset({WebhookState.ACTIVE, WebhookState.PAUSED}),
            target=WebhookState.REMOVED,
            roles=_MEMBERS,
            rule=_RULE,
        ),
    )
)


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """One address. Its secret is sealed; whoever reads the database cannot sign with it."""

    id: WebhookId
    organisation: OrganisationId
    role: Role
    """the notices of this role are sent there"""
    name: str
    """small letters, digits and hyphens; once in an organisation and role"""
    url: str
    """https, to a host that the operator allows"""
    sealed: bytes
    """the secret's envelope; empty when it was removed"""
    state: WebhookState
    added_by: PersonId
    added_at: Instant
    tried_at: Instant | None = None
    """when something was last sent there"""
    delivered_at: Instant | None = None
    """when it last took something"""
    error: str = ""
    """what the last try said; empty when it went well"""
    version: int = 1
    """grows with every change of the record"""

    @property
    def sends(self) -> bool:
        """Whether notices go there."""
        return self.state is WebhookState.ACTIVE


def checked_name(name: str) -> str:
    """A webhook's name. Raises Invalid."""
    if not _NAME.fullmatch(name):
        raise Invalid(
            f"{name[:40]!r} is no name for a webhook",
            hint="Use 1 to 40 small letters, digits and hyphens.",
            field="name",
        )
    return name


def host_of(url: str) -> str:
    """Host and port of a checked address."""
    return url.removeprefix("https://").partition("/")[0].partition("?")[0]


def checked_url(url: str) -> str:
    """An address that may be looked at: https, without a password in it.

    Raises:
        Invalid: it is none.
        TooLarge: it has more than 500 characters.
    """
    if len(url) > _LONGEST_URL:
        raise TooLarge("the address is too long", field="url", limit=_LONGEST_URL)
    rest = url.removeprefix("https://")
    host = rest.partition("/")[0]
    plain = url.isascii() and url.isprintable() and " " not in url
    if rest == url or not host or "@" in host or not plain or "#" in url:
        raise Invalid(
            "a webhook's address begins with https:// and holds no password",
            hint="Example: https://hooks.example.org/firstlight",
            field="url",
        )
    return url
