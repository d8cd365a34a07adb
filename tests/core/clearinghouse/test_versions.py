"""Orders of versions: laws for every ecosystem, and each ecosystem's own published examples."""

from __future__ import annotations

import shutil
import subprocess
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from univers.versions import NugetVersion

from firstlight.core.clearinghouse.versions import (
    ECOSYSTEMS,
    BadVersion,
    Event,
    Key,
    affected,
    intervals,
    order_of,
)

ASCENDING = {
    "PyPI": "1.dev0 1.0a1 1.0b1 1.0rc1 1.0 1.0+local 1.0.post1 1.1.dev1 1.1 1.10 2 1!0.5",
    "npm": (
        "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 "
        "1.0.0-rc.1 1.0.0 1.0.1 1.2.0 1.10.0 2.0.0"
    ),
    "crates.io": "0.1.0-alpha.1 0.1.0 0.1.2 0.1.10 1.0.0-rc.9 1.0.0-rc.10 1.0.0",
    "Go": (
        "v0.0.0-20190101000000-abcdefabcdef v0.1.0 v1.0.0-rc.1 v1.0.0 "
        "v1.0.1-0.20200101000000-abcdefabcdef v1.0.1 v1.10.0 v2.0.0+incompatible"
    ),
    "Hex": "1.0.0-dev 1.0.0-rc.0 1.0.0 1.0.1",
    "Pub": "1.0.0-dev.1 1.0.0 1.2.3",
    "SwiftURL": "0.9.0 1.0.0-beta 1.0.0",
    "Maven": (
        "1-alpha-1 1-alpha2 1-beta 1-milestone 1-rc 1-SNAPSHOT 1 1-sp 1-foo 1-1 1.1 1.2 1.10 2.0"
    ),
    "RubyGems": "1.0.a 1.0.a.2 1.0.b1 1.0.pre 1.0.rc1 1.0 1.0.1 1.2 1.10",
    "NuGet": "1.0.0-alpha 1.0.0-alpha.1 1.0.0-ALPHA.2 1.0.0-beta 1.0.0 1.0.0.1 1.0.1 1.0.1.2",
    "Debian": "0~~ 0~rc1 0 0+b1 0.1 0.1-1 0.1-1.1 1.0~beta 1.0 1.0a 1:0.1 2:0",
    "Ubuntu": "1.0-0ubuntu1~20.04 1.0-0ubuntu1 1.0-0ubuntu1.1 1.0-1",
    "Alpine": (
        "1.0_alpha 1.0_alpha1 1.0_beta 1.0_pre1 1.0_rc1 1.0 1.0-r1 1.0-r2 1.0_p1 1.0.1 1.0.2a "
        "1.0.2b 1.1 1.10"
    ),
    "Packagist": (
        "1.0.0-dev 1.0.0-alpha1 1.0.0-alpha2 1.0.0-alpha10 1.0.0-beta1 1.0.0-RC1 1.0.0-RC2 1.0.0 "
        "1.0.0-p1 1.0.0-patch2 1.0.0.1 1.0.1 v1.10 2.0"
    ),
}
"""for each ecosystem, versions from the oldest to the newest, after its own documentation"""

EQUAL = {
    "PyPI": ("1.0", "1.0.0", "v1.0", "1"),
    "npm": ("1.0.0", "1.0.0+build", "v1.0.0"),
    "Maven": ("1", "1.0", "1.0.0", "1-ga", "1-final"),
    "RubyGems": ("1", "1.0", "1.0.0"),
    "NuGet": ("1.0", "1.0.0", "1.0.0.0", "1.0.0+build"),
    "Debian": ("1.0", "0:1.0", "1.0-0"),
    "Packagist": ("1.0", "v1.0.0", "1.0.0.0", "1.0.0-stable"),
}

BAD = {
    "PyPI": ("", "one", "1..0", "2004d", "1.0 beta x"),
    "npm": ("", "latest", "1.2.3.4", "01.0.0", "1.0.0-"),
    "Packagist": ("", "dev-main", "x"),
    "NuGet": ("", "latest"),
    "Go": ("", "master"),
}

