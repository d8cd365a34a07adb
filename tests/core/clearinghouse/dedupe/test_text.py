"""Laws of like texts, and of patches that mend the same thing."""

from __future__ import annotations

import random
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.clearinghouse.dedupe.facets import Facets
from firstlight.core.clearinghouse.dedupe.fixes import fixes_of
from firstlight.core.clearinghouse.dedupe.grouping import group
from firstlight.core.clearinghouse.dedupe.reasons import Rule
from firstlight.core.clearinghouse.dedupe.text import ALIKE, bands, share, shingles, sketch

_DICE = random.Random(5)  # noqa: S311  # the same texts in every run
_WORDS = [f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(400)]


def text(words: int = 120) -> list[str]:
    """Words in some order."""
    return _DICE.choices(_WORDS, k=words)


def edited(words: list[str], changes: int) -> list[str]:
    """The same with some words replaced."""
    copy = list(words)
    for at in _DICE.sample(range(len(copy)), changes):
        copy[at] = _DICE.choice(_WORDS)
    return copy


def meet(one: list[str], other: list[str]) -> bool:
    """Whether the index brings the two together."""
    left, right = (set(bands(sketch(shingles(" ".join(words))))) for words in (one, other))
    return bool(left & right)


def test_texts_with_few_edits_meet() -> None:
    """Five changed words of 120 leave eleven phrases of twelve; practically all such pairs meet."""
    pairs = [(words, edited(words, 5)) for words in (text() for _ in range(200))]
    assert sum(meet(*pair) for pair in pairs) >= 198


def test_unlike_texts_do_not_meet() -> None:
    """Texts of the same words in another order share no phrase."""
    assert sum(meet(text(), text()) for _ in range(200)) <= 1


@given(st.lists(st.sampled_from(_WORDS), max_size=60), st.randoms(use_true_random=False))
def test_a_sketch_does_not_depend_on_order(words: list[str], dice: random.Random) -> None:
    """It is made of a set."""
    phrases = list(shingles(" ".join(words)))
    dice.shuffle(phrases)
    assert sketch(frozenset(phrases)) == sketch(shingles(" ".join(words)))


@given(st.text(max_size=500), st.text(max_size=500))
def test_a_share_is_symmetric_and_bounded(one: str, other: str) -> None:
    """And whole exactly for equal sets."""
    left, right = shingles(one), shingles(other)
    assert share(left, right) == share(right, left)
    assert 0 <= share(left, right) <= 1
    assert not left or (share(left, right) == 1) == (left == right)


def test_numbers_do_not_make_texts_unlike() -> None:
    """Addresses and sizes differ from run to run."""
    said = "a read of {} bytes at 0x{} runs past the end of the buffer that the parser holds"
    assert shingles(said.format(4, "7f12")) == shingles(said.format(8, "7f12"))


def test_code_and_addresses_are_no_prose() -> None:
    """A fuzzer's frame around a crash is the same for every flaw."""
    said = (
        "Fuzzing found this, see https://example.org/{0} for more:\n```\nCrash state:\n{0}\n```\n"
    )
    assert shingles(said.format("one")) == shingles(said.format("two")) == frozenset()


def test_like_texts_are_proposed_in_any_order_and_never_joined() -> None:
    """Three findings, two of them alike, over all orders; packages do not matter."""
    words = text()
    said = [words, edited(words, 5), text()]
    facets = [
        Facets(finding=name, package=package, phrases=shingles(" ".join(one)))
        for name, package, one in zip("abc", ("pkg:a/x", None, "pkg:a/x"), said, strict=True)
    ]
    for order in permutations(facets):
        groups = group(order)
        assert [one.members for one in groups.groups] == [("a",), ("b",), ("c",)]
        (proposal,) = groups.proposals
        assert (proposal.reason.rule, proposal.refused) == (Rule.LIKE_TEXT, False)
        assert (proposal.reason.left, proposal.reason.right) == ("a", "b")
        assert "of 100 phrases" in proposal.reason.sentence


def test_half_of_the_phrases_is_needed() -> None:
    """What meets in a band by chance is compared phrase by phrase."""
    words = text()
    facets = [
        Facets(finding=name, phrases=shingles(" ".join(one)))
        for name, one in (("a", words), ("b", words[:40] + text(80)))
    ]
    assert share(facets[0].phrases, facets[1].phrases) < ALIKE
    assert group(facets).proposals == ()


_PATCH = """\
--- a/src/u.c
+++ b/src/u.c
@@ -{line},3 +{line},3 @@ context
 before
-  memcpy(out, in, length);
+  memcpy(out, in, min(length, size));
 after
"""


def test_the_same_change_at_another_line_is_the_same_fix() -> None:
    """Line numbers, context and blanks may differ."""
    other = _PATCH.format(line=90).replace("before", "other").replace("  memcpy", "\tmemcpy")
    assert fixes_of([_PATCH.format(line=7)]) == fixes_of([other]) != frozenset()


def test_a_change_that_says_nothing_is_no_evidence() -> None:
    """A brace or a blank line is changed by unlike patches."""
    assert fixes_of(["+++ b/u.c\n@@ -1 +1 @@\n-{\n+\n"]) == frozenset()


def test_a_commit_is_known_by_its_name() -> None:
    """As `git format-patch` writes it."""
    name = "ab" * 20
    assert f"commit {name}" in fixes_of([f"From {name} Mon Sep 17 00:00:00 2001\n"])


def test_findings_that_one_change_mends_are_one_flaw() -> None:
    """In one package; the same change in another may be the same code, which others propose."""
    fixes = fixes_of([_PATCH.format(line=7)])
    facets = [Facets(finding=name, package="pkg:a/x", fixes=fixes) for name in "ab"]
    facets.append(Facets(finding="c", package="pkg:a/y", fixes=fixes))
    groups = group(facets)
    assert groups.of("a").members == ("a", "b")
    assert [reason.rule for reason in groups.of("a").reasons] == [Rule.FIX]
    assert "are mended by hunk" in groups.of("a").reasons[0].sentence
