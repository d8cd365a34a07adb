"""The system-call filter of a sandboxed command, as classic BPF bytes; no library is needed.

What it decides: which system calls fail, and with which error. It removes kernel surface that
no build, proof or tool of ours needs; it is one wall among several (namespaces, no privileges,
cgroups), so it is a deny list, which keeps compilers, Node and Python running unchanged.

Rules, in the order of the filter:
1. a foreign architecture, or the x32 variant, kills the process: their numbers mean other calls;
2. `clone` with a namespace flag is refused, `clone3` claims not to exist (its flags are behind a
   pointer that a filter cannot read; C libraries then use `clone`);
3. `ioctl` may not push characters into a terminal;
4. sockets exist for AF_UNIX, AF_INET and AF_INET6 alone;
5. every call in the deny list fails with EPERM.

Source: Linux `seccomp(2)`, `include/uapi/linux/seccomp.h` and the two architectures' tables.
"""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from firstlight.core.kernel.errors import SandboxUnavailable

# BPF: load a word, jump when equal / greater-or-equal / any bit set, return.
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_KILL, _ALLOW, _FAIL = 0x80000000, 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENT_0, _ARGUMENT_1 = 0, 4, 16, 24
_X32 = 0x40000000
_CLONE_NEW = 0x7E020000
"""NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET"""
_TERMINAL_INPUT = (0x5412, 0x541C)
"""TIOCSTI, TIOCLINUX"""
_FAMILIES = (1, 2, 10)
"""AF_UNIX, AF_INET, AF_INET6"""

_DEBUGGING = ("ptrace", "process_vm_readv", "process_vm_writev")

# name: (x86_64, aarch64); None where the call does not exist.
_DENIED: Mapping[str, tuple[int | None, int | None]] = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    "mbind": (237, 235),
    "set_mempolicy": (238, 237),
    "vhangup": (153, 58),
    "lookup_dcookie": (212, 18),
    "nfsservctl": (180, 42),
    "memfd_secret": (447, 447),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    "ustat": (136, None),
    "sysfs": (139, None),
    "_sysctl": (156, None),
    "create_module": (174, None),
    "get_kernel_syms": (177, None),
    "query_module": (178, None),
}


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """What the filter and the supervisor must know of a processor family."""

    audit: int
    """AUDIT_ARCH_* of <linux/audit.h>"""
    column: int
    """which number of the table counts"""
    clone: int
    clone3: int
    ioctl: int
    socket: int
    prctl: int
    prlimit: int
    setgroups: int
    setresgid: int
    setresuid: int
    capset: int


ARCHITECTURES: Mapping[str, Architecture] = {
    "x86_64": Architecture(
        audit=0xC000003E,
        column=0,
        clone=56,
        clone3=435,
        ioctl=16,
        socket=41,
        prctl=157,
        prlimit=302,
        setgroups=116,
        setresgid=119,
        setresuid=117,
        capset=126,
    ),
    "aarch64": Architecture(
        audit=0xC00000B7,
        column=1,
        clone=220,
        clone3=435,
        ioctl=29,
        socket=198,
        prctl=167,
        prlimit=261,
        setgroups=159,
        setresgid=149,
        setresuid=147,
        capset=91,
    ),
}


def architecture() -> Architecture:
    """This machine's.

    Raises:
        SandboxUnavailable: there is no system-call table for it here.
    """
    name = platform.machine()
    try:
        return ARCHITECTURES[name]
    except KeyError:
        raise SandboxUnavailable(
            f"No system-call filter is written for the processor family {name}.",
            hint="Run the runner on x86_64 or aarch64.",
            machine=name,
        ) from None


def number(name: str, arch: Architecture) -> int:
    """The number of a call of the deny list; raises KeyError for one that does not exist here."""
    found = _DENIED[name][arch.column]
    if found is None:
        raise KeyError(name)
    return found


def denied(arch: Architecture, *, allow_ptrace: bool) -> frozenset[int]:
    """Numbers of the calls that fail with EPERM."""
    return frozenset(
        number
        for name, numbers in _DENIED.items()
        if (number := numbers[arch.column]) is not None
        and not (allow_ptrace and name in _DEBUGGING)
    )


def program(arch: Architecture, *, allow_ptrace: bool = False) -> bytes:
    """The filter as `struct sock_filter[]`, for `bwrap --seccomp`."""
    lines: list[tuple[int, int, int, int]] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, arch.audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _KILL),
        # clone: the flags are the first argument on both architectures.
        (_EQUAL, 0, 4, arch.clone),
        (_LOAD, 0, 0, _ARGUMENT_0),
        (_ANY_BIT, 0, 1, _CLONE_NEW),
        (_RETURN, 0, 0, _FAIL | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
        (_EQUAL, 0, 1, arch.clone3),
        (_RETURN, 0, 0, _FAIL | errno.ENOSYS),
        (_EQUAL, 0, 5, arch.ioctl),
        (_LOAD, 0, 0, _ARGUMENT_1),
        (_EQUAL, 1, 0, _TERMINAL_INPUT[0]),
        (_EQUAL, 0, 1, _TERMINAL_INPUT[1]),
        (_RETURN, 0, 0, _FAIL | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
        (_EQUAL, 0, 6, arch.socket),
        (_LOAD, 0, 0, _ARGUMENT_0),
        (_EQUAL, 3, 0, _FAMILIES[0]),
        (_EQUAL, 2, 0, _FAMILIES[1]),
        (_EQUAL, 1, 0, _FAMILIES[2]),
        (_RETURN, 0, 0, _FAIL | errno.EAFNOSUPPORT),
        (_RETURN, 0, 0, _ALLOW),
    ]
    numbers = sorted(denied(arch, allow_ptrace=allow_ptrace))
    lines += [(_EQUAL, len(numbers) - place, 0, n) for place, n in enumerate(numbers)]
    lines += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _FAIL | errno.EPERM)]
    return b"".join(struct.pack("<HBBI", *line) for line in lines)
