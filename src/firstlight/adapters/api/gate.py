"""Who may call an operation: each names its action, and the access table answers first.

1. Only a bearer token speaks here. Session cookies are not looked at, so that a page of another
   site can make a browser send nothing that counts.
2. Every request is counted, by address, before anything is read or looked up.
3. The access table is asked whether the role has the action at all; use cases and queries ask it
   again for the one thing. An operation without a gate does not exist: see `urls`.
"""

from __future__ import annotations

import ipaddress
from typing import cast

from django.http import HttpRequest
from ninja.security.http import HttpAuthBase

from firstlight.adapters.api.bodies import require_bounded
from firstlight.adapters.api.services import services
from firstlight.core.kernel.errors import NotSignedIn
from firstlight.core.kernel.parties import ANONYMOUS, Actor
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.accounts.port import API_REQUEST

_PROXIED = ("Forwarded", "X-Forwarded-For", "Via")


class Bearer(HttpAuthBase):
    """A gate for one action; None stands for what everybody may do."""

    openapi_scheme = "bearer"
    openapi_description = "An API token, made in the portal or by `firstlight token create`."

    def __init__(self, action: Action | None, *, document: bool = False) -> None:
        """`action` is the row of the access table; `document` lets a large body in."""
        self.action = action
        self.document = document
        super().__init__()

    def __call__(self, request: HttpRequest) -> Actor:
        """The actor.

        Raises:
            NotSignedIn: no token, or one that opens nothing.
            Refused: the role or the token's scopes do not include the action.
            TooMany: the limit is reached.
            LengthRequired, BodyTooLarge: as the announced length of the body says.
        """
        actor = _actor(request)
        if self.action is not None:
            allow(actor, self.action)
        limits = services().limits
        require_bounded(request, limits.document_bytes if self.document else limits.json_bytes)
        return actor


class BearerOrLoopback(Bearer):
    """Like `Bearer`, and open to a program on the same machine that no proxy speaks for."""

    def __call__(self, request: HttpRequest) -> Actor:
        """The actor; raises as `Bearer` does."""
        if "Authorization" not in request.headers and _local(request):
            return ANONYMOUS
        return super().__call__(request)


def may(action: Action, *, document: bool = False) -> Bearer:
    """The gate of an operation."""
    return Bearer(action, document=document)


OPEN = Bearer(None)
"""the gate of what is public: health, the schema, this API's own description"""


def actor_of(request: HttpRequest) -> Actor:
    """Whom the gate has let in."""
    return cast("Actor", request.auth)  # type: ignore[attr-defined]  # the library sets it


def asker_of(request: HttpRequest, actor: Actor) -> str:
    """One name for one asker: the person and organisation, or the network address."""
    if actor.person is None:
        return f"{actor.role.value} {services().address_of(request)}"
    return f"{actor.person} {actor.organisation} {actor.role.value}"


def _actor(request: HttpRequest) -> Actor:
    parts = services()
    parts.brake.hit(API_REQUEST, parts.address_of(request))
    if "Authorization" not in request.headers:
        return ANONYMOUS
    actor = parts.resolve(request)
    if actor.person is None:
        raise NotSignedIn
    return actor


def _local(request: HttpRequest) -> bool:
    if any(name in request.headers for name in _PROXIED):
        return False
    try:
        return ipaddress.ip_address(str(request.META.get("REMOTE_ADDR"))).is_loopback
    except ValueError:
        return False
