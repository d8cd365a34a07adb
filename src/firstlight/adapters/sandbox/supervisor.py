"""The first process inside a sandbox: sets the limits, runs the command, tells how it ended.

bubblewrap turns "exit 137" and "killed by signal 9" into the same number, so it cannot be the
witness. This supervisor (Perl, which every Debian-like system has as an essential part, and which
starts in about a millisecond) reports the raw wait status over a socket of its own.

Why the command cannot forge or alter the report:
1. the socket is close-on-exec, so the command never holds it;
2. the supervisor is not dumpable, so the command, though it has the same user, can neither open
   its /proc/PID/fd nor trace it nor write its memory; a socket cannot be reopened there anyway;
3. the command's environment (LD_PRELOAD, PERL5LIB, ...) is set in the child alone;
4. it runs from /usr, which is read-only.
It also gives up the host's root for good, before anything else (`identity` tells why).
Killing the supervisor is possible; the run then counts as killed by SIGKILL, which the command
could have had more simply.

The report: `S` started, `E errno` the command could not be started, `W status cpu` it ended,
`N count` so often it tried to reach an address to which there is no way, then for each collected
file `F length-of-name length-of-content`, the name and the content, and `D` done. After the
command has ended everything else inside is killed, so files are read in peace.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
from collections.abc import Sequence

from firstlight.adapters.sandbox import identity
from firstlight.adapters.sandbox.seccomp import Architecture
from firstlight.core.kernel.errors import SandboxUnavailable
from firstlight.usecases.ports.execution import Command, Limits

COLLECT_FILE_BYTES = 1 << 20
"""of one collected file; longer ones are cut"""
COLLECT_BYTES = 8 << 20
"""of all collected files of a run together"""
COLLECT_ENTRIES = 20_000
"""looked at below /box"""
_OPEN_FILES = 1024
_LINE = 100
"""bytes that a line of the report never exceeds"""

_SCRIPT = r"""
# The end of this script kills every process it may signal: right inside a process namespace of
# the run's own, ruinous anywhere else. Only there is it process 2 with process 1 for a parent.
exit 124 unless $$ == 2 and getppid() == 1;
my ($uid, $setgroups, $setresgid, $setresuid, $capset) = splice @ARGV, 0, 5;
if ($uid) {
    syscall($setgroups + 0, 0, 0) == 0 or exit 125;
    syscall($setresgid + 0, $uid + 0, $uid + 0, $uid + 0) == 0 or exit 125;
    syscall($setresuid + 0, $uid + 0, $uid + 0, $uid + 0) == 0 or exit 125;
    my ($version, $none) = (pack('LL', 0x20080522, 0), pack('L6', (0) x 6));
    syscall($capset + 0, $version, $none) == 0 or exit 125;
}
my ($fd, $prctl, $prlimit, $rl, $dir, $want, $file_max, $all_max, $entries, $nofollow, $n)
    = splice @ARGV, 0, 11;
