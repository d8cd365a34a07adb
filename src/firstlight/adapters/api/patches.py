"""Patches: propose and list. Verification is a job; its evidence stands in the case."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import ValidationError

from firstlight.adapters.api.answers import PREFIX, Answer, answer, once
from firstlight.adapters.api.bodies import StrictParser, document
from firstlight.adapters.api.find import case_named
from firstlight.adapters.api.gate import actor_of, may
from firstlight.adapters.api.parameters import CaseName
from firstlight.adapters.api.problems import NotAsDescribed
from firstlight.adapters.api.services import services
from firstlight.adapters.api.wire.cases import PatchAccepted, PatchList, PatchProposed, PatchShown
from firstlight.core.clearinghouse.patches.model import PatchState
from firstlight.core.kernel.errors import BadEncoding
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.patches.propose import propose_patch

router = Router(tags=["patches"])

_TEXT = ("text/x-diff", "text/x-patch", "text/plain")
_EXAMPLE = "--- a/parse.c\n+++ b/parse.c\n@@ -1 +1 @@\n-  int depth;\n+  int depth = 0;\n"


@router.post(
    "/cases/{case}/patches",
    auth=may(Action.PATCH_PROPOSE),
    response={201: PatchAccepted},
    operation_id="proposePatch",
    summary="Propose a patch",
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "a unified diff against the vulnerable source",
            "content": {
                "text/x-diff": {"schema": {"type": "string"}, "example": _EXAMPLE},
                "application/json": {
                    "schema": PatchProposed.model_json_schema(),
                    "example": {"diff": _EXAMPLE},
                },
            },
        }
    },
)
def propose(request: HttpRequest, case: CaseName) -> HttpResponse:
    """Attach a unified diff; it counts only after its verification.

    Verified means: it applies and builds, no proof shows the flaw any more, the package's own tests
    are as before, and a regression test fails before and passes after.
    """
    actor = actor_of(request)
    found = case_named(actor, case)
    diff = _diff(request)

    def act(context: Context) -> Answer:
        patch = propose_patch(context, actor, found.id, diff)
        there = f"{PREFIX}/cases/{found.id}/patches"
        shown = PatchAccepted(
            id=str(patch),
            case=str(found.id),
            state=PatchState.PROPOSED,
            links={"patches": there, "evidence": f"{PREFIX}/cases/{found.id}/evidence"},
        )
        return Answer(shown=shown, status=201, headers={"Location": there})

    return once(request, act)


@router.get(
    "/cases/{case}/patches",
    auth=may(Action.PATCH_READ),
    response=PatchList,
    operation_id="listPatches",
    summary="List the patches of a case",
)
def list_patches(request: HttpRequest, case: CaseName) -> HttpResponse:
    """Oldest first, each with its state; why it was refused stands in the evidence."""
    actor = actor_of(request)
    found = services().queries.patches(actor, case_named(actor, case).id)
    return answer(PatchList(items=[PatchShown.of(patch) for patch in found]))


def _diff(request: HttpRequest) -> str:
    if request.content_type != "application/json":
        try:
            return document(request, "application/json", *_TEXT).decode()
        except UnicodeDecodeError as error:
            raise BadEncoding(f"byte {error.start} of the diff is not UTF-8") from None
    try:
        return PatchProposed.model_validate(StrictParser().parse_body(request)).diff
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise NotAsDescribed(f"body.{place}: {first['msg']}", field=place) from None
