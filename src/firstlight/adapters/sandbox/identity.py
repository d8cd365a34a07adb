"""As whom a sandboxed command runs, seen from the host.

A user namespace hides the user's number but does not change it: what root starts stays the
host's root for every check that asks for the number instead of a capability, and may for example
write /proc/sys/kernel/core_pattern, which ends the containment. Hence:

- started by an ordinary user, the command has that user's number, shown inside as 65534;
- started by root, two numbers are mapped: bubblewrap sets up as 0, and the supervisor gives up 0
  for the unprivileged 65534 before it starts the command.
"""

from __future__ import annotations

import os
from pathlib import Path

from firstlight.core.kernel.errors import SandboxUnavailable

UNPRIVILEGED = 65534
"""`nobody`: the number that owns nothing"""
_MAP = f"0 0 1\n{UNPRIVILEGED} {UNPRIVILEGED} 1\n"


def must_drop() -> bool:
    """Whether this process is root, so that the command must become someone else."""
    return os.geteuid() == 0


def flags() -> list[str]:
    """What bubblewrap is told about users."""
    if must_drop():
        # --disable-userns excludes a map of our own; the system-call filter refuses nesting.
        keep = ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        return ["--uid", "0", "--gid", "0", "--cap-drop", "ALL", *keep]
    number = str(UNPRIVILEGED)
    return ["--uid", number, "--gid", number, "--cap-drop", "ALL", "--disable-userns"]


def write_maps(pid: int) -> None:
    """Give the user namespace of a waiting bubblewrap its two numbers.

    Raises:
        SandboxUnavailable: this root may not.
    """
    try:
        for name in ("uid_map", "gid_map"):
            Path(f"/proc/{pid}/{name}").write_text(_MAP, "ascii")
    except OSError as problem:
        raise SandboxUnavailable(
            f"Root cannot give up its rights in the sandbox: {problem.strerror}.",
            hint="Run the runner as an ordinary user.",
        ) from problem


def hand_over(folder: Path) -> None:
    """Let the command own a folder and all in it; follows no link."""
    if not must_drop():
        return
    os.chown(folder, UNPRIVILEGED, UNPRIVILEGED)
    for at, folders, files, fd in os.fwalk(folder):
        del at
        for name in (*folders, *files):
            os.chown(name, UNPRIVILEGED, UNPRIVILEGED, dir_fd=fd, follow_symlinks=False)
