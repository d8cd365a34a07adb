"""Names of people and organisations by their identifiers, for pages that may show them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from firstlight.adapters.identity.models import MembershipRow, OrganisationRow, PersonRow
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import Role

_MOST_TELLING = (Role.COORDINATOR, Role.MAINTAINER, Role.FINDER, Role.OPERATOR, Role.AUDITOR)
"""of several roles of one person, the first of these is what others know them by"""


def known(labels: Collection[str]) -> Mapping[str, tuple[str, Role | None]]:
    """Name of each person and organisation among `labels`, and what the person acts as.

    A person who has left keeps the role that they had; the two tables are asked once each.
    """
    people = [label for label in labels if label.startswith(f"{PersonId.prefix}_")]
    homes = [label for label in labels if label.startswith(f"{OrganisationId.prefix}_")]
    roles: dict[str, list[Role]] = {}
    for person, role in MembershipRow.objects.filter(person__in=people).values_list(
        "person_id", "role"
    ):
        roles.setdefault(person, []).append(Role(role))
    named: dict[str, tuple[str, Role | None]] = {
        identifier: (name, _telling(roles.get(identifier, [])))
        for identifier, name in PersonRow.objects.filter(id__in=people).values_list("id", "name")
    }
    for identifier, name in OrganisationRow.objects.filter(id__in=homes).values_list("id", "name"):
        named[identifier] = (name, None)
    return named


def _telling(held: list[Role]) -> Role | None:
    return next((role for role in _MOST_TELLING if role in held), held[0] if held else None)
