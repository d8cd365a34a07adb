"""Which findings are one flaw: a pure function of the findings and of people's decisions.

Rules:

1. Findings that share strong evidence (`reasons.STRONG`) are joined, directly or over others.
2. A person's *different* always wins: the two findings are never in one group, however they
   would be tied together. What else hung between them is dealt out like this: evidence is weighed
   in a fixed order (confirmed, identifier, crash, root cause; within a rule by what is shared; then
   by finding), and each finding joins the first group that holds a finding with the same evidence
   and none that it must stay apart from. Nothing in this depends on the order of arrival.
3. Every join that rule 2 refused, and all weak evidence, is returned as a proposal.
4. Nothing is stored here. Taking a decision back gives the grouping that was there before it.

Cost: one pass over the findings, one sort of the shared keys, and near-constant work for each
holder of a key (union by size, path halving).
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.dedupe.evidence import Shared, shared_evidence
from firstlight.core.clearinghouse.dedupe.reasons import (
    STRONG,
    Decision,
    Reason,
    Rule,
    Verdict,
)
from firstlight.core.kernel.errors import DuplicateKey, Missing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from firstlight.core.clearinghouse.dedupe.facets import Facets


@dataclass(frozen=True, kw_only=True)
class Group:
    """One flaw, as far as is known."""

    members: tuple[str, ...]
    """findings, sorted; at least one"""
    reasons: tuple[Reason, ...]
    """exactly enough to hold the members together: one fewer than there are members"""

    def chain(self, left: str, right: str) -> tuple[Reason, ...]:
        """The reasons that lead from one member to another, pair by pair.

        Raises:
            Missing: one of them is not a member.
        """
        for finding in (left, right):
            if finding not in self.members:
                raise Missing(f"{finding} is not in this group.", finding=finding)
        near: dict[str, list[Reason]] = defaultdict(list)
        for reason in self.reasons:
            near[reason.left].append(reason)
            near[reason.right].append(reason)
        ways: dict[str, tuple[Reason, ...]] = {left: ()}
        queue = deque([left])
        while queue and right not in ways:
            here = queue.popleft()
            for reason in near[here]:
                there = reason.right if reason.left == here else reason.left
                if there not in ways:
                    ways[there] = (*ways[here], reason)
                    queue.append(there)
        return ways[right]


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Two groups that may be one; a person decides."""

    reason: Reason
    """the evidence, between one member of each"""
    refused: bool
    """True when the evidence is strong and only a person's *different* keeps them apart"""


@dataclass(frozen=True, kw_only=True)
class Groups:
    """The whole grouping."""

    groups: tuple[Group, ...]
    """every finding is in exactly one; sorted by first member"""
    proposals: tuple[Proposal, ...]
    """at most one for each two groups, the strongest"""

    @cached_property
    def _by_finding(self) -> dict[str, Group]:
        return {finding: group for group in self.groups for finding in group.members}

    def of(self, finding: str) -> Group:
        """The group of a finding.

        Raises:
            Missing: the finding was not among those that were grouped.
        """
        if finding not in self._by_finding:
            raise Missing(f"{finding} was not grouped.", finding=finding)
        return self._by_finding[finding]


def group(facets: Collection[Facets], decisions: Collection[Decision] = ()) -> Groups:
    """Group findings.

    Args:
        facets: one per finding, in any order.
        decisions: what people said; those about findings that are not here have no effect.

    Raises:
        DuplicateKey: two facets are of the same finding.
    """
    findings = sorted(one.finding for one in facets)
    for before, after in pairwise(findings):
        if before == after:
            raise DuplicateKey(f"{after} was given twice.", finding=after)
    known = set(findings)
    told = [d for d in decisions if d.left in known and d.right in known and d.left != d.right]
    forest = _Forest(findings, (d.pair for d in told if d.verdict is Verdict.DIFFERENT))
    confirmed = [
        Shared(
            rule=Rule.CONFIRMED,
            key=pair,
            holders=((pair[0], "a person's word"), (pair[1], "a person's word")),
        )
        for pair in sorted({d.pair for d in told if d.verdict is Verdict.SAME})
    ]
    evidence = confirmed + shared_evidence(list(facets))
    reasons = [reason for one in evidence if one.rule in STRONG for reason in _join(one, forest)]
    return Groups(groups=_groups(findings, reasons, forest), proposals=_propose(evidence, forest))


