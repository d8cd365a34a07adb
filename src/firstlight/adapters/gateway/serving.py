"""Runs a gateway under Granian, as a service of its own."""

from __future__ import annotations

import logging

from firstlight.adapters.asgi import serve
from firstlight.adapters.logs import configuration

_CONNECTIONS = 2048
"""at one time: twice the open uses, since clients keep connections between requests"""


def serve_gateway(factory: str, *, address: str, port: int, processes: int = 1) -> None:
    """Serve until a signal ends it.

    Args:
        factory: `module:function` that gives the application; called once in each process
        address: to listen on; TLS is the business of a proxy in front
        port: likewise
        processes: each keeps its own connections; the desk is what they share
    """
    serve(
        factory,
        address=address,
        port=port,
        processes=processes,
        connections=_CONNECTIONS,
        logs=_logs(),
    )


class ToldByTheApp(logging.Filter):
    """Drops the server's account of an exception that the application has logged, or meant."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Everything else passes."""
        return not record.getMessage().startswith("Application callable raised an exception")


def _logs() -> dict[str, object]:
    usual = configuration(debug=False)
    handlers, loggers = usual["handlers"], usual["loggers"]
    assert isinstance(handlers, dict)  # noqa: S101  # what our own function gives
    assert isinstance(loggers, dict)  # noqa: S101  # likewise
    # On the handlers, because the server logs under many names.
    filtered = {name: {**one, "filters": ["told"]} for name, one in handlers.items()}
    return {
        **usual,
        "filters": {"told": {"()": ToldByTheApp}},
        "handlers": filtered,
        "loggers": {**loggers, "_granian": {}},
    }
