"""The gateway over the real desk: `firstlight.host.gateway:make` is what its server loads."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.types import ASGIApp

from firstlight.adapters.gateway import Gateway
from firstlight.adapters.gateway.review_desk import ReviewDesk
from firstlight.adapters.outgoing.addresses import AllowedHost
from firstlight.adapters.processes import die_with_parent
from firstlight.bootstrap import open_firstlight
from firstlight.settings import BadSetting

_VARIABLE = "FIRSTLIGHT_GATEWAY_HOSTS"
_WORDS = frozenset({"", "private", "here"})


def make() -> ASGIApp:
    """The application, in each process of the server.

    Raises:
        BadSetting: the list of hosts cannot be read.
    """
    die_with_parent()
    opened = open_firstlight()
    context = opened.context
    desk = ReviewDesk(context, opened.accounts, opened.vault)
    allow = allowed_hosts(opened.settings.gateway_hosts)
    return Gateway(desk, clock=context.clock, mint=context.mint, allow=allow).app


def allowed_hosts(entries: Iterable[str]) -> list[AllowedHost]:
    """The operator's list: `host`, `host+private` or `host+here`.

    Raises:
        BadSetting: an entry is none of these.
    """
    found = []
    for entry in entries:
        host, _, word = entry.lower().partition("+")
        if not host or word not in _WORDS or set(host) & set("/:@*?#"):
            raise BadSetting(
                f"{_VARIABLE}: {entry!r} is no host",
                variable=_VARIABLE,
                hint="Write the bare name, with +private or +here where that is meant.",
            )
        here = word == "here"
        found.append(
            AllowedHost(host=host, private_ok=word == "private", plain_http_ok=here, here_ok=here)
        )
    return found
