from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from tests.adapters.bench.empty import empty_tree

from firstlight.adapters.bench import box as box_module
from firstlight.adapters.bench.box import Box, RunnerShell
from firstlight.adapters.bench.sample import BoxSample, TalkSample
from firstlight.adapters.sandbox.experiment import LocalRunner
from firstlight.core.kernel.errors import RunnerLost
from firstlight.core.measure.tools import (
    ANSWER_BYTES,
    FILE_BYTES,
    MOST_CALLS,
    OUTPUT_BYTES,
    Read,
    Run,
    Submit,
    Write,
)
from firstlight.usecases.ports import RunResult, Step

pytestmark = pytest.mark.sandbox


@pytest.fixture
def sample(runner: LocalRunner) -> BoxSample:
    """A sample over an empty tree, with one file given."""
    box = Box(RunnerShell(runner, empty_tree(), ()), {"given/here": b"given\n"})
    return BoxSample("Do it.", box, token="t" * 32)


def test_the_box_is_kept_from_call_to_call(sample: BoxSample) -> None:
    """Files, folders, their permissions and binary content are there in the next call."""
    first = sample.call(Run(command="cat given/here && echo '#!/bin/sh\necho ran' >a"))
    assert first.text == "given\n"
    assert sample.call(Run(command="chmod +x a && mkdir -p b/c && printf '\\0\\377' >b/c/d")).ok
    assert sample.call(Run(command="./a; od -An -tx1 b/c/d")).text == "ran\n 00 ff\n"
    assert sample.call(Write(path="b/e", data=b"\0x\xff")).ok
    assert (
        sample.call(Run(command="od -An -tx1 b/e; ls -A")).text
        == " 00 78 ff\n.firstlight\na\nb\ngiven\n"
    )
    assert sample.call(Read(path="/box/given/here")).text == "given\n"


def test_only_the_box_is_kept(sample: BoxSample) -> None:
    """What is written elsewhere, and every process, is gone after the call."""
    left = sample.call(Run(command="echo x >/tmp/left; sleep 60 & echo $! >pid; echo started"))
    assert left.text == "started\n"
    seen = sample.call(
        Run(command="ls /tmp; kill -0 $(cat pid) 2>&1; ps ax | grep -c '[s]leep 60'")
    )
    assert "left" not in seen.text
    assert seen.text.endswith("0\n")


def test_failures_are_told(sample: BoxSample) -> None:
    """An exit code, a missing file, a file in the way: each is a reply and no exception."""
    reply = sample.call(Run(command="echo out; echo err >&2; exit 3"))
    assert (reply.ok, reply.exit_code, reply.text) == (False, 3, "out\nerr\n")
    assert "No such file" in sample.call(Read(path="/box/none")).text
    assert not sample.call(Write(path="given/here/below", data=b"x")).ok
    assert not sample.call(Submit(answer=None, path="none")).ok
    assert not sample.over


def test_megabytes_are_bounded(sample: BoxSample) -> None:
    """A flood of output is cut, a file too long is not read, an answer too long not taken."""
    flood = sample.call(Run(command="head -c 3000000 /dev/zero | tr '\\0' x"))
    assert OUTPUT_BYTES <= len(flood.text) < 2 * OUTPUT_BYTES
    sample.call(
        Run(command=f"head -c {FILE_BYTES + 1} /dev/zero >long; head -c {FILE_BYTES} long >fits")
    )
    assert "longer" in sample.call(Read(path="/box/long")).text
    assert len(sample.call(Read(path="/box/fits")).text) == FILE_BYTES
    assert not sample.call(Submit(answer=None, path="long")).ok
    assert not sample.call(Submit(answer=b"x" * (ANSWER_BYTES + 1))).ok
    assert sample.call(Submit(answer=None, path="fits")).ok


