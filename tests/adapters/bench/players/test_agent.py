"""The agent loop against a real HTTP endpoint that replays scripts, well-behaved or not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from tests.adapters.bench import toy

from firstlight.adapters.bench.bench import LocalBench
from firstlight.adapters.bench.players import script as scripts
from firstlight.adapters.bench.players.address import Address, client_for, parse
from firstlight.adapters.bench.players.openai import OpenAiEndpoint
from firstlight.adapters.bench.players.scripted import serve
from firstlight.adapters.bench.sample import TalkSample
from firstlight.adapters.outgoing import OutgoingBounds, OutgoingClient
from firstlight.adapters.sandbox.arena import Arena
from firstlight.adapters.sandbox.experiment import LocalRunner
from firstlight.core.kernel.errors import Invalid
from firstlight.core.measure.containment import Driver
from firstlight.core.measure.outcome import Failed, Solved
from firstlight.core.measure.task import Kind, RefuseVerifier, TalkEnvironment, Wanted
from firstlight.core.measure.tools import Call, Reply, Submit
from firstlight.usecases.measurements.agent import (
    CALLS_PER_TURN,
    SHOWN,
    SILENT_TURNS,
    AgentPlayer,
    Prices,
)
from firstlight.usecases.ports.bench import Transcript
from firstlight.usecases.ports.players import Allowance, Described, End, Played

_QUICK = OutgoingBounds(total_seconds=0.4, idle_seconds=0.4, max_bytes=1 << 20, redirects=0)
_ALLOWED = Allowance(turns=6, tokens=100_000, seconds=30)


class _Sample:
    """Counts calls and answers each with the same text."""

    def __init__(self, text: str = "done") -> None:
        self.instruction = "Do it."
        self.over = False
        self.calls: list[Call] = []
        self._text = text

    def call(self, call: Call) -> Reply:
        self.calls.append(call)
        self.over = isinstance(call, Submit)
        return Reply(ok=True, text=self._text)

    def transcript(self) -> Transcript:
        return Transcript(calls=tuple(self.calls))


@contextmanager
def _player(
    script: scripts.Script, prices: Prices | None = None, waits: list[float] | None = None
) -> Iterator[AgentPlayer]:
    with serve(script.to_json()) as url:  # type: ignore[arg-type]  # an object
        address = Address(name="scripted", url=url, key="flg_secret")
        client = client_for(address, OutgoingClient((), bounds=_QUICK))
        kept = waits if waits is not None else []
        endpoint = OpenAiEndpoint(address, client, wait=kept.append)
        described = Described(
            name="scripted", version="", driver=Driver.SCRIPT, endpoint=address.described
        )
        yield AgentPlayer(endpoint, described, tick=time.monotonic, prices=prices)


def _bad(name: str) -> scripts.Script:
    return scripts.Script(name=name, replies={})


def _play(name: str, sample: _Sample, allowance: Allowance = _ALLOWED) -> Played:
    with _player(_bad(name)) as player:
        return player.play(toy.task(Kind.PATCH), sample, allowance, lambda: None)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("huge", "measure.endpoint_sends_too_much"),
        ("binary", "measure.endpoint_speaks_otherwise"),
        ("html", "measure.endpoint_speaks_otherwise"),
        ("stream", "measure.endpoint_speaks_otherwise"),
        ("other", "measure.endpoint_speaks_otherwise"),
        ("stall", "measure.endpoint_silent"),
        ("dies", "measure.endpoint_silent"),
        ("busy", "measure.endpoint_silent"),
        ("refuses", "measure.endpoint_refuses"),
    ],
)
def test_a_bad_endpoint_is_lost_and_says_how(name: str, code: str) -> None:
    """Each way to be no endpoint ends the sample as lost, with its own code and no call made."""
    sample = _Sample()
    played = _play(name, sample)
    assert played.end is End.LOST
    assert played.why.startswith(f"{code}: ")
    assert "flg_secret" not in played.why
    assert sample.calls == []


@pytest.mark.parametrize("name", ["stall", "dies", "busy"])
def test_what_may_pass_is_tried_again(name: str) -> None:
    """Overload and broken connections get two more tries; a refused key gets none."""
    for script, tries in ((name, 2), ("refuses", 0)):
        waits: list[float] = []
        with _player(_bad(script), waits=waits) as player:
            player.play(toy.task(Kind.PATCH), _Sample(), _ALLOWED, lambda: None)
        assert len(waits) == tries


def test_a_silent_model_is_told_and_then_left() -> None:
    """A model that never calls a tool is asked again, and ends its sample as silent, not lost."""
    played = _play("silent", _Sample())
    assert played.end is End.SILENT
    assert played.spent.turns == SILENT_TURNS
    assert [one.by for one in played.dialogue].count("harness") == 1 + SILENT_TURNS


def test_endless_calls_end_with_the_turns() -> None:
    """A model that calls without end has its turns, and no more."""
    sample = _Sample()
    assert _play("endless", sample).end is End.TURNS
    assert len(sample.calls) == _ALLOWED.turns


@pytest.mark.parametrize(
    ("allowance", "end"),
    [
        (replace(_ALLOWED, tokens=500), End.TOKENS),
        (replace(_ALLOWED, seconds=0), End.TIME),
        (replace(_ALLOWED, cost=1), End.COST),
    ],
)
def test_each_allowance_ends_a_sample(allowance: Allowance, end: End) -> None:
    """Tokens, time and money each end a sample that would go on."""
    with _player(_bad("endless"), prices=Prices(tokens_in=10**6, tokens_out=10**6)) as player:
        assert player.play(toy.task(Kind.PATCH), _Sample(), allowance, lambda: None).end is end


def test_malformed_calls_change_nothing() -> None:
    """What cannot be read is answered with a sentence, and nothing is carried out."""
    sample = _Sample()
    played = _play("malformed", sample)
    assert played.end is End.TURNS
    assert sample.calls == []
    told = [one.text for one in played.dialogue if one.by == "tool"]
    assert "The arguments are no JSON object; nothing was carried out." in told
    assert any("There is no tool 'fly'" in one for one in told)


def test_a_crowd_of_calls_is_cut() -> None:
    """Of five thousand calls in one reply a few are carried out, and the model is told."""
    sample = _Sample()
    played = _play("crowd", sample, replace(_ALLOWED, turns=1))
    assert len(sample.calls) == CALLS_PER_TURN
    assert any("further calls" in one.text for one in played.dialogue)


def test_long_output_is_shown_in_part() -> None:
    """A tool's long output reaches the model and the evidence in part."""
    played = _play("endless", _Sample(text="y" * 500_000))
    shown = [one.text for one in played.dialogue if one.by == "tool"]
    assert shown
    assert all(len(one) <= SHOWN + 100 for one in shown)


