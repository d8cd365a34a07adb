"""The API: its parts joined, and its own description (OpenAPI 3.1)."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from firstlight.adapters.api import (
    advisories,
    cases,
    directives,
    documents,
    floods,
    ledger,
    measurements,
    notices,
    outbound,
    participants,
    patches,
    problems,
    reports,
    service,
    sources,
    tools,
    uses,
)
from firstlight.adapters.api.answers import PREFIX
from firstlight.adapters.api.bodies import StrictParser
from firstlight.adapters.api.describe import described
from firstlight.adapters.api.gate import OPEN
from firstlight.adapters.api.reviews import (
    advising,
    arranging,
    granting,
    opening,
    partnering,
    reading,
)

_WHAT = """\
Report flaws, follow cases, propose patches, publish advisories, and check the ledger.

Send a token as `Authorization: Bearer flt_...`. Every failure is a problem document (RFC 9457) with
a stable `code`, a sentence and a hint. Lists have a `next` cursor and a `Link`. Every answer to a
GET has a strong `ETag`. Changes to cases and advisories need `If-Match`. Every POST may carry an
`Idempotency-Key`; the same request with the same key has one effect and one answer."""

api = NinjaAPI(
    title="Firstlight",
    version="1",
    description=_WHAT,
    openapi_url=None,
    docs_url=None,
    parser=StrictParser(),
    urls_namespace="api",
)
problems.install(api)
for router in (
    reports.router,
    floods.router,
    cases.router,
    patches.router,
    advisories.router,
    ledger.router,
    sources.router,
    directives.router,
    documents.router,
    uses.router,
    notices.router,
    outbound.router,
    tools.router,
    participants.router,
    measurements.router,
    # An address with a fixed second word stands before the ones that name a review.
    reading.fixed,
    granting.router,
    partnering.router,
    opening.router,
    arranging.router,
    advising.router,
    reading.named,
    service.router,
):
    api.add_router("", router)


@cache
def openapi() -> dict[str, Any]:
    """The description, as plain JSON."""
    return described(json.loads(json.dumps(api.get_openapi_schema(path_prefix=PREFIX))), api)


@api.get(
    "/openapi.json",
    auth=OPEN,
    response={200: None},
    operation_id="readDescription",
    summary="Read this description",
    tags=["service"],
    openapi_extra={
        "responses": {
            200: {
                "description": "OpenAPI 3.1",
                "content": {"application/json": {"schema": {"type": "object"}}},
            }
        }
    },
)
def read_description(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # the router's signature
    """What this document itself was read from."""
    response = HttpResponse(json.dumps(openapi()), content_type="application/json")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
