"""Sandboxes with a hole, for drills alone: the real walls, less one.

Each hole is harmless: behind it lies what the drill has planted, or an address that answers nobody.
They bear no limits and no system-call filter, and nothing but the drill's own probes runs in them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from firstlight.adapters.sandbox import arguments
from firstlight.core.kernel.containment import ContainmentLevel
from firstlight.usecases.ports import RunResult, Step, Stopped

_USER = ("--uid", "65534", "--gid", "65534", "--cap-drop", "ALL")
_ADMINISTRATOR = ("--uid", "0", "--gid", "0", "--cap-drop", "ALL", "--cap-add", "CAP_NET_ADMIN")
_METADATA = """
use Socket;
socket(my $s, AF_INET, SOCK_DGRAM, 0) or die;
my $row = pack('a16 S n a4 x8', 'lo:0', AF_INET, 0, inet_aton('169.254.169.254'));
ioctl($s, 0x8916, $row) or die "address: $!";
exec { $ARGV[0] } @ARGV;
"""
"""gives the inner loopback the address of a metadata service"""


class Hole(StrEnum):
    """Which wall is missing."""

    NETWORK = "network"
    """the host's network is shared"""
    FILES = "files"
    """the host's folder for temporary files is shared"""
    BOX = "box"
    """the box of one run is that of the next"""
    PROCESSES = "processes"
    """the host's processes are visible"""
    VARIABLES = "variables"
    """a proxy is named in the environment"""
    METADATA = "metadata"
    """a metadata address answers"""
    SILENCE = "silence"
    """nothing runs at all, and success is reported"""


class LeakyShell:
    """Runs a step in bubblewrap with one hole. A `Shell`, for drills alone."""

    def __init__(self, hole: Hole, folder: Path) -> None:
        """`folder` is the drill's own."""
        self._hole = hole
        self._folder = folder
        folder.mkdir(mode=0o777, exist_ok=True)
        folder.chmod(0o777)

    def perform(self, step: Step, inputs: Mapping[str, bytes], collect: Sequence[str]) -> RunResult:
        """See the protocol; inputs, files to be collected and traps are left out."""
        del inputs, collect
        began = time.monotonic()
        if self._hole is Hole.SILENCE:
            return _result(0, b"", b"", 0.0)
        done = subprocess.run(
            [*self.command(), *self._before(), *step.argv],
            input=step.stdin,
            capture_output=True,
            check=False,
            timeout=step.limits.wall_seconds,
            env={},
            start_new_session=True,
        )
        return _result(done.returncode, done.stdout, done.stderr, time.monotonic() - began)

    def command(self) -> Sequence[str]:
        """Bubblewrap and its flags."""
        administrator = self._hole is Hole.METADATA
        walls = arguments.namespaces(user=_ADMINISTRATOR if administrator else _USER)
        missing = {Hole.NETWORK: "--unshare-net", Hole.PROCESSES: "--unshare-pid"}
        walls = [flag for flag in walls if flag != missing.get(self._hole)]
        words = ["bwrap", *walls, *arguments.system_mounts(), "--dev", "/dev"]
        own = ["--proc", "/proc"]
        words += ["--ro-bind", "/proc", "/proc"] if self._hole is Hole.PROCESSES else own
        temporary = tempfile.gettempdir()
        shared = ["--bind", temporary, temporary]
        words += shared if self._hole is Hole.FILES else ["--tmpfs", "/tmp"]  # noqa: S108  (inside)
        box = ["--bind", os.fspath(self._folder), "/box"]
        words += box if self._hole is Hole.BOX else ["--tmpfs", "/box"]
        proxy = ["--setenv", "https_proxy", "http://192.0.2.1:3128"]
        words += proxy if self._hole is Hole.VARIABLES else []
        return [*words, "--remount-ro", "/", "--chdir", "/box", "--"]

    def _before(self) -> Sequence[str]:
        return ("/usr/bin/perl", "-e", _METADATA) if self._hole is Hole.METADATA else ()


def _result(code: int, stdout: bytes, stderr: bytes, seconds: float) -> RunResult:
    return RunResult(
        exit_code=code if code >= 0 else None,
        signal=-code if code < 0 else None,
        stopped_by=Stopped.WALL_TIME if code == -signal.SIGKILL else Stopped.ITSELF,
        stdout=stdout,
        stderr=stderr,
        stdout_total=len(stdout),
        stderr_total=len(stderr),
        wall_seconds=seconds,
        cpu_seconds=None,
        peak_memory_bytes=None,
        level=ContainmentLevel.L0,
        notes=("a sandbox with a hole, for drills alone",),
    )