def _join(shared: Shared, forest: _Forest) -> Iterable[Reason]:
    """Join the holders of one key as far as decisions allow; yields a reason for each join."""
    doors: list[tuple[str, str]] = []
    """the first holder of each group that has one"""
    for finding, match in shared.holders:
        for door, door_match in doors:
            if forest.same(door, finding):
                break
            if forest.unite(door, finding):
                yield _reason(shared.rule, (door, door_match), (finding, match))
                break
        else:
            doors.append((finding, match))


def _groups(findings: list[str], reasons: list[Reason], forest: _Forest) -> tuple[Group, ...]:
    members: dict[str, list[str]] = defaultdict(list)
    for finding in findings:
        members[forest.root(finding)].append(finding)
    held: dict[str, list[Reason]] = defaultdict(list)
    for reason in reasons:
        held[forest.root(reason.left)].append(reason)
    return tuple(
        Group(members=tuple(inside), reasons=tuple(held[root])) for root, inside in members.items()
    )


def _propose(evidence: list[Shared], forest: _Forest) -> tuple[Proposal, ...]:
    """Evidence between findings that ended in different groups, strongest first."""
    seen: set[tuple[str, str]] = set()
    proposals: list[Proposal] = []
    for shared in evidence:
        doors: dict[str, tuple[str, str]] = {}
        for holder in shared.holders:
            doors.setdefault(forest.root(holder[0]), holder)
        first, *others = doors.values()
        for other in others:
            roots = sorted((forest.root(first[0]), forest.root(other[0])))
            pair = (roots[0], roots[1])
            # What a person has separated is proposed again only by evidence that would have joined.
            if pair in seen or (shared.rule not in STRONG and forest.apart(*pair)):
                continue
            seen.add(pair)
            reason = _reason(shared.rule, first, other)
            proposals.append(Proposal(reason=reason, refused=shared.rule in STRONG))
    return tuple(proposals)


def _reason(rule: Rule, one: tuple[str, str], other: tuple[str, str]) -> Reason:
    left, right = sorted((one, other))
    return Reason(rule=rule, left=left[0], right=right[0], left_match=left[1], right_match=right[1])


class _Forest:
    """Disjoint sets that never put two findings together that must stay apart."""

    def __init__(self, findings: Iterable[str], apart: Iterable[tuple[str, str]]) -> None:
        self._parent = {finding: finding for finding in findings}
        self._size = dict.fromkeys(self._parent, 1)
        self._enemies: dict[str, set[str]] = defaultdict(set)
        for left, right in apart:
            self._enemies[left].add(right)
            self._enemies[right].add(left)

    def root(self, finding: str) -> str:
        parent = self._parent
        while parent[finding] != finding:
            parent[finding] = parent[parent[finding]]
            finding = parent[finding]
        return finding

    def same(self, left: str, right: str) -> bool:
        return self.root(left) == self.root(right)

    def apart(self, left: str, right: str) -> bool:
        """True when the sets of the two must not be joined."""
        one, other = self.root(left), self.root(right)
        if len(self._enemies.get(one, ())) > len(self._enemies.get(other, ())):
            one, other = other, one
        return any(self.root(enemy) == other for enemy in self._enemies.get(one, ()))

    def unite(self, left: str, right: str) -> bool:
        """Join the sets of two findings; False when they must stay apart."""
        if self.apart(left, right):
            return False
        one, other = self.root(left), self.root(right)
        if self._size[one] < self._size[other]:
            one, other = other, one
        self._parent[other] = one
        self._size[one] += self._size[other]
        if other in self._enemies:
            self._enemies[one] |= self._enemies.pop(other)
        return True
