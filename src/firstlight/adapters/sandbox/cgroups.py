"""Control groups around a run, versions 1 and 2, without a daemon.

Moving a process into a control group makes the kernel wait for every processor to pass a quiet
point: 5 to 12 milliseconds, more than starting the whole sandbox. Hence two ways in:

- **version 1**: a *lane*: a thread that was moved into its own groups once, and stays. Processes
  are born into the groups of the thread that starts them, so a run costs no move at all. Between
  two runs the lane's groups must be proven empty of everything but the thread; else the lane is
  thrown away.
- **version 2** does not let a thread be in a memory group of its own. The run gets fresh groups,
  bubblewrap is moved in while the command waits on a pipe; the wait overlaps with the set-up.

The groups are made below the caller's own, so every bound on the caller goes on holding.
Sources: the kernel's `admin-guide/cgroup-v1/` and `admin-guide/cgroup-v2.rst`.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import signal
import subprocess
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from firstlight.adapters.sandbox.enclosure import Launch, Usage
from firstlight.usecases.ports.execution import ContainmentLevel, Limits, Stopped

_CONTROLLERS = ("memory", "pids", "cpu")
_OURS = 4
"""processes that are not the command's: two of bubblewrap, the supervisor, the lane's thread"""
_PERIOD = 100_000
"""microseconds over which the share of processors is measured"""
_SETTLE_SECONDS = 2.0
_UNREAPED = 8
"""dead processes that a lane may carry into the next run; the limit is looser by as many"""
_IDLE_LANES = 8
_NAME_PATTERN = re.compile(r"firstlight-(\d+)-(\d+)-\d+")
"""process namespace, process, serial number"""
_serial = itertools.count(1)
_SWAP_NOTE = "memory: swap is not limited (the kernel runs without swap accounting)"


class CgroupsRefused(Exception):
    """Why control groups cannot be used here, in words for the operator."""


def _write(path: Path, value: object) -> None:
    # Unbuffered and in one call: these files take one value per write.
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, str(value).encode())
    finally:
        os.close(fd)


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text("ascii"))
    except (OSError, ValueError):
        return None


def _keyed(path: Path, key: str) -> int:
    """One number of a file of `key value` lines; 0 when there is no such line."""
    with contextlib.suppress(OSError):
        for line in path.read_text("ascii").splitlines():
            name, _, value = line.partition(" ")
            if name == key:
                return int(value)
    return 0


def _mounts() -> tuple[Mapping[str, Path], Path | None]:
    """Version 1 controllers and where they are mounted; where version 2 is."""
    first: dict[str, Path] = {}
    second = None
    for line in Path("/proc/self/mounts").read_text("utf-8").splitlines():
        _, where, kind, options, *_ = line.split()
        if kind == "cgroup2" and second is None:
            second = Path(where)
        elif kind == "cgroup":
            for name in (*_CONTROLLERS, "cpuacct"):
                if name in options.split(","):
                    first[name] = Path(where)
    return first, second


def _own(controller: str) -> str:
    """The path of this process's group below the mount; "" names version 2."""
    for line in Path("/proc/self/cgroup").read_text("utf-8").splitlines():
        _, names, path = line.split(":", 2)
        if controller in names.split(","):
            return path.lstrip("/")
    return ""


def _below(mount: Path, controller: str) -> Path:
    own = mount / _own(controller)
    # In a container the path can name a group outside what is mounted.
    return own if own.is_dir() and ".." not in own.parts else mount


