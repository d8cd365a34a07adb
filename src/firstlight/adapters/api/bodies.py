"""Bodies: bounded before they are read, of a named media type, JSON with one meaning only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from django.http import HttpRequest
from ninja.parser import Parser

from firstlight.adapters.api.problems import BodyTooLarge, LengthRequired, UnsupportedType
from firstlight.adapters.api.services import services
from firstlight.adapters.formats.bounded_json import JsonLimits, decode
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import Invalid

_JSON = ("application/json",)
_DEPTH = 32
"""bodies that are not documents are nested twice or three times"""
_ELEMENTS = 20_000


def require_bounded(request: HttpRequest, limit: int) -> None:
    """Refuse a body by its announced length, before a byte of it is read.

    The server hands over exactly the announced bytes, so the length is also what is read.

    Raises:
        LengthRequired: the length is not announced.
        BodyTooLarge: it is beyond the limit of this operation.
    """
    length = str(request.META.get("CONTENT_LENGTH") or "")
    if not length and "Transfer-Encoding" in request.headers:
        raise LengthRequired
    if length and not (length.isascii() and length.isdigit()):
        raise Invalid("Content-Length is no number")
    if int(length or 0) > limit:
        raise BodyTooLarge(f"the body has {length} bytes; {limit} are read here", limit=limit)


def document(request: HttpRequest, *accepted: str) -> bytes:
    """The body as it came.

    Raises:
        UnsupportedType: the media type is not among `accepted`, where any are named.
        Invalid: there is no body.
    """
    if accepted and request.content_type not in accepted:
        raise UnsupportedType(
            f"{str(request.content_type)[:80]!r} is not read here", accepted=list(accepted)
        )
    if not request.body:
        raise Invalid("there is no body")
    return request.body


class StrictParser(Parser):
    """Reads JSON bodies with our own bounded reader."""

    def parse_body(self, request: HttpRequest) -> dict[str, object]:
        """The decoded body; the library turns what is raised here into its own error."""
        if request.content_type not in _JSON:
            raise UnsupportedType(
                f"{str(request.content_type)[:80]!r} is not read here", accepted=list(_JSON)
            )
        limits = JsonLimits(size=services().limits.json_bytes, depth=_DEPTH, elements=_ELEMENTS)
        value: Json = decode(request.body, limits)
        if not isinstance(value, Mapping):
            raise Invalid("the body is no JSON object")
        return cast("dict[str, object]", value)