numbers = st.integers(0, 30).map(str)
words = st.sampled_from(["a", "b", "rc", "alpha", "beta", "dev", "pre", "SNAPSHOT", "p", "x"])
separators = st.sampled_from([".", "-", "+", "~", "_", ":"])


def shapes(ecosystem: str) -> st.SearchStrategy[str]:
    """Versions as the ecosystem has them, and near misses."""
    free = st.lists(st.one_of(numbers, words, separators), min_size=1, max_size=8).map("".join)
    dotted = st.lists(numbers, min_size=1, max_size=4).map(".".join)
    ended = st.builds("{}{}{}{}".format, dotted, separators, words, st.just("") | numbers)
    return st.one_of(st.sampled_from(ASCENDING[ecosystem].split()), dotted, ended, free)


def key(ecosystem: str, text: str) -> Key:
    """The key of a version that the ecosystem can read."""
    order = order_of(ecosystem)
    assert order is not None
    try:
        return order(text)
    except BadVersion:
        assume(False)
        raise


def test_the_examples_cover_every_ecosystem() -> None:
    """An ecosystem without examples would be ordered by hope."""
    assert set(ASCENDING) == ECOSYSTEMS


@pytest.mark.parametrize("ecosystem", sorted(ECOSYSTEMS))
def test_the_ecosystem_s_own_examples_ascend(ecosystem: str) -> None:
    """Each is older than every later one, and not the other way round."""
    keys = [key(ecosystem, text) for text in ASCENDING[ecosystem].split()]
    for index, older in enumerate(keys):
        for newer in keys[index + 1 :]:
            assert older < newer
            assert not newer < older


@pytest.mark.parametrize("ecosystem", sorted(EQUAL))
def test_spellings_of_one_version_are_equal(ecosystem: str) -> None:
    """Neither is older."""
    for one, other in pairwise(EQUAL[ecosystem]):
        first, second = key(ecosystem, one), key(ecosystem, other)
        assert not first < second
        assert not second < first


@pytest.mark.parametrize("ecosystem", sorted(BAD))
def test_what_is_no_version_is_refused(ecosystem: str) -> None:
    """With the words of the ecosystem, and never by another error."""
    order = order_of(ecosystem)
    assert order is not None
    for text in (*BAD[ecosystem], "1" * 300, "1.0\0", "1.0\n"):
        with pytest.raises(BadVersion):
            order(text)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), ecosystem=st.sampled_from(sorted(ECOSYSTEMS)))
def test_the_order_is_total(data: st.DataObject, ecosystem: str) -> None:
    """Of any three versions: one relation for each pair, and no circle."""
    a, b, c = (key(ecosystem, data.draw(shapes(ecosystem))) for _ in range(3))
    for one, other in ((a, b), (b, c), (a, c)):
        assert not (one < other < one)
    if a < b < c:
        assert a < c
    if not a < b and not b < c:
        assert not a < c


@settings(max_examples=200, deadline=None)
@given(
    data=st.data(),
    ecosystem=st.sampled_from(sorted(ECOSYSTEMS)),
    cuts=st.sets(st.integers(0, 6), max_size=6),
    closed=st.booleans(),
    shuffled=st.randoms(use_true_random=False),
)
def test_ranges_agree_with_enumeration(
    data: st.DataObject, ecosystem: str, cuts: set[int], *, closed: bool, shuffled: object
) -> None:
    """Walking through all versions in order, a switch on at each introduction and off at each end.

    Whatever the order in which the events are written.
    """
    texts = ASCENDING[ecosystem].split()
    keys = [key(ecosystem, text) for text in texts]
    places = sorted(cut for cut in cuts if cut < len(texts))
    events: list[Event] = []
    expected: set[int] = set()
    for number, (begin, end) in enumerate(pairwise([*places, len(texts)])):
        if number % 2:
            continue
        start = None if begin == 0 and data.draw(st.booleans()) else keys[begin]
        events.append(Event("introduced", start))
        last = end == len(texts)
        if closed and not last:
            events.append(Event("last_affected", keys[end]))
        elif not last:
            events.append(Event("fixed", keys[end]))
        expected |= set(range(begin, end + 1 if closed and not last else end))
    shuffled.shuffle(events)  # type: ignore[attr-defined]
    if places and closed:
        assume(not _touching(places, len(texts)))
    assert {n for n, one in enumerate(keys) if affected(one, events)} == expected


