"""What every page shows around its content: who is asking, and where they can go."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from firstlight.adapters.web.services import actor_of, services
from firstlight.core.kernel.errors import FirstlightError
from firstlight.core.kernel.parties import ANONYMOUS, Actor, Role
from firstlight.usecases.access.table import Action, Reach, rule
from firstlight.usecases.accounts.port import SecondFactorMissing

_PLACES = (
    ("Reports", "reports", Action.FINDING_READ),
    ("Cases", "cases", Action.CASE_READ),
    ("Advisories", "advisories", Action.ADVISORY_READ),
    ("Reviews", "reviews", Action.REPORT_READ),
    ("My access", "my_access", Action.REVIEW_ACCEPT),
    ("Directives", "directives", Action.DIRECTIVE_READ),
    ("Tools", "tools", Action.TOOL_READ),
    ("Measurements", "measurements", Action.MEASUREMENT_READ),
    ("Assessments", "assessments", Action.ASSESSMENT_READ),
    ("Ledger", "ledger", Action.LEDGER_READ),
    ("Sources", "sources", Action.SOURCE_READ),
    ("Jobs", "jobs", Action.JOB_READ),
    ("Guard", "verdicts", Action.GUARD_READ),
    ("Organisations", "organisations", Action.ACCOUNT_MANAGE),
)


def may(actor: Actor, action: Action) -> bool:
    """Whether the table holds a row at all; the use case decides about the single thing."""
    return rule(actor, action).reach is not Reach.NOTHING


def shell(request: HttpRequest) -> dict[str, object]:
    """Django calls this for every template. It never fails: error pages use it too."""
    weak = False
    try:
        actor = actor_of(request)
        choices = services().door.choices_of(request) if actor.person else ()
    except SecondFactorMissing:
        actor, choices, weak = ANONYMOUS, (), True
    except FirstlightError:
        actor, choices = ANONYMOUS, ()
    here = request.path
    places = [
        (label, reverse(name), here.startswith(reverse(name)))
        for label, name, action in _PLACES
        if may(actor, action)
    ]
    return {
        "actor": actor,
        "can": frozenset(action.name for action in Action if may(actor, action)),
        "places": places,
        "choices": choices,
        "weak_session": weak,
        "pending": actor.role is Role.PENDING,
    }
