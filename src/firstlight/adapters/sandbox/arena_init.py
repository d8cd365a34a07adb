"""The first process of an arena: makes the small system, runs one command in it, reports.

A program of its own, started in a fresh interpreter (`python -I -S`), because it changes
namespaces and identities. It imports the standard library alone and everything at the start: the
host's files are out of sight before the command runs.

Stages: *outer* makes the user and process namespace and waits; *inner* is process 1 of it and waits
until its numbers are mapped from outside; it builds the root folder on a tmpfs, leaves the host's
root for it, and starts the command as an ordinary user. What is left out on purpose, against the
rest of this package: `no_new_privs`, as set-uid programs must work here; in its stead the
capability bounding set keeps only what reading and writing other people's files needs.

The report on its socket is that of `supervisor`, so the same loop follows it from outside.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import fnmatch
import io
import json
import os
import resource
import signal
import socket
import stat
import struct
import sys
import tarfile
from pathlib import Path

_ROOT = "/tmp"  # noqa: S108  (only where the new root is put up, in a mount namespace of its own)
_AGENT = 1000
_NEWNS, _NEWCGROUP, _NEWUTS, _NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
_NEWUSER, _NEWPID, _NEWNET = 0x10000000, 0x20000000, 0x40000000
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _REMOUNT, _BIND = 1, 2, 4, 8, 32, 4096
_REC, _PRIVATE = 0x4000, 0x40000
_KEPT_FLAGS = _NOSUID | _NODEV | _NOEXEC | 0x400 | 0x800
"""mount flags that a less privileged namespace may not take away"""
_DETACH = 2
_PDEATHSIG, _DUMPABLE, _SECCOMP, _CAPBSET_DROP = 1, 4, 22, 24
_CAPABILITIES_KEPT = frozenset({0, 1, 2, 3, 4, 5, 6, 7})
"""chown, dac_override, dac_read_search, fowner, fsetid, kill, setgid, setuid"""
_CAPABILITIES = 64
_DEVICES = ("null", "zero", "full", "random", "urandom")
_TOP = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    words = (source.encode(), target.encode(), kind.encode())
    _check(_libc.mount(*words, ctypes.c_ulong(flags), data.encode() or None))


def _bind(source: str, target: str) -> None:
    """Show a part of the host, read-only."""
    _mount(source, target, "", _BIND | _REC)
    kept = os.statvfs(target).f_flag & _KEPT_FLAGS
    _mount("none", target, "", _BIND | _REMOUNT | _RDONLY | kept)


def _write(path: str, data: bytes, mode: int, owner: int = 0) -> None:
    place = Path(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    os.chown(place, owner, owner)
    place.chmod(mode)


def _furnish(config: dict) -> None:  # type: ignore[type-arg]
    """The new root: the host's /usr, and everything else of its own."""
    _mount("none", "/", "", _REC | _PRIVATE)
    loader = Path("/etc/ld.so.cache").read_bytes()
    devices = {name: os.open(f"/dev/{name}", os.O_PATH) for name in _DEVICES}
    usr = os.open("/usr", os.O_PATH)
    links = {name: Path("/", name).readlink() for name in _TOP if Path("/", name).is_symlink()}
    folders = [name for name in _TOP if Path("/", name).is_dir() and name not in links]
    held = {name: os.open(f"/{name}", os.O_PATH) for name in folders}
    _mount("none", _ROOT, "tmpfs", _NODEV, f"mode=755,size={config['size']}")
    for name, fd in {"usr": usr, **held}.items():
        Path(_ROOT, name).mkdir()
        _bind(f"/proc/self/fd/{fd}", f"{_ROOT}/{name}")
    for name, target in links.items():
        Path(_ROOT, name).symlink_to(target)
    for name in ("proc", "dev", "etc", "root", "box", "tmp", "opt", "var"):
        Path(_ROOT, name).mkdir(mode=0o755)
    _mount("proc", f"{_ROOT}/proc", "proc", _NOSUID | _NODEV | _NOEXEC, "hidepid=2")
    for name, fd in devices.items():
        Path(_ROOT, "dev", name).touch()
        _mount(f"/proc/self/fd/{fd}", f"{_ROOT}/dev/{name}", "", _BIND)
    for fd in (usr, *held.values(), *devices.values()):
        os.close(fd)
    Path(_ROOT, "tmp").chmod(0o1777)
    Path(_ROOT, "root").chmod(0o700)
    os.chown(f"{_ROOT}/box", _AGENT, _AGENT)
    people = b"root:x:0:0:root:/root:/bin/sh\nagent:x:1000:1000:agent:/box:/bin/sh\n"
    _write(f"{_ROOT}/etc/passwd", people, 0o644)
    _write(f"{_ROOT}/etc/group", b"root:x:0:\nagent:x:1000:\n", 0o644)
    _write(f"{_ROOT}/etc/ld.so.cache", loader, 0o644)
    _write(f"{_ROOT}/root/secret", config["secret"].encode() + b"\n", 0o600)
    for name, text in config["files"].items():
        _place_file(name, base64.b64decode(text))
    for thing in config["plant"]:
        _plant(thing)


def _place_file(name: str, data: bytes) -> None:
    folder = Path(_ROOT, "box")
    for part in Path(name).parent.parts:
        folder /= part
        if not folder.is_dir():
            folder.mkdir()
            os.chown(folder, _AGENT, _AGENT)
    _write(f"{_ROOT}/box/{name}", data, 0o644, _AGENT)


