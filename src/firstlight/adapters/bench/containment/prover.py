"""A live proof: tries every way out from inside the very sandbox that samples use.

What can be planted outside is planted for each proof anew (listeners on every kind of socket, a
file, a process), so that a hole is not only possible but answered; and what arrives at a planted
listener is counted from outside, whatever the probe inside says.

What is told to the probe from this machine: its name servers, its own addresses, its registries
and mirrors, its proxies, sockets of daemons. A sandbox on a runner elsewhere is asked the same;
the planted things are then merely absent there, and its own probes remain.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import secrets
import socket
import tarfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from firstlight.adapters.bench.box import LIMITS, Shell
from firstlight.adapters.bench.containment.planted import NOWHERE, Planted
from firstlight.adapters.bench.containment.probes import CONTROLS, PROBE
from firstlight.core.measure.containment import Probe, Proof, Way, When
from firstlight.usecases.ports import Clock, RunResult, Step

_SECONDS = 20.0
"""of one run of the probe; it takes a fraction of one"""
_METADATA = ("169.254.169.254", "169.254.170.2", "100.100.100.200")
_METADATA6 = "fd00:ec2::254"
_NOWHERE6 = "2001:db8::1"
_SOCKETS = (
    "/run/docker.sock",
    "/var/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/run/dbus/system_bus_socket",
    "/run/systemd/private",
    "/run/snapd.socket",
    "/tmp/.X11-unix/X0",  # noqa: S108  (looked for, not written)
)
_FILES = ("/etc/shadow", "/var/lib", "/sys/class", "/boot", "/srv")
_HOMES = ("/root", "/home")
"""of which a sandbox may have its own; what lies in the host's must not be seen"""
_PLACES = ("/", "/usr", "/usr/bin", "/etc", "/target", "/dev", "/opt", "/sys/fs/cgroup")
_PROXIES = re.compile(r"(?:https?|all|ftp|socks)_proxy", re.IGNORECASE)
_MOST = 16
"""names or addresses of one kind"""
_WORDS = 400


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What lies outside, as far as this machine knows it."""

    name_servers: Sequence[tuple[str, int]] = ()
    """address and port"""
    mirrors: Sequence[str] = ()
    """addresses of package registries, as configured"""
    proxies: Sequence[str] = ()
    """addresses of proxies, as configured"""
    files: Sequence[str] = ()
    """further files and folders that must not be seen"""
    sockets: Sequence[str] = _SOCKETS
    """files of sockets"""

    @classmethod
    def of_this_machine(cls, mirrors: Sequence[str] = (), files: Sequence[str] = ()) -> Outside:
        """As its environment and its resolver's file say."""
        proxies = [value for name, value in os.environ.items() if _PROXIES.fullmatch(name)]
        agent = os.environ.get("SSH_AUTH_SOCK", "")
        return cls(
            name_servers=[(one, 53) for one in _name_servers()],
            mirrors=tuple(dict.fromkeys(mirrors))[:_MOST],
            proxies=tuple(dict.fromkeys(proxies))[:_MOST],
            files=tuple(files)[:_MOST],
            sockets=(*_SOCKETS, *([agent] if agent else [])),
        )


@dataclass(frozen=True, kw_only=True)
class _Try:
    """One thing that the probe is asked to do."""

    way: Way
    words: tuple[str, ...]
    """kind and arguments"""
    what: str
    """for a person"""


class Prover:
    """Makes proofs over shells."""

    def __init__(
        self,
        outside: Outside,
        clock: Clock,
        *,
        announce: Callable[[str], None] | None = None,
        done: Callable[[str], None] | None = None,
    ) -> None:
        """`announce` hears the nonce of a proof before it begins, `done` after it ended."""
        self._outside = outside
        self._clock = clock
        self._announce = announce or _nobody
        self._done = done or _nobody

    def prove(self, shell: Shell, place: str, when: When) -> Proof:
        """Try everything in this shell.

        Raises:
            Unavailable: the sandbox or its runner does not work, so nothing was tried.
        """
        nonce = secrets.token_hex(16)
        at, began = self._clock.now(), time.monotonic()
        self._announce(nonce)
        try:
            with contextlib.ExitStack() as stack:
                planted = Planted(stack, nonce)
                tries = [*_tries(self._outside, planted)]
                first = _run(shell, nonce, [*tries, _mark(nonce)])
                second = _run(shell, nonce, [_look(nonce)])
                arrived = planted.arrived()
        finally:
            self._done(nonce)
        probes = [
            *_read(first, nonce, [*tries, _mark(nonce)]),
            *_read(second, nonce, [_look(nonce)]),
            *(_from_outside(way, what, came=came) for way, what, came in arrived),
        ]
        return Proof(
            when=when,
            at=at,
            place=place,
            level=first.level,
            milliseconds=int((time.monotonic() - began) * 1000),
            probes=tuple(probes),
        )


