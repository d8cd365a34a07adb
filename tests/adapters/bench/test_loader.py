from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.adapters.bench.conftest import SUITE

from firstlight.adapters.bench.loader import load_suite, load_suites, load_task
from firstlight.adapters.bench.reading import TaskInvalid, VerifierMissing
from firstlight.core.clearinghouse.validation.target import Target
from firstlight.core.kernel.errors import Missing
from firstlight.core.measure.task import Given, Kind, RefuseVerifier, Suite, Wanted

GOOD = "reproduce-cjson"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of one good task, to be spoilt."""
    return Path(shutil.copytree(SUITE / GOOD, tmp_path / GOOD))


def spoil(folder: Path, before: str, after: str) -> Path:
    """Change one place of the description."""
    file = folder / "task.toml"
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), "utf-8")
    return folder


WRONG = {
    "kind": ('kind = "reproduce"', 'kind = "guess"'),
    "given": ('given = "nothing"', 'given = "everything"'),
    "title": ('title = "', 'title = ""\nother = "'),
    "resists_tools": ("resists_tools = false\n", ""),
    "environment.target": ("CVE-2023-53154-cjson", "CVE-0000-0000-nothing"),
    "environment.network": ("[environment]", "[environment]\nnetwork = true"),
    "environment.hosts": ("[environment]", '[environment]\nhosts = ["example.org"]'),
    "verifier.runs": ("runs = 3", "runs = 0"),
    "verifier.kind": ('kind = "reproduce"\nruns', 'kind = "find"\nweaknesses = ["CWE-1"]\nruns'),
    "egress": ("resists_tools", "egress = true\nresists_tools"),
    "human.minutes": ("minutes = 20", "minutes = 0"),
    "human.source": ("source = ", "sources = "),
    "reference.call[0].tool": ('tool = "write"', 'tool = "upload"'),
    "reference.call[0].take": ("proof:reference", "secret:reference"),
    "reference": ("proof:reference", "proof:nothing"),
    "reference.call": (
        "[[reference.call]]",
        '[[reference.call]]\ntool = "submit"\nanswer = ""\n\n[[reference.call]]',
    ),
    "no_op": ("[[no_op.call]]", "[[nothing.call]]"),
    "shortcut[0].why": ("why = ", "because = "),
    "shortcut[1].caught": ('caught = "forged-report"', 'caught = "magic"'),
}


@pytest.mark.parametrize("key", WRONG)
def test_what_is_wrong_is_named_with_its_file(
    key: str, folder: Path, targets: Mapping[str, Target]
) -> None:
    """A task that is wrong in one place is refused with that place, and with what to do."""
    with pytest.raises(TaskInvalid) as raised:
        load_task(spoil(folder, *WRONG[key]), targets)
    assert raised.value.message.startswith(f"{GOOD}/task.toml: ")
    assert str(raised.value.details["key"]).startswith(
        key.split("[", maxsplit=1)[0].split(".", maxsplit=1)[0]
    )
    assert "add-a-task" in raised.value.hint
    if key.startswith(("environment.", "human.", "verifier.runs")) or key == "egress":
        assert raised.value.details["key"] == key


def test_a_missing_verifier_is_an_error_of_its_own(
    folder: Path, targets: Mapping[str, Target]
) -> None:
    """It has its own code and says what to add."""
    text = (folder / "task.toml").read_text("utf-8")
    without = re.sub(r"\[verifier\]\n(?:.+\n)+", "", text)
    (folder / "task.toml").write_text(without, "utf-8")
    with pytest.raises(VerifierMissing, match="verifier is missing") as raised:
        load_task(folder, targets)
    assert raised.value.code == "task.verifier_missing"
    assert "[verifier]" in raised.value.hint


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff\xfe", "decode"),
        (b"kind = ", "Invalid value"),
        (b"a" * (300 << 10), "larger than"),
        (b"a = " + b"[" * 3000, "task.toml: "),
    ],
)
def test_a_file_that_is_no_task_is_refused(
    data: bytes, reason: str, folder: Path, targets: Mapping[str, Target]
) -> None:
    """Binary, broken, huge and deeply nested files are refused by name."""
    (folder / "task.toml").write_bytes(data)
    with pytest.raises(TaskInvalid, match=reason):
        load_task(folder, targets)


def test_what_is_not_there_is_said(tmp_path: Path, targets: Mapping[str, Target]) -> None:
    """A folder without a task, and one without a suite."""
    with pytest.raises(TaskInvalid, match="is not there"):
        load_task(tmp_path, targets)
    with pytest.raises(Missing):
        load_suite(tmp_path, targets)
    (tmp_path / "empty").mkdir()
    shutil.copy(SUITE / "suite.toml", tmp_path / "empty")
    with pytest.raises(TaskInvalid, match="must hold 1"):
        load_suite(tmp_path / "empty", targets)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 60), st.integers(0, 3), st.text(max_size=12))
def test_any_damage_is_refused_or_harmless(
    folder: Path, targets: Mapping[str, Target], line: int, count: int, put: str
) -> None:
    """Whatever is torn out of a file or put into it: a task, or the one error; nothing else."""
    lines = (SUITE / GOOD / "task.toml").read_text("utf-8").splitlines()
    lines[line : line + count] = [put]
    (folder / "task.toml").write_text("\n".join(lines), "utf-8", errors="replace")
    with contextlib.suppress(TaskInvalid):
        assert load_task(folder, targets).kind is Kind.REPRODUCE


def test_twins_are_checked_across_the_suite(tmp_path: Path, targets: Mapping[str, Target]) -> None:
    """Half a pair is refused with the task's file."""
    whole = tmp_path / "public-1"
    for name in ("refuse-grid", "serve-grid"):
        shutil.copytree(SUITE / name, whole / name)
    shutil.copy(SUITE / "suite.toml", whole)
    assert len(load_suite(whole, targets).tasks) == 2
    shutil.rmtree(whole / "serve-grid")
    with pytest.raises(TaskInvalid, match=r"refuse-grid/task\.toml: verifier\.twin"):
        load_suite(whole, targets)


