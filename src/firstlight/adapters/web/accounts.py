"""Accounts: asking for one, one-time links, tokens, vetting."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from firstlight.adapters.web.services import actor_of, services
from firstlight.core.kernel.errors import Invalid, Refused
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import OrganisationKind, Role
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.accounts.entry import (
    create_token,
    list_tokens,
    make_sign_in_link,
    revoke_token,
    scopes_open_to,
    use_sign_in_link,
)
from firstlight.usecases.accounts.people import (
    REQUESTABLE,
    AccountRequest,
    add_person,
    end_membership,
    list_organisations,
    refuse_organisation,
    request_account,
    set_raw_feed,
    vet_organisation,
)
from firstlight.usecases.accounts.port import (
    ACCOUNT_REQUEST,
    LINK_FAILURE,
    LinkNotUsable,
    TokenId,
)

_LIVES = (7, 30, 90, 180, 366)
"""days that a token may live; the form offers these"""

_HELD = tuple(role for role in Role if role not in {Role.ANONYMOUS, Role.PENDING, Role.SYSTEM})


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for an account. A known address gets the same answer as a new one."""
    page: dict[str, object] = {"kinds": REQUESTABLE, "given": request.POST}
    if request.method != "POST":
        return render(request, "web/request_account.html", page)
    services().brake.hit(ACCOUNT_REQUEST, services().door.address_of(request))
    try:
        request_account(services().context, services().accounts, _asked(request))
    except Invalid as problem:
        page["problem"] = problem
        return render(request, "web/request_account.html", page, status=400)
    return render(request, "web/account_requested.html")


def _asked(request: HttpRequest) -> AccountRequest:
    fields = request.POST
    if fields.get("kind") not in {kind.value for kind in REQUESTABLE}:
        raise Invalid("choose what your organisation is", field="kind")
    return AccountRequest(
        name=fields.get("name", ""),
        email=fields.get("email", ""),
        password=fields.get("password", ""),
        organisation=fields.get("organisation", ""),
        kind=OrganisationKind(fields["kind"]),
        sector=fields.get("sector", ""),
        purpose=fields.get("purpose", ""),
    )


@require_safe
def lost(request: HttpRequest) -> HttpResponse:
    """What to do when the password or the passkey is lost."""
    return render(request, "web/lost_access.html")


@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, secret: str) -> HttpResponse:
    """A page with a button: programs that open every link of a mail do not use it up."""
    if request.method != "POST":
        return render(request, "web/link.html")
    try:
        person = use_sign_in_link(services().context, services().accounts, secret)
    except LinkNotUsable:
        services().brake.hit(LINK_FAILURE, services().door.address_of(request))
        raise
    services().door.sign_in(request, person)
    return redirect("home")


@require_POST
def act_as(request: HttpRequest) -> HttpResponse:
    """Choose for which of the own memberships the session acts."""
    number = request.POST.get("membership", "")
    if actor_of(request).scopes is not None or not number.isascii() or not number.isdigit():
        raise Refused("this needs a signed-in person")
    services().door.act_as(request, int(number))
    return redirect("home")


@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The own tokens; a new one is shown once."""
    actor, accounts = actor_of(request), services().accounts
    page: dict[str, object] = {"lives": _LIVES, "given": request.POST}
    listed = list_tokens(accounts, actor)
    if request.method == "POST":
        try:
            page["made"] = create_token(
                services().context,
                accounts,
                actor,
                name=request.POST.get("name", ""),
                scopes=frozenset(request.POST.getlist("scopes")),
                expires_at=services().context.clock.now().plus(_life(request)),
            )
        except Invalid as problem:
            page["problem"] = problem
        listed = list_tokens(accounts, actor)
    now = services().context.clock.now()
    page |= {"tokens": [(one, one.usable(now)) for one in listed], "scopes": scopes_open_to(actor)}
    return render(request, "web/tokens.html", page, status=400 if "problem" in page else 200)


def _life(request: HttpRequest) -> timedelta:
    days = request.POST.get("days", "")
    if days not in {str(life) for life in _LIVES}:
        raise Invalid("choose how long the token lives", field="days")
    return timedelta(days=int(days))


@require_POST
def revoke(request: HttpRequest, identifier: str) -> HttpResponse:
    """Stop an own token."""
    actor = actor_of(request)
    revoke_token(services().context, services().accounts, actor, TokenId(identifier))
    messages.success(request, "The token is revoked.")
    return redirect("tokens")


@require_safe
def organisations(request: HttpRequest) -> HttpResponse:
    """All organisations, those that wait for vetting first."""
    records = list_organisations(services().accounts, actor_of(request))
    waiting = [
        one for one in records if one.organisation.vetted_at is None and one.refused_at is None
    ]
    others = [one for one in records if one not in waiting]
    page = {"waiting": waiting, "others": others, "roles": _HELD}
    return render(request, "web/organisations.html", page)


@require_POST
def vet(request: HttpRequest, identifier: str) -> HttpResponse:
    """Vet, refuse, or change the raw feed."""
    actor, known = actor_of(request), OrganisationId(identifier)
    allow(actor, Action.ORGANISATION_VET)
    context, accounts = services().context, services().accounts
    match request.POST.get("decision"):
        case "vet":
            vet_organisation(context, accounts, actor, known)
        case "refuse":
            refuse_organisation(context, accounts, actor, known)
        case "raw-feed" | "no-raw-feed" as wish:
            set_raw_feed(context, accounts, actor, known, wanted=wish == "raw-feed")
        case _:
            raise Invalid("vet or refuse?", field="decision")
    messages.success(request, "Done; it is in the ledger.")
    return redirect("organisations")


@require_POST
def people(request: HttpRequest, identifier: str) -> HttpResponse:
    """Add a person to an organisation, or end somebody's part in it."""
    actor, known = actor_of(request), OrganisationId(identifier)
    allow(actor, Action.ACCOUNT_MANAGE)
    context, accounts = services().context, services().accounts
    if request.POST.get("end"):
        end_membership(context, accounts, actor, PersonId(request.POST["end"]), known)
        messages.success(request, "The membership has ended.")
        return redirect("organisations")
    role = request.POST.get("role", "")
    if role not in {held.value for held in _HELD}:
        raise Invalid("choose a role", field="role")
    name, email = request.POST.get("name", ""), request.POST.get("email", "")
    add_person(
        context, accounts, actor, name=name, email=email, organisation=known, role=Role(role)
    )
    messages.success(request, "Added. Make a one-time link so that they can come in.")
    return redirect("organisations")


@require_POST
def make_link(request: HttpRequest, identifier: str) -> HttpResponse:
    """A one-time link for somebody who was recognised by other means; shown once."""
    person = PersonId(identifier)
    made = make_sign_in_link(
        services().context,
        services().accounts,
        actor_of(request),
        person,
        reason=request.POST.get("reason", ""),
    )
    address = services().base_url.rstrip("/") + made.path
    known = services().accounts.person(person)
    page = {"address": address, "link": made, "person": known}
    return render(request, "web/link_made.html", page)
