"""A small real HTTP server in the place of a developer's endpoint. It fails on demand.

What it does is the request's `model`, and numbers after colons:

    recorded          answers whole, or as a stream of nine events of text
    tick:N:R          a stream of N events of text, R a second (0: as fast as it can)
    reset:N           N events, then the connection is reset
    hang:N            N events (0: not even a head), then silence
    flood:N           N mebibytes of events, as fast as they are taken
    short             announces more bytes than it sends
    busy              429 with Retry-After
    garbage           no HTTP at all
    unauthorised      401, and the key that it was shown
    echo              the key that it was shown, cut in two pieces
    packed            a compressed answer

`GET /seen` tells the requests so far. Run it alone: `python benchmarks/gateway/endpoint.py`
prints its port.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import socket
import struct
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

from benchmarks.gateway import recorded

JSON, EVENTS = "application/json", "text/event-stream; charset=utf-8"
_RESET = struct.pack("ii", 1, 0)


@dataclass
class Seen:
    """One request as it arrived."""

    path: str
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key == name]


@dataclass
class Endpoint:
    """The server's state."""

    seen: list[Seen] = field(default_factory=list)
    remember: bool = True
    written: int = 0
    """bytes that were handed to the system by `flood`"""
    port: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while (request := await _read(reader)) is not None:
                if request.path == "/seen":
                    listed = [[one.path, one.headers] for one in self.seen]
                    await _whole(writer, 200, json.dumps(listed).encode())
                    continue
                if self.remember:
                    self.seen.append(request)
                await _Answer(self, request, writer).give()

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a new connection, and close it whatever happens, even if it is never begun."""
        task = asyncio.get_running_loop().create_task(self.serve(reader, writer))
        self._tasks.add(task)

        def done(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            writer.close()

        task.add_done_callback(done)

    async def start(self) -> asyncio.Server:
        """Listen on a free port of this machine."""
        server = await asyncio.start_server(self.connected, "127.0.0.1", 0, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        return server


async def _read(reader: asyncio.StreamReader) -> Seen | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    pairs = (line.split(":", 1) for line in lines)
    headers = [(name.lower(), value.strip()) for name, value in pairs]
    length = next((int(value) for name, value in headers if name == "content-length"), 0)
    return Seen(first.split(" ")[1], headers, await reader.readexactly(length))


async def _whole(writer: asyncio.StreamWriter, status: int, body: bytes, *more: str) -> None:
    head = [f"HTTP/1.1 {status} X", f"Content-Type: {JSON}", f"Content-Length: {len(body)}", *more]
    writer.write("\r\n".join((*head, "", "")).encode() + body)
    await writer.drain()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


@lru_cache(maxsize=32)
def _events(path: str, model: str, body: bytes, count: int) -> tuple[bytes, ...]:
    return tuple(_chunk(one) for one in recorded.stream(path, model, json.loads(body), count))


@dataclass
class _Answer:
    endpoint: Endpoint
    request: Seen
    writer: asyncio.StreamWriter

    async def give(self) -> None:
        """Do what the model's name says."""
        asked = json.loads(self.request.body)
        name, *numbers = str(asked["model"]).split(":")
        self.path = self.request.path.partition("?")[0]
        self.model = str(asked["model"])
        if name == "recorded" and not asked.get("stream"):
            body = recorded.whole(self.path, self.model, asked)
            await _whole(self.writer, 200, body, "X-Request-Id: req_1")
        elif name == "recorded":
            await self.tick(9, 0)
        else:
            await getattr(self, name)(*(int(number) for number in numbers))

    async def head(self) -> None:
        self.writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nTransfer-Encoding: chunked\r\n"
            b"X-Request-Id: req_1\r\nSet-Cookie: a=b\r\nX-Internal: rack 7\r\n\r\n"
            % EVENTS.encode()
        )

    async def send(self, chunks: Iterable[bytes], rate: int) -> None:
        pause, loop = 1 / rate if rate else 0, asyncio.get_running_loop()
        due = loop.time()
        for chunk in chunks:
            self.writer.write(chunk)
            await self.writer.drain()
            if pause:
                due += pause
                await asyncio.sleep(max(0, due - loop.time()))

    async def tick(self, count: int, rate: int) -> None:
        await self.head()
        await self.send(_events(self.path, self.model, self.request.body, count), rate)
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    async def reset(self, count: int) -> None:
        await self.head()
        await self.send(_events(self.path, self.model, self.request.body, 99)[:count], 100)
        await asyncio.sleep(0.1)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.writer.transport.abort()
        raise ConnectionResetError

    async def hang(self, count: int) -> None:
        if count:
            await self.head()
            await self.send(_events(self.path, self.model, self.request.body, 99)[:count], 0)
        await asyncio.sleep(3600)

    async def flood(self, mebibytes: int) -> None:
        await self.head()
        one = _chunk(recorded.event({"text": "x" * 16_000}))
        for _ in range(mebibytes * 64):
            self.writer.write(one)
            await self.writer.drain()
            self.endpoint.written += len(one)
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    async def short(self) -> None:
        self.writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{}"
        )
        await self.writer.drain()
        raise ConnectionResetError

    async def busy(self) -> None:
        body = b'{"error": {"message": "slow down", "type": "rate_limit", "code": "busy"}}'
        await _whole(self.writer, 429, body, "Retry-After: 7")

    async def garbage(self) -> None:
        self.writer.write(b"220 mail.example ESMTP\r\n")
        await self.writer.drain()
        raise ConnectionResetError

    def shown(self) -> bytes:
        return "".join(self.request.all("authorization") + self.request.all("x-api-key")).encode()

    async def unauthorised(self) -> None:
        await _whole(self.writer, 401, b'{"error": {"message": "wrong key %b"}}' % self.shown())

    async def echo(self) -> None:
        await self.head()
        key = self.shown()
        for piece in (b'data: {"shown": "' + key[:-9], key[-9:] + b'"}\n\n'):
            self.writer.write(_chunk(piece))
            await self.writer.drain()
            await asyncio.sleep(0.05)
        self.writer.write(b"0\r\n\r\n")

    async def packed(self) -> None:
        await _whole(self.writer, 200, gzip.compress(b"{}"), "Content-Encoding: gzip")


@contextmanager
def running() -> Iterator[Endpoint]:
    """An endpoint in a thread."""
    endpoint = Endpoint()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(endpoint.start(), loop).result(10)
    try:
        yield endpoint
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end(server: asyncio.Server) -> None:
    await _turns()  # a connection that was taken a moment ago has a task by now
    server.close()
    mine = asyncio.current_task()
    others = [task for task in asyncio.all_tasks() if task is not mine]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await _turns()  # and every socket is let go


async def _turns() -> None:
    for _ in range(4):
        await asyncio.sleep(0)


async def _alone() -> None:
    endpoint = Endpoint(remember=False)
    server = await endpoint.start()
    print(endpoint.port, flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_alone())
