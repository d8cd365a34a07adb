"""Compare the ledger's uses with the requests in the developer's own log, offline.

Both sides name a use by its identifier: the ledger in its entries, the developer's server in the
header `Firstlight-Use` that each request carries. What is compared:

1. each use that the endpoint answered has exactly one request in the log;
2. each request that names a use has that use in the ledger;
3. each use has an end; one without is *unfinished*, because its gateway died;
4. each engagement's entries begin with the first: what is missing before or between shows.

That no entry was altered or left out in the middle is proved before, by the export's own proofs.
Not compared: times of day (clocks of two houses), and what was said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ledger import LedgerBroken

ACTION = "review.use"
_USE = re.compile(rb"\buse_[0-9a-hjkmnp-tv-z]{26}\b")


@dataclass(frozen=True, kw_only=True)
class Period:
    """Uses that began in it are compared; None is open."""

    since: Instant | None = None
    until: Instant | None = None

    def holds(self, moment: Instant) -> bool:
        """Whether it counts."""
        late = self.since is None or self.since <= moment
        return late and (self.until is None or moment < self.until)


@dataclass(kw_only=True)
class Seen:
    """One use as the ledger tells it."""

    use: str
    opened: Instant
    closed: bool = False
    status: int | None = None
    """the endpoint's; None when it sent none"""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What was found."""

    uses: int
    requests: int
    unrequested: Sequence[str]
    """answered by the endpoint, says the ledger; no such request in the log"""
    unanswered: Sequence[str]
    """ended before the endpoint answered, and not in the log: it may never have arrived"""
    unknown: Sequence[str]
    """in the log; no such use in the ledger"""
    doubled: Sequence[str]
    """more than once in the log: nothing is ever forwarded twice"""
    unfinished: Sequence[str]
    """without an end in the ledger"""
    late: Mapping[str, int] = field(default_factory=dict)
    """engagements whose entries begin only with this number"""

    @property
    def agrees(self) -> bool:
        """Whether nothing needs a question; an unfinished use needs one."""
        return not (
            self.unrequested or self.unknown or self.doubled or self.unfinished or self.late
        )


def uses_named(lines: Iterable[bytes]) -> Counter[str]:
    """How many lines of a log name each use: JSON lines, access logs, anything."""
    found: Counter[str] = Counter()
    for line in lines:
        found.update({name.decode("ascii") for name in _USE.findall(line)})
    return found


def compare(
    entries: Iterable[Mapping[str, Json]], requests: Counter[str], period: Period
) -> Compared:
    """Compare.

    Args:
        entries: the ledger's, oldest first, already proved
        requests: how often the log names each use
        period: which uses count; a request to a use outside it counts for nothing

    Raises:
        LedgerBroken: entries about uses contradict each other.
    """
    found, late = _uses(entries)
    counted = {use: seen for use, seen in found.items() if period.holds(seen.opened)}
    known = Counter({use: count for use, count in requests.items() if use in counted})
    silent = [seen for use, seen in counted.items() if use not in known]
    return Compared(
        uses=len(counted),
        requests=sum(known.values()),
        unrequested=[seen.use for seen in silent if seen.status is not None],
        unanswered=[seen.use for seen in silent if seen.closed and seen.status is None],
        unknown=sorted(use for use in requests if use not in found),
        doubled=sorted(use for use, count in known.items() if count > 1),
        unfinished=[seen.use for seen in counted.values() if not seen.closed],
        late=late,
    )


def _uses(entries: Iterable[Mapping[str, Json]]) -> tuple[dict[str, Seen], dict[str, int]]:
    found: dict[str, Seen] = {}
    first: dict[str, int] = {}
    for entry in entries:
        sequence = entry["sequence"]
        if not isinstance(sequence, int):
            raise LedgerBroken("an entry has no number")
        first.setdefault(str(entry["subject"]), sequence)
        facts = entry["facts"]
        if entry["action"] == ACTION and isinstance(facts, Mapping) and "step" in facts:
            _take(found, str(entry["at"]), facts)
    late = {subject: number for subject, number in first.items() if number != 1}
    return found, late


def _take(found: dict[str, Seen], at: str, facts: Mapping[str, Json]) -> None:
    use, step = str(facts["use"]), facts["step"]
    if step == "opened" and use not in found:
        found[use] = Seen(use=use, opened=Instant.parse(at))
        return
    seen = found.get(use)
    if step != "closed" or seen is None or seen.closed:
        raise LedgerBroken(f"the entries about {use} contradict each other")
    status = facts.get("status")
    seen.closed = True
    seen.status = status if isinstance(status, int) else None
