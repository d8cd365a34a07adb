"""What one run does, against real programs: honest, broken and hostile."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from firstlight.adapters.sandbox.bubblewrap import BubblewrapSandbox
from firstlight.adapters.sandbox.identity import hand_over
from firstlight.core.kernel.errors import Invalid, SandboxUnavailable
from firstlight.usecases.ports.execution import (
    Command,
    ContainmentLevel,
    Limits,
    Mount,
    RunResult,
    Stopped,
)

pytestmark = pytest.mark.sandbox
MEBIBYTE = 1 << 20


def perl(sandbox: BubblewrapSandbox, script: str, **limits: float) -> RunResult:
    """Run a script under some limits."""
    bounds = Limits(**{"wall_seconds": 15, **limits})  # type: ignore[arg-type]  # floats and ints
    return sandbox.run(Command(argv=["perl", "-e", script], limits=bounds))


@pytest.mark.parametrize("code", [0, 1, 2, 124, 125, 126, 127, 128, 137, 139, 255])
def test_an_exit_is_an_exit(sandbox: BubblewrapSandbox, code: int) -> None:
    """Every exit code comes through, those that imitate a signal included."""
    result = perl(sandbox, f"exit {code}")
    assert (code, None, Stopped.ITSELF) == (result.exit_code, result.signal, result.stopped_by)


@pytest.mark.parametrize("name", ["SEGV", "ABRT", "KILL", "TERM", "BUS", "ILL", "FPE", "PIPE"])
def test_a_signal_is_a_signal(sandbox: BubblewrapSandbox, name: str) -> None:
    """A command that dies from a signal is told apart from one that exits with 128+n."""
    result = sandbox.run(Command(argv=["sh", "-c", f"kill -{name} $$; sleep 5"]))
    assert (None, signal.Signals[f"SIG{name}"]) == (result.exit_code, result.signal)


def test_the_report_cannot_be_forged(sandbox: BubblewrapSandbox) -> None:
    """A command that writes to every descriptor it can reach still has its own exit told."""
    result = perl(
        sandbox,
        """
        for my $pid (1, getppid, $$) {
            for my $fd (0 .. 64) {
                open(my $f, '>', "/proc/$pid/fd/$fd") or next;
                syswrite $f, "S\\nW 11 0\\nD\\n";
            }
            open(my $m, '+<', "/proc/$pid/mem") and $pid != $$ and print 'memory';
        }
        for my $fd (3 .. 64) { open(my $f, '>&=', $fd) and syswrite $f, "W 11 0\\n" }
        exit 42
        """,
    )
    assert (result.exit_code, result.signal) == (42, None)
    assert b"memory" not in result.stdout


def test_killing_the_supervisor_gains_nothing(sandbox: BubblewrapSandbox) -> None:
    """A command that kills its witness counts as killed; it cannot pass as having exited."""
    result = perl(sandbox, "kill 'KILL', getppid; sleep 1; exit 0")
    assert (result.exit_code, result.signal) == (None, signal.SIGKILL)


def test_the_environment_reaches_the_command_alone(sandbox: BubblewrapSandbox) -> None:
    """Variables that would subvert the supervisor do nothing before the command starts."""
    env = {"PERL5OPT": "-e'exit 3'", "PERL5LIB": "/box", "LD_PRELOAD": "/box/evil.so", "A": "b"}
    result = sandbox.run(Command(argv=["/usr/bin/env"], env=env))
    assert result.exit_code == 0
    assert b"A=b\n" in result.stdout


def test_a_missing_program_is_the_commands_fault(sandbox: BubblewrapSandbox) -> None:
    """A program that is not there is told as a shell would, not as a broken sandbox."""
    result = sandbox.run(Command(argv=["/target/missing"]))
    assert result.exit_code == 127
    assert b"cannot start" in result.stderr


def test_a_missing_mount_is_the_sandboxs_fault(sandbox: BubblewrapSandbox, tmp_path: Path) -> None:
    """Bubblewrap's own exit 1 is never taken for the command's."""
    mount = Mount(source=tmp_path / "absent", target="/target")
    with pytest.raises(SandboxUnavailable, match="absent"):
        sandbox.run(Command(argv=["/bin/true"], mounts=[mount]))


def test_no_bubblewrap_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the program nothing runs, and the error says how to get it."""
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SandboxUnavailable, match="not installed") as caught:
        BubblewrapSandbox().level()
    assert "apt-get install bubblewrap" in caught.value.hint


