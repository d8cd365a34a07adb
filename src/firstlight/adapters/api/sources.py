"""Outside catalogues: what is loaded, and loading a newer one."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from firstlight.adapters.api.answers import answer
from firstlight.adapters.api.bodies import document
from firstlight.adapters.api.gate import actor_of, may
from firstlight.adapters.api.services import services
from firstlight.adapters.api.wire.common import Wire
from firstlight.adapters.api.wire.operations import SourceShown
from firstlight.adapters.formats.epss import parse_epss
from firstlight.adapters.formats.kev import parse_kev
from firstlight.adapters.formats.ssvc_cve import parse_ssvc
from firstlight.usecases.access.table import Action
from firstlight.usecases.cases.sources import EPSS, KEV, SSVC, load_epss, load_kev, load_ssvc

router = Router(tags=["sources"])


class SourceName(StrEnum):
    """The catalogues that are read here."""

    KEV = KEV
    """CISA's known exploited vulnerabilities, JSON"""
    EPSS = EPSS
    """FIRST's daily scores, CSV"""
    SSVC = SSVC
    """CISA's SSVC answers in CVE records, JSON"""


class SourceList(Wire):
    """Every catalogue, loaded or not."""

    items: list[SourceShown]


@router.get(
    "/sources",
    auth=may(Action.SOURCE_READ),
    response=SourceList,
    operation_id="listSources",
    summary="List the outside catalogues",
)
def list_sources(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # the router's signature
    """What was loaded, of what date, from where."""
    return answer(SourceList(items=[_status(name) for name in SourceName]))


@router.get(
    "/sources/{name}",
    auth=may(Action.SOURCE_READ),
    response=SourceShown,
    operation_id="readSource",
    summary="Read the state of a catalogue",
)
def read_source(
    request: HttpRequest,  # noqa: ARG001  # the router's signature
    name: Annotated[SourceName, Path(description="which catalogue")],
) -> HttpResponse:
    """Whether it was loaded, of what date, from where."""
    return answer(_status(name))


@router.put(
    "/sources/{name}",
    auth=may(Action.SOURCE_LOAD, document=True),
    response=SourceShown,
    operation_id="loadSource",
    summary="Replace a catalogue",
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "kev: CISA's JSON; epss: FIRST's CSV; ssvc: CVE records; each"
            " plain or gzip",
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    },
)
def load_source(
    request: HttpRequest,
    name: Annotated[SourceName, Path(description="which catalogue")],
    origin: Annotated[
        str, Query(max_length=300, description="where it comes from, for the record")
    ] = "sent over the API",
) -> HttpResponse:
    """Read whole or refused whole; what its publisher removed is gone here too."""
    actor, context, data = actor_of(request), services().context, document(request)
    if name is SourceName.KEV:
        status = load_kev(context, actor, parse_kev(data), origin)
    elif name is SourceName.SSVC:
        status = load_ssvc(context, actor, parse_ssvc(data), origin)
    else:
        status = load_epss(context, actor, parse_epss(data), origin)
    return answer(SourceShown.of(name.value, status))


def _status(name: SourceName) -> SourceShown:
    with services().context.storage.begin() as work:
        return SourceShown.of(name.value, work.sources.status(name.value))
