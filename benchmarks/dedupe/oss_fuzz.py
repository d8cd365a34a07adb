"""How well duplicates are told apart, against the fixes of OSS-Fuzz.

Run: ``python -m benchmarks.dedupe.oss_fuzz [--learn]`` from the root of the repository. The records
(``osv-oss-fuzz.jsonl.gz``) are looked for in ``FIRSTLIGHT_SHARED_DATA`` or ``../shared/data``.

Truth: two records of one project that share a fix commit are one flaw, others are not. No method
sees a fix: `fixed` events, version lists, dates of the record, `database_specific` (whose ranges
name fixes) and every reference but the issue are taken away first.

Two methods are judged on pairs of one project:
1. the rules of the program as they join and propose (`dedupe.grouping`), on all projects, since
   nothing in them was learnt here;
2. a score that adds evidence for and against (crash state, commit that introduced it, distance of
   issue numbers, crash type). Its weights were learnt on half of the projects (``--learn`` does it
   again), then frozen below; it is judged on the other half alone. What is compared was chosen with
   all records in view, which flatters it a little.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import math
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from firstlight.adapters.formats import osv
from firstlight.core.clearinghouse.dedupe.facets import Facets, facets_of
from firstlight.core.clearinghouse.dedupe.grouping import group

_FILE = Path(os.environ.get("FIRSTLIGHT_SHARED_DATA", "../shared/data")) / "osv-oss-fuzz.jsonl.gz"
_STATE = re.compile(r"Crash type: (.*?)\nCrash state:\n(.*?)```", re.DOTALL)
_ISSUE = re.compile(r"(?:id=|issues/)(\d+)")
_SIZE = re.compile(r" ?(?:READ|WRITE|\{\*\}|\d+)")
_NEW_TRACKER = 10_000_000
"""issue numbers of the tracker since 2024, which are not comparable with those before"""
_TARGET = (0.98, 0.85)
_RECALLS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9)
_HALF = 128

WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "state": {
        "1 inner frames": 1.58,
        "2 inner frames": 1.97,
        "3 inner frames": 1.03,
        "a frame": 0.55,
        "no frame": -0.31,
        "unknown": -0.38,
    },
    "introduced": {"other": -1.24, "same": 1.96, "unknown": 1.31},
    "distance": {
        "below 4^1": 4.01,
        "below 4^2": 3.12,
        "below 4^3": 2.08,
        "below 4^4": 1.68,
        "below 4^5": 0.19,
        "below 4^6": -0.48,
        "below 4^7": -0.97,
        "below 4^8": -2.86,
        "below 4^9": 2.2,
        "new tracker": 1.2,
        "unknown": -1.57,
    },
    "type": {"other": -0.55, "same": 1.18, "same but for size": -0.11},
}
"""frozen: natural logarithms of how much oftener a value is seen among pairs of one fix"""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a method may see of a record."""

    facets: Facets
    kind: str
    state: tuple[str, ...]
    introduced: frozenset[str]
    issue: int


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """A record with its truth."""

    seen: Seen
    fixes: frozenset[str]


def without_fix(record: dict[str, Any]) -> dict[str, Any]:
    """The record as if nobody had mended the flaw yet."""
    kept = {key: record[key] for key in ("id", "summary", "details") if key in record}
    affected = record["affected"][0]
    ranges = [
        {**one, "events": [event for event in one["events"] if "introduced" in event]}
        for one in affected.get("ranges", [])
    ]
    ranges = [{"type": one["type"], "events": one["events"]} for one in ranges]
    return {
        **kept,
        "modified": "2020-01-01T00:00:00Z",
        "references": [one for one in record.get("references", []) if one["type"] == "REPORT"],
        "affected": [{"package": affected["package"], "ranges": ranges}],
    }


def labelled(record: dict[str, Any]) -> Labelled:
    """A record and its fixes, apart from each other."""
    events = [event for one in record["affected"][0].get("ranges", []) for event in one["events"]]
    bare = without_fix(record)
    found = _STATE.search(bare["details"])
    issue = _ISSUE.search(bare["details"])
    report = osv.from_json(bare)[0]
    left = [event for one in bare["affected"][0]["ranges"] for event in one["events"]]
    return Labelled(
        seen=Seen(
            facets=facets_of(bare["id"], report, texts=True),
            kind=found[1].strip() if found else "",
            state=tuple(found[2].split("\n")[:3]) if found else (),
            introduced=frozenset(str(event["introduced"]) for event in left) - {"0"},
            issue=int(issue[1]) if issue else 0,
        ),
        fixes=frozenset(str(event["fixed"]) for event in events if "fixed" in event),
    )


def load() -> Mapping[str, Sequence[Labelled]]:
    """Records with a known fix, by project."""
    projects: dict[str, list[Labelled]] = defaultdict(list)
    for line in gzip.decompress(_FILE.read_bytes()).splitlines():
        record = json.loads(line)
        one = labelled(record)
        if one.fixes:
            projects[record["affected"][0]["package"]["name"]].append(one)
    return projects


def learnt_on(project: str) -> bool:
    """Whether weights may be learnt on this project; the others stay unseen."""
    return hashlib.sha256(f"split:{project}".encode()).digest()[0] < _HALF


def evidence(one: Seen, other: Seen) -> Mapping[str, str]:
    """What is compared of a pair, each as one of a few values."""
    return {
        "state": _states(one.state, other.state),
        "introduced": _introduced(one.introduced, other.introduced),
        "distance": _distance(one.issue, other.issue),
        "type": _types(one.kind, other.kind),
    }


