"""Which headers pass. Both ways are lists of what may, so nothing else can be smuggled.

A request's framing (RFC 9110, section 7.6.1, and RFC 9112, section 6) is written anew by our own
client: connection headers, their named companions, transfer codings and lengths never pass. The
answer's framing is written anew by our own server.
"""

from __future__ import annotations

from collections.abc import Iterable

from firstlight.adapters.gateway.failures import RequestRefused
from firstlight.core.review.artefacts import Dialect
from firstlight.core.review.ids import UseId
from firstlight.usecases.ports.gateway import KeyUnknown, Upstream

Headers = list[tuple[bytes, bytes]]

USE = b"firstlight-use"
ERROR = b"firstlight-error"

_TO_ENDPOINT = frozenset(
    {
        b"accept",
        b"anthropic-beta",
        b"anthropic-version",
        b"content-type",
        b"idempotency-key",
        b"openai-beta",
        b"user-agent",
    }
)
"""who asks and from where is told by the use's id alone"""
_TO_CLIENT = frozenset(
    {
        b"cache-control",
        b"content-type",
        b"openai-processing-ms",
        b"openai-version",
        b"request-id",
        b"retry-after",
        b"retry-after-ms",
        b"x-request-id",
        b"x-should-retry",
    }
)
_TO_CLIENT_BEGINS = (b"x-ratelimit-", b"anthropic-ratelimit-")
_KEY_CHARACTERS = 512
_QUERIES = frozenset({b"", b"beta=true"})
"""the official Anthropic client marks its beta calls so"""


def key_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The reviewer's key, from `Authorization: Bearer` or `x-api-key`.

    Raises:
        KeyUnknown: there is none, or there are two different ones.
    """
    found: set[bytes] = set()
    for name, value in headers:
        if name == b"x-api-key":
            found.add(value.strip())
        elif name == b"authorization":
            scheme, _, key = value.partition(b" ")
            if scheme.lower() != b"bearer":
                raise KeyUnknown("The authorization is no bearer key.")
            found.add(key.strip())
    if len(found) != 1:
        raise KeyUnknown("The request carries no key." if not found else "Two different keys.")
    key = found.pop()
    if not 0 < len(key) <= _KEY_CHARACTERS or not key.isascii():
        raise KeyUnknown
    return key.decode("ascii")


def check_request(headers: Iterable[tuple[bytes, bytes]], query: bytes) -> None:
    """Refuse what would not be passed on, when leaving it out would change the meaning.

    Raises:
        RequestRefused: a coded body, another type than JSON, an upgrade, or a query.
    """
    if query not in _QUERIES:
        raise RequestRefused("A query string is not passed on.")
    kinds = [value for name, value in headers if name == b"content-type"]
    if len(kinds) != 1 or kinds[0].split(b";")[0].strip().lower() != b"application/json":
        raise RequestRefused("The body must be application/json.")
    for name, value in headers:
        if name == b"content-encoding" and value.strip().lower() != b"identity":
            raise RequestRefused("A compressed body is not passed on.")
        if name == b"upgrade":
            raise RequestRefused("The connection cannot be upgraded.")


def for_endpoint(
    headers: Iterable[tuple[bytes, bytes]],
    *,
    dialect: Dialect,
    upstream: Upstream,
    host: bytes,
    use: UseId,
    length: int,
) -> Headers:
    """The headers of the request to the developer's endpoint, its real key among them."""
    key = upstream.key.encode("ascii")
    anthropic = dialect is Dialect.ANTHROPIC_MESSAGES
    return [
        (b"host", host),
        *((name, value) for name, value in headers if name in _TO_ENDPOINT),
        # Compressed answers could not be counted as they pass.
        (b"accept-encoding", b"identity"),
        (b"content-length", b"%d" % length),
        (b"x-api-key", key) if anthropic else (b"authorization", b"Bearer " + key),
        (USE, str(use).encode("ascii")),
    ]


def for_client(headers: Headers, use: UseId) -> Headers:
    """The headers of the answer to the reviewer."""
    names = {name for name, _ in headers}
    # With both, the length means nothing (RFC 9112, section 6.3).
    framed = b"content-length" in names and b"transfer-encoding" not in names
    passed = [
        (name, value)
        for name, value in headers
        if name in _TO_CLIENT
        or name.startswith(_TO_CLIENT_BEGINS)
        or (framed and name == b"content-length")
    ]
    return [*passed, (USE, str(use).encode("ascii"))]
