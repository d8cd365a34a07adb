"""What can be seen of processes from outside their sandbox, without any part inside it.

Everything is read from /proc; a process that ends meanwhile is simply no longer there. What may
not be read (another user's) is `None` and is never taken for harmless by who judges it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
_MOST = 4096
"""processes; more than any limit admits"""
_WORDS_BYTES = 64 << 10
_TABLE_BYTES = 16 << 10
"""of a table that is kept as evidence"""
_LISTENING = "0A"
_DEAD = "Z"
_PARENT, _STARTED, _RESIDENT = 1, 19, 21
"""fields of /proc/PID/stat after the name"""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One process at one moment."""

    pid: int
    parent: int
    began: float
    """seconds after the machine's start"""
    program: str | None
    """path of the executable; None when it may not be read"""
    words: tuple[str, ...]
    """command line"""
    network: int | None
    """number of its network"""
    users: int | None
    """number of its user namespace"""
    processes: int | None
    """number of its process namespace"""
    resident: int
    """bytes"""

    def facts(self) -> dict[str, int | str | None]:
        """For evidence, bounded."""
        return {
            "pid": self.pid,
            "parent": self.parent,
            "program": self.program,
            "words": " ".join(self.words)[:300],
            "network": self.network,
            "processes": self.processes,
        }


def see(pid: int) -> Seen | None:
    """A process; None when it is gone, or dead and not yet buried."""
    folder = f"/proc/{pid}"
    try:
        stat = Path(folder, "stat").read_text("utf-8", "replace")
        fields = stat.rpartition(")")[2].split()
        if fields[0] == _DEAD:
            return None
        with Path(folder, "cmdline").open("rb") as file:
            words = file.read(_WORDS_BYTES).decode("utf-8", "replace")
    except OSError:
        return None
    return Seen(
        pid=pid,
        parent=int(fields[_PARENT]),
        began=int(fields[_STARTED]) / _TICKS,
        program=_link(f"{folder}/exe"),
        words=tuple(words.rstrip("\0").split("\0")) if words else (),
        network=_number(f"{folder}/ns/net"),
        users=_number(f"{folder}/ns/user"),
        processes=_number(f"{folder}/ns/pid"),
        resident=int(fields[_RESIDENT]) * _PAGE,
    )


def _link(path: str) -> str | None:
    try:
        return str(Path(path).readlink())
    except OSError:
        return None


def _number(path: str) -> int | None:
    found = _link(path)
    return int(found.partition("[")[2].rstrip("]")) if found else None


def family(root: int) -> list[Seen]:
    """A process and its live descendants."""
    pids = [root]
    for pid in pids:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                pids += map(int, (task / "children").read_text("ascii").split())
        if len(pids) > _MOST:
            break
    found = (see(pid) for pid in dict.fromkeys(pids))
    return [one for one in found if one is not None]


def uptime() -> float:
    """Seconds since the machine's start."""
    return float(Path("/proc/uptime").read_text("ascii").split()[0])


def routes(pid: int) -> Sequence[str]:
    """Interfaces, the inner loopback apart, over which the network of this process has a route."""
    found: dict[str, None] = {}
    with contextlib.suppress(OSError, IndexError):
        for line in _lines(pid, "route")[1:]:
            found[line.split()[0]] = None
    with contextlib.suppress(OSError, IndexError):
        for line in _lines(pid, "ipv6_route"):
            found[line.split()[9]] = None
    return [name for name in found if name != "lo"]


def _lines(pid: int, table: str) -> list[str]:
    with Path(f"/proc/{pid}/net/{table}").open("rb") as file:
        return file.read(_TABLE_BYTES).decode("ascii", "replace").splitlines()


def listening(pids: Sequence[int]) -> Mapping[str, str]:
    """What these processes listen on: number of the socket to a description."""
    held: dict[str, int] = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            for entry in Path(f"/proc/{pid}/fd").iterdir():
                target = _link(str(entry)) or ""
                if target.startswith("socket:["):
                    held[target[8:-1]] = pid
    if not held:
        return {}
    return {
        number: f"{table} {address} held by process {held[number]}"
        for table, address, number in _listeners(pids)
        if number in held
    }


def _listeners(pids: Sequence[int]) -> Iterator[tuple[str, str, str]]:
    for table in ("tcp", "tcp6"):
        for pid in pids[:1]:
            with contextlib.suppress(OSError):
                text = Path(f"/proc/{pid}/net/{table}").read_text("ascii", "replace")
                for line in text.splitlines()[1:]:
                    words = line.split()
                    if words[3] == _LISTENING:
                        yield table, words[1], words[9]


def tables(pid: int) -> Mapping[str, str]:
    """The network of a process as it is, for evidence; bounded."""
    found = {}
    for table in ("tcp", "tcp6", "udp", "unix", "route", "snmp"):
        with contextlib.suppress(OSError):
            found[table] = "\n".join(_lines(pid, table))
    return found


def belongings(pid: int) -> Sequence[str]:
    """Names in the folder of a sandbox as it is, for evidence; bounded, nothing is opened."""
    found: list[str] = []
    for folder in ("box", "tmp"):
        with contextlib.suppress(OSError):
            entries = sorted(Path(f"/proc/{pid}/root/{folder}").iterdir())[:100]
            found += [f"/{folder}/{entry.name}"[:200] for entry in entries]
    return found