def _states(one: tuple[str, ...], other: tuple[str, ...]) -> str:
    if not one or not other:
        return "unknown"
    for count in (3, 2, 1):
        if one[:count] == other[:count]:
            return f"{count} inner frames"
    return "a frame" if set(one) & set(other) else "no frame"


def _introduced(one: frozenset[str], other: frozenset[str]) -> str:
    if not one or not other:
        return "unknown"
    return "same" if one & other else "other"


def _distance(one: int, other: int) -> str:
    if not one or not other or (one > _NEW_TRACKER) != (other > _NEW_TRACKER):
        return "unknown"
    if one > _NEW_TRACKER:
        return "new tracker"
    return f"below 4^{int(math.log2(abs(one - other) + 1)) // 2 + 1}"


def _types(one: str, other: str) -> str:
    if one == other:
        return "same"
    return "same but for size" if _SIZE.sub("", one) == _SIZE.sub("", other) else "other"


def pairs(
    projects: Mapping[str, Sequence[Labelled]], which: Callable[[str], bool]
) -> Iterator[tuple[str, Labelled, Labelled]]:
    """All pairs of one project."""
    for project, records in sorted(projects.items()):
        if which(project):
            for one, other in combinations(records, 2):
                yield project, one, other


def learn(projects: Mapping[str, Sequence[Labelled]]) -> dict[str, dict[str, float]]:
    """Weights from one half; a large project counts by the root of its pairs."""
    sizes = Counter(project for project, _, _ in pairs(projects, learnt_on))
    counts: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.5, 0.5]))
    for project, one, other in pairs(projects, learnt_on):
        same = bool(one.fixes & other.fixes)
        for name, value in evidence(one.seen, other.seen).items():
            counts[name][value][same] += 1 / math.sqrt(sizes[project])
    weights: dict[str, dict[str, float]] = {}
    for name, values in counts.items():
        apart, alike = (sum(count[same] for count in values.values()) for same in (0, 1))
        weights[name] = {
            value: round(math.log(count[1] / alike) - math.log(count[0] / apart), 2)
            for value, count in sorted(values.items())
        }
    return weights


def score(one: Seen, other: Seen) -> float:
    """The frozen method: evidence is added up; what was never seen says nothing."""
    found = evidence(one, other)
    return sum(WEIGHTS[name].get(value, 0.0) for name, value in found.items())


def curve(scored: Sequence[tuple[float, bool]]) -> list[tuple[float, float, float]]:
    """Threshold, precision and recall at each of the recalls; equal scores stand together."""
    total = sum(same for _, same in scored)
    points: list[tuple[float, float, float]] = []
    right = count = 0
    by_score: dict[float, list[bool]] = defaultdict(list)
    for value, same in scored:
        by_score[value].append(same)
    for value in sorted(by_score, reverse=True):
        right += sum(by_score[value])
        count += len(by_score[value])
        points.append((value, right / count, right / total))
    return [next(point for point in points if point[2] >= recall) for recall in _RECALLS]


def rules(projects: Mapping[str, Sequence[Labelled]]) -> None:
    """Print how the program's own rules join and propose."""
    truth, joined, proposed = set[tuple[str, str]](), Counter[bool](), dict[str, Counter[bool]]()
    for _, one, other in pairs(projects, lambda _: True):
        if one.fixes & other.fixes:
            truth.add(_named(one, other))
    for records in projects.values():
        groups = group([one.seen.facets for one in records])
        for members in (one.members for one in groups.groups):
            joined.update(pair in truth for pair in combinations(sorted(members), 2))
        for proposal in groups.proposals:
            pair = (proposal.reason.left, proposal.reason.right)
            proposed.setdefault(proposal.reason.rule.value, Counter())[pair in truth] += 1
    print("| rules | pairs | precision | recall |\n|---|---|---|---|")
    for name, counts in [("joined", joined), *sorted(proposed.items())]:
        pairs_found = counts[True] + counts[False]
        print(
            f"| {name} | {pairs_found} | {counts[True] / max(pairs_found, 1):.2f}"
            f" | {counts[True] / len(truth):.3f} |"
        )


def _named(one: Labelled, other: Labelled) -> tuple[str, str]:
    left, right = sorted((one.seen.facets.finding, other.seen.facets.finding))
    return left, right


def main() -> int:
    """Print the tables, or the weights."""
    projects = load()
    if "--learn" in sys.argv:
        print(json.dumps(learn(projects), indent=4))
        return 0
    rules(projects)
    scored = [
        (round(score(one.seen, other.seen), 2), bool(one.fixes & other.fixes))
        for _, one, other in pairs(projects, lambda project: not learnt_on(project))
    ]
    same = sum(truth for _, truth in scored)
    unseen = sum(not learnt_on(project) for project in projects)
    print(f"\nUnseen: {unseen} projects, {len(scored):,} pairs, {same} of one fix.\n")
    print("| score from | precision | recall |\n|---|---|---|")
    for threshold, precision, recall in curve(scored):
        print(f"| {threshold:.2f} | {precision:.2f} | {recall:.2f} |")
    reached = any(p >= _TARGET[0] and r >= _TARGET[1] for _, p, r in curve(scored))
    print(f"\nPrecision {_TARGET[0]} at recall {_TARGET[1]}: {'reached' if reached else 'missed'}.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
