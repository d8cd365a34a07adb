"""Problem details (RFC 9457) for every failure. The only place of the API that maps to statuses.

`type` is a URN made of the code, so that it stays the same wherever the server stands. `hint` says
what to do next and `details` holds the named facts of the error; both are extension members.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from firstlight.core.kernel.errors import (
    Conflict,
    FirstlightError,
    Invalid,
    Missing,
    NotSignedIn,
    Refused,
    TooLarge,
    TooMany,
    Unavailable,
)

MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger("firstlight.api")
_SHOWN = 300


class NoSuchAddress(Missing):
    """There is no operation at this address."""

    code = "request.no_such_address"
    next_step = "See /api/v1/openapi.json for what there is."


class MethodNotAllowed(Invalid):
    """This address does not know this method."""

    code = "request.method_not_allowed"
    next_step = "The header Allow names the methods that it knows."


class LengthRequired(Invalid):
    """The request says nothing about the length of its body."""

    code = "request.length_required"
    next_step = "Send Content-Length; bodies of unknown length are not read."


class BodyTooLarge(TooLarge):
    """The body is larger than this operation reads."""

    code = "request.body_too_large"


class UnsupportedType(Invalid):
    """The body is of a media type that this operation does not read."""

    code = "request.unsupported_type"
    next_step = "Send one of the media types in the details."


class NotAsDescribed(Invalid):
    """A parameter or the body is not as the operation describes it."""

    code = "request.not_as_described"
    next_step = "Correct the named places; /api/v1/openapi.json describes each."


class PreconditionRequired(Invalid):
    """This changes a thing that others change too, so say which version you saw."""

    code = "request.precondition_required"
    next_step = "Send If-Match with the ETag of the answer in which you saw it."


class PreconditionFailed(Conflict):
    """It is no longer the version that you saw."""

    code = "request.precondition_failed"
    next_step = "Read it again, decide again, and send the new ETag in If-Match."


class KeyReused(Invalid):
    """This idempotency key was used for another request."""

    code = "request.idempotency_key_reused"
    next_step = "Use a fresh key for each request; repeat a request with its key unchanged."


class Unexpected(FirstlightError):
    """Something broke that should not have; nothing was stored."""

    code = "service.unexpected"
    next_step = "Try again; if it happens again, tell the operator the time and the address."


STATUS: tuple[tuple[type[FirstlightError], int], ...] = (
    (NotSignedIn, 401),
    (TooMany, 429),
    (Refused, 403),
    (Missing, 404),
    (PreconditionFailed, 412),
    (Conflict, 409),
    (MethodNotAllowed, 405),
    (LengthRequired, 411),
    (TooLarge, 413),
    (UnsupportedType, 415),
    (NotAsDescribed, 422),
    (KeyReused, 422),
    (PreconditionRequired, 428),
    (Invalid, 400),
    (Unavailable, 503),
    (FirstlightError, 500),
)
"""the first class that fits counts, so children stand before their parents"""

TITLES: Mapping[int, str] = {
    400: "The request cannot be read",
    401: "Not signed in",
    403: "Not open to you",
    404: "Nothing here",
    405: "Method not known here",
    409: "The state does not allow this",
    411: "Length required",
    412: "It has changed meanwhile",
    413: "Too large",
    415: "Media type not read here",
    422: "Not as described",
    428: "Say which version you saw",
    429: "Too many requests",
    500: "Something broke",
    503: "A part does not work at the moment",
}


def status_of(error: FirstlightError) -> int:
    """The HTTP status of an error."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def problem(request: HttpRequest, error: FirstlightError) -> HttpResponse:
    """The answer that tells a program, and the person behind it, what happened."""
    status = status_of(error)
    body = {
        "type": f"urn:firstlight:problem:{error.code}",
        "title": TITLES[status],
        "status": status,
        "detail": error.message,
        "code": error.code,
        "hint": error.hint,
        "details": error.details,
        "instance": request.path[:_SHOWN],
    }
    content = json.dumps(body, ensure_ascii=False, default=str)
    # A lone surrogate in a shown value cannot be sent as UTF-8; show it as an escape.
    data = content.encode(errors="backslashreplace")
    response = HttpResponse(data, content_type=MEDIA_TYPE, status=status)
    response.headers["Cache-Control"] = "no-store"
    wait = error.details.get("retry_after")
    if isinstance(wait, int):
        response.headers["Retry-After"] = str(wait)
    if isinstance(error, NotSignedIn):
        response.headers["WWW-Authenticate"] = 'Bearer realm="firstlight"'
    return response


def _validation(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Name the places. Values are not repeated, since errors travel further than requests."""
    faults = [
        {
            "place": ".".join(str(step) for step in fault.get("loc", ()))[:_SHOWN],
            "problem": str(fault.get("msg", ""))[:_SHOWN],
        }
        for fault in error.errors[:10]
    ]
    first = faults[0] if faults else {"place": "", "problem": "it is malformed"}
    sentence = f"{first['place']}: {first['problem']}"
    return problem(request, NotAsDescribed(sentence, faults=faults))


def _library(request: HttpRequest, error: HttpError) -> HttpResponse:
    """The library's own errors; what our parser said is their cause."""
    cause = error.__cause__
    if isinstance(cause, FirstlightError):
        return problem(request, cause)
    if isinstance(cause, OSError | SuspiciousOperation):
        return _unreadable(request, cause)
    return problem(request, Invalid(error.message))


def _unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, RequestDataTooBig):
        return problem(request, BodyTooLarge())
    return problem(request, Invalid("the body ended early, or it cannot be read"))


def _unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    """Told to the log with everything, to the asker with nothing."""
    _LOG.error("unexpected error in %s %s", request.method, request.path, exc_info=error)
    return problem(request, Unexpected())


_HANDLERS: tuple[tuple[type[Exception], Callable[..., HttpResponse]], ...] = (
    (FirstlightError, problem),
    (ValidationError, _validation),
    (HttpError, _library),
    (UnreadablePostError, _unreadable),
    (SuspiciousOperation, _unreadable),
    (Exception, _unexpected),
)


def install(api: NinjaAPI) -> None:
    """Give the API a handler for each kind of error."""
    for kind, handler in _HANDLERS:
        api.add_exception_handler(kind, handler)
