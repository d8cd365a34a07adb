"""Proves, or refutes, that one sample cannot leave a message for the next.

Any bench may be passed in; the tests do, with every kind of environment. For each way in which a
message could be left, one sample leaves a random word in that way, and other samples, one opened
before and one after, look for it. That the looking itself works is shown in the first sample: what
was left in its own box must be found there in a later call. A check that could not be made counts
as failed.

Not checked: side channels through the processor and its timing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from firstlight.core.measure.tools import Run
from firstlight.usecases.ports.bench import Sample

_LOOK = """\
{ cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ /proc/net/unix /proc/sysvipc/* /proc/keys
hostname; ls -laR /box /tmp /dev/shm /dev/mqueue /var/tmp /run /opt
grep -rsI "" /box /tmp /dev/shm /var/tmp /run /target/left /target/harness 2>/dev/null
ls -la /target /usr/local/lib /usr/share | head -200; } 2>/dev/null | tr '\\0' '\\n'
"""


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way in which a message might be left."""

    name: str
    """what it uses"""
    command: str
    """leaves the word WORD"""


WAYS: Sequence[Way] = (
    Way(name="a file in the box", command="echo WORD >/box/left"),
    Way(name="a hidden folder", command="mkdir -p /box/.WORD && echo WORD >/box/.WORD/x"),
    Way(name="the folder that carries the box", command="echo WORD >/box/.firstlight/left"),
    Way(name="temporary folders", command="echo WORD >/tmp/left; echo WORD >/var/tmp/left"),
    Way(name="shared memory", command="echo WORD >/dev/shm/WORD"),
    Way(name="the environment's tree", command="echo WORD >/target/left; mkdir /target/WORD"),
    Way(name="the tools", command="echo WORD >/usr/local/lib/WORD; echo WORD >/opt/WORD"),
    Way(name="a process that stays", command="(exec -a WORD sleep 60; :) & sleep 60 WORD & :"),
    Way(
        name="a process of a session of its own",
        command="setsid sh -c 'sleep 60; : WORD' >/dev/null 2>&1 & :",
    ),
    Way(
        name="an abstract socket",
        command=(
            "perl -MSocket -e 'socket(my $s, AF_UNIX, SOCK_STREAM, 0); "
            'bind($s, pack("S", AF_UNIX) . "\\0WORD"); listen($s, 1); sleep 30\' & sleep 0.1'
        ),
    ),
    Way(
        name="a queue of System V",
        command="ipcmk -Q -M 64 -S 1 >/dev/null; perl -e 'my $q = msgget(0xf17e, 0600 | 512);"
        ' msgsnd($q, pack("l! a*", 1, "WORD"), 2048)\'',
    ),
    Way(name="the name of the machine", command="hostname WORD"),
    Way(name="a setting of the kernel", command="echo WORD >/proc/sys/kernel/hostname"),
    Way(name="a keyring", command="keyctl add user WORD WORD @u"),
)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One way, and whether it was closed."""

    name: str
    """which"""
    passed: bool
    """whether no other sample saw the word"""
    detail: str
    """what was seen; empty when it held"""


def check(open_sample: Callable[[], Sample]) -> Sequence[Check]:
    """Try every way; `open_sample` opens a fresh sample of one task."""
    control = _control(open_sample())
    return [control, *(_closed(way, open_sample) for way in WAYS)]


def _control(sample: Sample) -> Check:
    word = _word()
    sample.call(Run(command=f"echo {word} >/box/kept"))
    found = word in sample.call(Run(command=_LOOK)).text
    detail = "" if found else "A sample does not find what it left in its own box."
    return Check(name="the look itself", passed=found, detail=detail)


def _closed(way: Way, open_sample: Callable[[], Sample]) -> Check:
    word = _word()
    earlier, leaving = open_sample(), open_sample()
    leaving.call(Run(command=way.command.replace("WORD", word)))
    for name, sample in (("an earlier", earlier), ("a later", open_sample())):
        reply = sample.call(Run(command=_LOOK))
        if word in reply.text:
            return Check(name=way.name, passed=False, detail=f"Found by {name} sample.")
        if reply.exit_code is None:
            return Check(name=way.name, passed=False, detail=f"Not looked: {reply.text[-200:]}")
    broken = leaving.transcript().broken
    detail = f"Not tried: {broken}" if broken else ""
    return Check(name=way.name, passed=not broken, detail=detail)


def _word() -> str:
    return f"word{secrets.token_hex(8)}"
