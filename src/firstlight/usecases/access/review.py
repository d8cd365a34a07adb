"""The review's rows of the access table.

*Own* is the developer's own engagement, or a grant of the actor in person; *party* is an
engagement in which the actor's organisation takes part, as an office for a reviewer and as an
agreed partner for a partner. A document is its developer's own, and its grant's person's. The
program itself (`system`) reads and admits uses; every decision of a review belongs to people, and
everything about a launch to the developer.
"""

from __future__ import annotations

from collections.abc import Mapping

from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Role
from firstlight.usecases.access.rules import (
    COMMUNITY,
    DENIED,
    EVERYTHING,
    OWN,
    PARTY,
    PUBLIC,
    Action,
    Reach,
    Rule,
)

_PEOPLES = (
    Action.REVIEW_ASK,
    Action.REVIEW_ANSWER,
    Action.REVIEW_ARRANGE,
    Action.REVIEW_GRANT,
    Action.REVIEW_SUSPEND,
    Action.REVIEW_ACCEPT,
    Action.REVIEW_ADVISE,
    Action.REVIEW_SELECT,
    Action.REVIEW_APPEAL,
    Action.REVIEW_END,
    Action.REVIEW_PRESENT,
    Action.USE_CONTENT,
    Action.DOCUMENT_WRITE,
    Action.DOCUMENT_READ,
    Action.DOWNLOAD_READ,
    Action.NOTICE_MANAGE,
)
"""what only people do"""

_REPORTS = {Action.REPORT_READ: PUBLIC}

ROWS: Mapping[Role, Mapping[Action, Rule]] = {
    **dict.fromkeys(Role, _REPORTS),
    Role.DEVELOPER: {
        **dict.fromkeys(
            (
                Action.REVIEW_READ,
                Action.REVIEW_ARRANGE,
                Action.REVIEW_GRANT,
                Action.REVIEW_SUSPEND,
                Action.REVIEW_ACCEPT,
                Action.REVIEW_SELECT,
                Action.REVIEW_APPEAL,
                Action.REVIEW_END,
                Action.REVIEW_PRESENT,
                Action.USE_READ,
                Action.USE_CONTENT,
                Action.ASSESSMENT_READ,
                Action.REPORT_READ,
                Action.DOCUMENT_WRITE,
                Action.DOCUMENT_READ,
                Action.DOWNLOAD_READ,
                Action.NOTICE_MANAGE,
                Action.LEDGER_READ,
                Action.TOKEN_MANAGE,
            ),
            OWN,
        ),
        Action.ADVISORY_READ: PUBLIC,
    },
    Role.REVIEWER: {
        **dict.fromkeys(
            (
                Action.REVIEW_READ,
                Action.REVIEW_ASK,
                Action.REVIEW_ANSWER,
                Action.REVIEW_SUSPEND,
                Action.REVIEW_ACCEPT,
                Action.REVIEW_ADVISE,
                Action.REVIEW_SELECT,
                Action.REVIEW_APPEAL,
                Action.ASSESSMENT_READ,
                Action.REPORT_READ,
            ),
            PARTY,
        ),
        Action.REVIEW_USE: OWN,
        Action.REVIEW_PRESENT: OWN,
        Action.USE_READ: OWN,
        Action.GRANT_READ: OWN,
        Action.DOCUMENT_READ: OWN,
        Action.NOTICE_MANAGE: OWN,
        Action.TOKEN_MANAGE: OWN,
        Action.ADVISORY_READ: PUBLIC,
    },
    Role.PARTNER: {
        **dict.fromkeys(
            (
                Action.REVIEW_SUSPEND,
                Action.REVIEW_ACCEPT,
                Action.REVIEW_ADVISE,
                Action.REVIEW_APPEAL,
            ),
            PARTY,
        ),
        Action.REPORT_READ: PUBLIC,
        Action.REVIEW_USE: OWN,
        Action.REVIEW_PRESENT: OWN,
        Action.USE_READ: OWN,
        Action.GRANT_READ: OWN,
        Action.DOCUMENT_READ: OWN,
        Action.NOTICE_MANAGE: OWN,
        Action.TOKEN_MANAGE: OWN,
        Action.ADVISORY_READ: Rule(Reach.PUBLISHED, COMMUNITY),
    },
    # Of a model that its developer offered to defenders.
    Role.OPERATOR: {
        Action.REVIEW_ACCEPT: PARTY,
        Action.REVIEW_USE: OWN,
        Action.GRANT_READ: OWN,
        Action.REPORT_READ: PUBLIC,
    },
    Role.RESEARCHER: {
        Action.ASSESSMENT_READ: Rule(Reach.PUBLISHED, COMMUNITY),
        Action.REPORT_READ: PUBLIC,
        Action.TOKEN_MANAGE: OWN,
        Action.ADVISORY_READ: PUBLIC,
    },
    # Steps, times and reasons of every review, without what was observed.
    Role.AUDITOR: {Action.REPORT_READ: Rule(Reach.EVERYTHING, Marking.AMBER_STRICT)},
    Role.SYSTEM: {**dict.fromkeys(_PEOPLES, DENIED), Action.REPORT_READ: EVERYTHING},
}
