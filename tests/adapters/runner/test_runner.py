"""What every runner does, local or remote."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from tests.adapters.sandbox.trees import archive, member, tree

from firstlight.core.kernel.errors import HostileArchive, Invalid, TooLarge
from firstlight.usecases.ports.execution import Experiment, Limits, Runner, Step, Stopped, Trial

pytestmark = pytest.mark.sandbox
SHELL = "/bin/sh"


def sh(script: str, *, cwd: str = "/target", limits: Limits | None = None) -> Step:
    """A step that runs a shell script."""
    return Step(argv=[SHELL, "-c", script], cwd=cwd, limits=limits or Limits())


def experiment(*trials: Trial, build: str = "cp a b", salt: str = "") -> Experiment:
    """One build step over a small tree; `salt` makes it a build of its own."""
    return Experiment(
        tree=tree({"a": b"content", "salt": salt.encode()}), build=[sh(build)], trials=trials
    )


def fresh() -> str:
    """Never the same."""
    return os.urandom(8).hex()


def test_it_builds_and_tries(runner: Runner) -> None:
    """The build writes the tree, each trial reads it, and the evidence says where it ran."""
    done = runner.perform(experiment(Trial(name="t", step=sh("cat b; exit 3")), salt=fresh()))
    assert (done.built, done.cached) == (True, False)
    assert [each.exit_code for each in done.build] == [0]
    assert [(each.name, each.result.stdout, each.result.exit_code) for each in done.trials] == [
        ("t", b"content", 3)
    ]
    assert done.environment["machine"] == os.uname().machine
    assert "libc" in done.environment
    assert done.level == done.trials[0].result.level


def test_a_second_time_it_is_cached(runner: Runner) -> None:
    """The same tree and steps are built once; the results of the build are repeated."""
    asked = experiment(Trial(name="t", step=sh("true")), build="date +%N; cp a b", salt=fresh())
    first, second = runner.perform(asked), runner.perform(asked)
    assert [first.cached, second.cached] == [False, True]
    assert list(first.build) == list(second.build)
    other = runner.perform(replace(asked, build=[sh("cp a b; :")]))
    assert not other.cached


def test_a_failing_build_ends_it(runner: Runner) -> None:
    """The first failing step is the last to run, no trial follows, and nothing is cached."""
    asked = replace(
        experiment(Trial(name="t", step=sh("true")), salt=fresh()),
        build=[sh("echo one"), sh("echo two >&2; exit 7"), sh("echo three")],
    )
    for _ in range(2):
        done = runner.perform(asked)
        assert (done.built, done.cached, list(done.trials)) == (False, False, [])
        assert [each.exit_code for each in done.build] == [0, 7]
        assert done.build[1].stderr == b"two\n"


def test_a_trial_cannot_change_the_tree(runner: Runner) -> None:
    """/target is read-only in trials, and no trial sees what another left."""
    leave = sh("touch /target/x /box/x /tmp/x; rm -rf /target/a; ls /box", cwd="/box")
    look = sh("cat /target/a; ls /target /box /tmp", cwd="/box")
    done = runner.perform(
        experiment(Trial(name="1", step=leave), Trial(name="2", step=look), salt=fresh())
    )
    assert b"x\n" not in done.trials[1].result.stdout
    assert done.trials[1].result.stdout.startswith(b"content")


def test_inputs_arrive_and_results_are_collected(runner: Runner) -> None:
    """Inputs lie in /box; matching files come back, by path."""
    step = sh("mkdir out; rev in/word > out/drow; echo no > out/skipped.log", cwd="/box")
    done = runner.perform(
        experiment(
            Trial(name="t", step=step, inputs={"in/word": b"abc\n"}, collect=["out/d*"]),
            salt=fresh(),
        )
    )
    assert done.trials[0].collected == {"out/drow": b"cba\n"}


def test_binary_survives(runner: Runner) -> None:
    """Every byte of input and output is carried as it is."""
    data = bytes(range(256)) * 10
    step = Step(argv=["cat"], stdin=data)
    done = runner.perform(experiment(Trial(name="t", step=step), salt=fresh()))
    assert data == done.trials[0].result.stdout


def test_a_build_that_fills_the_disk_is_stopped(runner: Runner) -> None:
    """It counts as failed, says why, and leaves the disk as it was."""
    fill = "for n in $(seq 400); do head -c 4000000 /dev/urandom > f$n; sleep 0.05; done"
    limits = Limits(tree_bytes=16 << 20, wall_seconds=60)
    done = runner.perform(replace(experiment(salt=fresh()), build=[sh(fill, limits=limits)]))
    assert (done.built, done.build[0].stopped_by) == (False, Stopped.DISK)


def test_a_hostile_tree_is_told_as_one(runner: Runner) -> None:
    """The error keeps its class, code and next step on its way."""
    with pytest.raises(HostileArchive) as caught:
        runner.perform(replace(experiment(), tree=archive([member("../x", b"1")])))
    assert caught.value.code == "input.hostile_archive"
    assert "publisher" in caught.value.hint


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (replace(experiment(), tree=b"junk"), Invalid),
        (experiment(*[Trial(name="same", step=sh("true"))] * 2), Invalid),
        (experiment(Trial(name="t", step=sh("true"), inputs={"../x": b""})), Invalid),
        (experiment(Trial(name="t", step=Step(argv=[]))), Invalid),
        (experiment(*[Trial(name=str(n), step=sh("true")) for n in range(1001)]), TooLarge),
    ],
    ids=["junk-tree", "same-name-twice", "input-outside", "no-program", "too-many-trials"],
)
def test_a_senseless_experiment_is_refused(
    runner: Runner, asked: Experiment, error: type[Invalid]
) -> None:
    """Each is the asker's to mend."""
    with pytest.raises(error):
        runner.perform(asked)
