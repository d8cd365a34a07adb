"""Who may ask for a defensive tool, and for what: published, by version. Old versions are kept.

The order names agencies, State and local authorities, and operators such as rural hospitals,
community banks and utilities. The purposes are a closed list, and each of them is defence of
systems that the asker answers for and names; there is none for looking at anybody else's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from firstlight.core.kernel.errors import Invalid, Missing
from firstlight.core.kernel.parties import OrganisationKind
from firstlight.core.review.words import written


class AskerKind(StrEnum):
    """Whom the order names, and other operators."""

    FEDERAL_AGENCY = "federal-agency"
    """an agency of the federal government"""
    STATE_AUTHORITY = "state-authority"
    """an authority of a State"""
    LOCAL_AUTHORITY = "local-authority"
    """a county, a city, a school district, a tribe"""
    RURAL_HOSPITAL = "rural-hospital"
    """a hospital or clinic outside the large cities"""
    COMMUNITY_BANK = "community-bank"
    """a community bank or credit union"""
    UTILITY = "utility"
    """a provider of water, power or communications"""
    OTHER_OPERATOR = "other-operator"
    """another operator of critical infrastructure"""


class Defence(StrEnum):
    """What access may be used for. This is the whole list."""

    FIND_FLAWS = "find-flaws"
    """finding flaws in the named systems"""
    MEND_FLAWS = "mend-flaws"
    """writing and trying fixes for the named systems"""
    WATCH = "watch"
    """seeing intrusions into the named systems, from their own records"""
    PRIORITISE = "prioritise"
    """deciding which advisories concern the named systems, and in which order"""


_OPERATORS = frozenset(
    {
        AskerKind.RURAL_HOSPITAL,
        AskerKind.COMMUNITY_BANK,
        AskerKind.UTILITY,
        AskerKind.OTHER_OPERATOR,
    }
)

KINDS_OF: Mapping[OrganisationKind, frozenset[AskerKind]] = {
    OrganisationKind.AGENCY: frozenset({AskerKind.FEDERAL_AGENCY}),
    OrganisationKind.AUTHORITY: frozenset({AskerKind.STATE_AUTHORITY, AskerKind.LOCAL_AUTHORITY}),
    OrganisationKind.OPERATOR: _OPERATORS,
    OrganisationKind.PARTNER: _OPERATORS,
}
"""what an organisation may say of itself; a kind that is not here asks for nothing"""


@dataclass(frozen=True, kw_only=True)
class Eligibility:
    """One version of what an asker must be."""

    version: str
    items: Mapping[str, str]
    """short name to what is asked"""


_FIRST = Eligibility(
    version="1",
    items={
        "answers-for": "It runs the systems that it names, or defends them for those who do.",
        "defensive": "It wants access in order to find, see or mend what endangers those systems.",
        "contact": "It names a person who answers for the access, and how to reach them.",
        "protects": "It keeps keys, results and the tool itself from everyone but that person.",
    },
)

ELIGIBILITY: Mapping[str, Eligibility] = {each.version: each for each in (_FIRST,)}
NEWEST = _FIRST.version


def kind_of(organisation: OrganisationKind, said: AskerKind) -> AskerKind:
    """What an asker says of itself, if its organisation can be that.

    Raises:
        Invalid: it cannot.
    """
    possible = KINDS_OF.get(organisation, frozenset())
    if said not in possible:
        told = ", ".join(sorted(each.value for each in possible)) or "none"
        raise Invalid(
            f"an organisation of kind {organisation.value} is no {said.value}",
            hint=f"Possible for yours: {told}.",
            field="kind",
        )
    return said


def checked(version: str, meets: Mapping[str, str]) -> dict[str, str]:
    """How an asker meets each item, in the order of the list.

    Raises:
        Missing: there is no eligibility of this version.
        Invalid: an item is left out, or is not on the list.
        Unwritten, TooLarge: as `written`.
    """
    found = ELIGIBILITY.get(version)
    if found is None:
        raise Missing(f"there is no eligibility of version {version[:40]!r}")
    if set(meets) != set(found.items):
        left = sorted(set(meets) ^ set(found.items))
        raise Invalid(f"say of each item how it is met: {left[0][:40]}", field="meets")
    return {name: written(meets[name], name) for name in found.items}
