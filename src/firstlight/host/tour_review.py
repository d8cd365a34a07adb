"""The tour's second part: one real use of an endpoint through the gateway, and its end.

People, terms, window and grant are arranged as the portal does it; the use goes over HTTP through
the gateway to a scripted endpoint; the developer sees it, stops everything, and compares the
ledger with the endpoint's own log, offline.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx

from firstlight.adapters.cli.options import read_lines
from firstlight.adapters.cli.reconcile import reconcile_export
from firstlight.bootstrap import Firstlight
from firstlight.core.kernel.canonical import canonical
from firstlight.core.kernel.parties import SYSTEM, Actor, OrganisationKind, Role
from firstlight.core.review.artefacts import Artefact, ArtefactKind, Dialect, Safeguards
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.grants import Budget, Grant, Purpose
from firstlight.core.review.model import Anchor, DeveloperSize, Plan, ReleaseForm
from firstlight.core.review.reconcile import Period, uses_named
from firstlight.core.review.window import Audience
from firstlight.demo.endpoint import KEY, MODEL, ScriptedEndpoint
from firstlight.demo.story import Tell, TourStuck, Visitor
from firstlight.host.people import People
from firstlight.settings import Settings
from firstlight.usecases.accounts.people import add_organisation, add_person
from firstlight.usecases.reviews import arranging, granting, opening
from firstlight.usecases.uses import endpoints, keys

DEVELOPER = "developer@firstlight.example"
REVIEWER = "reviewer@firstlight.example"
LOOPBACK = "127.0.0.1"
HOSTS = f"{LOOPBACK}+here"
"""what the tour's gateway may reach: the scripted endpoint on this machine"""
_START_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class ReviewShown:
    """What this part left behind."""

    number: str
    grant: Grant
    export: Path


def start_gateway(settings: Settings) -> subprocess.Popen[bytes]:
    """`firstlight gateway`, once it answers. Raises TourStuck."""
    port = httpx.URL(settings.gateway_url).port or 80
    log = (settings.data / "gateway.log").open("ab")
    gateway = subprocess.Popen(
        [sys.executable, "-m", "firstlight", "gateway", "--address", LOOPBACK, "--port", str(port)],
        stdout=log,
        stderr=log,
    )
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and gateway.poll() is None:
        try:
            if httpx.get(f"http://{LOOPBACK}:{port}/health", timeout=2).is_success:
                return gateway
        except httpx.HTTPError:
            time.sleep(0.1)
    gateway.terminate()
    gateway.wait()
    raise TourStuck("the gateway did not start", hint=f"See {settings.data / 'gateway.log'}.")


def walk_review(
    settings: Settings,
    opened: Firstlight,
    people: People,
    endpoint: ScriptedEndpoint,
    tell: Tell,
) -> ReviewShown:
    """Arrange, use, see, stop, compare. Raises TourStuck."""
    developer = _somebody(opened, "Quiet Models", DEVELOPER, OrganisationKind.DEVELOPER)
    reviewer = _somebody(opened, "Review Office", REVIEWER, OrganisationKind.AGENCY)
    engagement, artefact = _open(opened, developer, reviewer, endpoint)
    grant = _grant(opened, developer, reviewer, engagement, artefact)
    number = engagement.number
    tell("Review", f"{number}: an office looks at a model for 10 days, voluntarily, revocably.")
    key = keys.make_key(opened.context, reviewer, grant.id).key
    said = _ask(settings, key)
    message = said.json()["choices"][0]["message"]["content"]
    tell("Review", f"{number}: one use through the gateway. The endpoint: {message!r}")
    visitor = _visitor(settings, people)
    seen = visitor.ask("GET", f"/reviews/{number}/use")
    total = seen["tallies"][0]
    tell("Review", f"{number}: {total['requests']} request, {total['tokens']} tokens written down.")
    words = {"reason": "The tour ends.", "conditions": "The developer lets it go on."}
    visitor.ask("POST", f"/reviews/{number}/halt", json=words)
    refused = _ask(settings, key)
    tell("Review", f"{number}: stopped. The next request: {refused.status_code}, {_code(refused)}.")
    export = _compare(settings, visitor, str(engagement.id), endpoint, tell)
    return ReviewShown(number=number, grant=grant, export=export)


