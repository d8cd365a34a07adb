"""An HTTP client that reaches named hosts only, at addresses that were checked, within bounds.

In this order, for the first address and again for every redirect:

1. scheme and host must be on the allow list (deny by default; plain HTTP needs its own word);
2. the name is resolved once; every address it has must be acceptable (no request is forged
   towards this machine or the inside of the network);
3. the connection goes to an address of that answer and to no other (a name that changes its
   answer afterwards changes nothing);
4. TLS is verified against the host's name, always; SSL_CERT_FILE and SSL_CERT_DIR are honoured;
5. time, size and redirects are bounded; a compressed answer is refused, so the size on the wire
   is the size.

Proxies are not used: the guard could not see behind one.
"""

from __future__ import annotations

import hashlib
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpcore
import httpx

from firstlight.adapters.outgoing.addresses import (
    Address,
    AllowedHost,
    forbidden,
    refuse,
    resolve,
)
from firstlight.adapters.outgoing.pinned import PinnedBackend
from firstlight.core.kernel.errors import Invalid, Missing, TooLarge, Unavailable

Resolve = Callable[[str, int], tuple[Address, ...]]
Rule = Callable[..., str | None]

_MOVED = frozenset({301, 302, 303, 307, 308})
_PORTS = {"https": 443, "http": 80}
_AGENT = "firstlight"


class OutgoingFailed(Unavailable):
    """A server could not be reached, or answered with an error."""

    code = "http.outgoing_failed"
    next_step = "Check the network and the address; then try again."


class OutgoingNotFound(Missing):
    """The server does not have this file."""

    code = "http.outgoing_not_found"
    next_step = "Check the address and the version; the file may have been withdrawn."


class OutgoingTooLarge(TooLarge):
    """The answer is larger than the limit."""

    code = "http.outgoing_too_large"


class OutgoingDigestMismatch(Invalid):
    """The file is not the pinned one."""

    code = "http.digest_mismatch"
    next_step = "Do not use it. Compare the pinned digest with the publisher's."


