"""What stands around every operation: problems for what the library answers, tags."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseNotAllowed

from firstlight.adapters.api.problems import MethodNotAllowed, NoSuchAddress, problem
from firstlight.adapters.api.tags import answer_conditionally

View = Callable[..., HttpResponse]


def guarded(view: View) -> View:
    """`view`, as the library made it, as the API shows it."""

    @wraps(view)
    def guard(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        headless = request.method == "HEAD"
        if headless:
            request.method = "GET"  # the same headers, and no body (RFC 9110, 9.3.2)
        response = view(request, *args, **kwargs)
        if isinstance(response, HttpResponseNotAllowed):
            response = _not_allowed(request, response.headers["Allow"])
        if request.method == "GET":
            response = answer_conditionally(request, response)
        if headless:
            response.content = b""
        return response

    guard.csrf_exempt = True  # type: ignore[attr-defined]  # Django's own way; no cookie counts here
    return guard


def no_such_address(request: HttpRequest, **_: object) -> HttpResponse:
    """Everything below the prefix that is no operation."""
    return problem(request, NoSuchAddress())


no_such_address.csrf_exempt = True  # type: ignore[attr-defined]  # likewise; it changes nothing


def _not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    names = sorted(name.strip() for name in allowed.split(","))
    if "GET" in names:
        names.append("HEAD")
    response = problem(
        request, MethodNotAllowed(f"{str(request.method)[:20]} is not known here", allowed=names)
    )
    response.headers["Allow"] = ", ".join(names)
    return response