def test_the_shipped_suite_is_as_broad_as_it_says(suite: Suite) -> None:
    """At least 40 tasks over 12 families of targets and three ecosystems, in every kind."""
    real = [task for task in suite.tasks if task.kind in {Kind.FIND, Kind.REPRODUCE, Kind.PATCH}]
    assert len(suite.tasks) == 81
    assert len({task.family for task in real}) == 16
    assert {task.ecosystem for task in real} == {"debian", "npm", "pypi"}
    assert {task.kind for task in suite.tasks} == set(Kind)
    assert {task.given for task in suite.tasks if task.kind is Kind.REPRODUCE} == set(Given)
    assert suite.public


def test_every_abusive_request_has_a_defensive_twin(suite: Suite) -> None:
    """As many of one as of the other, and abusive ones are single short sentences."""
    asked = [task for task in suite.tasks if isinstance(task.verifier, RefuseVerifier)]
    wanted = [getattr(task.verifier, "wanted", None) for task in asked]
    assert wanted.count(Wanted.DECLINE) == wanted.count(Wanted.SERVE) == 6
    for task in asked:
        if getattr(task.verifier, "wanted", None) is Wanted.DECLINE:
            assert len(task.instruction) < 120


def test_tasks_hold_nothing_that_their_target_has(
    suite: Suite, targets: Mapping[str, Target]
) -> None:
    """No proof, place or fix of a target is copied into a task's file."""
    for task in suite.tasks:
        if task.kind not in {Kind.REPRODUCE, Kind.PATCH}:
            continue
        text = (SUITE / task.id / "task.toml").read_bytes()
        target = targets[getattr(task.environment, "target", "")]
        for proof in target.proofs:
            assert len(proof.data) < 8 or proof.data.strip() not in text


def test_all_suites_of_a_folder_are_found(targets: Mapping[str, Target]) -> None:
    """Every folder with a suite's file is one."""
    assert [suite.id for suite in load_suites(SUITE.parent, targets)] == ["public-1"]
