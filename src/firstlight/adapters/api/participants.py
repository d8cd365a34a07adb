"""The register of participants: who chose to be named."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from firstlight.adapters.api.answers import PREFIX, Answer, answer, once
from firstlight.adapters.api.gate import actor_of, may
from firstlight.adapters.api.services import services
from firstlight.adapters.api.wire.participants import (
    ParticipantGiven,
    ParticipationShown,
    RegisterLineShown,
    RegisterList,
)
from firstlight.core.review.participation import Participation
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.participants.register import Entry, enter_register, leave_register

router = Router(tags=["participants"])


@router.get(
    "/participants",
    auth=may(Action.PARTICIPANT_READ),
    response=RegisterList,
    operation_id="readParticipants",
    summary="Read who takes part",
)
def list_participants(request: HttpRequest) -> HttpResponse:
    """Developers, offices and partners that chose to be named, and nobody else."""
    rows = services().tools.register(actor_of(request))
    return answer(RegisterList(items=[RegisterLineShown.of(row) for row in rows]))


@router.post(
    "/participants",
    auth=may(Action.PARTICIPANT_LIST),
    response={201: ParticipationShown},
    operation_id="enterRegister",
    summary="Be named in the register",
)
def enter(request: HttpRequest, body: ParticipantGiven) -> HttpResponse:
    """Your organisation, from now on; sent again, it changes what the entry says."""
    actor = actor_of(request)
    said = Entry(scope=body.scope, since=body.since, until=body.until, size=body.size)

    def act(context: Context) -> Answer:
        entry = enter_register(context, services().accounts, actor, said)
        place = f"{PREFIX}/participants"
        return Answer(shown=_shown(entry), status=201, headers={"Location": place})

    return once(request, act)


@router.post(
    "/participants/withdrawal",
    auth=may(Action.PARTICIPANT_LIST),
    response={200: ParticipationShown},
    operation_id="leaveRegister",
    summary="Be named no longer",
)
def leave(request: HttpRequest) -> HttpResponse:
    """From this moment the register shows nothing of your organisation."""
    actor = actor_of(request)
    return once(request, lambda context: Answer(shown=_shown(leave_register(context, actor))))


def _shown(entry: Participation) -> ParticipationShown:
    return ParticipationShown(
        organisation=str(entry.organisation),
        listed=entry.listed,
        scope=entry.scope,
        since=entry.since.isoformat(),
        until=entry.until.isoformat() if entry.until else None,
        size=entry.size.value if entry.size else "",
    )