def test_a_refused_user_namespace_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What bubblewrap says when namespaces are forbidden becomes the reason, with the remedy."""
    fake = tmp_path / "bwrap"
    fake.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && { echo bubblewrap 0; exit; }\n'
        "echo 'bwrap: No permissions to create a new namespace, Operation not permitted' >&2\n"
        "exit 1\n"
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(SandboxUnavailable, match="not permitted") as caught:
        BubblewrapSandbox().level()
    assert "sysctl" in caught.value.hint


def test_a_fork_bomb_is_held(sandbox: BubblewrapSandbox) -> None:
    """Endless forking ends at the limit and leaves no process."""
    began = time.monotonic()
    result = perl(sandbox, "while (1) { fork }", processes=32, wall_seconds=1.5)
    assert result.stopped_by in {Stopped.WALL_TIME, Stopped.PROCESSES}
    assert time.monotonic() - began < 10
    assert perl(sandbox, "exit 0").exit_code == 0


def test_a_memory_bomb_is_held(sandbox: BubblewrapSandbox) -> None:
    """Taking more than the limit ends the run, and is told as that."""
    result = perl(sandbox, f"my $x = 'x' x {512 * MEBIBYTE}; exit 0", memory_bytes=64 * MEBIBYTE)
    assert result.stopped_by is Stopped.MEMORY


@pytest.mark.parametrize("folder", ["/tmp", "/dev/shm", "/box"])  # noqa: S108  (inside)
def test_a_disk_filler_is_held(sandbox: BubblewrapSandbox, folder: str) -> None:
    """Many files together cannot outgrow any folder that can be written."""
    result = perl(
        sandbox,
        f"""my $total = 0;
        for my $n (1 .. 40) {{
            open(my $f, '>', "{folder}/$n") or last;
            for (1 .. 8) {{ $total += syswrite($f, 'x' x 65536) || 0 }}
        }}
        print $total""",
        scratch_bytes=4 * MEBIBYTE,
        box_bytes=4 * MEBIBYTE,
    )
    assert 0 < int(result.stdout) <= 4 * MEBIBYTE


def test_a_disk_filler_is_held_in_a_writable_mount(
    sandbox: BubblewrapSandbox, tmp_path: Path
) -> None:
    """A build that fills the disk is stopped soon after its limit, and told as that."""
    hand_over(tmp_path)
    script = """
        for my $n (1 .. 400) {
            open(my $f, '>', "/target/$n") or last;
            for (1 .. 64) { syswrite $f, 'x' x 65536 }
            select undef, undef, undef, 0.05;
        }"""
    result = sandbox.run(
        Command(
            argv=["perl", "-e", script],
            mounts=[Mount(source=tmp_path, target="/target", writable=True)],
            limits=Limits(tree_bytes=32 * MEBIBYTE, wall_seconds=30),
        )
    )
    assert result.stopped_by is Stopped.DISK
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 400 * MEBIBYTE


def test_a_file_cannot_grow_without_end(sandbox: BubblewrapSandbox) -> None:
    """Passing the size of one file ends the command, and is told as that."""
    result = perl(
        sandbox,
        "open(my $f, '>', '/tmp/f'); while (1) { syswrite $f, 'x' x 65536 }",
        file_bytes=MEBIBYTE,
    )
    assert result.stopped_by is Stopped.FILE_SIZE


def test_a_flood_is_stopped(sandbox: BubblewrapSandbox) -> None:
    """Printing without end ends the run long before its time, and keeps what is allowed."""
    result = perl(sandbox, "while (1) { print 'y' x 65536 }", output_bytes=1000, wall_seconds=60)
    assert result.stopped_by is Stopped.OUTPUT
    assert len(result.stdout) == 1000
    assert result.stdout_total > 1000
    assert result.wall_seconds < 30


def test_streams_are_capped_apart(sandbox: BubblewrapSandbox) -> None:
    """Each stream has its own limit, and counts what it dropped."""
    result = perl(sandbox, "print 'o' x 5000; print STDERR 'e' x 300", output_bytes=1000)
    assert (result.stdout, result.stdout_total) == (b"o" * 1000, 5000)
    assert (result.stderr, result.stderr_total) == (b"e" * 300, 300)
    assert result.stopped_by is Stopped.ITSELF


def test_a_sleeper_is_stopped(sandbox: BubblewrapSandbox) -> None:
    """The clock outside ends a run that ignores every polite signal."""
    script = "$SIG{$_} = 'IGNORE' for qw(TERM INT HUP ALRM); sleep 60 while 1"
    result = perl(sandbox, script, wall_seconds=0.5)
    assert (result.stopped_by, result.signal) == (Stopped.WALL_TIME, signal.SIGKILL)
    assert result.wall_seconds < 5


def test_a_spinner_is_stopped(sandbox: BubblewrapSandbox) -> None:
    """CPU time has a limit of its own, also for a command that ignores the warning."""
    result = perl(sandbox, "$SIG{XCPU} = 'IGNORE'; 1 while 1", cpu_seconds=1, wall_seconds=30)
    assert result.signal == signal.SIGKILL
    assert result.wall_seconds < 20


def test_a_closed_stdin_does_not_hurt(sandbox: BubblewrapSandbox) -> None:
    """A command that reads none of a large input is not disturbed, nor are we."""
    result = sandbox.run(Command(argv=["/bin/true"], stdin=b"x" * (4 * MEBIBYTE)))
    assert result.exit_code == 0


def test_stdin_and_output_together(sandbox: BubblewrapSandbox) -> None:
    """Input larger than any pipe is delivered while the output is taken."""
    data = os.urandom(3 * MEBIBYTE)
    result = sandbox.run(
        Command(argv=["cat"], stdin=data, limits=Limits(output_bytes=4 * MEBIBYTE))
    )
    assert data == result.stdout


def test_files_go_in_and_come_out(sandbox: BubblewrapSandbox) -> None:
    """What is placed in /box is there; what matches a pattern comes back, and nothing else."""
    script = (
        "cat in/a > out.txt; mkdir -p d/e; echo 2 > d/e/deep.log; echo 3 > other; printf '' > e.txt"
    )
    result = sandbox.run(
        Command(argv=["sh", "-c", script], files={"in/a": b"1"}, collect=["*.txt", "d/**/*.log"])
    )
    assert result.collected == {"out.txt": b"1", "e.txt": b"", "d/e/deep.log": b"2\n"}


def test_links_are_not_followed_when_collecting(sandbox: BubblewrapSandbox) -> None:
    """A link, a pipe or a device left behind gives nothing away and blocks nothing."""
    script = (
        "ln -s /etc/passwd a.txt; ln -s /etc b; mkfifo c.txt; ln -s /usr/lib/os-release d.txt;"
        "echo fine > z.txt; (while :; do echo more > y.txt; done) &"
    )
    result = sandbox.run(Command(argv=["sh", "-c", script], collect=["**"]))
    assert result.collected["z.txt"] == b"fine\n"
    assert set(result.collected) <= {"z.txt", "y.txt"}


def test_what_is_collected_is_bounded(sandbox: BubblewrapSandbox) -> None:
    """A file gives at most its first MiB, and all of them 8 MiB."""
    script = "for n in 1 2 3 4 5 6 7 8 9 10; do head -c 1500000 /dev/zero > $n; done"
    result = sandbox.run(Command(argv=["sh", "-c", script], collect=["*"]))
    assert max(map(len, result.collected.values())) == MEBIBYTE
    assert sum(map(len, result.collected.values())) == 8 * MEBIBYTE


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "a/../../b", "", ".", "a//b", "a\0b"])
def test_a_file_cannot_be_placed_elsewhere(sandbox: BubblewrapSandbox, name: str) -> None:
    """A name that is not plainly below /box is refused."""
    with pytest.raises(Invalid):
        sandbox.run(Command(argv=["/bin/true"], files={name: b""}))


@pytest.mark.parametrize("target", ["/", "/usr", "/proc", "target", "/box/../etc", "/dev", "/etc"])
def test_a_mount_cannot_cover_the_system(
    sandbox: BubblewrapSandbox, tmp_path: Path, target: str
) -> None:
    """A mount goes to a place of its own."""
    with pytest.raises(Invalid):
        sandbox.run(Command(argv=["/bin/true"], mounts=[Mount(source=tmp_path, target=target)]))


@pytest.mark.parametrize(
    "command",
    [
        Command(argv=[]),
        Command(argv=["a\0b"]),
        Command(argv=["/bin/true"], env={"A=B": "c"}),
        Command(argv=["/bin/true"], limits=Limits(wall_seconds=0)),
        Command(argv=["/bin/true"], limits=Limits(processes=0)),
        Command(argv=["/bin/true"], limits=Limits(memory_bytes=1000)),
    ],
    ids=["empty", "nul", "equals-sign", "no-time", "no-process", "no-memory"],
)
def test_a_senseless_command_is_refused(sandbox: BubblewrapSandbox, command: Command) -> None:
    """Each is an error of the caller, said before anything starts."""
    with pytest.raises(Invalid):
        sandbox.run(command)


def test_a_box_folder_is_writable_and_stays(sandbox: BubblewrapSandbox, tmp_path: Path) -> None:
    """A host folder given as /box keeps what the command wrote."""
    hand_over(tmp_path)
    result = sandbox.run(Command(argv=["sh", "-c", "echo 1 > kept"], box=tmp_path))
    assert result.exit_code == 0
    assert (tmp_path / "kept").read_bytes() == b"1\n"


def test_many_runs_leave_nothing(sandbox: BubblewrapSandbox) -> None:
    """Descriptors, threads and control groups do not grow with the number of runs."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: perl(sandbox, f"exit {n % 3}"), range(12)))
        before = _held()
        codes = [r.exit_code for r in pool.map(lambda n: perl(sandbox, f"exit {n % 3}"), range(48))]
        after = _held()
    assert [n % 3 for n in range(48)] == codes
    assert all(late <= early + 4 for early, late in zip(before, after, strict=True))


def _held() -> tuple[int, int, int]:
    groups = list(Path("/sys/fs/cgroup").rglob(f"firstlight-*-{os.getpid()}-*"))
    return len(list(Path("/proc/self/fd").iterdir())), threading.active_count(), len(groups) // 4


def test_the_level_is_in_every_result(sandbox: BubblewrapSandbox) -> None:
    """Evidence names its containment, and each weaker limit where there is one."""
    result = perl(sandbox, "exit 0")
    assert sandbox.level() is result.level
    assert (result.level is ContainmentLevel.L1) is (not result.notes)
    assert (result.level is ContainmentLevel.L1) is (not sandbox.facts().reasons)
