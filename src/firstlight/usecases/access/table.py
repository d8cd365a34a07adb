"""ONE access table: role x action x marking. What has no row is denied.

A row says how far a role's action reaches (`Reach`) and up to which marking. Use cases ask `allow`
for one thing; queries turn `rule` into a filter, so that a list can never show what a page would
refuse. Nothing else in the program decides about access.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from firstlight.core.kernel.errors import NotSignedIn, Refused
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor, Role


class Reach(IntEnum):
    """Which things an action may be done to; each reach includes the ones before it."""

    NOTHING = 0
    """denied"""
    PUBLISHED = 1
    """what is released to the public"""
    OWN = 2
    """what the actor's own organisation brought in"""
    PARTY = 3
    """cases of which the actor's organisation is a party"""
    EVERYTHING = 4
    """all, up to the marking"""


class Action(StrEnum):
    """Everything that can be done. A token's scopes are these names."""

    FINDING_SUBMIT = "finding.submit"
    FINDING_READ = "finding.read"
    FINDING_VALIDATE = "finding.validate"
    CASE_READ = "case.read"
    CASE_MOVE = "case.move"
    CASE_PARTY = "case.party"
    EVIDENCE_READ = "evidence.read"
    DUPLICATE_DECIDE = "duplicate.decide"
    PATCH_PROPOSE = "patch.propose"
    PATCH_READ = "patch.read"
    ADVISORY_READ = "advisory.read"
    ADVISORY_WRITE = "advisory.write"
    ADVISORY_APPROVE = "advisory.approve"
    LEDGER_READ = "ledger.read"
    SOURCE_READ = "source.read"
    SOURCE_LOAD = "source.load"
    JOB_READ = "job.read"
    JOB_RETRY = "job.retry"
    ORGANISATION_VET = "organisation.vet"
    ACCOUNT_MANAGE = "account.manage"
    TOKEN_MANAGE = "token.manage"  # noqa: S105  # the name of an action, no secret


@dataclass(frozen=True)
class Rule:
    """One row's answer."""

    reach: Reach
    ceiling: Marking = Marking.RED
    """the strictest marking that the row admits"""


_COMMUNITY = Marking.GREEN
"""stricter markings are for the recipients of a case, published or not"""

DENIED = Rule(Reach.NOTHING, Marking.CLEAR)


@dataclass(frozen=True, kw_only=True)
class Thing:
    """What an action is done to, as far as access cares."""

    marking: Marking
    owner: OrganisationId | None = None
    """the organisation that brought it in"""
    parties: frozenset[OrganisationId] = frozenset()
    """organisations of its case that may see it"""
    published: bool = False


def _rows() -> Iterable[tuple[Role, Mapping[Action, Rule]]]:
    public = Rule(Reach.PUBLISHED, Marking.CLEAR)
    own, party, everything = Rule(Reach.OWN), Rule(Reach.PARTY), Rule(Reach.EVERYTHING)
    community = Rule(Reach.PUBLISHED, Marking.GREEN)
    anyone = {Action.FINDING_SUBMIT: own, Action.ADVISORY_READ: public}
    yield Role.ANONYMOUS, anyone
    # An unvetted organisation sees and does no more than the public does.
    yield Role.PENDING, anyone
    yield (
        Role.FINDER,
        {
            Action.FINDING_SUBMIT: own,
            Action.FINDING_READ: own,
            Action.CASE_READ: party,
            Action.EVIDENCE_READ: own,
            Action.PATCH_PROPOSE: party,
            Action.PATCH_READ: party,
            Action.ADVISORY_READ: party,
            Action.LEDGER_READ: own,
            Action.TOKEN_MANAGE: own,
        },
    )
    yield (
        Role.MAINTAINER,
        {
            Action.FINDING_SUBMIT: own,
            Action.FINDING_READ: party,
            Action.CASE_READ: party,
            Action.EVIDENCE_READ: party,
            Action.PATCH_PROPOSE: party,
            Action.PATCH_READ: party,
            Action.ADVISORY_READ: party,
            Action.LEDGER_READ: own,
            Action.TOKEN_MANAGE: own,
        },
    )
    yield (
        Role.OPERATOR,
        {
            Action.FINDING_SUBMIT: own,
            Action.FINDING_READ: own,
            Action.ADVISORY_READ: community,
            Action.SOURCE_READ: everything,
            Action.TOKEN_MANAGE: own,
        },
    )
    leads: dict[Action, Rule] = dict.fromkeys(Action, everything)
    leads[Action.TOKEN_MANAGE] = own
    del leads[Action.ORGANISATION_VET], leads[Action.ACCOUNT_MANAGE]
    yield Role.COORDINATOR, leads
    # An auditor sees what was done, and changes nothing; sealed content (RED) stays closed.
    strict = Rule(Reach.EVERYTHING, Marking.AMBER_STRICT)
    yield (
        Role.AUDITOR,
        {
            Action.CASE_READ: strict,
            Action.EVIDENCE_READ: strict,
            Action.PATCH_READ: strict,
            Action.ADVISORY_READ: strict,
            Action.LEDGER_READ: everything,
            Action.SOURCE_READ: everything,
            Action.JOB_READ: everything,
            Action.TOKEN_MANAGE: own,
        },
    )
    # Managing accounts gives no sight of a case.
    yield (
        Role.ADMINISTRATOR,
        {
            Action.FINDING_SUBMIT: own,
            Action.ADVISORY_READ: public,
            Action.SOURCE_READ: everything,
            Action.SOURCE_LOAD: everything,
            Action.JOB_READ: everything,
            Action.JOB_RETRY: everything,
            Action.ORGANISATION_VET: everything,
            Action.ACCOUNT_MANAGE: everything,
            Action.TOKEN_MANAGE: own,
        },
    )
    yield Role.SYSTEM, dict.fromkeys(Action, everything)


TABLE: Mapping[Role, Mapping[Action, Rule]] = dict(_rows())


def rule(actor: Actor, action: Action) -> Rule:
    """The row for this actor; a token without the scope has none."""
    if actor.scopes is not None and action.value not in actor.scopes:
        return DENIED
    return TABLE.get(actor.role, {}).get(action, DENIED)


def admits(actor: Actor, action: Action, thing: Thing) -> bool:
    """Whether the table lets `actor` do `action` to `thing`."""
    row = rule(actor, action)
    if not thing.marking.at_most(row.ceiling):
        return False
    mine = actor.organisation is not None
    return (
        row.reach is Reach.EVERYTHING
        or (row.reach >= Reach.PARTY and mine and actor.organisation in thing.parties)
        or (row.reach >= Reach.OWN and mine and actor.organisation == thing.owner)
        or (row.reach >= Reach.PUBLISHED and thing.published and thing.marking.at_most(_COMMUNITY))
    )


def allow(actor: Actor, action: Action, thing: Thing | None = None) -> None:
    """Let the actor pass, or raise.

    Args:
        actor: who asks
        action: what for
        thing: what it is done to; None when the action is not done to a stored thing

    Raises:
        NotSignedIn: nobody has signed in, and signing in might help.
        Refused: the table does not admit it.
    """
    if thing is None:
        admitted = rule(actor, action).reach is not Reach.NOTHING
    else:
        admitted = admits(actor, action, thing)
    if admitted:
        return
    if actor.role is Role.ANONYMOUS:
        raise NotSignedIn
    raise Refused(f"your role ({actor.role.value}) does not include {action.value}", action=action)