def _from_outside(way: Way, what: str, *, came: bool) -> Probe:
    return Probe(
        way=way,
        tried=f"seen from outside: {what}",
        held=not came,
        seen="it arrived" if came else "",
        milliseconds=0,
    )


def _nobody(nonce: str) -> None:
    del nonce


def empty_tree() -> bytes:
    """A tree with nothing in it, for a shell of no task."""
    buffer = io.BytesIO()
    tarfile.open(fileobj=buffer, mode="w").close()
    return buffer.getvalue()


def _run(shell: Shell, nonce: str, tries: Sequence[_Try]) -> RunResult:
    words = ["\t".join((str(number), *one.words)) for number, one in enumerate(tries)]
    step = Step(
        argv=("/usr/bin/perl", "-e", PROBE, "--", nonce, *words),
        cwd="/box",
        env={"PERL_BADLANG": "0"},
        limits=replace(LIMITS, wall_seconds=_SECONDS),
    )
    return shell.perform(step, {}, [])


def _read(result: RunResult, nonce: str, tries: Sequence[_Try]) -> Iterator[Probe]:
    """What the probe said of each; what it did not say, or said of another run, is open."""
    lines = result.stdout.decode("ascii", "replace").splitlines()
    whole = bool(lines) and lines[-1] == f"end\t{nonce}"
    said = {
        words[0]: words
        for words in (line.split("\t", 3) for line in lines)
        if len(words) == 4  # noqa: PLR2004
    }
    for number, one in enumerate(tries):
        found = said.get(str(number)) if whole else None
        if found is None:
            trouble = result.stderr[-200:].decode("ascii", "replace").strip()
            why = f"the probe did not say: {result.stopped_by}, exit {result.exit_code} {trouble}"
            yield Probe(way=one.way, tried=one.what, held=False, seen=why, milliseconds=0)
            continue
        _, verdict, spent, seen = found
        yield Probe(
            way=one.way,
            tried=one.what,
            held=verdict == "held",
            seen=seen[:_WORDS],
            milliseconds=int(spent) * 10 if spent.isdigit() else 0,
        )


def _mark(nonce: str) -> _Try:
    return _Try(way=Way.LEFTOVER, words=("mark", f"left-{nonce}"), what="leave marks behind")


def _look(nonce: str) -> _Try:
    return _Try(
        way=Way.LEFTOVER,
        words=("marks", f"left-{nonce}"),
        what="find marks of the sandbox before, in folders and as a process",
    )


def _tries(outside: Outside, planted: Planted) -> Iterator[_Try]:
    for name in CONTROLS:
        yield _Try(way=Way.CONTROL, words=("control", name), what=f"the probe for {name} sees")
    # First, while nothing of the probe's own lies there.
    for folder in ("/tmp", "/dev/shm", "/box"):  # noqa: S108  (inside the sandbox)
        yield _Try(way=Way.LEFTOVER, words=("empty", folder), what=f"{folder} is empty")
    yield _Try(way=Way.LEFTOVER, words=("queues",), what="shared memory and message queues")
    yield from _network(outside, planted)
    yield from _sockets(outside, planted)
    yield from _files(outside, planted)
    yield _Try(
        way=Way.HOST_PROCESS,
        words=("word", planted.word[::-1]),
        what="a process planted on the host",
    )
    yield _Try(way=Way.HOST_PROCESS, words=("processes",), what="processes of others")


