"""One log line for each request: method, path, status, time. Never the query, headers or body."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_log = logging.getLogger("firstlight.requests")
_QUIET = ("/static/", "/api/v1/health", "/api/v1/ready")


class RequestLog:
    """Middleware; the outermost, so that its time is the whole time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """As Django wants it."""
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on and note how it went."""
        begun = time.perf_counter()
        answer = self._next(request)
        if not request.path.startswith(_QUIET):
            _log.info(
                "request",
                extra={
                    "method": request.method,
                    "path": request.path,
                    "status": answer.status_code,
                    "milliseconds": round((time.perf_counter() - begun) * 1000, 1),
                },
            )
        return answer
