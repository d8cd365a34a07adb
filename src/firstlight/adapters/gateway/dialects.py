"""What differs between the three protocols: paths, keys, the shape of an error, of a request.

Errors are told in the protocol's own form, so that the official clients raise what they always
raise. The code of ours stands in `error.code` (OpenAI), in the sentence (Anthropic) and, for all,
in the header `Firstlight-Error`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from firstlight.adapters.formats.bounded_json import JsonLimits, decode
from firstlight.adapters.gateway import failures
from firstlight.core.kernel.errors import (
    FirstlightError,
    Invalid,
    NotSignedIn,
    Refused,
    TooLarge,
    TooMany,
    Unavailable,
)
from firstlight.core.review.artefacts import Dialect

PATHS: Mapping[Dialect, str] = {
    Dialect.OPENAI_CHAT: "/v1/chat/completions",
    Dialect.OPENAI_RESPONSES: "/v1/responses",
    Dialect.ANTHROPIC_MESSAGES: "/v1/messages",
}

ESTIMATED_BYTES_PER_TOKEN = 4

_JSON = JsonLimits(size=1 << 30)
"""the size was bounded when the body was read; depth and number of elements are bounded here"""
_STATUS: tuple[tuple[type[FirstlightError], int], ...] = (
    (failures.EndpointSlow, 504),
    (failures.EndpointFailed, 502),
    (NotSignedIn, 401),
    (TooMany, 429),
    (Refused, 403),
    (failures.NoSuchPath, 404),
    (failures.WrongMethod, 405),
    (TooLarge, 413),
    (Invalid, 400),
    (Unavailable, 503),
)
_OPENAI_TYPES = {401: "authentication_error", 403: "permission_error", 429: "insufficient_quota"}
_ANTHROPIC_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
}
_SERVER_SIDE = 500


def status_of(error: FirstlightError) -> int:
    """The HTTP status that tells this error."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def error_body(dialect: Dialect, error: FirstlightError) -> bytes:
    """The body of an answer that is an error."""
    return json.dumps(_error(dialect, error)).encode()


def error_event(dialect: Dialect, error: FirstlightError) -> bytes:
    """An event that ends a stream with an error."""
    shape = _error(dialect, error)
    if dialect is Dialect.OPENAI_CHAT:
        return b"data: %b\n\n" % json.dumps(shape).encode()
    if dialect is Dialect.OPENAI_RESPONSES:
        # Clients of this protocol look for the fields beside `type`, or for `error`.
        shape = {"type": "error", "param": None, "sequence_number": 0, **_fields(error), **shape}
    return b"event: error\ndata: %b\n\n" % json.dumps(shape).encode()


def _error(dialect: Dialect, error: FirstlightError) -> dict[str, object]:
    status = status_of(error)
    if dialect is Dialect.ANTHROPIC_MESSAGES:
        kind = _ANTHROPIC_TYPES.get(status, "api_error")
        text = f"{_sentence(error)} [{error.code}]"
        return {"type": "error", "error": {"type": kind, "message": text}}
    other = "server_error" if status >= _SERVER_SIDE else "invalid_request_error"
    kind = _OPENAI_TYPES.get(status, other)
    return {"error": {**_fields(error), "type": kind, "param": None}}


def _fields(error: FirstlightError) -> dict[str, object]:
    return {"message": _sentence(error), "code": error.code}


def _sentence(error: FirstlightError) -> str:
    return f"{error.message} {error.hint}".strip()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the gateway must know of a request; everything else is between client and endpoint."""

    model: str
    stream: bool
    most_tokens: int
    """estimated input, and the most output that is asked for (none when the request is silent)"""


_OUTPUT_LIMITS: Mapping[Dialect, tuple[str, ...]] = {
    Dialect.OPENAI_CHAT: ("max_completion_tokens", "max_tokens"),
    Dialect.OPENAI_RESPONSES: ("max_output_tokens",),
    Dialect.ANTHROPIC_MESSAGES: ("max_tokens",),
}


def read_request(dialect: Dialect, body: bytes) -> Asked:
    """Read a request's body.

    A request with two meanings is refused: a key that is named twice, or spelled in another case,
    could be one model to us and another to the endpoint.

    Raises:
        failures.RequestUnreadable: it is no JSON object with a model, or is ambiguous.
        failures.BackgroundRefused: it would go on after the connection has ended.
        failures.RequestTooLarge: it has too many elements.
    """
    try:
        top = decode(body, _JSON)
    except TooLarge as error:
        raise failures.RequestTooLarge(error.message) from None
    except Invalid as error:
        raise failures.RequestUnreadable(error.message) from None
    if not isinstance(top, dict):
        raise failures.RequestUnreadable("The request is JSON, but no object.")
    watched = {"model", "stream", "background", *_OUTPUT_LIMITS[dialect]}
    for name in top:
        if name not in watched and name.casefold() in watched:
            raise failures.RequestUnreadable(f"{name[:64]!r} is spelled in another case.")
    model, stream = top.get("model"), top.get("stream")
    if not isinstance(model, str) or not model:
        raise failures.RequestUnreadable("The request names no model.", field="model")
    if stream is not None and not isinstance(stream, bool):
        raise failures.RequestUnreadable("`stream` is neither true nor false.", field="stream")
    if top.get("background"):
        raise failures.BackgroundRefused
    asked = (top.get(name) for name in _OUTPUT_LIMITS[dialect])
    output = max((n for n in asked if isinstance(n, int) and n > 0), default=0)
    return Asked(
        model=model,
        stream=bool(stream),
        most_tokens=len(body) // ESTIMATED_BYTES_PER_TOKEN + output,
    )
