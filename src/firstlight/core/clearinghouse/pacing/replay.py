"""Play a flood under a policy, week by week, and count what stays open for whom.

Each week: candidates arrive; as many as hands allow are checked; reports are sent; maintainers work
on what they have in the order in which it came. Only the policies differ:

- *first come*: checked and sent in the order of arrival, all that is confirmed at once;
- *severity first*: the same, by the rating that the finder claims;
- *paced* (ours): duplicates are put together before anybody looks; what is checked next is what
  prevents most harm, of projects whose maintainers can take more; and each maintainer is sent what
  `schedule.plan` says.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from math import log

from firstlight.core.clearinghouse.pacing.flow import RATINGS, Candidate, Flood, Flow
from firstlight.core.clearinghouse.pacing.model import Pace, Waiting
from firstlight.core.clearinghouse.pacing.rediscovery import YEAR, Rediscovery
from firstlight.core.clearinghouse.pacing.schedule import HARM, WEEK, plan
from firstlight.core.clearinghouse.priority.severity import Rating

_MONDAY = date(2026, 4, 6)
"""any Monday; nothing depends on which"""
_AHEAD = 4
"""weeks of a maintainer's pace that may wait, checked, before others are checked"""
_STEPS = 24
"""of the search for the hours"""


class Policy(StrEnum):
    """Who decides what comes next."""

    FIRST_COME = "first come"
    SEVERITY_FIRST = "severity first"
    PACED = "paced"


@dataclass(frozen=True, kw_only=True)
class Played:
    """What came of a flood under a policy."""

    policy: Policy
    sent: int
    """reports that maintainers received"""
    sent_found: int
    """of these, while candidates still arrived: what was published as reported"""
    repeated: int
    """of these, of a flaw that they had already been sent"""
    patched: int
    """flaws"""
    patched_published: int
    """flaws that were mended when the figures were published"""
    by_rating: Mapping[Rating, int]
    """of those mended"""
    most_open: int
    """reports that one maintainer had open at a time"""
    exposure: tuple[float, ...]
    """each week: harm for each day that others are expected to know a flaw that is not mended"""
    nothing_done: tuple[float, ...]
    """the same if nothing were mended"""

    @property
    def total(self) -> float:
        """Over all weeks."""
        return sum(self.exposure)

    @property
    def prevented(self) -> float:
        """Share of the exposure that mending prevented."""
        return 1 - self.total / sum(self.nothing_done)


@dataclass(kw_only=True)
class _Desk:
    """A maintainer at work."""

    hours: float
    pace: int
    """reports a week, as chosen under ours"""
    rest: float = 0.0
    """hours that were left of the week before, less than a report takes"""
    inbox: deque[Candidate] = field(default_factory=deque)
    known: set[int] = field(default_factory=set)
    """flaws that were sent, by their first candidate"""
    ready: list[Candidate] = field(default_factory=list)
    """checked, not sent"""


def play(flow: Flow, flood: Flood, policy: Policy, *, scale: float) -> Played:
    """Play all weeks.

    Args:
        flow: the figures
        flood: one drawing of them
        policy: who decides
        scale: hours a week of a maintainer without staff
    """
    return _Play(flow, flood, policy, scale).all()


def hours_for(flow: Flow, flood: Flood) -> float:
    """Hours a week of a volunteer for which first come patches as many as were published.

    Found by halving between a minute and a full week of work.
    """
    low, high = 1 / 60, 40.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        seen = play(flow, flood, Policy.FIRST_COME, scale=middle).patched_published
        low, high = (middle, high) if seen < flow.patched else (low, middle)
    return (low + high) / 2