def _plant(thing: dict) -> None:  # type: ignore[type-arg]
    """One planted thing: a copy of a tool, or an archive of root's folder."""
    place = f"{_ROOT}{thing['path']}"
    if thing["what"] == "archive":
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode="w") as archive:
            archive.add(f"{_ROOT}/root", "root")
        _write(place, made.getvalue(), thing["mode"])
        return
    _write(place, Path(_ROOT + thing["what"]).read_bytes(), thing["mode"])
    if thing["capabilities"]:
        # Revision 2 of the attribute, effective; the kernel ties it to this namespace's root.
        value = struct.pack("<IIIII", 0x02000001, thing["capabilities"], 0, 0, 0)
        os.setxattr(place, "security.capability", value)


def _leave() -> None:
    """Make the new root the only one."""
    os.chdir(_ROOT)
    _check(_libc.pivot_root(b".", b"."))
    _check(_libc.umount2(b".", _DETACH))
    os.chdir("/")


def _become_agent(config: dict) -> None:  # type: ignore[type-arg]
    for number in range(_CAPABILITIES):
        if number not in _CAPABILITIES_KEPT and _libc.prctl(_CAPBSET_DROP, number, 0, 0, 0) < 0:
            break
    for kind, soft, hard in config["rlimits"]:
        resource.setrlimit(kind, (soft, hard))
    program = base64.b64decode(config["seccomp"])
    held = ctypes.create_string_buffer(program, len(program))

    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    whole = Filter(len(program) // 8, ctypes.addressof(held))
    # This process holds CAP_SYS_ADMIN of its own namespace, so no `no_new_privs` is needed.
    _check(_libc.prctl(_SECCOMP, 2, ctypes.byref(whole), 0, 0))
    os.setgroups([])
    os.setresgid(_AGENT, _AGENT, _AGENT)
    os.setresuid(_AGENT, _AGENT, _AGENT)


def _command(config: dict, report: socket.socket) -> None:  # type: ignore[type-arg]
    """The command's own process; never returns."""
    try:
        _become_agent(config)
        os.chdir(config["cwd"])
        argv = config["argv"]
        os.execvpe(argv[0], argv, config["env"])  # noqa: S606  (the agent's command, enclosed)
    except OSError as problem:
        report.sendall(f"E {problem.errno or 1}\n".encode())
        os.kill(os.getpid(), signal.SIGKILL)


def _collect(config: dict, report: socket.socket) -> None:  # type: ignore[type-arg]
    room, seen = config["collect_bytes"], 0
    for at, folders, names in os.walk("/box"):
        folders.sort()
        for name in sorted(names):
            seen += 1
            path = os.path.relpath(f"{at}/{name}", "/box")
            if seen > config["collect_entries"]:
                return
            if not any(fnmatch.fnmatchcase(path, glob) for glob in config["collect"]):
                continue
            with contextlib.suppress(OSError):
                body = _regular(f"/box/{path}", min(room, config["collect_file_bytes"]))
                room -= len(body)
                head = path.encode("utf-8", "surrogateescape")
                report.sendall(f"F {len(head)} {len(body)}\n".encode() + head + body)


def _regular(path: str, most: int) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return b""
        return file.read(most)


def _departures() -> int:
    """Attempts to reach an address to which there is no way; the kernel counts for this network."""
    old, new = (Path(f"/proc/self/net/{name}") for name in ("snmp", "snmp6"))
    names, values = (line.split() for line in old.read_text().splitlines() if line[:4] == "Ip: ")
    found = int(dict(zip(names, values, strict=True))["OutNoRoutes"])
    for line in new.read_text().splitlines() if new.exists() else ():
        found += int(line.split()[1]) if line.startswith("Ip6OutNoRoutes") else 0
    return found


def _inner(config: dict, report: socket.socket, gate: int) -> None:  # type: ignore[type-arg]
    _check(_libc.prctl(_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0))
    if os.read(gate, 1) != b"1":
        os._exit(1)
    os.close(gate)
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    _check(_libc.unshare(_NEWNS | _NEWNET | _NEWIPC | _NEWUTS | _NEWCGROUP))
    _furnish(config)
    _leave()
    socket.sethostname("arena")
    _check(_libc.prctl(_DUMPABLE, 0, 0, 0, 0))
    report.sendall(b"S\n")
    child = os.fork()
    if child == 0:
        _command(config, report)
    status = 0
    while True:
        gone, status = os.wait()
        if gone == child:
            break
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    report.sendall(f"W {status} {used.ru_utime + used.ru_stime}\n".encode())
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    report.sendall(f"N {_departures()}\n".encode())
    _collect(config, report)
    report.sendall(b"D\n")


def main() -> None:
    """Run one command; the four descriptors come as arguments."""
    config_fd, report_fd, info, gate = map(int, sys.argv[1:5])
    with os.fdopen(config_fd, "rb") as file:
        config = json.load(file)
    report = socket.socket(fileno=report_fd)
    os.set_inheritable(report_fd, False)
    _check(_libc.prctl(_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0))
    _check(_libc.unshare(_NEWUSER | _NEWPID))
    inner = os.fork()
    if inner == 0:
        os.close(info)
        try:
            _inner(config, report, gate)
        except OSError as problem:
            sys.stderr.write(f"the arena cannot be made: {problem}\n")
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)
    os.write(info, json.dumps({"child-pid": inner}).encode())
    os.close(info)
    _, status = os.waitpid(inner, 0)
    sys.exit(os.waitstatus_to_exitcode(status) & 255)


if __name__ == "__main__":
    main()
