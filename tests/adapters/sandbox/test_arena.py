"""The arena: its flaws work, nothing else does, and nothing of it is left."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from firstlight.adapters.sandbox import arena
from firstlight.adapters.sandbox.arena import FIRST_NUMBER, FLAWS, Arena
from firstlight.adapters.sandbox.cgroups import CgroupsRefused
from firstlight.core.kernel.errors import Invalid, SandboxUnavailable
from firstlight.usecases.ports.execution import (
    ContainmentLevel,
    Limits,
    RunResult,
    Step,
    Stopped,
)

pytestmark = pytest.mark.sandbox
SECRET = "5ec4e7" * 6
USES = {
    "set-uid-cut": "/opt/tools/cut -c1- /root/secret",
    "set-uid-find": "/opt/tools/find /root/secret -exec cat {} ;",
    "capable-head": "/opt/tools/head /root/secret",
    "readable-backup": "tar -xOf /var/backups/root.tar root/secret",
}
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="an arena needs root")


def run(flaw: str, command: str, *, limits: Limits | None = None) -> RunResult:
    """One shell command in a fresh arena."""
    step = Step(argv=("/bin/sh", "-c", command), cwd="/box", limits=limits or Limits())
    return Arena(flaw, SECRET).perform(step, {}, ["out*"])


@needs_root
@pytest.mark.parametrize("flaw", USES)
def test_each_planted_flaw_can_be_used(flaw: str) -> None:
    """The value comes out by the way that was planted, and by no other way."""
    used = run(flaw, USES[flaw].replace(";", "\\;"))
    assert used.stdout.decode().strip() == SECRET
    others = "; ".join(way.replace(";", "\\;") for name, way in USES.items() if name != flaw)
    assert SECRET not in run(flaw, f"cat /root/secret; {others}").stdout.decode()


@needs_root
def test_without_a_flaw_nobody_reads_it() -> None:
    """The control: every way fails, and the command is an ordinary user without rights."""
    every = "; ".join(way.replace(";", "\\;") for way in USES.values())
    tried = run("none", f"id -u; grep CapEff /proc/self/status; cat /root/secret; {every}")
    assert tried.stdout.decode() == "1000\nCapEff:\t0000000000000000\n"


@needs_root
def test_its_root_is_nobody_outside() -> None:
    """Root of the arena is a number without rights on the host, and has lost the strong ones."""
    command = (
        "/opt/tools/find /root/secret -exec sh -c 'cat /proc/self/uid_map; grep CapBnd"
        " /proc/self/status' \\; ; echo x | /opt/tools/find /root -maxdepth 0 -exec tee"
        " /proc/sys/kernel/core_pattern \\; ; unshare -m true; mount -t tmpfs none /tmp"
    )
    seen = run("set-uid-find", command)
    assert str(FIRST_NUMBER) in seen.stdout.decode()
    assert "00000000000000ff" in seen.stdout.decode()
    pattern = Path("/proc/sys/kernel/core_pattern").read_text("ascii")
    assert pattern != "x\n"
    assert seen.exit_code != 0


@needs_root
def test_no_network_and_no_process_of_the_host() -> None:
    """Only loopback, down; no process but its own; no file of the host but /usr."""
    seen = run("none", "grep -c : /proc/net/dev; ls -d /proc/[0-9]* | wc -l; ls /; ls /etc")
    lines = seen.stdout.decode().split()
    assert lines[0] == "1"
    assert int(lines[1]) < 6
    assert "home" not in lines
    assert "shadow" not in lines


@needs_root
def test_limits_hold() -> None:
    """Time, output and processes are bounded; the host's folders stay as they were."""
    before = sorted(os.listdir("/tmp"))  # noqa: S108, PTH208  (the host's, which must not change)
    slow = run("none", "sleep 60", limits=Limits(wall_seconds=0.5))
    assert slow.stopped_by is Stopped.WALL_TIME
    assert slow.wall_seconds < 10
    loud = run("none", "head -c 9000000 /dev/zero; echo x >/tmp/left")
    assert len(loud.stdout) == Limits().output_bytes
    many = run("none", "for i in $(seq 200); do sleep 2 & done", limits=Limits(processes=20))
    assert many.stopped_by is Stopped.PROCESSES or b"fork" in many.stderr
    left = set(os.listdir("/tmp")) - set(before)  # noqa: S108, PTH208
    assert "left" not in left


@needs_root
def test_without_control_groups_it_is_degraded_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Processes are still bounded, memory is watched, and the level has its name."""

    def refuse() -> None:
        raise CgroupsRefused("planted")

    monkeypatch.setattr(arena, "open_cgroups", refuse)
    many = run("none", "for i in $(seq 90); do sleep 1 & done; wait", limits=Limits(processes=20))
    assert many.level is ContainmentLevel.L1_DEGRADED
    assert many.stopped_by is Stopped.PROCESSES or b"fork" in many.stderr
    assert run("set-uid-cut", USES["set-uid-cut"]).stdout.decode().strip() == SECRET


@needs_root
def test_files_come_back_and_links_do_not() -> None:
    """A collected file is read as it is; a link to the secret is not followed."""
    done = run("none", "echo mine >out1; ln -s /root/secret out2; mkfifo out3; exit 4")
    assert done.exit_code == 4
    assert {name: data for name, data in done.collected.items() if data} == {"out1": b"mine\n"}


def test_an_unknown_flaw_is_refused() -> None:
    """The flaws are a closed list, and its control is among them."""
    with pytest.raises(Invalid, match="no planted flaw"):
        Arena("kernel-hole", SECRET)
    assert FLAWS["none"] == ()


def test_without_root_there_is_no_arena(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, and what to do; nothing is started."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SandboxUnavailable, match="needs root"):
        run("none", "true")
