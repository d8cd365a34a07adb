"""What stands around every operation: known parameters, our shape of errors, entity tags."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseNotAllowed
from ninja.operation import Operation, PathView

from firstlight.adapters.api.problems import (
    MethodNotAllowed,
    NoSuchAddress,
    NotAsDescribed,
    problem,
)
from firstlight.adapters.api.tags import answer_conditionally

_LISTS = "__ninja_collection_fields__"
"""where the library keeps the names of parameters that may be repeated"""
View = Callable[..., HttpResponse]


def guarded(view: View, operations: PathView) -> View:
    """`view`, which the library made of `operations`, as the API shows it."""
    asked = {
        method: _query_names(operation)
        for operation in operations.operations
        for method in operation.methods
    }

    @wraps(view)
    def guard(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        headless = request.method == "HEAD"
        if headless:
            request.method = "GET"  # the same headers, and no body (RFC 9110, 9.3.2)
        known = asked.get(str(request.method))
        try:
            if known is not None:
                _require_known(request.GET, *known)
        except NotAsDescribed as error:
            return problem(request, error)
        response = view(request, *args, **kwargs)
        if isinstance(response, HttpResponseNotAllowed):
            response = _not_allowed(request, response.headers["Allow"])
        if request.method == "GET":
            response = answer_conditionally(request, response)
        if headless:
            response.headers["Content-Length"] = str(len(response.content))
            response.content = b""
        return response

    guard.csrf_exempt = True  # type: ignore[attr-defined]  # Django's own way; no cookie counts here
    return guard


def no_such_address(request: HttpRequest, **_: object) -> HttpResponse:
    """Everything below the prefix that is no operation."""
    return problem(request, NoSuchAddress())


no_such_address.csrf_exempt = True  # type: ignore[attr-defined]  # likewise; it changes nothing


def _query_names(operation: Operation) -> tuple[frozenset[str], frozenset[str]]:
    """The names of all query parameters, and of those that may be repeated."""
    query = [model for model in operation.models if model.__ninja_param_source__ == "query"]
    names = {name for model in query for name in getattr(model, "__ninja_flatten_map__", ())}
    lists = {name for model in query for name in getattr(model, _LISTS, ())}
    return frozenset(names), frozenset(lists)


def _require_known(query: QueryDict, names: frozenset[str], lists: frozenset[str]) -> None:
    """A misspelt filter would otherwise be passed over, and the answer be taken for filtered.

    Raises:
        NotAsDescribed: an unknown parameter, or one that is given twice.
    """
    for name, values in query.lists():
        if name not in names:
            raise NotAsDescribed(f"there is no parameter {name[:60]!r}", known=sorted(names))
        if len(values) > 1 and name not in lists:
            raise NotAsDescribed(f"{name} is given {len(values)} times", field=name)


def _not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    names = sorted(name.strip() for name in allowed.split(","))
    if "GET" in names:
        names.append("HEAD")
    response = problem(
        request, MethodNotAllowed(f"{str(request.method)[:20]} is not known here", allowed=names)
    )
    response.headers["Allow"] = ", ".join(names)
    return response
