"""Where a model answers: the name, the address up to `/v1`, and the key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from firstlight.adapters.outgoing import AllowedHost, OutgoingClient
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import Invalid

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST = 2000


@dataclass(frozen=True, kw_only=True)
class Address:
    """One model at one endpoint."""

    name: str
    """the model's name, as the endpoint knows it"""
    url: str
    """up to `/v1`"""
    key: str = field(default="", repr=False)
    """sent as a bearer token; never shown, never stored"""

    @property
    def described(self) -> Mapping[str, Json]:
        """What the statement names by its digest; the key is no part of it."""
        return {"url": self.url, "model": self.name, "dialect": "openai-chat"}


def parse(text: str, *, key: str = "") -> Address:
    """From `MODEL@https://host/v1`.

    Raises:
        Invalid: it is something else.
    """
    name, mark, rest = text.rpartition("@http")
    url = f"http{rest}".rstrip("/")
    try:
        parts = urlsplit(url)
        whole = parts.port is None or parts.port > 0
    except ValueError:
        whole = False
    if (
        not (mark and name and whole)
        or len(text) > _LONGEST
        or not name.isprintable()
        or not parts.hostname
        or parts.query
        or parts.fragment
        or parts.username
    ):
        raise Invalid(
            f"{text[:100]!r} names no endpoint",
            hint="Write MODEL@https://host/v1; for a grant at a gateway, the gateway's address.",
            field="model",
        )
    return Address(name=name, url=url, key=key)


def client_for(address: Address, base: OutgoingClient) -> OutgoingClient:
    """A client that reaches this endpoint too: whoever named it meant it.

    Unencrypted HTTP is for this machine alone.
    """
    host = urlsplit(address.url).hostname or ""
    here = host in _HERE
    return base.allowing(AllowedHost(host=host, private_ok=True, plain_http_ok=here, here_ok=here))
