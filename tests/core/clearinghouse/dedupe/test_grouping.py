"""Laws of grouping: no order of arrival, every join explained, every decision undone."""

from __future__ import annotations

from itertools import combinations, permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstlight.core.clearinghouse.dedupe.facets import (
    CrashSignature,
    Facets,
    RootCause,
    facets_of,
)
from firstlight.core.clearinghouse.dedupe.grouping import Groups, group
from firstlight.core.clearinghouse.dedupe.reasons import STRONG, Decision, Rule, Verdict
from firstlight.core.clearinghouse.dedupe.weakness import WeaknessClass
from firstlight.core.clearinghouse.finding import Format, Location, Product, Report
from firstlight.core.kernel.errors import DuplicateKey, Missing

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGE = "pkg:deb/debian/libpng"
BOUNDS = frozenset({WeaknessClass.BOUNDS})
LIFETIME = frozenset({WeaknessClass.LIFETIME})
NAMES = [f"f{number}" for number in range(7)]

packages = st.sampled_from([None, PACKAGE, "pkg:deb/debian/libtiff"])
crashes = st.none() | st.builds(
    CrashSignature,
    family=st.sampled_from(["memory", "race"]),
    lines=st.sampled_from([("a",), ("a", "b"), ("a", "c")]),
)
causes = st.builds(
    RootCause,
    file=st.sampled_from(["u.c", "src/u.c", "lib/u.c", "x.c"]),
    function=st.sampled_from(["f", "g"]),
    weakness=st.sampled_from([frozenset(), BOUNDS, LIFETIME, BOUNDS | LIFETIME]),
)
identifiers = st.frozensets(st.sampled_from(["CVE-2026-1000", "CVE-2026-1001"]), max_size=1)
words = st.sampled_from([frozenset[str](), frozenset({"heap", "row", "png", "read"})])


@st.composite
def many_facets(draw: st.DrawFn) -> list[Facets]:
    """Up to seven findings that share a lot."""
    names = draw(st.permutations(NAMES))[: draw(st.integers(0, len(NAMES)))]
    return [
        Facets(
            finding=name,
            package=draw(packages),
            crash=draw(crashes),
            confirmed_crash=draw(crashes),
            root_causes=tuple(draw(st.lists(causes, max_size=2))),
            identifiers=draw(identifiers),
            words=draw(words),
        )
        for name in names
    ]


decisions = st.lists(
    st.builds(
        Decision,
        left=st.sampled_from(NAMES),
        right=st.sampled_from(NAMES),
        verdict=st.sampled_from(Verdict),
    ),
    max_size=5,
)


def together(groups: Groups, left: str, right: str) -> bool:
    """True when two findings are in one group."""
    return right in groups.of(left).members


def separated(told: Sequence[Decision]) -> set[frozenset[str]]:
    """Pairs that a person called different."""
    return {frozenset(d.pair) for d in told if d.verdict is Verdict.DIFFERENT and d.left != d.right}


def seen(name: str, **facets: object) -> Facets:
    """A finding in the package of these tests."""
    return Facets(**{"finding": name, "package": PACKAGE, **facets})  # type: ignore[arg-type]  # fields vary by test


