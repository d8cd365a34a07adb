"""A commitment binds every task, and an opening shows one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.kernel.errors import Invalid, Missing
from firstlight.core.measure.commitment import (
    CommitmentBroken,
    TaskSecret,
    check_opening,
    commit,
    masked,
    open_task,
)

SUITES = st.integers(1, 20).map(
    lambda count: [
        TaskSecret(task=f"task-{n}", digest=f"{n:064x}", salt=bytes([n * 7 % 251]) * 32)
        for n in range(count)
    ]
)


@given(SUITES, st.data())
def test_every_task_can_be_shown(secrets: list[TaskSecret], data: st.DataObject) -> None:
    """Each task of any suite opens under its root, in whatever order they were named."""
    committed = commit("s", "1", secrets)
    assert committed == commit("s", "1", secrets[::-1])
    one = data.draw(st.sampled_from(secrets))
    check_opening(committed, open_task("s", "1", secrets, one.task))


@given(SUITES, st.data())
def test_no_other_task_passes(secrets: list[TaskSecret], data: st.DataObject) -> None:
    """Another name, content, salt, place, path, suite, version or size is noticed."""
    committed = commit("s", "1", secrets)
    opening = open_task("s", "1", secrets, data.draw(st.sampled_from(secrets)).task)
    wrong = [
        (committed, replace(opening, task="other")),
        (committed, replace(opening, digest="f" * 64)),
        (committed, replace(opening, salt=b"x" * 32)),
        (committed, replace(opening, index=opening.index + 1)),
        (committed, replace(opening, path=(*opening.path, b"y" * 32))),
        (replace(committed, suite="t"), opening),
        (replace(committed, version="2"), opening),
        (replace(committed, size=committed.size * 4 + 1), opening),
        (replace(committed, root="0" * 64), opening),
        (replace(committed, root="zz"), opening),
    ]
    for here, shown in wrong:
        with pytest.raises(CommitmentBroken):
            check_opening(here, shown)


def test_an_unknown_task_cannot_be_opened() -> None:
    """It is missing; and a suite needs tasks, each named once."""
    one = TaskSecret(task="a", digest="0" * 64, salt=b"s" * 32)
    with pytest.raises(Missing):
        open_task("s", "1", [one], "b")
    for secrets in ([], [one, one]):
        with pytest.raises(Invalid):
            commit("s", "1", secrets)


def test_a_task_has_another_name_in_each_run() -> None:
    """The same within a run; without the key nobody can tell which is which."""
    here, there = b"k" * 32, b"l" * 32
    assert masked("a", here) == masked("a", here) != masked("a", there)
    assert masked("a", here) != masked("b", here)
    with pytest.raises(ValueError, match="32 bytes"):
        masked("a", b"short")
