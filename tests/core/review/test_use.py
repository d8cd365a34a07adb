from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.review import review_samples as samples

from firstlight.core.kernel.clock import Instant, Period
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import Role
from firstlight.core.review import artefacts
from firstlight.core.review.engagement import EngagementState
from firstlight.core.review.grants import GrantState
from firstlight.core.review.ids import ArtefactId
from firstlight.core.review.use import MOST_SKEW, Admission, Situation, UseDenied, Why, decide
from firstlight.core.review.window import Audience

NOW = samples.after(days=1)


def use(situation: Situation, **changes: Any) -> Admission:  # noqa: ANN401  # arguments by name
    """Ask, at noon of the second day, with the second person present."""
    asked: dict[str, Any] = {
        "artefact": samples.ENDPOINT,
        "now": NOW,
        "elsewhere": NOW,
        "second": samples.SECOND,
    }
    return decide(situation, **(asked | changes))


def test_a_use_that_is_admitted_says_until_when() -> None:
    """The window's end or the grant's, whichever comes first."""
    assert use(samples.situation()).until == samples.after(days=10)
    short = samples.grant(valid=Period(start=samples.START, end=samples.after(days=2)))
    assert use(samples.situation(grant=short)).until == samples.after(days=2)


_OTHER = samples.named(OrganisationId, 9)
_ENDED = replace(samples.member(samples.REVIEWER), ended_at=NOW)
_TAKEN = artefacts.remove(samples.engagement().artefacts, samples.ENDPOINT, NOW)
_SECOND_LEFT = {
    samples.REVIEWER: (samples.member(samples.REVIEWER),),
    samples.SECOND: (replace(samples.member(samples.SECOND), ended_at=NOW),),
}

ONE_THING_WRONG: dict[str, tuple[Why, Situation, dict[str, Any]]] = {
    "withdrawn": (
        Why.NOT_OPEN,
        samples.situation(engagement=samples.engagement(state=EngagementState.WITHDRAWN)),
        {},
    ),
    "closed": (
        Why.NOT_OPEN,
        samples.situation(engagement=samples.engagement(state=EngagementState.CLOSED)),
        {},
    ),
    "no window": (
        Why.NO_WINDOW,
        samples.situation(engagement=samples.engagement(windows=())),
        {},
    ),
    "only partners have a window": (
        Why.NO_WINDOW,
        samples.situation(
            engagement=samples.engagement(windows=(samples.window(Audience.PARTNERS),))
        ),
        {},
    ),
    "window to come": (
        Why.NOT_BEGUN,
        samples.situation(
            engagement=samples.engagement(windows=(samples.window(start=samples.after(days=2)),))
        ),
        {},
    ),
    "window over": (
        Why.OVER,
        samples.situation(),
        {"now": samples.after(days=10), "elsewhere": samples.after(days=10)},
    ),
    "window over by the record, one second before by the clocks": (
        Why.OVER,
        samples.situation(last_recorded=samples.after(days=10)),
        {
            "now": samples.after(days=10, seconds=-1),
            "elsewhere": samples.after(days=10, seconds=-1),
        },
    ),
    "other artefact": (
        Why.WRONG_ARTEFACT,
        samples.situation(),
        {"artefact": samples.named(ArtefactId, 9)},
    ),
    "artefact taken back": (
        Why.REMOVED,
        samples.situation(engagement=samples.engagement(artefacts=_TAKEN)),
        {},
    ),
    "weights, whatever the grant says": (
        Why.REMOVED,
        samples.situation(grant=samples.grant(artefact=samples.WEIGHTS)),
        {"artefact": samples.WEIGHTS},
    ),
    "revoked": (
        Why.REVOKED,
        samples.situation(grant=samples.grant(state=GrantState.REVOKED)),
        {},
    ),
    "suspended": (
        Why.SUSPENDED,
        samples.situation(grant=samples.grant(state=GrantState.SUSPENDED)),
        {},
    ),
    "grant to come": (
        Why.NOT_BEGUN,
        samples.situation(
            grant=samples.grant(
                valid=Period(start=samples.after(days=2), end=samples.after(days=3))
            )
        ),
        {},
    ),
    "grant expired": (
        Why.EXPIRED,
        samples.situation(grant=samples.grant(valid=Period(start=samples.START, end=NOW))),
        {},
    ),
    "office left": (Why.ORGANISATION_OUT, samples.situation(takes_part=False), {}),
    "person left": (
        Why.LEFT,
        samples.situation(memberships={samples.REVIEWER: (_ENDED,)}),
        {},
    ),
    "member of another office": (
        Why.LEFT,
        samples.situation(
            memberships={samples.REVIEWER: (samples.member(samples.REVIEWER, _OTHER),)}
        ),
        {},
    ),
    "in the office, but no reviewer": (
        Why.LEFT,
        samples.situation(
            memberships={samples.REVIEWER: (samples.member(samples.REVIEWER, role=Role.AUDITOR),)}
        ),
        {},
    ),
    "terms not accepted": (Why.TERMS, samples.situation(accepted=(samples.SECOND,)), {}),
    "second absent": (Why.SECOND_ABSENT, samples.situation(), {"second": None}),
    "second not named": (Why.SECOND_UNFIT, samples.situation(), {"second": samples.STRANGER}),
    "the person as their own second": (
        Why.SECOND_UNFIT,
        samples.situation(),
        {"second": samples.REVIEWER},
    ),
    "second left": (Why.SECOND_UNFIT, samples.situation(memberships=_SECOND_LEFT), {}),
    "second has not accepted": (
        Why.SECOND_UNFIT,
        samples.situation(accepted=(samples.REVIEWER,)),
        {},
    ),
    "clocks apart": (
        Why.CLOCK,
        samples.situation(),
        {"elsewhere": NOW.plus(MOST_SKEW + timedelta(seconds=1))},
    ),
    "clock set back": (
        Why.CLOCK,
        samples.situation(last_recorded=NOW.plus(timedelta(hours=1))),
        {},
    ),
}


