"""How often something in a network of its own tried to leave it, as the kernel counts it.

Where there is no route, the kernel refuses a connection or a datagram at once and counts the
refusal for that network. The counters are read through any process in the network, from outside
it and without rights over it; nothing inside can set them back.
"""

from __future__ import annotations

from pathlib import Path

_MOST = 1 << 16
"""bytes of a file of counters"""


def departures(pid: int) -> int | None:
    """Attempts in the network of this process; None when it is gone."""
    try:
        old, new = (_read(pid, name) for name in ("snmp", "snmp6"))
    except OSError:
        return None
    found = 0
    names: list[str] = []
    for words in (line.split() for line in old.splitlines() if line.startswith("Ip: ")):
        found += sum(
            int(word) for name, word in zip(names, words, strict=False) if name == "OutNoRoutes"
        )
        names = words
    for line in new.splitlines():
        if line.startswith("Ip6OutNoRoutes"):
            found += int(line.split()[1])
    return found


def _read(pid: int, name: str) -> str:
    path = Path(f"/proc/{pid}/net/{name}")
    try:
        with path.open("rb") as file:
            return file.read(_MOST).decode("ascii")
    except FileNotFoundError:
        # A kernel without the newer protocol has no file for it; one without the process has none.
        if name == "snmp6" and path.parent.exists():
            return ""
        raise
