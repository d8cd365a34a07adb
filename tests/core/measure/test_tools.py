from __future__ import annotations

import contextlib
import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.measure.tools import (
    ANSWER_BYTES,
    COMMAND_BYTES,
    FILE_BYTES,
    TOOLS,
    MalformedCall,
    Read,
    Run,
    Submit,
    Tool,
    Write,
    parse,
    readable,
    writable,
)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
names = st.sampled_from(["command", "path", "text", "answer", "else"])


@given(
    st.sampled_from(["run", "read", "write", "submit", "", "exec"]),
    st.dictionaries(names, anything, max_size=3),
)
def test_whatever_a_model_writes_is_a_call_or_a_malformed_one(
    tool: str, arguments: dict[str, object]
) -> None:
    """Nothing else happens to another person's protocol, to nonsense or to lone surrogates."""
    with contextlib.suppress(MalformedCall):
        call = parse(tool, arguments)
        assert isinstance(call, Run | Read | Write | Submit)
        assert call.tool == tool


@given(st.text(alphabet="ab./\0", min_size=0, max_size=12))
def test_nothing_is_written_outside_the_box(path: str) -> None:
    """A path that is accepted stays below the box however it is written."""
    try:
        inner = writable(path)
    except MalformedCall:
        return
    whole = posixpath.normpath(posixpath.join("/box", inner))
    assert whole.startswith("/box/")
    assert inner == posixpath.normpath(inner)


def test_the_good_calls_are_read() -> None:
    """Each tool has one form, and submitting has two."""
    assert parse("run", {"command": "id"}) == Run(command="id")
    assert parse("read", {"path": "a"}) == Read(path="/box/a")
    assert parse("write", {"path": "/box/a", "text": "x"}) == Write(path="a", data=b"x")
    assert parse("submit", {"answer": "x"}) == Submit(answer=b"x")
    assert parse("submit", {"path": "a"}) == Submit(answer=None, path="a")
    assert readable("/target/x") == "/target/x"


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_tools_are_as_they_are_told(tool: Tool) -> None:
    """What is needed is enough, leaving one out is malformed, and so is one more."""
    needed = dict.fromkeys(tool.needed or ("answer",), "a")
    assert parse(tool.name, needed).tool == tool.name
    for name in needed:
        with pytest.raises(MalformedCall):
            parse(tool.name, {other: "a" for other in needed if other != name})
    with pytest.raises(MalformedCall):
        parse(tool.name, {**needed, "network": "a"})
    assert set(needed) <= set(tool.arguments)


@pytest.mark.parametrize(
    ("tool", "name", "most"),
    [("run", "command", COMMAND_BYTES), ("submit", "answer", ANSWER_BYTES)],
)
def test_megabytes_are_refused(tool: str, name: str, most: int) -> None:
    """What is one byte too long is malformed, and what just fits is a call."""
    assert parse(tool, {name: "x" * most})
    with pytest.raises(MalformedCall, match="longer"):
        parse(tool, {name: "x" * (most + 1)})


def test_a_file_of_megabytes_is_refused() -> None:
    """Writing is bounded as well."""
    with pytest.raises(MalformedCall, match="longer"):
        parse("write", {"path": "a", "text": "x" * (FILE_BYTES + 1)})
