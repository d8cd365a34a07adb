"""A developer, two offices, a partner and their reviews, in the installation of `world.py`.

One review is in full course: terms with a change, a window, a halted grant, advice with and without
a response, a refused partner. One was closed, one was only asked for, one question is open.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.kernel.parties import SYSTEM, OrganisationKind, Role
from firstlight.core.review.artefacts import ArtefactKind, Dialect, Safeguards
from firstlight.core.review.criteria import CRITERIA, NEWEST, Sector
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.grants import Budget, Grant, Purpose
from firstlight.core.review.model import Anchor, DeveloperSize, Plan, ReleaseForm
from firstlight.core.review.standard_terms import standard
from firstlight.core.review.terms import Heading
from firstlight.core.review.window import Audience
from firstlight.usecases.accounts.people import add_organisation, add_person
from firstlight.usecases.reviews import (
    advising,
    arranging,
    ending,
    granting,
    opening,
    partnering,
)

if TYPE_CHECKING:
    from tests.browser.world import World

HOSTILE = '<script>document.title="owned"</script><img src=x onerror=alert(1)>'
PEOPLE = (
    ("developer", OrganisationKind.DEVELOPER, Role.DEVELOPER),
    ("rival", OrganisationKind.DEVELOPER, Role.DEVELOPER),
    ("reviewer", OrganisationKind.AGENCY, Role.REVIEWER),
    ("office", OrganisationKind.AGENCY, Role.REVIEWER),
    ("partner", OrganisationKind.PARTNER, Role.PARTNER),
    ("bank", OrganisationKind.PARTNER, Role.PARTNER),
    ("researcher", OrganisationKind.FINDER, Role.RESEARCHER),
)
PLAN = Plan(
    release_form=ReleaseForm.API,
    anchor=Anchor.PARTNERS,
    partner_release=None,
    public_release=None,
    retention_days=0,
    legal_hold="",
    keeps_content=False,
    listed=False,
)
UNLIMITED = Budget(requests=None, tokens=None, money=None)
MEETS = dict.fromkeys(CRITERIA[NEWEST].items, "Yes, as our report of last year shows.")


def populate_review(world: World) -> None:
    """People, then the reviews, by the same use cases as everybody's."""
    for name, kind, role in PEOPLE:
        home = add_organisation(
            world.context, world.accounts, SYSTEM, name=f"Example {name}", kind=kind
        )
        person = add_person(
            world.context,
            world.accounts,
            SYSTEM,
            name=f"Sam {name.title()}",
            email=f"{name}@example.org",
            organisation=home.id,
            role=role,
        )
        world.people[name], world.homes[name] = person.id, home.id
    _full(world)
    _closed(world)
    ask(world, "office", "Model Asked")
    question(world, "Model Small")


def home(world: World, name: str) -> OrganisationId:
    """The organisation of one of the people."""
    return world.homes[name]


def opened(world: World, name: str) -> Engagement:
    """A review that the developer opened."""
    developer = world.actor("developer", Role.DEVELOPER)
    return opening.open_engagement(
        world.context, developer, name=name, version="1.0", size=DeveloperSize.SMALL, plan=PLAN
    )


def ask(world: World, office: str, model: str) -> None:
    """An office asks the developer for a review."""
    opening.request_review(
        world.context,
        world.accounts,
        world.actor(office, Role.REVIEWER),
        developer=home(world, "developer"),
        name=model,
        version="1.0",
        words="We would like to look at how it finds flaws.",
    )


def running(world: World, name: str) -> tuple[Engagement, Grant]:
    """A review in which the reviewer has a grant, within a window of twenty days."""
    developer = world.actor("developer", Role.DEVELOPER)
    found = opened(world, name)
    changed = standard("1").texts[Heading.CYBERSECURITY].replace("one hour", "half an hour")
    arranging.set_terms(
        world.context, developer, found.id, changes={Heading.CYBERSECURITY: changed}
    )
    new = arranging.NewArtefact(
        kind=ArtefactKind.ENDPOINT,
        name="The endpoint with reduced safeguards",
        safeguards=Safeguards.REDUCED,
        models=("model-x",),
        dialects=(Dialect.OPENAI_CHAT, Dialect.ANTHROPIC_MESSAGES),
    )
    artefact = arranging.add_artefact(world.context, developer, found.id, new)
    arranging.decide_office(
        world.context,
        world.accounts,
        developer,
        found.id,
        office=home(world, "reviewer"),
        move="admit",
    )
    arranging.set_window(world.context, developer, found.id, audience=Audience.OFFICES, days=20)
    grant = granting.give_grant(
        world.context,
        world.accounts,
        developer,
        found.id,
        granting.NewGrant(
            audience=Audience.OFFICES,
            person=world.people["reviewer"],
            organisation=home(world, "reviewer"),
            artefact=artefact.id,
            purpose=Purpose.SAFEGUARD_TESTING,
            until=world.context.clock.now().plus(timedelta(days=20)),
            budget=UNLIMITED,
        ),
    )
    return found, grant


def _full(world: World) -> None:
    developer = world.actor("developer", Role.DEVELOPER)
    reviewer = world.actor("reviewer", Role.REVIEWER)
    found, grant = running(world, "Model X")
    context, accounts = world.context, world.accounts
    world.review, world.grant = found.number, str(grant.id)
    world.engagement = str(found.id)
    first = advising.observe(context, reviewer, found.id, title="It names keys", text="At times.")
    advising.respond(context, developer, first.id, wording=1, text="Thank you; mended.")
    advising.reword(context, reviewer, first.id, title="It names keys", text="When asked twice.")
    second = advising.observe(context, reviewer, found.id, title=HOSTILE, text=HOSTILE)
    world.observation = str(second.id)
    for name, move, reason in (("partner", "agree", ""), ("bank", "refuse", "Too many already.")):
        proposed = partnering.propose_partner(
            context,
            accounts,
            developer,
            found.id,
            organisation=home(world, name),
            sector=Sector.HEALTHCARE if name == "partner" else Sector.FINANCIAL_SERVICES,
            meets=MEETS,
        )
        partnering.decide_partner(context, reviewer, proposed.id, move=move, reason=reason)
        world.partners[name] = str(proposed.id)
    granting.give_grant(
        context,
        accounts,
        developer,
        found.id,
        granting.NewGrant(
            audience=Audience.PARTNERS,
            person=world.people["partner"],
            organisation=home(world, "partner"),
            artefact=grant.artefact,
            purpose=Purpose.DEFENSIVE_USE,
            until=context.clock.now().plus(timedelta(days=60)),
            seconds=(world.people["developer"],),
            budget=UNLIMITED,
        ),
    )
    granting.suspend_grant(
        context,
        reviewer,
        grant.id,
        reason="A key was seen in a log.",
        conditions="The key is replaced, and the log is deleted.",
    )
    partners = world.actor("partner", Role.PARTNER)
    advising.observe(context, partners, found.id, title="It reads logs well", text="In our ward.")


def _closed(world: World) -> None:
    developer = world.actor("developer", Role.DEVELOPER)
    found, _ = running(world, "Model Past")
    ending.close(world.context, world.vault, developer, found.id)
    world.closed_review = found.number


def question(world: World, model: str) -> Engagement:
    """The developer asks an office whether a model is covered."""
    return opening.ask_coverage(
        world.context,
        world.accounts,
        world.actor("developer", Role.DEVELOPER),
        name=model,
        version="0.1",
        size=DeveloperSize.SMALL,
        text="It explains known flaws.",
        office=home(world, "reviewer"),
    )
