"""Connections to the developer's endpoint, to addresses that were checked, without threads.

The name is resolved once for each connection, every address of the answer must be acceptable, and
the connection goes to one of them and to no other. TLS is verified against the name.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import select
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import httpcore

from firstlight.adapters.outgoing.addresses import Address, AllowedHost, refuse

Rule = Callable[..., str | None]


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections to allowed hosts."""

    def __init__(self, allow: Mapping[str, AllowedHost], rule: Rule, read: int) -> None:
        """`read`: bytes that are taken from a connection at once."""
        self._allow = allow
        self._rule = rule
        self._read = read

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the library's signature
        local_address: str | None = None,  # noqa: ARG002  # likewise
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002  # likewise
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first acceptable address that answers.

        Raises:
            OutgoingRefused: the host is not allowed, or its name leads to a forbidden place.
        """
        try:
            async with asyncio.timeout(timeout):
                last: OSError | None = None
                for address in await self._addresses(host, port):
                    try:
                        reader, writer = await asyncio.open_connection(
                            str(address), port, limit=self._read
                        )
                    except OSError as error:
                        last = error
                    else:
                        return PlainStream(reader, writer, self._read)
                raise last or OSError("the name has no address")
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("connecting took too long") from error
        except OSError as error:
            raise httpcore.ConnectError(error.strerror or "no connection") from error

    async def _addresses(self, host: str, port: int) -> list[Address]:
        entry = self._allow.get(host)
        if entry is None:
            raise refuse(host, "the host is not on the allow list")
        loop = asyncio.get_running_loop()
        rows = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        found = list(dict.fromkeys(ipaddress.ip_address(str(row[4][0])) for row in rows))
        for address in found:
            if entry.here_ok and address.is_loopback:
                continue
            reason = self._rule(address, private_ok=entry.private_ok)
            if reason:
                raise refuse(host, f"its name leads to {reason}", address=address)
        return found


class PlainStream(httpcore.AsyncNetworkStream):
    """One connection. Reading stops when nobody takes what was read, so a slow client slows it."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, read: int
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._most = read

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109  # as above
        """Read what is there, or wait for it."""
        try:
            async with asyncio.timeout(timeout):
                return await self._reader.read(min(max_bytes, self._most))
        except TimeoutError as error:
            raise httpcore.ReadTimeout("reading took too long") from error
        except OSError as error:
            raise httpcore.ReadError(error.strerror or "connection lost") from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109  # as above
        """Write, and wait until it is nearly gone."""
        if not buffer:
            return
        try:
            async with asyncio.timeout(timeout):
                self._writer.write(buffer)
                await self._writer.drain()
        except TimeoutError as error:
            raise httpcore.WriteTimeout("writing took too long") from error
        except OSError as error:
            raise httpcore.WriteError(error.strerror or "connection lost") from error

    async def aclose(self) -> None:
        """Close at once; what is not sent is dropped."""
        self._writer.transport.abort()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  # as above
    ) -> httpcore.AsyncNetworkStream:
        """Begin TLS, verified for the name and not for the address."""
        try:
            async with asyncio.timeout(timeout):
                await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except TimeoutError as error:
            self._writer.transport.abort()
            raise httpcore.ConnectTimeout("TLS took too long") from error
        except OSError as error:  # SSLError among them
            self._writer.transport.abort()
            raise httpcore.ConnectError("the endpoint's TLS is not trusted") from error
        return self

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  # the library's signature
        """What the library asks about the connection."""
        if info == "ssl_object":
            return self._writer.get_extra_info("ssl_object")
        if info == "is_readable":
            # A connection at rest has nothing to say; if it has, it says that it was closed.
            return self._reader.at_eof() or _readable(self._writer)
        return None


def _readable(writer: asyncio.StreamWriter) -> bool:
    if writer.is_closing():
        return True
    descriptor = writer.get_extra_info("socket").fileno()
    if descriptor < 0:
        return True
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
