"""The real desk passes the suite of every desk, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from tests.usecases.uses.conftest import Uses

from firstlight.adapters.gateway.conformance import CHECKS, Subject, Wanted
from firstlight.adapters.gateway.review_desk import ReviewDesk
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.grants import Budget, Grant
from firstlight.core.review.ids import GrantId
from firstlight.usecases.reviews import granting
from firstlight.usecases.uses import presence


@dataclass
class ReviewSubject:
    """The real desk, for the suite."""

    uses: Uses
    now: Instant
    expires: Instant
    last: Grant | None = None
    seconds: Actor | None = None

    @property
    def desk(self) -> ReviewDesk:
        """The same all the time."""
        return self.uses.desk

    def grant(self, wanted: Wanted) -> str:
        """In an engagement of its own."""
        engagement = self.uses.engagement(keeps_content=wanted.keep_content)
        self.seconds = self.uses.second(engagement) if wanted.two_persons else None
        budget = Budget(requests=wanted.requests, tokens=wanted.tokens, money=wanted.money)
        named = (self.seconds.person,) if self.seconds else ()
        self.last = self.uses.grant(engagement, budget=budget, seconds=named)
        return self.uses.key(self.last)

    def revoke(self) -> None:
        """The last."""
        review = self.uses.review
        granting.revoke_grant(review.context, review.developer, self._last)

    def suspend(self) -> None:
        """The last."""
        review = self.uses.review
        granting.suspend_grant(
            review.context, review.reviewer, self._last, reason="A leak.", conditions="It is shut."
        )

    def second_person(self, *, present: bool) -> None:
        """Of the last."""
        assert self.seconds
        context = self.uses.review.context
        if present:
            presence.begin_presence(context, self.seconds, self._last)
        else:
            presence.end_presence(context, self.seconds, self._last)

    @property
    def _last(self) -> GrantId:
        assert self.last
        return self.last.id


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_conforms(check: Callable[[Subject], None], uses: Uses) -> None:
    """The suite that every desk passes."""
    now = uses.now
    check(ReviewSubject(uses, now=now, expires=now.plus(timedelta(days=10))))
