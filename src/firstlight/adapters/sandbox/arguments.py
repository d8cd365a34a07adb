"""The command line of bubblewrap: what a sandboxed command sees of the world.

It sees /usr (read-only), a few files of /etc that tools need, an empty network, its own processes,
/box, /tmp and /dev/shm of bounded size, and the mounts it was given. Nothing else of the host.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from firstlight.adapters.sandbox import identity
from firstlight.core.kernel.errors import Invalid
from firstlight.usecases.ports.execution import Command, Mount

_NAMESPACES = (
    "--unshare-user",
    "--unshare-ipc",
    "--unshare-pid",
    "--unshare-net",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--die-with-parent",
    "--new-session",
    "--hostname",
    "sandbox",
)
_TOP_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_ETC = ("/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d")
_OURS = ("/", "/usr", "/proc", "/dev", "/etc", "/box", "/tmp")  # noqa: S108  (inside)
"""what a mount may not cover"""
_SMALL_FILES: Mapping[str, bytes] = {
    "/etc/passwd": b"nobody:x:65534:65534:nobody:/box:/bin/sh\n",
    "/etc/group": b"nogroup:x:65534:\n",
}
_FILES_MOST = 256
_FILES_BYTES = 64 << 20


def system_mounts() -> list[str]:
    """The read-only system, for merged and for separate /usr. The same for every run."""
    words = ["--ro-bind", "/usr", "/usr", "--dir", "/etc"]
    for name in _TOP_FOLDERS:
        folder = Path("/", name)
        if folder.is_symlink():
            words += ["--symlink", os.fspath(folder.readlink()), f"/{name}"]
        elif folder.is_dir():
            words += ["--ro-bind", f"/{name}", f"/{name}"]
    for path in _ETC:
        words += ["--ro-bind-try", path, path]
    return words


def namespaces(user: Sequence[str] | None = None) -> list[str]:
    """The flags that make the walls, without anything to see inside."""
    return [*_NAMESPACES, *(identity.flags() if user is None else user)]


def arguments(
    command: Command,
    *,
    system: Sequence[str],
    open_bytes: Callable[[bytes], int],
    more: Sequence[str] = (),
) -> list[str]:
    """Everything between `bwrap` and the command.

    `open_bytes` gives a descriptor, to be inherited, from which the given bytes can be read;
    `more` are flags for what else is to be seen inside.

    Raises:
        Invalid: a mount or a file has a place it may not have.
    """
    limits = command.limits
    words = [*namespaces(), *system]
    for path, content in _SMALL_FILES.items():
        words += ["--perms", "0444", "--file", str(open_bytes(content)), path]
    words += ["--proc", "/proc", "--dev", "/dev"]
    words += [*_tmpfs(limits.scratch_bytes, "/dev/shm"), "--remount-ro", "/dev"]  # noqa: S108
    words += _tmpfs(limits.scratch_bytes, "/tmp")  # noqa: S108  (inside the sandbox)
    if command.box is None:
        words += _tmpfs(limits.box_bytes, "/box")
    else:
        words += ["--bind", os.fspath(command.box), "/box"]
    for mount in command.mounts:
        flag = "--bind" if mount.writable else "--ro-bind"
        words += [flag, os.fspath(mount.source), _target(mount)]
    files = _checked(command.files)
    for folder in sorted({folder for name in files for folder in _folders(name)}):
        words += ["--perms", "0777", "--dir", f"/box/{folder}"]
    for name, content in files.items():
        words += ["--perms", "0666", "--file", str(open_bytes(content)), f"/box/{name}"]
    return [*words, *more, "--remount-ro", "/"]


def _tmpfs(size: int, path: str) -> list[str]:
    return ["--perms", "1777", "--size", str(size), "--tmpfs", path]


def _folders(name: str) -> list[str]:
    """The folders that a relative path goes through."""
    parts = name.split("/")[:-1]
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]


def _target(mount: Mount) -> str:
    target = mount.target
    if not target.startswith("/") or posixpath.normpath(target) != target or target in _OURS:
        raise Invalid("A mount must have an absolute path of its own inside.", target=target)
    return target


def _checked(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    total = sum(map(len, files.values()))
    if len(files) > _FILES_MOST or total > _FILES_BYTES:
        raise Invalid(
            "Too many or too large files for /box.",
            files=len(files),
            files_limit=_FILES_MOST,
            size=total,
            size_limit=_FILES_BYTES,
        )
    for name in files:
        if not relative(name):
            raise Invalid("A file for /box must have a plain relative path.", name=name)
    return files


def relative(name: str) -> bool:
    """Whether a path stays below where it starts and is written plainly."""
    return (
        bool(name)
        and "\0" not in name
        and posixpath.normpath(name) == name
        and not name.startswith("/")
        and name not in (".", "..")
        and not name.startswith("../")
    )