def test_a_box_that_outgrows_what_is_carried_is_as_it_was(sample: BoxSample) -> None:
    """The call is told so, and the work before it is not lost."""
    sample.call(Run(command="echo kept >kept"))
    reply = sample.call(Run(command="head -c 12000000 /dev/urandom >big; rm kept"))
    assert not reply.ok
    assert "as it was before" in reply.text
    assert sample.call(Run(command="cat kept; ls big")).text.startswith("kept\n")


def test_a_call_that_kills_everything_harms_only_itself(sample: BoxSample) -> None:
    """Neither a killed shell nor spoilt carrying breaks the sample."""
    sample.call(Run(command="echo kept >kept"))
    sample.call(Run(command="kill -9 -1"))
    sample.call(
        Run(command="rm -rf /box/.firstlight; mkdir /box/.firstlight; echo x >/box/.firstlight/00")
    )
    assert sample.call(Run(command="cat kept")).text == "kept\n"
    assert not sample.transcript().broken


def test_a_spoilt_archive_spoils_its_own_sample_alone(sample: BoxSample) -> None:
    """Who overwrites what carries the box gets a reply that says so; the sample is not broken."""
    spoil = "(while :; do echo x >/box/.firstlight/00; done) >/dev/null 2>&1 & sleep 0.2"
    replies = [sample.call(Run(command=spoil)), sample.call(Run(command="echo here"))]
    assert replies[1].text == "here\n" or "box-damaged" in replies[1].text
    assert not sample.transcript().broken


def test_a_command_that_takes_too_long_is_told(
    runner: LocalRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is killed, the box is kept, and the reply says why."""
    short = box_module._SCRIPT.replace(f"KILL {box_module.CALL_SECONDS}", "KILL 1")
    monkeypatch.setattr(box_module, "_SCRIPT", short)
    sample = BoxSample("", Box(RunnerShell(runner, empty_tree(), ()), {}), token="t" * 32)
    reply = sample.call(Run(command="echo kept >kept; sleep 30"))
    assert "killed; a command may take" in reply.text
    assert sample.call(Run(command="cat kept")).text == "kept\n"


def test_endless_calls_end(runner: LocalRunner) -> None:
    """After the last call nothing is carried out, and the sample is over."""
    sample = TalkSample("Talk.")
    for _ in range(MOST_CALLS):
        assert not sample.call(Run(command="id")).ok
    assert sample.over
    assert not sample.call(Submit(answer=b"late")).ok
    assert sample.transcript().answer is None
    assert runner.environment()


def test_an_answer_ends_the_sample(sample: BoxSample) -> None:
    """What was submitted stands; later calls change nothing and are not recorded."""
    assert sample.call(Submit(answer=b"first")).ok
    assert not sample.call(Submit(answer=b"second")).ok
    transcript = sample.transcript()
    assert (transcript.answer, len(transcript.calls)) == (b"first", 1)


class _Dying:
    """A shell that is lost at its n-th call."""

    def __init__(self, inner: RunnerShell, after: int) -> None:
        self._inner = inner
        self._left = after

    def perform(self, step: Step, inputs: Mapping[str, bytes], collect: Sequence[str]) -> RunResult:
        """Perform, or be lost."""
        self._left -= 1
        if self._left < 0:
            raise RunnerLost("The runner was lost: planted.")
        return self._inner.perform(step, inputs, collect)


@pytest.mark.parametrize("after", [0, 1])
def test_a_lost_runner_ends_the_sample_as_broken(runner: LocalRunner, after: int) -> None:
    """Whenever it happens, the transcript says so and holds no answer."""
    box = Box(_Dying(RunnerShell(runner, empty_tree(), ()), after), {})
    sample = BoxSample("Do it.", box, token="t" * 32)
    replies = [
        sample.call(call) for call in (Run(command="echo x >a"), Submit(answer=None, path="a"))
    ]
    assert [reply.ok for reply in replies] == [after == 1, False]
    assert sample.over
    assert sample.transcript().broken == "The runner was lost: planted."
    assert sample.transcript().answer is None
