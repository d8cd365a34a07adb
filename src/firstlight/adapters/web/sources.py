"""Catalogues of others (KEV, EPSS, SSVC): what is loaded, what follows, loading a newer one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from firstlight.adapters.formats.epss import parse_epss
from firstlight.adapters.formats.kev import parse_kev
from firstlight.adapters.formats.ssvc_cve import parse_ssvc
from firstlight.adapters.web.services import actor_of, services
from firstlight.core.kernel.errors import Invalid, Missing, TooLarge
from firstlight.core.kernel.parties import Actor
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.cases.sources import EPSS, KEV, SSVC, load_epss, load_kev, load_ssvc
from firstlight.usecases.ports import SourceStatus

_LONGEST_NAME = 100


def _kev(actor: Actor, data: bytes, origin: str) -> SourceStatus:
    return load_kev(services().context, actor, parse_kev(data), origin)


def _epss(actor: Actor, data: bytes, origin: str) -> SourceStatus:
    return load_epss(services().context, actor, parse_epss(data), origin)


def _ssvc(actor: Actor, data: bytes, origin: str) -> SourceStatus:
    return load_ssvc(services().context, actor, parse_ssvc(data), origin)


_LOADERS: Mapping[str, Callable[[Actor, bytes, str], SourceStatus]] = {
    KEV: _kev,
    EPSS: _epss,
    SSVC: _ssvc,
}


@dataclass(frozen=True, kw_only=True)
class Source:
    """A catalogue in words."""

    name: str
    title: str
    publisher: str
    meaning: str
    """what is read from it"""
    without: str
    """what follows while it is not loaded"""
    file: str
    """what is to be uploaded"""


_SOURCES = (
    Source(
        name=KEV,
        title="Known exploited vulnerabilities (KEV)",
        publisher="CISA",
        meaning="Whether attackers are known to use a flaw, and since when it is listed.",
        without=(
            "No flaw is said to be unlisted: every priority assumes that it may be listed, and"
            " says so. Days to fix count from detection alone."
        ),
        file="The catalogue as JSON, plain or gzip.",
    ),
    Source(
        name=EPSS,
        title="Exploit prediction scores (EPSS)",
        publisher="FIRST",
        meaning="How probable it is that a flaw is attacked within the next 30 days.",
        without="Priorities are computed without it and say that it was not asked.",
        file="The scores of a day as CSV, plain or gzip.",
    ),
    Source(
        name=SSVC,
        title="SSVC answers in CVE records (Vulnrichment)",
        publisher="CISA",
        meaning="Whether an attack can be automated, and how far it reaches, each with its day.",
        without="These two questions stay open until a coordinator answers them.",
        file="CVE records 5.x as JSON, one after another, plain or gzip, or as a zip.",
    ),
)


@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """Each catalogue with what was loaded of it."""
    allow(actor_of(request), Action.SOURCE_READ)
    return _page(request)


def _page(request: HttpRequest, problem: Invalid | None = None) -> HttpResponse:
    with services().context.storage.begin() as work:
        listed = [(source, work.sources.status(source.name)) for source in _SOURCES]
    page = {"sources": listed, "problem": problem}
    return render(request, "web/sources.html", page, status=400 if problem else 200)


@require_POST
def load(request: HttpRequest, name: str) -> HttpResponse:
    """Replace a catalogue by an uploaded file; read whole or refused whole."""
    actor = actor_of(request)
    allow(actor, Action.SOURCE_LOAD)
    loader = _LOADERS.get(name)
    if loader is None:
        raise Missing(f"there is no source {name[:40]!r}")
    try:
        file = _file(request)
        status = loader(actor, file.read(), f"uploaded as {(file.name or '')[:_LONGEST_NAME]}")
    except Invalid as problem:
        return _page(request, problem)
    messages.success(request, f"Loaded: {status.count} entries, dated {status.dated}.")
    return redirect("sources")


def _file(request: HttpRequest) -> UploadedFile[bytes]:
    file = request.FILES.get("file")
    if file is None:
        raise Invalid("choose a file", field="file")
    if (file.size or 0) > services().upload_bytes:
        raise TooLarge(limit=services().upload_bytes)
    return file
