"""Whom one can name in a review: offices, developers and partners that were vetted.

A developer names offices and partners, an office names developers and partners. Nobody gets the
list of its own kind, nor anybody's people: who takes part in what is in each review alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from firstlight.core.kernel.errors import Refused
from firstlight.core.kernel.parties import Actor, Organisation, OrganisationKind, Role
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.accounts.port import AccountStore

NAMED: Mapping[Role, frozenset[OrganisationKind]] = {
    Role.DEVELOPER: frozenset({OrganisationKind.AGENCY, OrganisationKind.PARTNER}),
    Role.REVIEWER: frozenset({OrganisationKind.DEVELOPER, OrganisationKind.PARTNER}),
}
"""the kinds that each side names"""


def counterparts(accounts: AccountStore, actor: Actor) -> Sequence[Organisation]:
    """Vetted organisations that the actor's side can name, by name.

    Raises:
        NotSignedIn, Refused: the actor selects nobody.
    """
    allow(actor, Action.REVIEW_SELECT)
    kinds = NAMED.get(actor.role)
    if kinds is None:
        raise Refused(f"your role ({actor.role.value}) names nobody in a review")
    known = (
        record.organisation
        for record in accounts.organisations()
        if record.refused_at is None and record.organisation.vetted_at is not None
    )
    return sorted((each for each in known if each.kind in kinds), key=lambda each: each.name)