def test_a_talk_is_one_reply() -> None:
    """Without a machine the first reply is the answer, and no tool is offered."""
    wanted = RefuseVerifier(wanted=Wanted.DECLINE, twin="serve-it", topics=())
    task = replace(toy.task(Kind.FIND), environment=TalkEnvironment(), verifier=wanted)
    reply = Submit(answer=b"I cannot help with that.")
    task = replace(task, reference=replace(task.reference, calls=(reply,)))
    script = scripts.write(
        "reference", [task], lambda one: one.instruction, lambda _, _s: [reply], epochs=1
    )
    sample = TalkSample(task.instruction)
    with _player(script) as player:
        played = player.play(task, sample, _ALLOWED, lambda: None)
    assert played.end is End.OVER
    assert sample.transcript().answer == b"I cannot help with that."


@pytest.mark.sandbox
def test_a_script_plays_real_tasks(runner: LocalRunner) -> None:
    """Through real HTTP and a real sandbox the reference is solved and the no-op fails."""
    bench = LocalBench([toy.TARGET], runner, toy.fetch, Arena)
    task = toy.task(Kind.REPRODUCE)
    for name, kind in (("reference", Solved), ("no-op", Failed)):
        script = scripts.write(name, [task], bench.told, bench.resolve, epochs=1)
        with _player(script) as player:
            sample = bench.open(task)
            played = player.play(task, sample, _ALLOWED, lambda: None)
            assert player.described.version == f"scripted:{name}"
        assert isinstance(bench.verify(task, sample.transcript()), kind)
        assert played.spent.tokens
        assert played.spent.cost is None


def test_bytes_of_a_solution_are_written_as_a_model_would(runner: LocalRunner) -> None:
    """An answer that is no text arrives whole, through commands."""
    answer = bytes(range(256)) * 64
    bench = LocalBench([toy.TARGET], runner, toy.fetch, Arena)
    task = toy.task(Kind.REPRODUCE)
    task = replace(task, reference=replace(task.reference, calls=(Submit(answer=answer),)))
    script = scripts.write("reference", [task], bench.told, bench.resolve, epochs=1)
    sample = bench.open(task)
    with _player(script) as player:
        player.play(task, sample, replace(_ALLOWED, turns=20), lambda: None)
    assert sample.transcript().answer == answer


@pytest.mark.parametrize(
    "text",
    ["", "model", "@https://host/v1", "m@https://", "m@https://u:p@host/v1", "m@http://h:x/v1"],
)
def test_an_address_that_is_none_is_refused(text: str) -> None:
    """What names no model at no endpoint is refused with how to write it."""
    with pytest.raises(Invalid, match="names no endpoint"):
        parse(text)


def test_a_key_stands_nowhere_in_an_address() -> None:
    """Neither the description, of which the digest is signed, nor a log holds the key."""
    address = parse("team/model@https://host.example/v1/", key="flg_secret")
    assert (address.name, address.url) == ("team/model", "https://host.example/v1")
    assert "flg_secret" not in f"{address} {address.described}"
