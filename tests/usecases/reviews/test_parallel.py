"""Two people at the same moment: threads over the real databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection
from tests.usecases.reviews.conftest import Review

from firstlight.core.kernel.errors import FirstlightError
from firstlight.core.review.ids import EngagementId
from firstlight.core.review.window import LIMIT, Audience, counted
from firstlight.usecases.reviews import arranging, ending, opening


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run all at the same moment; each one's answer, or its error of ours."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return act()
        except FirstlightError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_offices_that_ask_at_once_meet_in_one_engagement(review: Review) -> None:
    """However the race ends: one engagement, two offices in it."""
    developer = review.developer.organisation
    assert developer is not None

    def ask(office: str) -> EngagementId:
        return opening.request_review(
            review.context,
            review.accounts,
            getattr(review, office),
            developer=developer,
            name="Model X",
            version="1.0",
            words="please",
        )

    answers = at_once(lambda: ask("reviewer"), lambda: ask("other_reviewer"))
    assert len(set(answers)) == 1
    (identifier,) = set(answers)
    assert isinstance(identifier, EngagementId)
    with review.context.storage.begin() as work:
        assert len(work.engagements.offices(identifier)) == 2


def test_extensions_at_once_never_pass_thirty_days(review: Review) -> None:
    """Four extensions of five days upon 20: two fit, whoever comes first."""
    engagement, _ = review.running(days=20)

    def extend() -> object:
        return arranging.extend_window(
            review.context, review.developer, engagement.id, audience=Audience.OFFICES, days=5
        )

    answers = at_once(extend, extend, extend, extend)
    assert counted(review.stored(engagement.id).windows) == LIMIT
    assert sum(isinstance(each, FirstlightError) for each in answers) == 2


def test_a_close_and_a_new_grant_at_once_leave_nobody_in(review: Review) -> None:
    """Either the grant came first and was ended, or the engagement was closed and there is none."""
    engagement, first = review.running()
    with review.context.storage.begin() as work:
        (artefact,) = work.engagements.get(engagement.id).artefacts
    at_once(
        lambda: ending.close(review.context, review.vault, review.developer, engagement.id),
        lambda: review.grant(engagement.id, artefact),
    )
    with review.context.storage.begin() as work:
        grants = work.grants.of_engagement(engagement.id)
    assert first.id in {each.id for each in grants}
    assert {each.state.value for each in grants} == {"revoked"}