@settings(max_examples=300)
@given(many_facets(), decisions, st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_matter(
    facets: list[Facets], told: list[Decision], random: object
) -> None:
    """Findings and decisions in any order give the same groups, reasons and proposals."""
    shuffled, retold = list(facets), list(told)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis gives a random.Random
    random.shuffle(retold)  # type: ignore[attr-defined]  # likewise
    assert group(shuffled, retold) == group(facets, told)


def test_all_permutations_of_a_contested_group_are_equal() -> None:
    """Every one of the 120 orders of five findings around a split gives the same answer."""
    facets = [
        seen(name, crash=CrashSignature(family="memory", lines=("a", "b"))) for name in NAMES[:5]
    ]
    told = [Decision(left="f0", right="f1", verdict=Verdict.DIFFERENT)]
    expected = group(facets, told)
    assert [one.members for one in expected.groups] == [("f0", "f2", "f3", "f4"), ("f1",)]
    assert all(group(order, told) == expected for order in permutations(facets))


@settings(max_examples=300)
@given(many_facets(), decisions)
def test_groups_are_a_partition_and_every_join_is_explained(
    facets: list[Facets], told: list[Decision]
) -> None:
    """Each finding is in one group; any two members are tied by a chain of strong reasons."""
    groups = group(facets, told)
    assert sorted(m for one in groups.groups for m in one.members) == sorted(
        f.finding for f in facets
    )
    for one in groups.groups:
        assert len(one.reasons) == len(one.members) - 1
        assert all(reason.rule in STRONG and reason.sentence for reason in one.reasons)
        for left, right in combinations(one.members, 2):
            here = left
            for reason in one.chain(left, right):
                assert here in (reason.left, reason.right)
                here = reason.right if reason.left == here else reason.left
            assert here == right


@settings(max_examples=300)
@given(many_facets(), decisions)
def test_a_split_always_wins(facets: list[Facets], told: list[Decision]) -> None:
    """Two findings that a person called different are never together, by any way."""
    groups = group(facets, told)
    known = {one.finding for one in facets}
    for pair in separated(told):
        left, right = sorted(pair)
        assert not {left, right} <= known or not together(groups, left, right)


@settings(max_examples=300)
@given(many_facets(), decisions)
def test_without_splits_all_strong_evidence_joins(
    facets: list[Facets], told: list[Decision]
) -> None:
    """A join is refused only where a person's word keeps the two groups apart."""
    groups = group(facets, told)
    apart = separated(told)
    for proposal in groups.proposals:
        left = groups.of(proposal.reason.left).members
        right = groups.of(proposal.reason.right).members
        assert left != right
        assert proposal.refused == (proposal.reason.rule in STRONG)
        contested = any(frozenset((a, b)) in apart for a in left for b in right)
        assert proposal.refused == contested


@given(many_facets(), decisions, decisions)
def test_taking_a_decision_back_restores_the_grouping(
    facets: list[Facets], told: list[Decision], more: list[Decision]
) -> None:
    """Nothing of a decision stays behind once it is gone."""
    before = group(facets, told)
    group(facets, told + more)
    assert group(facets, told) == before


@given(many_facets(), st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_a_confirmation_joins(facets: list[Facets], left: str, right: str) -> None:
    """Two findings that a person called the same are together."""
    groups = group(facets, [Decision(left=left, right=right, verdict=Verdict.SAME)])
    if {left, right} <= {one.finding for one in facets}:
        assert together(groups, left, right)


def test_two_finders_are_joined_by_root_cause() -> None:
    """A trace and a bare location of the same function are one flaw, with the reason."""
    trace = facets_of(
        "a",
        Report(
            format=Format.SARIF,
            product=Product(purl="pkg:deb/debian/libpng@1.6.1"),
            crash=(
                "==1==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602 at pc 0x1\n"
                "    #0 0x1 in __asan_memcpy\n"
                "    #1 0x2 in png_read_row(int) /build/libpng-1.6.1/src/png.c:12:3\n"
                "    #2 0x3 in main /build/libpng-1.6.1/tool.c:3\n"
            ),
        ),
    )
    place = facets_of(
        "b",
        Report(
            format=Format.CSAF,
            product=Product(purl="pkg:deb/debian/libpng"),
            root_cause=Location(path="src/png.c", line=99, function="png_read_row"),
        ),
    )
    groups = group([trace, place])
    assert groups.of("a").members == ("a", "b")
    (reason,) = groups.of("a").reasons
    assert reason.rule is Rule.ROOT_CAUSE
    assert reason.sentence == (
        "a and b are the same flaw: the first lies in png_read_row of src/png.c in "
        "pkg:deb/debian/libpng (memory outside its bounds), the second in png_read_row of "
        "src/png.c in pkg:deb/debian/libpng (weakness not given)."
    )


@pytest.mark.parametrize(
    ("left", "right", "rule"),
    [
        (
            {"identifiers": frozenset({"CVE-2026-1000"}), "package": None},
            {"identifiers": frozenset({"CVE-2026-1000", "GHSA-X"})},
            Rule.IDENTIFIER,
        ),
        (
            {"crash": CrashSignature(family="memory", lines=("a", "b"))},
            {"confirmed_crash": CrashSignature(family="memory", lines=("a", "b"))},
            Rule.CRASH,
        ),
        (
            {"root_causes": (RootCause(file="u.c", function="f", weakness=BOUNDS),)},
            {"root_causes": (RootCause(file="src/u.c", function="f", weakness=BOUNDS | LIFETIME),)},
            Rule.ROOT_CAUSE,
        ),
    ],
)
def test_strong_evidence_joins(
    left: dict[str, object], right: dict[str, object], rule: Rule
) -> None:
    """Each strong rule alone joins two findings."""
    groups = group([seen("a", **left), seen("b", **right)])
    assert [reason.rule for reason in groups.of("a").reasons] == [rule]
    assert not groups.proposals


@pytest.mark.parametrize(
    ("left", "right", "rule"),
    [
        (
            {"crash": CrashSignature(family="memory", lines=("a", "b"))},
            {"crash": CrashSignature(family="memory", lines=("a", "b")), "package": None},
            Rule.LIKE_CRASH,
        ),
        (
            {"crash": CrashSignature(family="memory", lines=("a",))},
            {"crash": CrashSignature(family="memory", lines=("a",))},
            Rule.LIKE_CRASH,
        ),
        (
            {"root_causes": (RootCause(file="u.c", function="f", weakness=BOUNDS),)},
            {"root_causes": (RootCause(file="u.c", function="f", weakness=LIFETIME),)},
            Rule.LIKE_PLACE,
        ),
        (
            {"root_causes": (RootCause(file="src/u.c", function="f"),)},
            {"root_causes": (RootCause(file="lib/u.c", function="f"),)},
            Rule.LIKE_PLACE,
        ),
        (
            {"words": frozenset({"heap", "row", "png", "read"})},
            {"words": frozenset({"heap", "row", "png", "read"})},
            Rule.LIKE_WORDS,
        ),
    ],
)
def test_weak_evidence_only_proposes(
    left: dict[str, object], right: dict[str, object], rule: Rule
) -> None:
    """Nothing is merged silently on weak evidence; a person is asked."""
    groups = group([seen("a", **left), seen("b", **right)])
    assert len(groups.groups) == 2
    (proposal,) = groups.proposals
    assert proposal.reason.rule is rule
    assert not proposal.refused
    assert "may be the same flaw" in proposal.reason.sentence


def test_a_vague_finding_does_not_tie_unlike_flaws() -> None:
    """An unknown weakness at a place of two known, unlike ones joins neither."""
    facets = [
        seen("a", root_causes=(RootCause(file="u.c", function="f", weakness=BOUNDS),)),
        seen("b", root_causes=(RootCause(file="u.c", function="f", weakness=LIFETIME),)),
        seen("c", root_causes=(RootCause(file="u.c", function="f"),)),
    ]
    assert [one.members for one in group(facets).groups] == [("a",), ("b",), ("c",)]
    assert group([facets[0], facets[2]]).of("a").members == ("a", "c")


def test_a_bare_file_name_does_not_tie_two_files() -> None:
    """A file name that may be either of two files joins neither."""
    facets = [
        seen("a", root_causes=(RootCause(file="src/u.c", function="f"),)),
        seen("b", root_causes=(RootCause(file="lib/u.c", function="f"),)),
        seen("c", root_causes=(RootCause(file="u.c", function="f"),)),
    ]
    assert len(group(facets).groups) == 3
    assert group([facets[0], facets[2]]).of("a").members == ("a", "c")


def test_what_was_not_grouped_is_missing() -> None:
    """Asking for a finding that is not there, or giving one twice, is told."""
    groups = group([seen("a"), seen("b")])
    with pytest.raises(Missing):
        groups.of("z")
    with pytest.raises(Missing):
        groups.of("a").chain("a", "b")
    with pytest.raises(DuplicateKey):
        group([seen("a"), seen("a")])


def test_decisions_on_findings_elsewhere_are_kept_without_effect() -> None:
    """A decision may speak of findings that are not in this set."""
    told = [Decision(left="a", right="gone", verdict=Verdict.DIFFERENT)]
    assert group([seen("a")], told) == group([seen("a")])