class _Play:
    def __init__(self, flow: Flow, flood: Flood, policy: Policy, scale: float) -> None:
        self._flow = flow
        self._flood = flood
        self._policy = policy
        per_day = -log(1 - flow.rediscovery) / YEAR
        self._again = Rediscovery(
            per_day=per_day, low=per_day, high=per_day, again=0, days=0, assumed=True
        )
        each = flow.triage_hours + flow.fix_hours
        self._desks = [
            _Desk(hours=hours * scale, pace=int(hours * scale / each)) for hours in flood.hours
        ]
        self._pool: list[tuple[float, int, Candidate]] = []
        self._sent: Counter[str] = Counter()
        self._mended: dict[int, int] = {}
        self._mended_by: Counter[Rating] = Counter()
        self._open: Counter[tuple[Rating, int]] = Counter()
        self._never: Counter[tuple[Rating, int]] = Counter()
        self._most_open = 0

    def all(self) -> Played:
        """From the first week to the last."""
        exposure, nothing, published, found = [], [], 0, 0
        coming = deque(self._flood.candidates)
        for week in range(self._flow.weeks):
            while coming and coming[0].week <= week:
                self._arrive(coming.popleft())
            self._check(week)
            if self._policy is Policy.PACED:
                self._send_paced(week)
            for desk in self._desks:
                self._work(desk, week)
            exposure.append(self._exposed(self._open, week))
            nothing.append(self._exposed(self._never, week))
            if week < self._flow.weeks_published:
                published = len(self._mended)
            if week < self._flow.weeks_found:
                found = self._sent["sent"]
        return Played(
            policy=self._policy,
            sent=self._sent["sent"],
            sent_found=found,
            repeated=self._sent["repeated"],
            patched=len(self._mended),
            patched_published=published,
            by_rating={rating: self._mended_by[rating] for rating in RATINGS},
            most_open=self._most_open,
            exposure=tuple(exposure),
            nothing_done=tuple(nothing),
        )

    def _arrive(self, one: Candidate) -> None:
        if one.true and one.same_as is None:
            self._open[one.rating, one.week] += 1
            self._never[one.rating, one.week] += 1
        if self._policy is Policy.PACED and one.same_as is not None:
            return  # put together with the one that is here already
        heapq.heappush(self._pool, (self._rank(one), one.number, one))

    def _rank(self, one: Candidate) -> float:
        if self._policy is Policy.FIRST_COME:
            return 0.0
        if self._policy is Policy.SEVERITY_FIRST:
            return -RATINGS.index(one.claimed)
        return -HARM[one.claimed]

    def _check(self, week: int) -> None:
        """As many as were checked by hand in a week; under ours, of those that can be sent soon."""
        hands = self._flow.checks // self._flow.weeks_found
        later: list[tuple[float, int, Candidate]] = []
        while hands and self._pool:
            entry = heapq.heappop(self._pool)
            one = entry[2]
            desk = self._desks[one.project]
            if self._policy is Policy.PACED and len(desk.ready) >= _AHEAD * self._pace(desk, week):
                later.append(entry)
                continue
            hands -= 1
            if not one.true:
                continue
            if self._policy is Policy.PACED:
                desk.ready.append(one)
            else:
                self._send(desk, one)
        for entry in later:
            heapq.heappush(self._pool, entry)

    def _pace(self, desk: _Desk, week: int) -> int:
        """What a maintainer takes this week: at least one in each month."""
        return max(desk.pace, 1 if week % 4 == 0 else 0)

    def _send_paced(self, week: int) -> None:
        day = _MONDAY + timedelta(days=WEEK * week)
        for number, desk in enumerate(self._desks):
            if not desk.ready:
                continue
            pace = Pace(
                maintainer=str(number),
                a_week=self._pace(desk, week),
                open_at_most=max(2 * desk.pace, 2),
            )
            named = {str(one.number): one for one in desk.ready}
            made = plan(
                [_waiting(one) for one in desk.ready],
                pace,
                day,
                self._again,
                open_now=len(desk.inbox),
            )
            for choice in made.sent:
                one = named.pop(choice.flaw.flaw)
                self._send(desk, one)
            desk.ready = list(named.values())

    def _send(self, desk: _Desk, one: Candidate) -> None:
        flaw = one.number if one.same_as is None else one.same_as
        self._sent["sent"] += 1
        self._sent["repeated"] += flaw in desk.known
        desk.known.add(flaw)
        desk.inbox.append(one)
        self._most_open = max(self._most_open, len(desk.inbox))

    def _work(self, desk: _Desk, week: int) -> None:
        if not desk.inbox:
            desk.rest = 0.0
            return
        hours = desk.rest + desk.hours / (1 + len(desk.inbox) / self._flow.overload)
        while desk.inbox:
            one = desk.inbox[0]
            flaw = one.number if one.same_as is None else one.same_as
            done = flaw in self._mended
            needed = self._flow.triage_hours + (one.hours if one.true and not done else 0.0)
            if hours < needed:
                break
            hours -= needed
            desk.inbox.popleft()
            if one.true and not done:
                self._mend(flaw, week)
        desk.rest = hours if desk.inbox else 0.0

    def _mend(self, flaw: int, week: int) -> None:
        first = self._flood.candidates[flaw]
        self._mended[flaw] = week
        self._mended_by[first.rating] += 1
        self._open[first.rating, first.week] -= 1

    def _exposed(self, flaws: Mapping[tuple[Rating, int], int], week: int) -> float:
        return sum(
            count * HARM[rating] * self._again.within(WEEK * (week - since + 1))
            for (rating, since), count in flaws.items()
        )


def _waiting(one: Candidate) -> Waiting:
    return Waiting(
        flaw=str(one.number),
        since=_MONDAY + timedelta(days=WEEK * one.week),
        rating=one.rating,
        hours=one.hours,
    )