@dataclass(frozen=True, kw_only=True)
class OutgoingBounds:
    """Limits of one request, redirects included."""

    total_seconds: float = 120.0
    """from the first lookup to the last byte; a server that drips is cut off"""
    idle_seconds: float = 20.0
    """for one connect, read or write"""
    max_bytes: int = 64 << 20
    """of the body"""
    redirects: int = 5
    """that are followed"""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A whole answer, held in memory."""

    status: int
    """HTTP status, 200-299"""
    url: str
    """the last address, after redirects"""
    content_type: str
    """as sent; empty when the server did not say"""
    body: bytes
    """within the bound"""


class OutgoingClient:
    """Fetches from allowed hosts. Holds no connection between requests."""

    def __init__(
        self,
        allow: Iterable[AllowedHost],
        *,
        bounds: OutgoingBounds | None = None,
        resolver: Resolve = resolve,
        rule: Rule = forbidden,
    ) -> None:
        """`resolver` and `rule` are replaced only by tests that serve on loopback."""
        self._allow: dict[str, AllowedHost] = {}
        for entry in allow:
            host = entry.host.lower()
            self._allow[host] = self._allow[host].joined(entry) if host in self._allow else entry
        self._bounds = bounds or OutgoingBounds()
        self._resolve = resolver
        self._rule = rule
        self._tls = ssl.create_default_context()

    def allowing(self, *hosts: AllowedHost) -> OutgoingClient:
        """A client that may reach these hosts too."""
        return OutgoingClient(
            (*self._allow.values(), *hosts),
            bounds=self._bounds,
            resolver=self._resolve,
            rule=self._rule,
        )

    def get(self, url: str, *, accept: str = "*/*", max_bytes: int | None = None) -> Answer:
        """Fetch `url` into memory.

        Raises:
            OutgoingRefused: not on the allow list, or it points inside the network.
            OutgoingNotFound: the server answers 404 or 410.
            OutgoingTooLarge: more than `max_bytes`.
            OutgoingFailed: anything else that went wrong on the way.
        """
        return self.send("GET", url, headers={"accept": accept}, max_bytes=max_bytes)

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        max_bytes: int | None = None,
    ) -> Answer:
        """Send a request; redirects are followed for GET and HEAD alone.

        Raises:
            OutgoingRefused: not on the allow list, or it points inside the network.
            OutgoingNotFound: the server answers 404 or 410.
            OutgoingTooLarge: more than `max_bytes`.
            OutgoingFailed: anything else that went wrong on the way.
        """
        limit = self._bounds.max_bytes if max_bytes is None else max_bytes
        with self._open(method, url, headers or {}, body) as (last, response):
            data = b"".join(_bounded(response, limit, last))
            return Answer(
                status=response.status,
                url=last,
                content_type=_header(response, b"content-type"),
                body=data,
            )

    def download(self, url: str, to: IO[bytes], *, max_bytes: int | None = None) -> str:
        """Stream `url` into `to`; gives the SHA-256 of what was written, in hexadecimal.

        Raises:
            OutgoingRefused, OutgoingNotFound, OutgoingTooLarge, OutgoingFailed: as for `get`.
        """
        limit = self._bounds.max_bytes if max_bytes is None else max_bytes
        digest = hashlib.sha256()
        with self._open("GET", url, {}, b"") as (last, response):
            for chunk in _bounded(response, limit, last):
                digest.update(chunk)
                to.write(chunk)
        return digest.hexdigest()

    def save(self, url: str, to: Path, *, sha256: str, max_bytes: int | None = None) -> None:
        """Stream `url` to the file `to`, which appears only when its SHA-256 is the given one.

        Raises:
            OutgoingDigestMismatch: the bytes are not the pinned ones; nothing is left behind.
            OutgoingRefused, OutgoingNotFound, OutgoingTooLarge, OutgoingFailed: as for `get`.
        """
        part = to.with_name(f"{to.name}.part")
        try:
            with part.open("wb") as out:
                found = self.download(url, out, max_bytes=max_bytes)
            if found != sha256:
                raise OutgoingDigestMismatch(
                    f"{to.name} is not the pinned file.", expected=sha256, found=found
                )
            part.replace(to)
        finally:
            part.unlink(missing_ok=True)

    @contextmanager
    def _open(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Iterator[tuple[str, httpcore.Response]]:
        deadline = time.monotonic() + self._bounds.total_seconds
        for _ in range(self._bounds.redirects + 1):
            target, addresses = self._check(url)
            with (
                _translated(url),
                self._pool(addresses, deadline) as pool,
                pool.stream(
                    method,
                    httpcore.URL(
                        scheme=target.scheme.encode(),
                        host=target.raw_host,
                        port=target.port or _PORTS[target.scheme],
                        target=target.raw_path,
                    ),
                    headers=_headers(target, self._signed_in(target, headers), body),
                    content=body or None,
                    extensions={"timeout": dict.fromkeys(_TIMEOUTS, self._bounds.idle_seconds)},
                ) as response,
            ):
                if response.status not in _MOVED or method not in {"GET", "HEAD"}:
                    _check_status(response.status, url)
                    yield url, response
                    return
                place = _header(response, b"location")
            if not place:
                raise OutgoingFailed("The server moves the file but does not say where.", url=url)
            moved = str(_parse(url).join(place))
            if url.startswith("https:") and not moved.startswith("https:"):
                raise refuse(moved, "a redirect would leave encryption")
            url = moved
        raise OutgoingFailed("Too many redirects.", url=url, limit=self._bounds.redirects)

    def may_reach(self, url: str) -> None:
        """Whether an address is on the allow list. Nothing is looked up or sent.

        Raises:
            OutgoingRefused: it is not.
            Invalid: it is no address.
        """
        self._named(url)

    def _named(self, url: str) -> tuple[httpx.URL, AllowedHost]:
        target = _parse(url)
        entry = self._allow.get(target.host)
        if entry is None:
            raise refuse(url, f"the host {target.host!r} is not on the allow list")
        if target.scheme != "https" and not (target.scheme == "http" and entry.plain_http_ok):
            raise refuse(url, f"the scheme {target.scheme!r} is not allowed for this host")
        if target.userinfo:
            raise refuse(f"{target.scheme}://{target.host}", "an address may carry no password")
        return target, entry

    def _check(self, url: str) -> tuple[httpx.URL, tuple[Address, ...]]:
        target, entry = self._named(url)
        try:
            addresses = self._resolve(target.host, target.port or _PORTS[target.scheme])
        except OSError as error:
            raise OutgoingFailed(f"The name {target.host} does not resolve.", url=url) from error
        for address in addresses:
            if entry.here_ok and address.is_loopback:
                continue
            reason = self._rule(address, private_ok=entry.private_ok)
            if reason:
                raise refuse(url, f"its name leads to {reason}", address=address)
        return target, addresses

    def _signed_in(self, target: httpx.URL, headers: Mapping[str, str]) -> Mapping[str, str]:
        value = self._allow[target.host].authorization
        if not value or target.scheme != "https":
            return headers
        return {"authorization": value, **headers}

    def _pool(self, addresses: tuple[Address, ...], deadline: float) -> httpcore.ConnectionPool:
        # One pool for one request: a kept connection was verified for one name, and another
        # name at the same address must not be served from it.
        return httpcore.ConnectionPool(
            ssl_context=self._tls,
            max_connections=1,
            network_backend=PinnedBackend(addresses, deadline),
        )


_TIMEOUTS = ("connect", "read", "write", "pool")


def _parse(url: str) -> httpx.URL:
    try:
        return httpx.URL(url)
    except httpx.InvalidURL as error:
        raise Invalid("This is not a web address.", url=url) from error


def _headers(
    target: httpx.URL, headers: Mapping[str, str], body: bytes
) -> list[tuple[bytes, bytes]]:
    merged = {
        "host": target.netloc.decode("ascii"),
        "user-agent": _AGENT,
        "accept": "*/*",
        "accept-encoding": "identity",
        "connection": "close",
        **{name.lower(): value for name, value in headers.items()},
    }
    if body:
        merged["content-length"] = str(len(body))
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in merged.items()]


def _header(response: httpcore.Response, name: bytes) -> str:
    values = [value for key, value in response.headers if key.lower() == name]
    return values[0].decode("latin-1") if values else ""


def _check_status(status: int, url: str) -> None:
    shown = url.split("?", 1)[0]
    if status in {404, 410}:
        raise OutgoingNotFound(f"{shown} does not exist.", url=shown, status=status)
    if not 200 <= status < 300:  # noqa: PLR2004  # the range of success in HTTP
        raise OutgoingFailed(f"{shown} answers {status}.", url=shown, status=status)


def _bounded(response: httpcore.Response, limit: int, url: str) -> Iterator[bytes]:
    if _header(response, b"content-encoding").lower() not in {"", "identity"}:
        raise OutgoingFailed("The server compresses although it was asked not to.", url=url)
    announced = _header(response, b"content-length")
    if announced.isascii() and announced.isdecimal() and int(announced) > limit:
        raise OutgoingTooLarge(f"{url} is larger than {limit} bytes.", limit=limit)
    total = 0
    for chunk in response.iter_stream():
        total += len(chunk)
        if total > limit:
            raise OutgoingTooLarge(f"{url} is larger than {limit} bytes.", limit=limit)
        yield chunk


@contextmanager
def _translated(url: str) -> Iterator[None]:
    shown = url.split("?", 1)[0]
    try:
        yield
    except httpcore.TimeoutException as error:
        raise OutgoingFailed(f"{shown} took too long.", url=shown) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise OutgoingFailed(f"{shown} cannot be reached: {error}.", url=shown) from error
    except ssl.SSLError as error:
        raise OutgoingFailed(f"{shown} is not trusted: {error}.", url=shown) from error
