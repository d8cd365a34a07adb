"""Where a flaw of this installation is reported: `/.well-known/security.txt` (RFC 9116)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from firstlight.adapters.web.services import services
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Missing

PATH = ".well-known/security.txt"
_LIFE = timedelta(days=180)
"""RFC 9116, section 2.5.5: less than a year; an operator who is gone stops vouching for it"""
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


def security_text(contact: str, base_url: str, now: Instant) -> str:
    """The fields of RFC 9116; `Expires` is a midnight, so that the text stays equal for a day."""
    expires = datetime.combine((now.utc + _LIFE).date(), time(), UTC)
    fields = (
        ("Contact", contact),
        ("Expires", f"{expires:%Y-%m-%dT%H:%M:%SZ}"),
        ("Canonical", f"{base_url.rstrip('/')}/{PATH}"),
        ("Preferred-Languages", "en"),
    )
    return "".join(f"{name}: {value}\n" for name, value in fields)
