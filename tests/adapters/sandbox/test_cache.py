"""The cache of builds under two processes, kills, and a limit."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from firstlight.adapters.sandbox.cache import BuildCache


def put(cache: BuildCache, key: str, size: int) -> None:
    """Make an entry of about that size."""
    with cache.building(key), cache.work() as folder:
        (folder / "blob").write_bytes(os.urandom(size))
        cache.keep(key, folder)
        cache.trim()


def holds(cache: BuildCache, *keys: str) -> list[bool]:
    """Which of the keys are there."""
    return [cache.holds(key) for key in keys]


def test_an_entry_is_found_again(tmp_path: Path) -> None:
    """What was kept is there for another process's view of the same folder."""
    put(BuildCache(tmp_path), "a", 10)
    with BuildCache(tmp_path).using("a") as entry:
        assert entry is not None
        assert (entry / "blob").stat().st_size == 10
    with BuildCache(tmp_path).using("b") as missing:
        assert missing is None


def test_the_longest_unused_goes_first(tmp_path: Path) -> None:
    """Over the limit, an entry that was used lately outlives one that was made later."""
    cache = BuildCache(tmp_path, limit_bytes=1_000_000)
    for name in ("a", "b", "c"):
        put(cache, name, 300_000)
        time.sleep(0.02)
    with cache.using("a"):
        time.sleep(0.02)
    put(cache, "d", 300_000)
    assert holds(cache, "a", "b", "c", "d") == [True, False, True, True]


def test_what_is_in_use_is_not_removed(tmp_path: Path) -> None:
    """An entry that a trial runs on stays, whatever the limit."""
    cache = BuildCache(tmp_path, limit_bytes=100_000)
    put(cache, "a", 90_000)
    with cache.using("a") as entry:
        put(cache, "b", 90_000)
        assert entry is not None
        assert (entry / "blob").exists()
    put(cache, "c", 90_000)
    assert holds(cache, "a", "c") == [False, True]


def test_only_one_builds_a_key(tmp_path: Path) -> None:
    """Two that want the same build at once take turns, over separate handles as over processes."""
    inside, most = 0, 0
    lock = threading.Lock()

    def build() -> None:
        nonlocal inside, most
        with BuildCache(tmp_path).building("k"):
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.03)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=build) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_killed_builder_leaves_nothing(tmp_path: Path) -> None:
    """What a process killed by SIGKILL had half-built is gone at the next start, its lock free."""
    script = (
        "import sys, time\nfrom pathlib import Path\n"
        "from firstlight.adapters.sandbox.cache import BuildCache\n"
        "cache = BuildCache(Path(sys.argv[1]))\n"
        "with cache.building('k'), cache.work() as folder:\n"
        "    (folder / 'half').write_bytes(b'1')\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    alive = BuildCache(tmp_path)
    assert len(list((tmp_path / "work").iterdir())) == 2
    process.kill()
    process.wait()
    process.stdout.close()
    BuildCache(tmp_path)
    assert list((tmp_path / "work").iterdir()) == []
    put(alive, "k", 10)
    assert holds(alive, "k") == [True]
