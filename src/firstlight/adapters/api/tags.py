"""Entity tags (RFC 9110, 8.8.3): the digest of the bytes, so every one is strong by construction.

A reader who may see less gets other bytes and so another tag; an answer that did not change keeps
its tag whatever else happened to the record.
"""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse

from firstlight.adapters.api.problems import PreconditionFailed, PreconditionRequired
from firstlight.adapters.api.wire.common import Wire

_DIGITS = 32


def tag_of(content: bytes) -> str:
    """The quoted tag of these bytes."""
    return f'"{hashlib.sha256(content).hexdigest()[:_DIGITS]}"'


def tag_of_wire(shown: Wire) -> str:
    """The tag that a GET of this would carry."""
    return tag_of(encode(shown))


def encode(shown: Wire) -> bytes:
    """The bytes in which an answer leaves; every JSON answer of the API is made here."""
    return shown.model_dump_json().encode()


def require_match(request: HttpRequest, current: Wire) -> None:
    """Let a change pass only when the asker saw what is stored now (RFC 9110, 13.1.1).

    Raises:
        PreconditionRequired: there is no If-Match.
        PreconditionFailed: it names another version.
    """
    wanted = request.headers.get("If-Match")
    if wanted is None:
        raise PreconditionRequired
    if not _among(tag_of_wire(current), wanted):
        raise PreconditionFailed


def answer_conditionally(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Give a good GET answer its tag; 304 without a body when the asker has it already."""
    if response.status_code != 200 or response.streaming:  # noqa: PLR2004  # its own name
        return response
    tag = tag_of(response.content)
    response.headers["ETag"] = tag
    response.headers.setdefault("Cache-Control", "private, no-cache")
    response.headers["Vary"] = "Authorization"
    seen = request.headers.get("If-None-Match")
    # If-None-Match compares weakly (RFC 9110, 13.1.2): a cache may have weakened our tag.
    if seen is None or not _among(tag, seen.replace("W/", "")):
        return response
    unchanged = HttpResponse(status=304)
    del unchanged.headers["Content-Type"]
    for name in ("ETag", "Cache-Control", "Vary"):
        unchanged.headers[name] = response.headers[name]
    return unchanged


def _among(tag: str, header: str) -> bool:
    names = {name.strip() for name in header.split(",")}
    return tag in names or "*" in names
