"""What a developer arranges: artefacts, terms, windows with their signed acts, offices."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from firstlight.adapters.api.answers import Answer, answer, once, page
from firstlight.adapters.api.find import identified
from firstlight.adapters.api.gate import actor_of, may
from firstlight.adapters.api.parameters import Cursor, Limit
from firstlight.adapters.api.pieces import newest
from firstlight.adapters.api.reviews.common import (
    Number,
    ReviewName,
    change,
    change_seen,
    download,
    everywhere,
    names,
    review_id,
    review_named,
    shown,
    signed,
)
from firstlight.adapters.api.services import services
from firstlight.adapters.api.wire.reviews.bodies import (
    ArtefactGiven,
    ExtensionGiven,
    OfficeDecided,
    OwnSignatureGiven,
    TermsAccepted,
    TermsGiven,
    WindowGiven,
    WindowsStopped,
)
from firstlight.adapters.api.wire.reviews.ending import StatementShown
from firstlight.adapters.api.wire.reviews.engagement import ArtefactShown, ReviewShown
from firstlight.adapters.api.wire.reviews.people import (
    AcceptancePage,
    AcceptanceShown,
    OfficeList,
    OfficeShown,
    TermsPage,
    TermsShown,
)
from firstlight.adapters.vault.keys import ed25519_verifier
from firstlight.core.kernel.canonical import canonical
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.dsse import to_sign
from firstlight.core.kernel.errors import Invalid, Missing
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.review.dsse import ACT_TYPE
from firstlight.core.review.ids import ArtefactId
from firstlight.core.review.window import MOST_PARTNER_DAYS, Audience
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.reviews import acts, arranging

router = Router(tags=["reviews"])


@router.post(
    "/reviews/{review}/artefacts",
    auth=may(Action.REVIEW_ARRANGE),
    response={201: ArtefactShown},
    operation_id="addArtefact",
    summary="List one more thing that is shown",
)
def add_artefact(request: HttpRequest, review: ReviewName, body: ArtefactGiven) -> HttpResponse:
    """An endpoint, a document, or the digest of weights; weights never pass through here."""
    actor = actor_of(request)
    found = review_id(actor, review, Action.REVIEW_ARRANGE)

    def act(context: Context) -> Answer:
        made = arranging.add_artefact(context, actor, found, body.new())
        place = {"Location": f"/api/v1/reviews/{found}"}
        return Answer(shown=ArtefactShown.of(made), status=201, headers=place)

    return once(request, act)


@router.delete(
    "/reviews/{review}/artefacts/{artefact}",
    auth=may(Action.REVIEW_ARRANGE),
    response={200: ReviewShown},
    operation_id="removeArtefact",
    summary="Take an artefact back",
)
def remove_artefact(
    request: HttpRequest,
    review: ReviewName,
    artefact: Annotated[str, Path(description="identifier (art_...)", max_length=64)],
) -> HttpResponse:
    """Its uses end at once; it stays on the record."""
    actor = actor_of(request)
    found = review_id(actor, review, Action.REVIEW_ARRANGE)
    name = identified(ArtefactId, artefact)
    left = arranging.remove_artefact(services().context, actor, found, name)
    return answer(shown(actor, left))


@router.get(
    "/reviews/{review}/terms",
    auth=may(Action.REVIEW_ACCEPT),
    response=TermsPage,
    operation_id="listTerms",
    summary="Read the terms of a review",
)
def list_terms(
    request: HttpRequest, review: ReviewName, cursor: Cursor = None, limit: Limit = None
) -> HttpResponse:
    """Every version, newest first, each with what the developer changed of the standard text."""
    actor = actor_of(request)
    found = review_id(actor, review, Action.REVIEW_ACCEPT)
    rows, following = newest(
        services().reviews.terms(everywhere(actor), found), lambda t: str(t.number), cursor, limit
    )
    return page(request, TermsPage(items=[TermsShown.of(row) for row in rows], next=following))


@router.post(
    "/reviews/{review}/terms",
    auth=may(Action.REVIEW_ARRANGE),
    response={200: ReviewShown},
    operation_id="setTerms",
    summary="Set the terms of a review",
)
def set_terms(request: HttpRequest, review: ReviewName, body: TermsGiven) -> HttpResponse:
    """A new version; everyone with access accepts it anew. Needs If-Match."""
    actor = actor_of(request)
    return change_seen(
        request,
        review,
        lambda context, found: arranging.set_terms(
            context,
            actor,
            found.id,
            changes=body.changes,
            excluded=body.excluded,
            version=body.standard,
            seen=found.version,
        ),
    )


@router.post(
    "/reviews/{review}/acceptances",
    auth=may(Action.REVIEW_ACCEPT),
    response={200: AcceptanceShown},
    operation_id="acceptTerms",
    summary="Accept the terms for yourself",
)
def accept(request: HttpRequest, review: ReviewName, body: TermsAccepted) -> HttpResponse:
    """Exactly the version that you read, by its digest."""
    actor = actor_of(request)
    found = review_id(actor, review, Action.REVIEW_ACCEPT)

    def act(context: Context) -> Answer:
        given = arranging.accept_terms(context, actor, found, digest_seen=body.digest)
        return Answer(shown=AcceptanceShown.of(given, names()))

    return once(request, act)


@router.get(
    "/reviews/{review}/acceptances",
    auth=may(Action.REVIEW_READ),
    response=AcceptancePage,
    operation_id="listAcceptances",
    summary="See who accepted which terms",
)
def list_acceptances(
    request: HttpRequest, review: ReviewName, cursor: Cursor = None, limit: Limit = None
) -> HttpResponse:
    """Newest first."""
    actor, name_of = actor_of(request), names()
    found = review_id(actor, review, Action.REVIEW_READ)
    rows, following = newest(
        services().reviews.acceptances(actor, found),
        lambda row: f"{row.person}.{row.number}",
        cursor,
        limit,
    )
    items = [AcceptanceShown.of(row, name_of) for row in rows]
    return page(request, AcceptancePage(items=items, next=following))


@router.post(
    "/reviews/{review}/windows",
    auth=may(Action.REVIEW_ARRANGE),
    response={200: ReviewShown},
    operation_id="setWindow",
    summary="Set a window",
)
def set_window(request: HttpRequest, review: ReviewName, body: WindowGiven) -> HttpResponse:
    """Offices get at most 30 days of one model in all. Needs If-Match."""
    actor = actor_of(request)
    start = Instant.parse(body.start) if body.start is not None else None
    return change_seen(
        request,
        review,
        lambda context, found: arranging.set_window(
            context,
            actor,
            found.id,
            audience=body.audience,
            days=body.days,
            start=start,
            early=body.early,
            seen=found.version,
        ),
    )


@router.post(
    "/reviews/{review}/windows/stop",
    auth=may(Action.REVIEW_ARRANGE),
    response={200: ReviewShown},
    operation_id="stopWindows",
    summary="Stop access now",
)
def stop_windows(request: HttpRequest, review: ReviewName, body: WindowsStopped) -> HttpResponse:
    """One audience's window or every one ends at this moment."""
    actor = actor_of(request)
    return change(
        request,
        review,
        Action.REVIEW_ARRANGE,
        lambda context, found: arranging.stop_window(context, actor, found, audience=body.audience),
    )


