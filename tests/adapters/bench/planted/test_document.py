"""The files of a planted task: what is refused, and that memory and folder have one digest."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstlight.adapters.bench.planted.document import (
    PlantedTaskInvalid,
    describe,
    digest_of,
    documents,
)
from firstlight.adapters.bench.planted.reading import read
from firstlight.adapters.cli.suite_files import folder_digest, write_folder
from firstlight.core.kernel.errors import Invalid
from firstlight.core.measure.planted.draws import Draws
from firstlight.core.measure.planted.generate import SHAPES, programs

FILES = documents(SHAPES["fold"](Draws(bytes(32), "one")), ["a-1", "a-2", "a-3", "a-4"])[0]
PATHS = st.lists(
    st.lists(st.sampled_from(["a", "b", "a.b", "Z", "0"]), min_size=1, max_size=3).map("/".join),
    min_size=1,
    max_size=8,
    unique=True,
)


@settings(max_examples=60)
@given(PATHS, st.binary(max_size=20))
def test_memory_and_folder_have_one_digest(paths: list[str], data: bytes) -> None:
    """An opened task is compared with what was committed to while it was never a folder."""
    files = {one: data for one in paths if not any(two.startswith(f"{one}/") for two in paths)}

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "task"
        write_folder(folder, files)
        assert folder_digest(folder) == digest_of(files)


@given(st.binary(min_size=32, max_size=32))
@settings(max_examples=10, deadline=None)
def test_every_generated_task_can_be_read(seed: bytes) -> None:
    """Each of every shape; its name in a run is the one that the run gives it."""
    for number, program in enumerate(programs(seed, len(SHAPES))):
        for files in documents(program, [f"t{number}-{part}" for part in range(4)]):
            made = read(files, name="masked-name", family="masked-family")
            assert (made.task.id, made.task.family) == ("masked-name", "masked-family")
            assert made.target.id == "masked-name"
            assert made.task.public_since is None
            assert len(made.sources) == 2
            assert program.canary not in repr(made)


@pytest.mark.parametrize(
    "change",
    [
        {"task.json": None},
        {"task.json": b"{}"},
        {"task.json": b"not json"},
        {"task.json": b"\xff"},
        {"proofs/reference": None},
        {"proofs/harmless": None},
        {"../outside": b""},
        {"/absolute": b""},
        {"a//b": b""},
        {".hidden": b""},
        {"big": b"x" * (17 << 20)},
    ],
)
def test_files_that_cannot_be_used_are_refused(change: dict[str, bytes | None]) -> None:
    """Each is wrong in one way; the error names a file."""
    files = {name: data for name, data in {**FILES, **change}.items() if data is not None}
    with pytest.raises(Invalid):
        describe(files)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", "firstlight-planted-task-2"),
        ("kind", "escalate"),
        ("given", "everything"),
        ("language", "cobol"),
        ("minutes", "ten"),
        ("minutes", 0),
        ("cwe", "bounds"),
        ("network", "all"),
        ("file", "absent.c"),
    ],
)
def test_a_key_that_is_wrong_is_refused(key: str, value: object) -> None:
    """An unknown key as well, so that no task can ask for what there is not."""
    said = json.loads(FILES["task.json"]) | {key: value}
    with pytest.raises(PlantedTaskInvalid):
        read({**FILES, "task.json": json.dumps(said).encode()})