def _network(outside: Outside, planted: Planted) -> Iterator[_Try]:
    yield _Try(way=Way.IPV4, words=("routes",), what="routes to anywhere")
    for host, port in planted.tcp:
        way, kind = (Way.IPV6, "tcp6") if ":" in host else (Way.IPV4, "tcp4")
        yield _Try(way=way, words=(kind, host, str(port)), what=f"a listener planted at {host}")
    for host in NOWHERE:
        yield _Try(way=Way.IPV4, words=("tcp4", host, "443"), what=f"TCP to {host}")
        yield _Try(way=Way.IPV4, words=("udp4", host, "443"), what=f"UDP to {host}")
    yield _Try(way=Way.IPV6, words=("tcp6", _NOWHERE6, "443"), what=f"TCP to {_NOWHERE6}")
    yield _Try(way=Way.IPV6, words=("udp6", _NOWHERE6, "443"), what=f"UDP to {_NOWHERE6}")
    for host, port in (planted.dns, *outside.name_servers, (NOWHERE[0], 53)):
        kind = "dns6" if ":" in host else "dns4"
        yield _Try(way=Way.DNS, words=(kind, host, str(port)), what=f"the name server {host}")
    yield _Try(way=Way.DNS, words=("name", "example.org"), what="resolve a name")
    for host in _METADATA:
        yield _Try(way=Way.METADATA, words=("tcp4", host, "80"), what=f"TCP to {host}")
    yield _Try(way=Way.METADATA, words=("tcp6", _METADATA6, "80"), what=f"TCP to {_METADATA6}")
    for way, urls, what in (
        (Way.MIRROR, outside.mirrors, "mirror"),
        (Way.PROXY, outside.proxies, "proxy"),
    ):
        for host, port in _places(urls):
            yield _Try(way=way, words=("name", host), what=f"resolve the {what} {host}")
            for address in _resolve(host):
                kind = "tcp6" if ":" in address else "tcp4"
                yield _Try(way=way, words=(kind, address, str(port)), what=f"TCP to the {what}")
    yield _Try(way=Way.MIRROR, words=("name", "mirror.invalid"), what="resolve any mirror")
    yield _Try(way=Way.PROXY, words=("variables",), what="variables that name a proxy or mirror")


def _sockets(outside: Outside, planted: Planted) -> Iterator[_Try]:
    for path in (planted.socket_file, *outside.sockets):
        yield _Try(way=Way.UNIX_SOCKET, words=("unix", path), what=path[-60:])
    yield _Try(way=Way.UNIX_SOCKET, words=("sockets",), what="sockets known in this network")
    words = ("abstract", planted.abstract)
    yield _Try(way=Way.ABSTRACT_SOCKET, words=words, what="a socket planted on the host")


def _files(outside: Outside, planted: Planted) -> Iterator[_Try]:
    for path in (planted.file, *_FILES, *_in_homes(), *outside.files):
        yield _Try(way=Way.HOST_FILE, words=("exists", path), what=f"see {path[-60:]}")
    for path in (planted.folder, *_PLACES):
        yield _Try(way=Way.HOST_FILE, words=("write", path), what=f"write to {path[-60:]}")


def _in_homes() -> Iterator[str]:
    """Some things that lie in home folders here."""
    for home in _HOMES:
        with contextlib.suppress(OSError):
            yield from map(os.fspath, sorted(Path(home).iterdir())[:3])


def _places(urls: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Host and port of each address."""
    found: dict[tuple[str, int], None] = {}
    for url in urls:
        with contextlib.suppress(ValueError):
            parts = urlsplit(url if "//" in url else f"//{url}")
            if parts.hostname:
                found[parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)] = None
    yield from [*found][:_MOST]


def _resolve(host: str) -> Sequence[str]:
    """Addresses of a name as this machine resolves it; none when it cannot."""
    try:
        rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return list(dict.fromkeys(str(row[4][0]).partition("%")[0] for row in rows))[:2]


def _name_servers() -> Sequence[str]:
    with contextlib.suppress(OSError):
        text = Path("/etc/resolv.conf").read_text("utf-8")
        return re.findall(r"^nameserver\s+([\d.]+|[\da-fA-F:]+)\s*$", text, re.MULTILINE)[:_MOST]
    return ()