def _touching(places: list[int], count: int) -> bool:
    """Whether a closed range would reach into the next one's beginning."""
    spans = list(pairwise([*places, count]))[::2]
    return any(end == begin for (_, end), (begin, _) in pairwise(spans))


@settings(max_examples=200, deadline=None)
@given(
    ecosystem=st.sampled_from(sorted(ECOSYSTEMS)),
    drawn=st.lists(
        st.tuples(
            st.sampled_from(["introduced", "fixed", "last_affected"]), st.none() | st.integers(0, 7)
        ),
        max_size=7,
    ),
)
def test_intervals_say_the_same_as_events(
    ecosystem: str, drawn: list[tuple[str, int | None]]
) -> None:
    """For any events, however little sense they make, at every version."""
    keys = [key(ecosystem, text) for text in ASCENDING[ecosystem].split()]
    events = [
        Event(kind, None if at is None and kind == "introduced" else keys[(at or 0) % len(keys)])
        for kind, at in drawn
    ]
    made = intervals(events)
    for one in keys:
        inside = any(
            (span.low is None or not one < span.low)
            and (span.high is None or one < span.high or (span.closed and not span.high < one))
            for span in made
        )
        assert inside == affected(one, events)


def test_a_range_of_one_version_holds_that_version_alone() -> None:
    """Introduced and last affected at the same version."""
    one, two = key("PyPI", "1.5"), key("PyPI", "1.6")
    events = [Event("introduced", one), Event("last_affected", one)]
    assert affected(one, events)
    assert not affected(two, events)


def test_ranges_that_meet_leave_no_gap() -> None:
    """Fixed in 1.5 and introduced again in 1.5: 1.5 is affected."""
    at = key("PyPI", "1.5")
    events = [Event("introduced", None), Event("fixed", at), Event("introduced", at)]
    assert affected(at, events)


def test_a_limit_bounds_everything() -> None:
    """Beyond the limit nothing is affected; `*` is no limit."""
    events = [Event("introduced", None), Event("limit", key("npm", "2.0.0"))]
    assert affected(key("npm", "1.9.9"), events)
    assert not affected(key("npm", "2.0.0"), events)
    assert affected(key("npm", "2.0.0"), [*events, Event("limit", None)])


@settings(max_examples=150, deadline=None)
@given(st.lists(shapes("NuGet"), min_size=2, max_size=2))
def test_nuget_agrees_with_the_library(texts: list[str]) -> None:
    """A second implementation, slower, of the same rules."""
    one, other = (key("NuGet", text) for text in texts)
    assume(all(text.isascii() for text in texts))
    assert (one < other) == (NugetVersion(texts[0]) < NugetVersion(texts[1]))


def test_an_unknown_ecosystem_has_no_order() -> None:
    """It is not guessed."""
    assert order_of("Nowhere") is None
    assert order_of("Debian:12") is not None


@settings(max_examples=40, deadline=None)
@given(st.lists(shapes("Debian"), min_size=2, max_size=2))
def test_debian_agrees_with_dpkg(texts: list[str]) -> None:
    """The reference decides."""
    dpkg = shutil.which("dpkg")
    if dpkg is None:
        pytest.skip("needs dpkg")
    one, other = (key("Debian", text) for text in texts)
    told = subprocess.run(
        [dpkg, "--compare-versions", texts[0], "lt", texts[1]], check=False, capture_output=True
    )
    assume(told.stderr == b"")  # what dpkg itself finds malformed is nobody's order
    assert (told.returncode == 0) == (one < other)
