"""Counting: the same figures however the bytes are cut, and bounded memory whatever passes."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from benchmarks.gateway import recorded
from hypothesis import given
from hypothesis import strategies as st

from firstlight.adapters.gateway.dialects import PATHS
from firstlight.adapters.gateway.limits import GatewayLimits
from firstlight.adapters.gateway.usage import Meter
from firstlight.core.review.artefacts import Dialect
from firstlight.core.review.spending import Counted, Prices, Usage

OPTIONS: recorded.Object = {"stream_options": {"include_usage": True}}
REPORTED = Usage(input_tokens=11, output_tokens=9, counted=Counted.REPORTED)


def meter(*, events: bool, **limits: int) -> Meter:
    """A fresh one."""
    return Meter(request_bytes=400, events=events, limits=GatewayLimits(**limits))


def pieces(whole: bytes, cuts: list[int]) -> list[bytes]:
    """`whole` in pieces."""
    places = [0, *sorted(cut % (len(whole) + 1) for cut in cuts), len(whole)]
    return [whole[a:b] for a, b in pairwise(places)]


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
@given(cuts=st.lists(st.integers(0, 10_000), max_size=30))
def test_a_stream_counts_the_same_however_it_is_cut(
    dialect: Dialect, line_end: bytes, cuts: list[int]
) -> None:
    """Figures and boundary do not depend on how the network cuts the bytes."""
    whole = b"".join(recorded.stream(PATHS[dialect], "m", OPTIONS, 9)).replace(b"\n", line_end)
    one = meter(events=True)
    for piece in pieces(whole, cuts):
        one.feed(piece)
    assert one.usage(complete=True) == REPORTED
    assert one.between_events
    assert one.bytes == len(whole)


@pytest.mark.parametrize("dialect", Dialect)
@given(cuts=st.lists(st.integers(0, 10_000), max_size=10))
def test_a_whole_answer_counts_the_same_however_it_is_cut(
    dialect: Dialect, cuts: list[int]
) -> None:
    """Likewise when it is not streamed."""
    one = meter(events=False)
    for piece in pieces(recorded.whole(PATHS[dialect], "m", {}), cuts):
        one.feed(piece)
    assert one.usage(complete=True) == REPORTED


@given(cut=st.integers(0, 4000))
def test_between_events_only_after_a_blank_line(cut: int) -> None:
    """In the middle of an event nothing of ours could follow."""
    whole = b"".join(recorded.stream(PATHS[Dialect.ANTHROPIC_MESSAGES], "m", {}, 9))[:cut]
    one = meter(events=True)
    one.feed(whole)
    assert one.between_events == (not whole or whole.endswith(b"\n\n"))


def test_a_message_that_breaks_off_is_estimated() -> None:
    """The first event of a message speaks of one output token; many more have passed."""
    events = list(recorded.stream(PATHS[Dialect.ANTHROPIC_MESSAGES], "m", {}, 50))[:-3]
    one = meter(events=True)
    one.feed(b"".join(events))
    usage = one.usage(complete=False)
    assert (usage.counted, usage.input_tokens) == (Counted.ESTIMATED, 11)
    assert usage.output_tokens >= 50


@pytest.mark.parametrize(
    "document",
    [
        b'{"usage": "none"}',
        b'{"usage": {"prompt_tokens": -5, "completion_tokens": 1e400}}',
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"usage": null}',
    ],
)
def test_what_cannot_be_read_is_estimated(document: bytes) -> None:
    """Nonsense is no error of ours, and counts as nothing that it says."""
    for events in (False, True):
        one = meter(events=events)
        one.feed(b"data: " + document + b"\n\n" if events else document)
        usage = one.usage(complete=True)
        assert usage.counted is Counted.ESTIMATED
        assert usage.input_tokens == 100
        assert usage.output_tokens >= 0


@pytest.mark.parametrize("events", [False, True])
def test_memory_is_bounded(*, events: bool) -> None:
    """A line or an answer without end is let go, and what follows is read again."""
    one = meter(events=events, event_line=1000, whole_answer=1000)
    for _ in range(100):
        one.feed(b"x" * 100)
    assert len(one._held) <= 1000
    figures = json.dumps({"usage": {"input_tokens": 3, "output_tokens": 4}}).encode()
    one.feed(b"\ndata: " + figures + b"\n\n")
    found = Counted.REPORTED if events else Counted.ESTIMATED
    assert one.usage(complete=True).counted is found


@given(read=st.integers(0, 10**9), wrote=st.integers(0, 10**9), price=st.integers(0, 10**9))
def test_cost_is_rounded_up_and_never_less_than_exact(read: int, wrote: int, price: int) -> None:
    """Whole millionths; at most one more than exact."""
    usage = Usage(input_tokens=read, output_tokens=wrote, counted=Counted.REPORTED)
    cost, exact = Prices(input=price, output=2 * price).cost(usage), price * (read + 2 * wrote)
    assert 0 <= cost * 1_000_000 - exact < 1_000_000


@pytest.mark.parametrize("dialect", PATHS)
def test_a_stream_is_finished_with_its_last_event_and_not_before(dialect: Dialect) -> None:
    """Cut anywhere before its end it goes on; whoever has the last event has missed nothing."""
    whole = b"".join(recorded.stream(PATHS[dialect], "m", OPTIONS, 9))
    for cut in range(len(whole) + 1):
        seen = meter(events=True)
        seen.feed(whole[:cut])
        assert seen.finished is (cut == len(whole)), whole[:cut][-80:]
