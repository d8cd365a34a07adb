"""A flood as it was published, and everything that had to be assumed to play it again.

Published (one laboratory's programme, spring and summer 2026): 23,019 candidates; 1,752 of them
checked by hand, 90.6 % of these true and 62.4 % confirmed high or critical; 1,596 reported to 281
projects; 97 patched. All else is an assumption, named in `ASSUMED` with its reason.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import log
from types import MappingProxyType

from firstlight.core.clearinghouse.priority.severity import Rating
from firstlight.core.kernel.errors import Invalid

Draw = Callable[[], float]
"""a number from 0 to 1, the next of a seeded series"""

RATINGS = (Rating.LOW, Rating.MEDIUM, Rating.HIGH, Rating.CRITICAL)


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Figures of a flood. The defaults are the published ones and the assumptions."""

    candidates: int = 23_019
    projects: int = 281
    true_share: float = 0.906
    grave_share: float = 0.624
    """of all that were checked, confirmed high or critical"""
    checks: int = 1_752
    """by hand, in all weeks of finding"""
    patched: int = 97
    """when the figures were published; hours are set so that first come gives it"""
    weeks_found: int = 13
    weeks_published: int = 20
    """from the first candidate to the publication of the figures"""
    weeks: int = 52
    """that are played"""
    critical_share: float = 0.25
    """of what is high or critical"""
    low_share: float = 0.3
    """of what is true and neither"""
    agreement: float = 0.55
    """share of claims whose rating is the true one; the others claim one step more"""
    duplicates: float = 0.2
    """share of candidates whose flaw another candidate has already"""
    skew: float = 0.8
    """share of a project ~ 1 / rank ** skew"""
    well_staffed: float = 0.1
    """share of projects with ten times the hours of the others"""
    triage_hours: float = 1.0
    """that any report takes, true or not"""
    fix_hours: float = 6.0
    """mean of an exponential"""
    overload: float = 20.0
    """open reports at which half of a maintainer's hours are lost to them"""
    rediscovery: float = 0.175
    """a year, of a flaw that is not mended"""

    def __post_init__(self) -> None:
        """Refuse what cannot be played."""
        shares = (
            self.true_share,
            self.grave_share,
            self.critical_share,
            self.low_share,
            self.agreement,
            self.duplicates,
            self.well_staffed,
        )
        whole = (self.candidates, self.projects, self.weeks_found, self.weeks)
        if not all(0 <= share <= 1 for share in shares):
            raise Invalid("a share lies between 0 and 1", field="flow")
        if min(whole) < 1 or self.candidates > 1_000_000 or self.weeks > 520:  # noqa: PLR2004
            raise Invalid("at least one of each, a million candidates and ten years at most")
        if self.grave_share > self.true_share:
            raise Invalid("what is high or critical is true first", field="grave_share")
        if min(self.fix_hours, self.overload, self.triage_hours) <= 0 or self.rediscovery >= 1:
            raise Invalid("times are above 0, and rediscovery below 1 a year", field="flow")


ASSUMED: Mapping[str, str] = MappingProxyType(
    {
        "weeks_found": "Candidates arrive evenly; the programme says spring and summer.",
        "weeks_published": "Nothing says how long after the first report 97 were patched.",
        "critical_share": "Only the sum of high and critical is published.",
        "low_share": "Nothing is published of what is neither high nor critical.",
        "agreement": "People agreed with the model's rating in a bit over half; it inflates.",
        "duplicates": "Many duplicates are told of, no share is published.",
        "skew": "A few projects receive much, most receive little; the shares are not published.",
        "well_staffed": "Most projects are volunteers with an evening a week, some have staff.",
        "triage_hours": "An hour for each report, whatever comes of it.",
        "fix_hours": "Six hours in the mean for patch, tests and release.",
        "overload": "What maintainers say of floods; the size of the effect is a guess.",
        "rediscovery": "17.5 % a year, the middle of 15 to 20 % (Belfer Center, 2017).",
        "checking": "As many are checked by hand each week under every policy; none is quicker.",
        "pace": "Under ours, each maintainer chose what they can mend, at least one a month.",
        "hours": "Set so that first come patches as many as were published, then kept for all.",
    }
)
"""name to reason; the first ones are fields of a flow"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One of the flood."""

    number: int
    week: int
    """of its arrival"""
    project: int
    true: bool
    rating: Rating
    """as it is"""
    claimed: Rating
    """as its finder says"""
    hours: float
    """to mend it"""
    same_as: int | None
    """number of an earlier candidate with the same flaw"""


@dataclass(frozen=True, kw_only=True)
class Flood:
    """What arrives, and who has how much time for it."""

    candidates: tuple[Candidate, ...]
    """by arrival"""
    hours: tuple[float, ...]
    """a week, for each project, before they are scaled"""


def draw_flood(flow: Flow, draw: Draw) -> Flood:
    """A flood with these figures. The same draws give the same flood."""
    steps = list(accumulate((rank + 1) ** -flow.skew for rank in range(flow.projects)))
    made: list[Candidate] = []
    first: dict[int, list[int]] = {}
    for number in range(flow.candidates):
        week = number * flow.weeks_found // flow.candidates
        project = min(bisect(steps, draw() * steps[-1]), flow.projects - 1)
        known = first.setdefault(project, [])
        if known and draw() < flow.duplicates:
            one = _again(made[known[int(draw() * len(known))]], number, week)
        else:
            one = _fresh(flow, draw, number, week, project)
            known.append(number)
        made.append(one)
    hours = tuple(10.0 if draw() < flow.well_staffed else 1.0 for _ in range(flow.projects))
    return Flood(candidates=tuple(made), hours=hours)


def _fresh(flow: Flow, draw: Draw, number: int, week: int, project: int) -> Candidate:
    true = draw() < flow.true_share
    grave = draw() < (flow.grave_share / flow.true_share if flow.true_share else 0)
    if grave:
        rating = Rating.CRITICAL if draw() < flow.critical_share else Rating.HIGH
    else:
        rating = Rating.LOW if draw() < flow.low_share else Rating.MEDIUM
    at = RATINGS.index(rating)
    inflated = draw() >= flow.agreement
    return Candidate(
        number=number,
        week=week,
        project=project,
        true=true,
        rating=rating,
        claimed=RATINGS[min(at + inflated, len(RATINGS) - 1)],
        hours=max(-flow.fix_hours * log(1 - draw()), 0.5),
        same_as=None,
    )


def _again(first: Candidate, number: int, week: int) -> Candidate:
    return Candidate(
        number=number,
        week=week,
        project=first.project,
        true=first.true,
        rating=first.rating,
        claimed=first.claimed,
        hours=first.hours,
        same_as=first.number,
    )


def flaws(candidates: Sequence[Candidate]) -> int:
    """How many flaws there are: true, each counted once."""
    return sum(one.true and one.same_as is None for one in candidates)
