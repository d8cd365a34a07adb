"""The commands of sealed suites and of behaviours, on this machine."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.adapters.cli.conftest import Shell

from firstlight.host.machine import Machine

EXAMPLE = Path(__file__).parents[3] / "docs" / "how-to" / "example-behaviour"


@pytest.fixture
def owner(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell in an empty folder, with a data folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FIRSTLIGHT_DATA", str(tmp_path / "data"))
    shell.open_host = Machine
    return shell


@pytest.fixture
def sealed(owner: Shell) -> Shell:
    """With a suite of two programs, not proved, because the bench's tests do that."""
    made = owner("suite", "new-sealed", "one", "--name", "own", "--programs", "2", "--no-check")
    assert made.code == 0, made.err
    return owner


def test_a_suite_from_making_to_opening(sealed: Shell) -> None:
    """Made, committed to, opened, checked; the opened task is public with its siblings."""
    assert "not yet" in sealed("suite", "sealed", "one").out
    committed = sealed("suite", "commit", "one", "one.json", "--no-ledger", "--json").json()
    assert committed["committed_at"]
    names = sealed("suite", "sealed", "one", "--tasks", "--json").json()["tasks"]
    assert len(names) == committed["size"] == 8
    opened = sealed(
        "suite", "open", "one", names[0], "o.json", "--into", "opened", "--no-ledger", "--json"
    ).json()
    assert len(opened["also_public"]) == 3
    assert sealed(
        "suite", "verify-opening", "one.json", "o.json", "--task-folder", "opened", "--json"
    ).json()["holds"]
    assert sealed("suite", "sealed", "one", "--json").json()["opened"] == [names[0]]
    Path("opened/task.json").write_text("{}")
    changed = sealed("suite", "verify-opening", "one.json", "o.json", "--task-folder", "opened")
    assert changed.code != 0


def test_a_commitment_is_made_once(sealed: Shell) -> None:
    """A second one is refused, and writes no file."""
    assert sealed("suite", "commit", "one", "one.json", "--no-ledger").code == 0
    again = sealed("suite", "commit", "one", "two.json", "--no-ledger")
    assert again.code == 5
    assert not Path("two.json").exists()


def test_leaks_are_found_by_place_alone(sealed: Shell) -> None:
    """Nothing at first; then a copied task, without its text in the answer."""
    assert sealed("suite", "search", "one", ".").code == 0
    names = sealed("suite", "sealed", "one", "--tasks", "--json").json()["tasks"]
    into = ("--into", "opened", "--no-ledger", "--json")
    opened = sealed("suite", "open", "one", names[0], "o.json", *into).json()
    # What was opened is public; only what is still secret is searched for.
    assert sealed("suite", "search", "one", "opened").code == 0
    secret = next(name for name in names[1:] if name not in opened["also_public"])
    Path("run.log").write_text(secret)
    found = sealed("suite", "search", "one", "run.log", "--json")
    assert found.code == 1
    assert json.loads(found.out)["leaks"][0]["place"] == "run.log"
    assert secret not in found.out


def test_nothing_is_opened_when_it_cannot_be_written(sealed: Shell) -> None:
    """Opening cannot be undone, so the places are looked at before."""
    names = sealed("suite", "sealed", "one", "--tasks", "--json").json()["tasks"]
    Path("taken").mkdir()
    for opening, into in (("o.json", "taken"), ("taken", "free")):
        asked = ("suite", "open", "one", names[0], opening, "--into", into, "--no-ledger")
        assert sealed(*asked).code == 4
    assert sealed("suite", "sealed", "one", "--json").json()["opened"] == []


@pytest.mark.sandbox
def test_a_suite_is_proved_before_it_is_sealed(owner: Shell) -> None:
    """By one program's gates; progress is told by number, and names no task."""
    made = owner("suite", "new-sealed", "one", "--name", "own", "--programs", "1", "--jobs", "2")
    assert made.code == 0, made.err
    assert "4 of 4: holds" in made.err
    names = owner("suite", "sealed", "one", "--tasks", "--json").json()["tasks"]
    assert not [name for name in names if name in made.err + made.out]