def _remove(folder: Path) -> bool:
    """Remove a group, waiting a moment for its last process to be gone."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while True:
        try:
            folder.rmdir()
        except FileNotFoundError:
            return True
        except OSError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.002)
        else:
            return True


def _namespace() -> int:
    """Numbers of processes mean something in one process namespace only."""
    return Path("/proc/self/ns/pid").stat().st_ino


def _fresh_name() -> str:
    # The serial number belongs to the process, which may have several sandboxes.
    return f"firstlight-{_namespace()}-{os.getpid()}-{next(_serial)}"


def _sweep(parent: Path) -> None:
    """Remove groups whose maker was killed, with a bubblewrap that may still wait in them."""
    for folder in parent.glob("firstlight-*"):
        found = _NAME_PATTERN.fullmatch(folder.name)
        if found and int(found[1]) == _namespace() and not Path("/proc", found[2]).exists():
            with contextlib.suppress(OSError):
                _kill(_members(folder))
                _remove(folder)


def _members(folder: Path) -> set[int]:
    """Processes and, in version 1, threads of a group."""
    tasks = folder / "tasks"
    text = (tasks if tasks.exists() else folder / "cgroup.procs").read_text("ascii")
    # 0 stands for a process of a namespace that we cannot see; as a target it means "all of ours".
    return set(map(int, text.split())) - {0}


def _kill(pids: set[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


class _Lane:
    """Version 1: a thread inside its own groups; what it starts is born there."""

    level = ContainmentLevel.L1
    blocks = False
    interval: float | None = None
    rlimit_processes: int | None = None

    def __init__(self, pool: Version1, folders: Mapping[str, Path]) -> None:
        self.notes: Sequence[str] = ()
        self._pool = pool
        self.folders = folders
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="sandbox-lane")
        self._thread = self._executor.submit(self._move_in).result()
        self._before = (0, 0, 0)
        self._left_over = 0

    def _move_in(self) -> int:
        me = threading.get_native_id()
        for folder in set(self.folders.values()):
            _write(folder / "tasks", me)
        return me

    def prepare(self, limits: Limits) -> None:
        """Set the bounds of the next run."""
        memory, pids, cpu = (self.folders[name] for name in _CONTROLLERS)
        self.notes = ()
        # Whichever way the limit moves, memory+swap must never be below memory.
        swap = memory / "memory.memsw.limit_in_bytes"
        if swap.exists():
            _write(swap, -1)
            _write(memory / "memory.limit_in_bytes", limits.memory_bytes)
            _write(swap, limits.memory_bytes)
        else:
            _write(memory / "memory.limit_in_bytes", limits.memory_bytes)
            if len(Path("/proc/swaps").read_text("utf-8").splitlines()) > 1:
                self.notes = (_SWAP_NOTE,)
        _write(memory / "memory.max_usage_in_bytes", 0)
        # File pages of earlier runs stay cached, and charged, until memory is wanted.
        self._left_over = _number(memory / "memory.usage_in_bytes") or 0
        _write(pids / "pids.max", limits.processes + _OURS + self._unreaped())
        _write(cpu / "cpu.cfs_period_us", _PERIOD)
        _write(cpu / "cpu.cfs_quota_us", int(_PERIOD * limits.cpu_share))
        self._before = self._counters()

    def _counters(self) -> tuple[int, int, int]:
        accounting = self.folders.get("cpuacct")
        return (
            _keyed(self.folders["memory"] / "memory.oom_control", "oom_kill"),
            _keyed(self.folders["pids"] / "pids.events", "max"),
            (accounting and _number(accounting / "cpuacct.usage")) or 0,
        )

    def start(self, launch: Launch) -> subprocess.Popen[bytes]:
        """See `Enclosure`."""
        return self._executor.submit(launch).result()

    def admit(self, pids: Sequence[int]) -> None:
        """Nothing to do: they were born inside."""

    def over(self) -> Stopped | None:
        """The kernel watches."""
        return None

    def usage(self) -> Usage:
        """See `Enclosure`."""
        kills, refusals, cpu = (
            now - then for now, then in zip(self._counters(), self._before, strict=True)
        )
        peak = _number(self.folders["memory"] / "memory.max_usage_in_bytes")
        return Usage(
            cpu_seconds=cpu / 1e9 if "cpuacct" in self.folders else None,
            peak_memory_bytes=peak and max(0, peak - self._left_over),
            memory_hit=kills > 0,
            processes_hit=refusals > 0,
        )

    def empty(self) -> bool:
        """Kill what is left; whether the groups then hold the thread alone."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while others := self._others():
            if time.monotonic() > deadline:
                return False
            _kill(others)
            time.sleep(0.001)
        return True

    def _others(self) -> set[int]:
        found: set[int] = set()
        for folder in set(self.folders.values()):
            found |= _members(folder)
        return found - {self._thread}

    def _unreaped(self) -> int:
        """Dead processes that still count, because the machine's first process is slow."""
        return max(0, (_number(self.folders["pids"] / "pids.current") or 1) - 1)

    def release(self) -> None:
        """See `Enclosure`."""
        clean = self.empty() and self._unreaped() <= _UNREAPED
        self._pool.give_back(self, clean=clean)

    def close(self) -> None:
        """End the thread and remove the groups."""
        self._executor.shutdown()
        for folder in set(self.folders.values()):
            _remove(folder)


class Version1:
    """A pool of lanes; it grows with the number of runs at once."""

    def __init__(self, parents: Mapping[str, Path]) -> None:
        """Make the first lane, as the proof that it can be done.

        Raises:
            CgroupsRefused: a group cannot be made or entered.
        """
        self._parents = parents
        self._lock = threading.Lock()
        self._idle: list[_Lane] = []
        for parent in set(parents.values()):
            _sweep(parent)
        try:
            self._idle.append(self._make())
        except OSError as problem:
            raise CgroupsRefused(
                f"control groups (version 1) cannot be written: {problem.strerror}"
                f" ({problem.filename}); run the runner as root, or give its user these groups"
            ) from problem
        weakref.finalize(self, _close_all, self._idle, os.getpid())

    def _make(self) -> _Lane:
        name = _fresh_name()
        folders = {c: parent / name for c, parent in self._parents.items()}
        made = []
        try:
            for folder in dict.fromkeys(folders.values()):
                folder.mkdir()
                made.append(folder)
            return _Lane(self, folders)
        except OSError:
            for folder in made:
                _remove(folder)
            raise

    def take(self, limits: Limits) -> _Lane:
        """A lane with these bounds.

        Raises:
            OSError: a bound cannot be set.
        """
        with self._lock:
            lane = self._idle.pop() if self._idle else None
        lane = lane or self._make()
        try:
            lane.prepare(limits)
        except OSError:
            lane.close()
            raise
        return lane

    def give_back(self, lane: _Lane, *, clean: bool) -> None:
        """Keep a lane for the next run, or remove it."""
        with self._lock:
            keep = clean and len(self._idle) < _IDLE_LANES
            if keep:
                self._idle.append(lane)
        if not keep:
            lane.close()


