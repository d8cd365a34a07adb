"""Runs a gateway under Granian, as a service of its own."""

from __future__ import annotations


def serve_gateway(factory: str, *, address: str, port: int, processes: int = 1) -> None:
    """Serve until a signal ends it.

    Args:
        factory: `module:function` that gives the application; called once in each process
        address: to listen on; TLS is the business of a proxy in front
        port: likewise
        processes: each keeps its own connections; the desk is what they share
    """
    from granian import Granian  # noqa: PLC0415 # only a server
    from granian.constants import HTTPModes, Interfaces  # noqa: PLC0415 # likewise

    Granian(
        factory,
        factory=True,
        address=address,
        port=port,
        interface=Interfaces.ASGI,
        workers=processes,
        http=HTTPModes.http1,
        websockets=False,
        respawn_failed_workers=True,
        # It would log every answer that is broken off on purpose; faults are logged by the app.
        log_enabled=False,
    ).serve()