@pytest.mark.parametrize("wrong", ONE_THING_WRONG)
def test_one_thing_wrong_is_enough(wrong: str) -> None:
    """Each situation is right but for one thing, and the refusal names that thing."""
    why, situation, asked = ONE_THING_WRONG[wrong]
    with pytest.raises(UseDenied) as refused:
        use(situation, **asked)
    assert refused.value.why is why


def test_every_reason_is_shown_by_an_example() -> None:
    """No reason that nothing leads to."""
    assert {why for why, _, _ in ONE_THING_WRONG.values()} == set(Why)


def test_the_second_person_may_be_the_developers() -> None:
    """A developer may send its own person to sit beside the reviewer."""
    held = samples.situation().memberships | {  # type: ignore[operator]  # a dict
        samples.SECOND: (samples.member(samples.SECOND, samples.DEVELOPER, Role.DEVELOPER),)
    }
    assert use(samples.situation(memberships=held))


@settings(deadline=None)
@given(
    st.integers(-60 * 86400, 60 * 86400),
    st.integers(-10, 10),
    st.one_of(st.none(), st.integers(-60 * 86400, 60 * 86400)),
    st.integers(0, 30),
    st.integers(0, 30),
)
def test_no_clock_opens_a_window_that_has_ended(
    here: int, apart: int, recorded: int | None, days: int, grant_days: int
) -> None:
    """Whatever two clocks and the record say: a use is before every end by the latest of them."""
    last = samples.after(seconds=recorded) if recorded is not None else None
    present = samples.situation(
        engagement=samples.engagement(windows=(samples.window(days=days),)),
        grant=samples.grant(valid=Period(start=samples.START, end=samples.after(days=grant_days))),
        last_recorded=last,
    )
    now, elsewhere = samples.after(seconds=here), samples.after(seconds=here + apart)
    try:
        admitted = use(present, now=now, elsewhere=elsewhere)
    except UseDenied:
        return
    latest: Instant = max(now, elsewhere, last or now)
    assert samples.START <= latest < min(samples.after(days=days), samples.after(days=grant_days))
    assert latest < admitted.until


@settings(deadline=None)
@given(st.sets(st.sampled_from([samples.REVIEWER, samples.SECOND, samples.STRANGER])))
def test_the_two_person_rule_needs_two_bound_people(accepted: set[PersonId]) -> None:
    """A use with the rule is admitted only when both have accepted the terms."""
    try:
        use(samples.situation(accepted=tuple(accepted)))
    except UseDenied:
        assert not {samples.REVIEWER, samples.SECOND} <= accepted
    else:
        assert {samples.REVIEWER, samples.SECOND} <= accepted
