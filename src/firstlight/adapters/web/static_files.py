"""Serve the few style and script files from memory. Only the names listed here exist."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

from firstlight.core.kernel.errors import Missing

_TYPES = {
    "firstlight/style.css": "text/css; charset=utf-8",
    "firstlight/follow.js": "text/javascript; charset=utf-8",
    "firstlight/mark.svg": "image/svg+xml",
    "account/js/onload.js": "text/javascript; charset=utf-8",
    "mfa/js/recovery_codes.js": "text/javascript; charset=utf-8",
    "mfa/js/webauthn-json.js": "text/javascript; charset=utf-8",
    "mfa/js/webauthn.js": "text/javascript; charset=utf-8",
}


@dataclass(frozen=True, kw_only=True)
class _File:
    content: bytes
    kind: str
    tag: str


@cache
def _load(name: str) -> _File:
    found = finders.find(name)
    if name not in _TYPES or not isinstance(found, str):
        raise Missing("There is no such file.")
    content = Path(found).read_bytes()
    tag = hashlib.sha256(content).hexdigest()[:24]
    return _File(content=content, kind=_TYPES[name], tag=f'"{tag}"')


@require_safe
def static_file(request: HttpRequest, name: str) -> HttpResponse:
    """One file, with a tag by which the browser asks whether it has changed."""
    if name not in _TYPES:
        raise Missing("There is no such file.")
    file = _load(name)
    if request.headers.get("If-None-Match") == file.tag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(file.content, content_type=file.kind)
    response.headers["ETag"] = file.tag
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