@router.get(
    "/reviews/{review}/windows/extension",
    auth=may(Action.REVIEW_ARRANGE),
    response=StatementShown,
    operation_id="prepareExtension",
    summary="Read what an extension would sign",
)
def prepare_extension(
    request: HttpRequest,
    review: ReviewName,
    audience: Annotated[Audience, Query(description="for whom the window is")],
    days: Annotated[int, Query(ge=1, le=MOST_PARTNER_DAYS, description="how much longer")],
) -> HttpResponse:
    """For a developer that signs with a key of its own. Changes nothing."""
    actor = actor_of(request)
    found = review_id(actor, review, Action.REVIEW_ARRANGE)
    statement = acts.prepare_extension(
        services().context, actor, found, audience=audience, days=days
    )
    wire = StatementShown(
        payload_type=ACT_TYPE,
        statement=dict(statement),
        to_sign=to_sign(ACT_TYPE, canonical(statement)).hex(),
    )
    return answer(wire)


@router.post(
    "/reviews/{review}/windows/extension",
    auth=may(Action.REVIEW_ARRANGE),
    response={200: ReviewShown},
    operation_id="extendWindow",
    summary="Make a window longer",
)
def extend_window(request: HttpRequest, review: ReviewName, body: ExtensionGiven) -> HttpResponse:
    """A signed act that is kept on record; within the 30 days in all. Needs If-Match."""
    actor, own = actor_of(request), _own(body.own)
    return change_seen(
        request,
        review,
        lambda context, found: arranging.extend_window(
            context,
            actor,
            found.id,
            audience=body.audience,
            days=body.days,
            own=own,
            seen=found.version,
        ),
    )


def _own(given: OwnSignatureGiven | None) -> acts.OwnSignature | None:
    if given is None:
        return None
    key = bytes.fromhex(given.public_key)
    try:
        verify = ed25519_verifier(key)
    except ValueError:
        raise Invalid("this is no Ed25519 key", field="own.public_key") from None
    return acts.OwnSignature(public_key=key, value=bytes.fromhex(given.signature), verify=verify)


@router.get(
    "/reviews/{review}/acts/{number}",
    auth=may(Action.REVIEW_READ),
    response={200: None},
    operation_id="readAct",
    summary="Download a signed act",
    openapi_extra=signed("An act of the developer"),
)
def read_act(request: HttpRequest, review: ReviewName, number: Number) -> HttpResponse:
    """Check it with `firstlight review act verify FILE --key KEY`, without this server."""
    found = review_named(actor_of(request), review)
    for act in found.acts:
        if act.number == number:
            return download(act.envelope, f"{found.number}-act-{number}.json")
    raise Missing(f"{found.number} has no act {number}")


@router.get(
    "/reviews/{review}/offices",
    auth=may(Action.REVIEW_READ),
    response=OfficeList,
    operation_id="listOffices",
    summary="See which offices ask or take part",
)
def list_offices(request: HttpRequest, review: ReviewName) -> HttpResponse:
    """In the order in which they came."""
    actor = actor_of(request)
    rows = services().reviews.offices(actor, review_id(actor, review, Action.REVIEW_READ))
    return answer(OfficeList(items=[OfficeShown.of(row) for row in rows]))


@router.post(
    "/reviews/{review}/offices/{office}",
    auth=may(Action.REVIEW_ARRANGE),
    response={200: OfficeList},
    operation_id="decideOffice",
    summary="Take an office in, decline it, or remove it",
)
def decide_office(
    request: HttpRequest,
    review: ReviewName,
    office: Annotated[str, Path(description="identifier (org_...)", max_length=64)],
    body: OfficeDecided,
) -> HttpResponse:
    """The developer decides who takes part, and gives no reason if it likes."""
    actor, accounts = actor_of(request), services().accounts
    found = review_id(actor, review, Action.REVIEW_ARRANGE)
    which = identified(OrganisationId, office)

    def act(context: Context) -> Answer:
        arranging.decide_office(
            context, accounts, actor, found, office=which, move=body.move, words=body.words
        )
        rows = services().reviews.offices(everywhere(actor), found)
        return Answer(shown=OfficeList(items=[OfficeShown.of(row) for row in rows]))

    return once(request, act)
