"""The gateway's client of the developer's endpoint: one try, nothing held, errors of ours."""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpcore

from firstlight.adapters.gateway import failures
from firstlight.adapters.gateway.connect import CheckedBackend, Rule
from firstlight.adapters.gateway.headers import Headers
from firstlight.adapters.gateway.limits import GatewayLimits
from firstlight.adapters.outgoing.addresses import AllowedHost, forbidden, refuse
from firstlight.core.kernel.errors import OutgoingRefused

_log = logging.getLogger(__name__)
_PORTS = {"https": 443, "http": 80}
_LEAST_STATUS = 200


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The head of an answer, and its body as it comes."""

    status: int
    headers: Headers
    """names in lower case"""
    body: AsyncIterator[bytes]
    """undecoded pieces; raises `EndpointFailed`"""

    def header(self, name: bytes) -> bytes:
        """The first value of that name, or nothing."""
        return next((value for key, value in self.headers if key == name), b"")


class Endpoints:
    """Sends requests to endpoints that the operator allows. Use as an async context manager."""

    def __init__(
        self, allow: Iterable[AllowedHost], limits: GatewayLimits, *, rule: Rule = forbidden
    ) -> None:
        """`rule` judges addresses; it is replaced where an endpoint on this machine is meant."""
        self._allow = {entry.host.lower(): entry for entry in allow}
        self._limits = limits
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=limits.connections,
            max_keepalive_connections=limits.connections,
            keepalive_expiry=limits.spare_seconds,
            retries=0,
            network_backend=CheckedBackend(self._allow, rule, limits.read),
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.aclose()

    def target(self, address: str, path: str) -> httpcore.URL:
        """Where a request for `path` goes.

        Raises:
            EndpointNotAllowed: the operator does not allow this address.
        """
        with translated():
            return self._target(address, path)

    def _target(self, address: str, path: str) -> httpcore.URL:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
        entry = self._allow.get(host)
        if entry is None:
            raise refuse(address, "the host is not on the allow list")
        plain = parts.scheme == "http" and entry.plain_http_ok
        if parts.scheme != "https" and not plain:
            raise refuse(address, "the scheme is not allowed for this host")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise refuse(host, "the address holds more than scheme, host and path")
        return httpcore.URL(
            scheme=parts.scheme,
            host=host,
            port=parts.port or _PORTS[parts.scheme],
            target=(parts.path.rstrip("/") + path).encode("ascii"),
        )

    @asynccontextmanager
    async def send(
        self, target: httpcore.URL, headers: Headers, body: bytes
    ) -> AsyncIterator[Answer]:
        """Send one POST, once.

        Raises:
            EndpointFailed: no answer came; the subclass says how.
        """
        limits = self._limits
        timeouts = {
            "connect": limits.connect,
            "pool": limits.connect,
            "read": limits.first_byte,
            "write": limits.idle,
        }
        request = httpcore.Request(
            "POST", target, headers=headers, content=body, extensions={"timeout": timeouts}
        )
        with translated():
            response = await self._pool.handle_async_request(request)
        # The same mapping is looked at before each read.
        timeouts["read"] = limits.idle
        try:
            if response.status < _LEAST_STATUS:
                raise failures.EndpointUnreadable(status=response.status)
            yield Answer(
                status=response.status,
                headers=[(name.lower(), value) for name, value in response.headers],
                body=_pieces(response),
            )
        finally:
            await response.aclose()


async def _pieces(response: httpcore.Response) -> AsyncIterator[bytes]:
    with translated():
        async for piece in response.aiter_stream():
            yield piece


@contextmanager
def translated() -> Iterator[None]:
    """Errors of the library and of the guard as errors that a reviewer may read."""
    try:
        yield
    except OutgoingRefused as error:
        _log.warning("%s", error.message, extra={"code": error.code})
        raise failures.EndpointNotAllowed from error
    except httpcore.TimeoutException as error:
        raise failures.EndpointSlow from error
    except httpcore.ProtocolError as error:
        raise failures.EndpointUnreadable from error
    except httpcore.NetworkError as error:
        raise failures.EndpointFailed from error


def host_of(target: httpcore.URL) -> bytes:
    """The value of the header Host (RFC 9110, section 7.2)."""
    usual = _PORTS[target.scheme.decode("ascii")]
    host = b"[%b]" % target.host if b":" in target.host else target.host
    return host if target.port in {None, usual} else b"%b:%d" % (host, target.port)
