"""The folder in which sealed tasks are built: in memory, private, gone afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from firstlight.adapters.bench.sealed.memory import NoMemoryFolder, memory_folder, unfit

MEMORY = Path("/dev/shm")  # noqa: S108  # the tmpfs of the default setting
_HOLD = """
import sys
from pathlib import Path
from firstlight.adapters.bench.sealed.memory import memory_folder
with memory_folder(Path("/dev/shm")) as folder:
    (folder / "task").write_text("a task")
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_it_is_private_and_gone_afterwards() -> None:
    """Nobody else reads it, and neither it nor its lock stays."""
    with memory_folder(MEMORY) as folder:
        (folder / "inside").mkdir()
        assert folder.stat().st_mode & 0o077 == 0
        assert folder.with_suffix(".lock").exists()
    assert not folder.exists()
    assert not folder.with_suffix(".lock").exists()


def test_a_disk_is_refused(tmp_path: Path) -> None:
    """What it is, is asked of the kernel."""
    kind = subprocess.run(
        ["stat", "-f", "-c", "%T", tmp_path], capture_output=True, text=True, check=True
    ).stdout.strip()
    if kind == "tmpfs":
        pytest.skip("the folder of temporary files is in memory itself")
    with pytest.raises(NoMemoryFolder, match="not on a tmpfs"), memory_folder(tmp_path):
        pass


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """With what to do about it."""
    with pytest.raises(NoMemoryFolder) as caught, memory_folder(tmp_path / "absent"):
        pass
    assert "FIRSTLIGHT_MEMORY_FOLDER" in caught.value.hint


@pytest.mark.parametrize(
    ("kind", "options", "why"),
    [
        ("tmpfs", ("rw", "nosuid", "nodev"), ""),
        ("tmpfs", ("rw", "noexec"), "run there"),
        ("tmpfs", ("ro",), "run there"),
        ("ext4", ("rw",), "not on a tmpfs"),
        ("", (), "not on a tmpfs"),
    ],
)
def test_a_mount_that_serves_nothing_is_told(kind: str, options: tuple[str, ...], why: str) -> None:
    """Said before, and not as a failure of every task."""
    found = unfit(kind, options)
    assert why in found
    assert bool(found) == bool(why)


def test_what_a_killed_process_left_is_removed_by_the_next() -> None:
    """And what a living one holds stays."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    folders = [Path(one.stdout.readline().strip()) for one in started if one.stdout]
    killed, alive = started
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert (folders[0] / "task").exists()
    with memory_folder(MEMORY):
        assert not folders[0].exists()
        assert (folders[1] / "task").exists()
    alive.communicate("")
    assert not folders[1].exists()
    for one in started:
        for stream in (one.stdin, one.stdout):
            if stream is not None:
                stream.close()