def _somebody(opened: Firstlight, name: str, email: str, kind: OrganisationKind) -> Actor:
    role = Role.DEVELOPER if kind is OrganisationKind.DEVELOPER else Role.REVIEWER
    home = add_organisation(opened.context, opened.accounts, SYSTEM, name=name, kind=kind)
    person = add_person(
        opened.context,
        opened.accounts,
        SYSTEM,
        name=f"Demo {role.value}",
        email=email,
        organisation=home.id,
        role=role,
    )
    return Actor(role=role, person=person.id, organisation=home.id)


def _open(
    opened: Firstlight, developer: Actor, reviewer: Actor, endpoint: ScriptedEndpoint
) -> tuple[Engagement, Artefact]:
    context = opened.context
    found = opening.open_engagement(
        context,
        developer,
        name="Demonstration model",
        version="1",
        size=DeveloperSize.SMALL,
        plan=Plan(
            release_form=ReleaseForm.API,
            anchor=Anchor.PARTNERS,
            partner_release=None,
            public_release=None,
            retention_days=0,
            legal_hold="",
            keeps_content=False,
            listed=False,
        ),
    )
    artefact = arranging.add_artefact(
        context,
        developer,
        found.id,
        arranging.NewArtefact(
            kind=ArtefactKind.ENDPOINT,
            name="Scripted endpoint, not a model",
            safeguards=Safeguards.SHIPPED,
            models=(MODEL,),
            dialects=(Dialect.OPENAI_CHAT,),
        ),
    )
    endpoints.set_endpoint(
        context,
        opened.vault,
        developer,
        found.id,
        artefact.id,
        address=endpoint.address,
        key=KEY,
        prices=None,
    )
    if reviewer.organisation is None:
        raise TourStuck("the reviewer belongs to no office")
    office = reviewer.organisation
    arranging.decide_office(
        context, opened.accounts, developer, found.id, office=office, move="admit"
    )
    terms = arranging.set_terms(context, developer, found.id, changes={}).present_terms
    arranging.accept_terms(context, reviewer, found.id, digest_seen=terms.digest if terms else "")
    arranging.set_window(context, developer, found.id, audience=Audience.OFFICES, days=10)
    return found, artefact


def _grant(
    opened: Firstlight,
    developer: Actor,
    reviewer: Actor,
    engagement: Engagement,
    artefact: Artefact,
) -> Grant:
    if reviewer.person is None or reviewer.organisation is None:
        raise TourStuck("the reviewer is nobody")
    return granting.give_grant(
        opened.context,
        opened.accounts,
        developer,
        engagement.id,
        granting.NewGrant(
            audience=Audience.OFFICES,
            person=reviewer.person,
            organisation=reviewer.organisation,
            artefact=artefact.id,
            purpose=Purpose.CAPABILITY_EVALUATION,
            until=opened.context.clock.now().plus(timedelta(days=10)),
            budget=Budget(requests=100, tokens=100_000, money=None),
        ),
    )


def _ask(settings: Settings, key: str) -> httpx.Response:
    """One chat completion through the gateway, as any client sends it."""
    port = httpx.URL(settings.gateway_url).port or 80
    return httpx.post(
        f"http://{LOOPBACK}:{port}/v1/chat/completions",
        headers={"Authorization": f"Bearer {key}"},
        json={"model": MODEL, "messages": [{"role": "user", "content": "What are you?"}]},
        timeout=30,
    )


def _code(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


def _visitor(settings: Settings, people: People) -> Visitor:
    made = people.create_token(
        email=DEVELOPER, role=Role.DEVELOPER.value, name="guided tour", scopes=(), days=1
    )
    return Visitor(url=settings.base_url, token=made.secret)


def _compare(
    settings: Settings, visitor: Visitor, subject: str, endpoint: ScriptedEndpoint, tell: Tell
) -> Path:
    """What `firstlight ledger reconcile` does."""
    path = settings.data / "review-ledger-export.json"
    path.write_bytes(canonical(visitor.ask("GET", "/ledger/export", params={"subject": subject})))
    lines = read_lines(str(endpoint.log))
    found = reconcile_export(path.read_bytes(), None, uses_named(lines), Period())
    if not found.agrees:
        raise TourStuck("the ledger and the endpoint's own log differ")
    tell("Review", f"The ledger and the endpoint's own log agree on {found.uses} use, offline.")
    return path
