"""The words of the access table: actions, reaches, rules, and the things that they are about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.kernel.marking import Marking


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
    FINDING_IMPORT = "finding.import"
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
    DIRECTIVE_READ = "directive.read"
    DIRECTIVE_RECORD = "directive.record"
    REVIEW_READ = "review.read"
    REVIEW_ASK = "review.ask"
    REVIEW_ANSWER = "review.answer"
    REVIEW_ARRANGE = "review.arrange"
    REVIEW_GRANT = "review.grant"
    REVIEW_SUSPEND = "review.suspend"
    REVIEW_ACCEPT = "review.accept"
    REVIEW_ADVISE = "review.advise"
    REVIEW_SELECT = "review.select"
    REVIEW_APPEAL = "review.appeal"
    REVIEW_END = "review.end"
    REVIEW_USE = "review.use"
    REVIEW_PRESENT = "review.present"
    USE_READ = "use.read"
    USE_CONTENT = "use.content"
    GRANT_READ = "grant.read"
    ASSESSMENT_READ = "assessment.read"
    REPORT_READ = "report.read"
    DOCUMENT_WRITE = "document.write"
    DOCUMENT_READ = "document.read"
    DOWNLOAD_READ = "download.read"
    NOTICE_MANAGE = "notice.manage"
    TOOL_READ = "tool.read"
    TOOL_OFFER = "tool.offer"
    TOOL_USE = "tool.use"
    REQUEST_MAKE = "request.make"
    REQUEST_READ = "request.read"
    REQUEST_DECIDE = "request.decide"
    PARTICIPANT_READ = "participant.read"
    PARTICIPANT_LIST = "participant.list"
    SUITE_COMMIT = "suite.commit"
    SUITE_OPEN = "suite.open"
    MEASUREMENT_READ = "measurement.read"
    MEASUREMENT_EVIDENCE = "measurement.evidence"
    MEASUREMENT_RUN = "measurement.run"
    GUARD_READ = "guard.read"
    GUARD_OPEN = "guard.open"
    GUARD_DECIDE = "guard.decide"
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


COMMUNITY = Marking.GREEN
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


PUBLIC = Rule(Reach.PUBLISHED, Marking.CLEAR)
OWN = Rule(Reach.OWN)
PARTY = Rule(Reach.PARTY)
EVERYTHING = Rule(Reach.EVERYTHING)
