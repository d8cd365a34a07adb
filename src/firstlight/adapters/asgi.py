"""Runs an ASGI application of ours under Granian, as a service of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

_HEADER_MILLISECONDS = 15_000
"""for the head of a request; who sends it drop by drop is cut off"""


def serve(  # what differs between services
    factory: str,
    *,
    address: str,
    port: int,
    processes: int,
    connections: int,
    logs: Mapping[str, Any],
    tls: tuple[Path, Path] | None = None,
) -> None:
    """Serve until a signal ends it.

    Args:
        factory: `module:function` that gives the application; called once in each process
        address: to listen on
        port: likewise
        processes: each keeps its own connections
        connections: at one time
        logs: configuration of the server's own logs
        tls: a certificate chain and its private key; without it TLS is the business of a proxy
    """
    from granian import Granian  # noqa: PLC0415 # only a server
    from granian.constants import HTTPModes, Interfaces  # noqa: PLC0415 # likewise
    from granian.http import HTTP1Settings  # noqa: PLC0415 # likewise
    from granian.log import LogLevels  # noqa: PLC0415 # likewise

    certificate, key = tls or (None, None)
    Granian(
        factory,
        factory=True,
        address=address,
        port=port,
        interface=Interfaces.ASGI,
        workers=processes,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MILLISECONDS),
        websockets=False,
        ssl_cert=certificate,
        ssl_key=key,
        backlog=connections,
        backpressure=connections,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        log_dictconfig=dict(logs),
    ).serve()
