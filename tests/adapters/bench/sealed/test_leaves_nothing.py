"""Whatever a run leaves on disk holds no text of a sealed task, in no usual encoding."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from tests.adapters.bench.sealed.conftest import small

from firstlight.adapters.bench.sealed.folder import SealedSuite
from firstlight.adapters.bench.sealed.leaks import Search, needles_of

pytestmark = pytest.mark.sandbox
_DRIVER = Path(__file__).parent / "driver.py"
_MEMORY = Path("/dev/shm")  # noqa: S108  # the tmpfs of the default setting


def test_a_run_leaves_no_text_of_a_task(sealed: SealedSuite, tmp_path: Path) -> None:
    """Data folder, temporary files, logs, caches, output, evidence: all searched, nothing found.

    The run is real: a runner, a sandbox, a watcher; players who copy, print and encode the
    sources; the run's log at its most talkative. The search is shown to find a planted piece.
    """
    places = {name: tmp_path / name for name in ("data", "temporary", "kept", "home")}
    for place in places.values():
        place.mkdir()
    sealed.folder.parent.joinpath("keys").rename(places["data"] / "suite-keys")
    before = {path.name for path in _MEMORY.iterdir()}
    program = [sys.executable, "-m", "firstlight"]
    _run(places, [*program, "migrate"])
    _run(places, [*program, "suite", "commit", str(sealed.folder), "commitment.json"])
    _run(places, [sys.executable, "-X", "dev", str(_DRIVER), str(sealed.folder), "../kept"])
    _came_to_something(places["kept"])
    search = Search(needles_of(small())).through(tmp_path)
    assert search.leaks == ()
    assert search.unread == ()
    assert search.files > 60
    assert (places["data"] / "measurements" / "sealed-run").is_dir(), "no evidence was searched"
    assert (places["data"] / "firstlight.sqlite3").is_file(), "no database was searched"
    new = {path.name for path in _MEMORY.iterdir()} - before
    assert not [name for name in new if name.startswith("firstlight-sealed-")]
    _finds_what_is_there(tmp_path)


def _run(places: Mapping[str, Path], command: Sequence[str]) -> None:
    """A process of its own, which finds its data, temporary files and home in these places."""
    done = subprocess.run(
        command,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(__file__).parents[4]),
            "FIRSTLIGHT_DATA": str(places["data"]),
            "TMPDIR": str(places["temporary"]),
            "HOME": str(places["home"]),
        },
        cwd=places["home"],
        capture_output=True,
        timeout=300,
        check=False,
    )
    with (places["kept"] / "output").open("ab") as file:
        file.write(done.stdout + done.stderr)
    assert done.returncode == 0, done.stderr.decode()[-2000:]


def _came_to_something(kept: Path) -> None:
    """Otherwise nothing was there that could have leaked."""
    kinds = [json.loads(path.read_bytes())["kind"] for path in sorted(kept.glob("*.json"))]
    assert len(kinds) == 24
    assert kinds[1::3] == ["solved"] * 8
    assert set(kinds[0::3]) | set(kinds[2::3]) == {"failed"}


def _finds_what_is_there(folder: Path) -> None:
    """The control: the same search over the same folder, with one piece planted."""
    (folder / "data" / "control.log").write_bytes(small()[4]["vulnerable/" + _file()])
    assert Search(needles_of(small())).through(folder).leaks


def _file() -> str:
    found: str = json.loads(small()[4]["task.json"])["file"]
    return found