my %env = map { split /=/, $_, 2 } splice @ARGV, 0, $n;
open(my $out, '+<&=', $fd) or exit 125;
fcntl($out, 2, 1);
syscall($prctl, 4, 0, 0, 0, 0) == 0 or exit 125;
for (split /,/, $rl) {
    my ($k, $s, $h) = split /:/;
    syscall($prlimit, 0, $k + 0, pack('QQ', $s, $h), 0) == 0 or exit 125;
}
sub report {
    my $bytes = shift;
    while (length $bytes) {
        my $sent = syswrite $out, $bytes;
        defined $sent or exit 125;
        substr($bytes, 0, $sent) = '';
    }
}
report("S\n");
my $pid = fork;
defined $pid or exit 125;
if (!$pid) {
    %ENV = %env;
    chdir($dir) and exec { $ARGV[0] } @ARGV;
    report('E ' . ($! + 0) . "\n");
    kill 'KILL', $$;
}
waitpid($pid, 0);
my $status = $?;
my (undef, undef, $u, $s) = times;
report("W $status " . ($u + $s) . "\n");
kill 'KILL', -1;
# Counted by the kernel for this network alone; nobody else is left to ask or to add.
my $departures = 0;
for my $file (qw(snmp snmp6)) {
    open(my $in, '<', "/proc/self/net/$file") or next;
    my @names;
    while (<$in>) {
        $departures += $1 if /^Ip6OutNoRoutes\s+(\d+)/;
        next unless s/^Ip: //;
        my @words = split;
        for (0 .. $#names) { $departures += $words[$_] if $names[$_] eq 'OutNoRoutes' }
        @names = @words;
    }
}
report("N $departures\n");
if (length $want) {
    my @todo = ('');
    my $all = 0;
    while (@todo and $entries > 0) {
        my $at = shift @todo;
        opendir(my $d, "/box/$at") or next;
        for my $name (sort readdir $d) {
            next if $name eq '.' or $name eq '..';
            last if $entries-- <= 0;
            my $path = $at eq '' ? $name : "$at/$name";
            lstat "/box/$path";
            if (-d _) { push @todo, $path; next }
            next unless -f _ and $path =~ /$want/s;
            sysopen(my $in, "/box/$path", $nofollow + 0) or next;
            my ($body, $got) = ('', 0);
            my $room = $file_max < $all_max - $all ? $file_max : $all_max - $all;
            1 while $room > length $body
                and $got = sysread $in, $body, $room - length $body, length $body;
            $all += length $body;
            report('F ' . length($path) . ' ' . length($body) . "\n$path$body");
        }
        closedir $d;
    }
}
report("D\n");
exit 0;
"""


def perl() -> str:
    """Where the supervisor's interpreter is.

    Raises:
        SandboxUnavailable: there is none below /usr.
    """
    found = shutil.which("perl", path="/usr/bin:/usr/local/bin")
    if found is None:
        raise SandboxUnavailable(
            "The sandbox's supervisor needs perl in /usr/bin, and there is none.",
            hint="Install it: `apt-get install perl-base` (or `dnf install perl-interpreter`).",
        )
    return found


def arguments(
    command: Command, *, interpreter: str, fd: int, arch: Architecture, processes: int | None
) -> list[str]:
    """The argument list that runs `command` under the supervisor.

    `processes` sets RLIMIT_NPROC where no cgroup counts processes.
    """
    env = [f"{name}={value}" for name, value in command.env.items()]
    return [
        interpreter,
        "-e",
        _SCRIPT,
        "--",
        str(identity.UNPRIVILEGED if identity.must_drop() else 0),
        str(arch.setgroups),
        str(arch.setresgid),
        str(arch.setresuid),
        str(arch.capset),
        str(fd),
        str(arch.prctl),
        str(arch.prlimit),
        _rlimits(command.limits, processes),
        command.cwd,
        _pattern(command.collect),
        str(COLLECT_FILE_BYTES),
        str(COLLECT_BYTES),
        str(COLLECT_ENTRIES),
        str(os.O_NOFOLLOW),
        str(len(env)),
        *env,
        *command.argv,
    ]


def _rlimits(limits: Limits, processes: int | None) -> str:
    rows = [
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_FSIZE, limits.file_bytes, limits.file_bytes),
        (resource.RLIMIT_NOFILE, _OPEN_FILES, _OPEN_FILES),
        # The soft limit sends SIGXCPU, which tells the cause; the hard one ends who ignores it.
        (resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 1),
        (resource.RLIMIT_MSGQUEUE, 0, 0),
    ]
    if processes is not None:
        rows.append((resource.RLIMIT_NPROC, processes, processes))
    return ",".join(":".join(map(str, row)) for row in rows)


def _pattern(globs: Sequence[str]) -> str:
    """One regular expression, the same in Python and Perl, that admits what the globs admit."""
    return "|".join(f"(?:{_one(glob)})" for glob in globs)


def _one(glob: str) -> str:
    parts = []
    for part in re.split(r"(\*\*/?|\*|\?)", glob):
        match part:
            case "**/":
                parts.append("(?:[^/]+/)*")
            case "**":
                parts.append(".*")
            case "*":
                parts.append("[^/]*")
            case "?":
                parts.append("[^/]")
            case _:
                parts.append("".join(c if c.isalnum() or c == "/" else f"\\{c}" for c in part))
    return r"\A" + "".join(parts) + r"\z"


class Report:
    """Reads the supervisor's report as it arrives."""

    def __init__(self) -> None:
        self.started = False
        self.start_error: int | None = None
        self.status: int | None = None
        self.cpu_seconds: float | None = None
        self.departures: int | None = None
        self.collected: dict[str, bytes] = {}
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Take in the next bytes."""
        self._rest += chunk
        while (end := self._rest.find(b"\n", 0, _LINE)) >= 0:
            kind, *words = self._rest[:end].decode("ascii").split(" ")
            body = sum(map(int, words)) if kind == "F" else 0
            if len(self._rest) < end + 1 + body:
                return
            if kind == "F":
                name_end = end + 1 + int(words[0])
                name = self._rest[end + 1 : name_end].decode("utf-8", "surrogateescape")
                self.collected[name] = bytes(self._rest[name_end : end + 1 + body])
            else:
                self._take(kind, words)
            del self._rest[: end + 1 + body]

    def _take(self, kind: str, words: list[str]) -> None:
        match kind:
            case "S":
                self.started = True
            case "E":
                self.start_error = int(words[0])
            case "W":
                self.status = int(words[0])
                self.cpu_seconds = float(words[1])
            case "N":
                self.departures = int(words[0])
