"""Addresses below /api/v1/. Every operation stands behind a gate, or the program does not start."""

from __future__ import annotations

from django.urls import path, re_path
from django.urls.resolvers import URLPattern

from firstlight.adapters.api.app import api
from firstlight.adapters.api.describe import actions
from firstlight.adapters.api.guard import guarded, no_such_address

_BELOW = "api/v1/"


def _patterns() -> list[URLPattern]:
    gates = actions(api)
    found = []
    for bound in api._get_bound_routers():  # noqa: SLF001  # the only list of all operations
        for route, view in bound.path_operations.items():
            for operation in view.operations:
                if operation.operation_id not in gates:
                    raise RuntimeError(f"{route} has no gate")
            django_route = route.lstrip("/").replace("{", "<").replace("}", ">")
            found.append(path(_BELOW + django_route, guarded(view.get_view(), view)))
    return found


urlpatterns = [*_patterns(), re_path(rf"^{_BELOW}", no_such_address)]
