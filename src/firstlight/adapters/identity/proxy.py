"""Believe a reverse proxy that the settings name, and nobody else, about who asks and over what.

Without this, every request through a proxy seems to come from the proxy: limits by address would
then count everybody together, and what is open to this machine alone would be open to the world.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class TrustedProxy:
    """Middleware; must come before everything that looks at the address or the scheme."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """As Django wants it."""
        self._next = get_response
        self._trusted = frozenset(settings.TRUSTED_PROXIES)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Put the asker's address and scheme in place of the proxy's."""
        if request.META.get("REMOTE_ADDR") in self._trusted:
            request.META["REMOTE_ADDR"] = self._asker(request)
            if request.headers.get("X-Forwarded-Proto") == "https":
                request.META["wsgi.url_scheme"] = "https"
                # Django keeps the scheme where the server put it, in the WSGI environment.
                getattr(request, "environ", {})["wsgi.url_scheme"] = "https"
        return self._next(request)

    def _asker(self, request: HttpRequest) -> str:
        """The last address in X-Forwarded-For that no trusted proxy has; earlier ones are claims.

        A proxy that forwards without saying for whom counts as an unknown asker, never as itself.
        """
        named = request.headers.get("X-Forwarded-For", "").split(",")
        for text in reversed(named):
            candidate = text.strip()
            if candidate in self._trusted:
                continue
            try:
                return str(ipaddress.ip_address(candidate))
            except ValueError:
                break
        return "unknown"
