"""The filter, run by a small interpreter of classic BPF, against what its rules say in words."""

from __future__ import annotations

import errno
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.adapters.sandbox import seccomp
from firstlight.adapters.sandbox.seccomp import ARCHITECTURES, Architecture

KILL, ALLOW, FAIL = 0x80000000, 0x7FFF0000, 0x00050000
EVERY = pytest.mark.parametrize("arch", ARCHITECTURES.values(), ids=ARCHITECTURES.keys())
WORD = st.integers(0, 2**64 - 1)


def verdict(program: bytes, audit: int, number: int, first: int = 0, second: int = 0) -> int:
    """What the kernel would return for one call."""
    data = struct.pack("<iIQ6Q", _signed(number), audit, 0, first, second, 0, 0, 0, 0)
    lines = list(struct.iter_unpack("<HBBI", program))
    at = word = 0
    while True:
        code, yes, no, value = lines[at]
        at += 1
        match code:
            case 0x20:
                (word,) = struct.unpack_from("<I", data, value)
            case 0x15:
                at += yes if word == value else no
            case 0x35:
                at += yes if word >= value else no
            case 0x45:
                at += yes if word & value else no
            case 0x06:
                return int(value)


def _signed(number: int) -> int:
    return number - (1 << 32) if number >= 1 << 31 else number


@EVERY
@given(number=st.integers(0, 0x3FFFFFFF), first=WORD, second=WORD, ptrace=st.booleans())
def test_each_call_gets_what_the_rules_say(
    arch: Architecture, number: int, first: int, second: int, *, ptrace: bool
) -> None:
    """For every number and argument the filter agrees with the rules as written in words."""
    calls = sorted(seccomp.denied(arch, allow_ptrace=ptrace))
    special = [arch.clone, arch.clone3, arch.ioctl, arch.socket]
    number = [*calls, *special][number % (len(calls) + 4)] if number % 3 else number
    got = verdict(seccomp.program(arch, allow_ptrace=ptrace), arch.audit, number, first, second)
    assert expected(arch, number, first, second, ptrace=ptrace) == got


def expected(arch: Architecture, number: int, first: int, second: int, *, ptrace: bool) -> int:
    """The rules."""
    if number == arch.clone3:
        return FAIL | errno.ENOSYS
    if number == arch.clone:
        return FAIL | errno.EPERM if first & 0x7E020000 else ALLOW
    if number == arch.ioctl:
        return FAIL | errno.EPERM if second & 0xFFFFFFFF in (0x5412, 0x541C) else ALLOW
    if number == arch.socket:
        return ALLOW if first & 0xFFFFFFFF in (1, 2, 10) else FAIL | errno.EAFNOSUPPORT
    if number in seccomp.denied(arch, allow_ptrace=ptrace):
        return FAIL | errno.EPERM
    return ALLOW


@EVERY
@pytest.mark.parametrize("number", [0x5412, 0x541C, (1 << 32) | 0x5412])
def test_characters_cannot_be_pushed_into_a_terminal(arch: Architecture, number: int) -> None:
    """TIOCSTI and TIOCLINUX fail, high bits set or not: the kernel reads the low word alone."""
    got = verdict(seccomp.program(arch), arch.audit, arch.ioctl, 0, number)
    assert got == FAIL | errno.EPERM


@EVERY
@given(audit=st.integers(0, 2**32 - 1), number=st.integers(0, 2**32 - 1))
def test_a_foreign_architecture_is_killed(arch: Architecture, audit: int, number: int) -> None:
    """A call made under another architecture's numbers never runs."""
    if audit != arch.audit:
        assert verdict(seccomp.program(arch), audit, number) == KILL


@EVERY
@given(number=st.integers(0x40000000, 2**32 - 1))
def test_x32_is_killed(arch: Architecture, number: int) -> None:
    """Numbers of the x32 variant never run."""
    assert verdict(seccomp.program(arch), arch.audit, number) == KILL


@EVERY
def test_ptrace_is_allowed_alone(arch: Architecture) -> None:
    """Allowing ptrace opens the calls of debuggers and nothing else."""
    opened = seccomp.denied(arch, allow_ptrace=False) - seccomp.denied(arch, allow_ptrace=True)
    names = ("ptrace", "process_vm_readv", "process_vm_writev")
    assert {seccomp.number(name, arch) for name in names} == opened
