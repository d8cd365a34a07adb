"""A gateway over a static desk, for tests and benchmarks: `static_service:make` for a server.

Environment: FIRSTLIGHT_STATIC_DESK, a file that a `StaticDesk` made; its grants' endpoints are on
this machine, over plain HTTP. FIRSTLIGHT_STATIC_LIMITS, fields of `GatewayLimits` as JSON.
"""

from __future__ import annotations

import ipaddress
import json
import os
from pathlib import Path

from starlette.types import ASGIApp

from firstlight.adapters.gateway.app import Gateway
from firstlight.adapters.gateway.limits import GatewayLimits
from firstlight.adapters.gateway.static_desk import StaticDesk
from firstlight.adapters.machine import SystemClock, SystemMint
from firstlight.adapters.outgoing.addresses import Address, AllowedHost

LOOPBACK = AllowedHost(host="127.0.0.1", plain_http_ok=True)


def only_this_machine(address: Address, *, private_ok: bool) -> str | None:
    """The opposite of the usual rule: nothing but loopback."""
    del private_ok
    here = ipaddress.ip_address(address).is_loopback
    return None if here else "another machine, which a static desk never asks"


def make() -> ASGIApp:
    """The application, which says in the log that it is for tests."""
    desk = StaticDesk(Path(os.environ["FIRSTLIGHT_STATIC_DESK"]))
    desk.announce()
    return Gateway(
        desk,
        clock=SystemClock(),
        mint=SystemMint(),
        allow=[LOOPBACK],
        limits=GatewayLimits(**json.loads(os.environ.get("FIRSTLIGHT_STATIC_LIMITS", "{}"))),
        rule=only_this_machine,
    ).app
