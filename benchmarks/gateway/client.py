"""A lean client over plain sockets, so that what is measured is the gateway and not the client."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

PATH = "/v1/chat/completions"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where to send requests: the endpoint itself, or the gateway before it."""

    url: str
    key: str

    def request(self, model: str, *, stream: bool) -> bytes:
        """The bytes of one request."""
        body = json.dumps(
            {
                "model": model,
                "stream": stream,
                "messages": [{"role": "user", "content": "Say what there is to say. " * 8}],
            }
        ).encode()
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: {urlsplit(self.url).netloc}\r\n"
            f"Authorization: Bearer {self.key}\r\nContent-Type: application/json\r\n"
            f"Accept: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


class Connection:
    """One kept connection."""

    def __init__(self, place: Place) -> None:
        self.place = place

    async def open(self) -> Connection:
        """Connect."""
        parts = urlsplit(self.place.url)
        self._reader, self._writer = await asyncio.open_connection(parts.hostname, parts.port)
        return self

    async def close(self) -> None:
        """Leave."""
        self._writer.close()
        await self._writer.wait_closed()

    async def ask(self, request: bytes) -> tuple[float, float]:
        """A whole answer; seconds until its head, and until its end."""
        began = time.perf_counter()
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        first = time.perf_counter() - began
        assert head.startswith(b"HTTP/1.1 200"), head + await self._reader.read(2000)
        fields = head.lower().split(b"\r\n")
        length = next((int(f[15:]) for f in fields if f.startswith(b"content-length:")), None)
        if length is None:
            await self.events()
        else:
            await self._reader.readexactly(length)
        return first, time.perf_counter() - began

    async def events(self) -> int:
        """Read a chunked stream to its end; how many events there were."""
        count, tail = 0, b""
        while not tail.endswith(b"0\r\n\r\n"):
            piece = await self._reader.read(65536)
            assert piece, "the stream broke off"
            count += piece.count(b"data: ")
            tail = (tail + piece)[-5:]
        return count

    async def stream(self, request: bytes) -> int:
        """Events of one stream."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head + await self._reader.read(2000)
        return await self.events()
