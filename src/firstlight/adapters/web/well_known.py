"""Where a flaw of this installation is reported: `/.well-known/security.txt` (RFC 9116)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from firstlight.adapters.formats.security_txt import PATH, security_text
from firstlight.adapters.web.services import services
from firstlight.core.kernel.errors import Missing

__all__ = ["PATH", "security_txt"]

_CACHE_SECONDS = 3600


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # Django's signature
    """The file; there is none while the operator has not named a contact."""
    parts = services()
    if not parts.security_contact:
        raise Missing("This installation names no contact for security reports.")
    text = security_text(parts.security_contact, parts.base_url, parts.context.clock.now())
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = f"public, max-age={_CACHE_SECONDS}"
    return response
