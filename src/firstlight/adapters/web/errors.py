"""Errors as pages: the code, one sentence, what to do next. Statuses are given here alone."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

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

_STATUS: tuple[tuple[type[FirstlightError], int], ...] = (
    (NotSignedIn, 401),
    (TooMany, 429),
    (Refused, 403),
    (Missing, 404),
    (Conflict, 409),
    (TooLarge, 413),
    (Invalid, 400),
    (Unavailable, 503),
)
"""the first class that fits counts, so children stand before their parents"""

_TITLES = {
    400: "This could not be read",
    401: "Please sign in",
    403: "This is not open to you",
    404: "Nothing here",
    409: "It has changed meanwhile",
    413: "This is too large",
    429: "Too fast",
    500: "Something broke",
    503: "A part does not work at the moment",
}


class CsrfFailed(Refused):
    """The form did not carry the secret that this browser was given."""

    code = "access.csrf"
    next_step = "Go back, reload the page and send the form again. Cookies must be allowed."


def status_of(error: FirstlightError) -> int:
    """The HTTP status of an error; the same for pages and problem details."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def error_page(request: HttpRequest, error: FirstlightError) -> HttpResponse:
    """The page that tells a person what happened."""
    status = status_of(error)
    response = render(
        request, "web/error.html", {"error": error, "title": _TITLES[status]}, status=status
    )
    wait = error.details.get("retry_after")
    if isinstance(wait, int):
        response.headers["Retry-After"] = str(wait)
    if status == 401:  # noqa: PLR2004  # the number is its own name
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


class ErrorPages:
    """Turns the program's errors into pages; a stranger who asks for a page is led to sign in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Django hands over the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing to do on the way."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer what is ours; everything else goes on to Django."""
        if not isinstance(error, FirstlightError):
            return None
        if (
            type(error) is NotSignedIn
            and request.method == "GET"
            and not request.user.is_authenticated
        ):
            query = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"{reverse(settings.LOGIN_URL)}?{query}")
        return error_page(request, error)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  # given
    """Django calls this when a form's secret is missing or wrong."""
    return error_page(request, CsrfFailed())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  # Django's signature
    """No such address."""
    return error_page(request, Missing("There is no page at this address."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  # Django's signature
    """Django itself refused."""
    return error_page(request, Refused())


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  # Django's signature
    """Django could not read the request, or it holds more than is allowed."""
    if not hasattr(request, "user"):
        # Refused before anybody was recognised, for instance under a foreign host name: the pages'
        # frame needs to know who asks.
        return _plain("This request cannot be read", "input.invalid", 400)
    return error_page(request, Invalid("This request cannot be read, or it is too large."))


def broken(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # Django's signature
    """An unexpected error; the log has it. Uses no template, since a template may be the cause."""
    return _plain("Something broke", "firstlight.unexpected", 500)


def _plain(title: str, code: str, status: int) -> HttpResponse:
    """A page without the frame."""
    return HttpResponse(
        f"<!doctype html><html lang=en><title>{title}</title>"
        f"<h1>{title}</h1><p>Code: {code}. The log says more."
        "<p><a href='/'>Go to the first page</a>",
        status=status,
    )