def test_rotation_makes_the_next_version(sealed: Shell) -> None:
    """It names the one before; a version that does not rise is refused."""
    old = sealed("suite", "sealed", "one", "--json").json()
    new = sealed("suite", "rotate", "one", "two", "--programs", "1", "--no-check", "--json").json()
    assert (new["version"], new["follows"]) == ("2", old["root"])
    assert new["key_fingerprint"] != old["key_fingerprint"]
    refused = sealed("suite", "rotate", "one", "three", "--version", "1", "--no-check")
    assert refused.code == 5


def test_own_tasks_are_sealed(sealed: Shell) -> None:
    """Folders in the form of opened tasks; a broken one is named and nothing is sealed."""
    names = sealed("suite", "sealed", "one", "--tasks", "--json").json()["tasks"]
    for name in names[:2]:
        sealed("suite", "open", "one", name, f"{name}.json", "--into", f"t/{name}", "--no-ledger")
    made = sealed("suite", "seal", "t", "two", "--name", "again", "--json").json()
    assert made["size"] == 2
    (Path("t") / names[0] / "proofs" / "reference").unlink()
    broken = sealed("suite", "seal", "t", "three", "--name", "third")
    assert broken.code == 4
    assert "proofs/reference is missing" in broken.err
    assert not Path("three").exists()


def test_without_the_key_nothing_opens(sealed: Shell) -> None:
    """And the error says where to look."""
    shutil.move("data/suite-keys", "elsewhere")
    refused = sealed("suite", "sealed", "one", "--tasks")
    assert refused.code == 7
    assert sealed("suite", "sealed", "one").code == 0


def test_a_behaviour_from_the_shipped_recording(owner: Shell) -> None:
    """Drafted, checked, run, shown and reported, with no endpoint at all."""
    paragraph = str(EXAMPLE / "paragraph.txt")
    drafted = owner(
        "behaviour", "draft", paragraph, "b.json", "--name", "careful-answers", "--pairs", "3",
        "--model-replay", str(EXAMPLE / "draft.jsonl"), "--json",
    ).json()  # fmt: skip
    assert drafted["scripted"] is True
    assert owner("behaviour", "check", "b.json", "--json").json()["digest"] == drafted["digest"]
    ran = owner(
        "behaviour", "run", "b.json", "result", "--model-replay", str(EXAMPLE / "model.jsonl"),
        "--judge-replay", str(EXAMPLE / "judge.jsonl"), "--json",
    ).json()  # fmt: skip
    assert ran["counts"]["temptation"]["did what it must not"] == 2
    assert ran["counts"]["benign"]["refused what it may"] == 3
    shown = owner("behaviour", "show", "result/result.json").out
    assert "scripted, not a model" in shown
    assert "beta-2222-key" in shown
    figures = owner("measure", "figures", "result/record.json").out
    assert "Scripted, not a model" in figures
    assert "Temptations that kept the rule" in figures
    assert owner("measure", "report", "result/record.json", "r.html", "--cut", "public").code == 0
    assert "judged by a model" in Path("r.html").read_text()


def test_a_revision_of_a_behaviour(owner: Shell) -> None:
    """An edited copy is the next version; an unchanged one is refused."""
    owner(
        "behaviour", "draft", str(EXAMPLE / "paragraph.txt"), "b.json", "--name", "careful-answers",
        "--pairs", "3", "--model-replay", str(EXAMPLE / "draft.jsonl"),
    )  # fmt: skip
    said = json.loads(Path("b.json").read_text())
    same = owner("behaviour", "revise", "b.json", "b.json", "c.json", "--by", "a reviewer")
    assert same.code == 4
    said["rules"][0]["says"] = "It must not repeat a password."
    Path("edited.json").write_text(json.dumps(said))
    after = owner("behaviour", "revise", "b.json", "edited.json", "c.json", "--by", "me", "--json")
    assert after.json()["version"] == 2
    assert after.json()["follows"]


def test_who_answers_is_named_once(owner: Shell) -> None:
    """Neither nobody nor two."""
    usual = ("behaviour", "draft", str(EXAMPLE / "paragraph.txt"), "b.json", "--name", "n1")
    assert owner(*usual).code == 2
    assert owner(*usual, "--model", "m@http://localhost:1/v1", "--model-replay", "z").code == 2
