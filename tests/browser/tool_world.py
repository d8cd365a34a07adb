"""An agency that offers a tool, a hospital that asks for it, a developer, a researcher."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from firstlight.core.kernel.parties import SYSTEM, OrganisationKind, Role
from firstlight.core.review.coverage import Determination
from firstlight.core.review.criteria import Sector
from firstlight.core.review.model import DeveloperSize
from firstlight.core.review.tools.eligibility import ELIGIBILITY, NEWEST, AskerKind, Defence
from firstlight.core.review.tools.offers import OfferKind
from firstlight.usecases.accounts.people import add_organisation, add_person
from firstlight.usecases.participants.register import Entry, enter_register
from firstlight.usecases.reviews import opening
from firstlight.usecases.tools.asking import NewRequest, ask
from firstlight.usecases.tools.deciding import answer_request
from firstlight.usecases.tools.offering import NewOffer, publish_offer

if TYPE_CHECKING:
    from tests.browser.world import World

MEETS = dict.fromkeys(ELIGIBILITY[NEWEST].items, "We do.")
PEOPLE = (
    ("toolmaker", OrganisationKind.AGENCY, Role.REVIEWER),
    ("hospital", OrganisationKind.OPERATOR, Role.OPERATOR),
    ("lab", OrganisationKind.DEVELOPER, Role.DEVELOPER),
    ("researcher", OrganisationKind.PARTNER, Role.RESEARCHER),
)


def populate_tools(world: World, hostile: str) -> None:
    """An offer with a granted and an open request, an entry in the register, an assessment."""
    context, accounts = world.context, world.accounts
    for name, kind, role in PEOPLE:
        home = add_organisation(context, accounts, SYSTEM, name=f"Example {name}", kind=kind)
        person = add_person(
            context,
            accounts,
            SYSTEM,
            name=f"Kim {name.title()}",
            email=f"{name}@example.org",
            organisation=home.id,
            role=role,
        )
        world.people[name], world.homes[name] = person.id, home.id
    agency, hospital = (
        world.actor("toolmaker", Role.REVIEWER),
        world.actor("hospital", Role.OPERATOR),
    )
    lab = world.actor("lab", Role.DEVELOPER)
    new = NewOffer(
        kind=OfferKind.TOOL,
        title="A scanner for known flaws",
        text="Looks for known flaws in the systems that you name.",
        askers=(AskerKind.RURAL_HOSPITAL, AskerKind.UTILITY),
        purposes=(Defence.FIND_FLAWS, Defence.PRIORITISE),
        answer_days=5,
        grant_days=90,
        delivery="https://tools.example.gov/scanner",
    )
    offer = publish_offer(context, agency, new)
    request = NewRequest(
        kind=AskerKind.RURAL_HOSPITAL,
        sector=Sector.HEALTHCARE,
        systems=("patient records", hostile.replace("\x1b", "")),
        purposes=(Defence.FIND_FLAWS,),
        text=hostile,
        meets=MEETS,
    )
    asked = ask(context, accounts, hospital, offer.id, request)
    answer_request(context, accounts, agency, asked.id, move="grant")
    ask(context, accounts, world.actor("operator", Role.OPERATOR), offer.id, request)
    world.offer, world.request = str(offer.id), str(asked.id)
    said = Entry(scope="Reviews of our models.", since=date(2026, 9, 1), size=DeveloperSize.SMALL)
    enter_register(context, accounts, lab, said)
    _assess(world)


def _assess(world: World) -> None:
    """One assessment that both sides share with researchers, and one question without answer."""
    context, accounts = world.context, world.accounts
    lab, office = world.actor("lab", Role.DEVELOPER), world.actor("toolmaker", Role.REVIEWER)
    for number in (1, 2):
        found = opening.ask_coverage(
            context,
            accounts,
            lab,
            name=f"Model {number}",
            version="1.0",
            size=DeveloperSize.SMALL,
            text="Is it covered?",
            office=world.homes["toolmaker"],
        )
        if number == 1:
            answer = opening.Answer(
                determination=Determination.COVERED,
                statement="Statement 2026-7",
                for_researchers=True,
            )
            opening.answer_coverage(context, office, found.id, answer)
            opening.share_assessment(context, lab, found.id, 1)