def _close_all(lanes: list[_Lane], pid: int) -> None:
    # A fork inherits the list, not the lanes.
    while lanes and pid == os.getpid():
        lanes.pop().close()


class _Moved:
    """Version 2: a fresh group into which bubblewrap is moved before the command may start."""

    level = ContainmentLevel.L1
    blocks = True
    interval: float | None = None
    rlimit_processes: int | None = None

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder = folder
        self.notes: Sequence[str] = ()
        folder.mkdir()
        try:
            _write(folder / "memory.max", limits.memory_bytes)
            if (folder / "memory.swap.max").exists():
                _write(folder / "memory.swap.max", 0)
            elif len(Path("/proc/swaps").read_text("utf-8").splitlines()) > 1:
                self.notes = (_SWAP_NOTE,)
            _write(folder / "pids.max", limits.processes + _OURS - 1)
            _write(folder / "cpu.max", f"{int(_PERIOD * limits.cpu_share)} {_PERIOD}")
        except OSError:
            _remove(folder)
            raise

    def start(self, launch: Launch) -> subprocess.Popen[bytes]:
        """See `Enclosure`."""
        return launch()

    def admit(self, pids: Sequence[int]) -> None:
        """See `Enclosure`."""
        for pid in pids:
            _write(self.folder / "cgroup.procs", pid)

    def over(self) -> Stopped | None:
        """The kernel watches."""
        return None

    def usage(self) -> Usage:
        """See `Enclosure`."""
        return Usage(
            cpu_seconds=_keyed(self.folder / "cpu.stat", "usage_usec") / 1e6,
            peak_memory_bytes=_number(self.folder / "memory.peak"),
            memory_hit=_keyed(self.folder / "memory.events", "oom_kill") > 0,
            processes_hit=_keyed(self.folder / "pids.events", "max") > 0,
        )

    def release(self) -> None:
        """See `Enclosure`."""
        kill = self.folder / "cgroup.kill"
        if kill.exists():
            _write(kill, 1)
        else:
            _kill(_members(self.folder))
        _remove(self.folder)


class Version2:
    """Fresh groups for every run."""

    def __init__(self, parent: Path) -> None:
        """Try one.

        Raises:
            CgroupsRefused: a group cannot be made or bounded.
        """
        self._parent = parent
        _sweep(parent)
        try:
            self.take(Limits()).release()
        except OSError as problem:
            raise CgroupsRefused(
                f"control groups (version 2) cannot be written: {problem.strerror}"
                f" ({problem.filename})"
            ) from problem

    def take(self, limits: Limits) -> _Moved:
        """A group with these bounds.

        Raises:
            OSError: a bound cannot be set.
        """
        return _Moved(self._parent / _fresh_name(), limits)


def _delegated(mount: Path) -> Path:
    """The version 2 group below which ours are made.

    Raises:
        CgroupsRefused: no group here hands memory, pids and cpu to its children.
    """
    own = _below(mount, "")
    for parent in (own, own.parent) if own != mount else (own,):
        try:
            _hand_down(parent)
        except OSError:
            continue
        return parent
    raise CgroupsRefused(
        "control groups (version 2) are not delegated to this process: "
        "run it as a systemd service with Delegate=yes, or `systemd-run --user --scope "
        "-p Delegate=yes`"
    )


def _hand_down(parent: Path) -> None:
    """Let the children of a group have the three controllers."""
    switch = parent / "cgroup.subtree_control"
    missing = set(_CONTROLLERS) - set(switch.read_text("ascii").split())
    if not missing:
        return
    procs = parent / "cgroup.procs"
    if procs.read_text("ascii").split() == [str(os.getpid())]:
        # A group with processes hands nothing down, so a lone process steps aside into a leaf.
        leaf = parent / "main"
        leaf.mkdir(exist_ok=True)
        _write(leaf / "cgroup.procs", os.getpid())
    _write(switch, " ".join(f"+{name}" for name in sorted(missing)))


def open_cgroups() -> Version1 | Version2:
    """Whichever version this machine lets this process use.

    Raises:
        CgroupsRefused: neither; says why and how to lift it.
    """
    first, second = _mounts()
    if second is not None:
        controllers = (second / "cgroup.controllers").read_text("ascii").split()
        if set(_CONTROLLERS) <= set(controllers):
            return Version2(_delegated(second))
    if set(_CONTROLLERS) <= set(first):
        return Version1({name: _below(mount, name) for name, mount in first.items()})
    raise CgroupsRefused("the memory, pids and cpu control groups are not mounted here")
