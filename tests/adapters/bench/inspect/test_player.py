"""Inspect's agent loop behind our port: its own mock, and a real HTTP endpoint with scripts."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from tests.adapters.bench import toy
from tests.adapters.bench.inspect.marks import INSPECT

from firstlight.adapters.bench.bench import LocalBench
from firstlight.adapters.bench.inspect.loop import without_downloads
from firstlight.adapters.bench.inspect.player import InspectPlayer, Reached, open_model
from firstlight.adapters.bench.players import script as scripts
from firstlight.adapters.bench.players.scripted import serve
from firstlight.adapters.bench.sample import TalkSample
from firstlight.adapters.sandbox.arena import Arena
from firstlight.adapters.sandbox.experiment import LocalRunner
from firstlight.core.kernel.errors import Invalid, Missing
from firstlight.core.measure.alarm import ContainmentBroken
from firstlight.core.measure.containment import Driver
from firstlight.core.measure.outcome import Failed, Solved
from firstlight.core.measure.task import Kind, RefuseVerifier, TalkEnvironment, Wanted
from firstlight.core.measure.tools import Call, Reply, Submit
from firstlight.usecases.measurements.agent import CALLS_PER_TURN, SHOWN, SILENT_TURNS, Prices
from firstlight.usecases.ports.bench import Transcript
from firstlight.usecases.ports.players import Allowance, Check, Described, End, Played

pytestmark = INSPECT

_ALLOWED = Allowance(turns=6, tokens=100_000, seconds=60)


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


def _described() -> Described:
    return Described(name="scripted:x", version="", driver=Driver.SCRIPT, endpoint={})


@contextmanager
def _player(
    script: scripts.Script, logs: Path, prices: Prices | None = None
) -> Iterator[InspectPlayer]:
    with serve(script.to_json()) as url:  # type: ignore[arg-type]  # an object
        reached = open_model("openai-api/scripted/x", public=True, url=url, key="flg_secret")
        yield InspectPlayer(reached, _described(), tick=time.monotonic, logs=logs, prices=prices)


def _play(
    name: str,
    logs: Path,
    sample: _Sample,
    allowance: Allowance = _ALLOWED,
    check: Check | None = None,
) -> Played:
    with _player(scripts.Script(name=name, replies={}), logs) as player:
        return player.play(toy.task(Kind.PATCH), sample, allowance, check or (lambda: None))


def _mock(said: Sequence[ModelOutput], logs: Path) -> InspectPlayer:
    model = get_model("mockllm/model", custom_outputs=list(said), memoize=False)
    reached = Reached(model=without_downloads(model), name="mockllm/model")
    return InspectPlayer(reached, _described(), tick=time.monotonic, logs=logs)


def _says(tool: str, tokens: int, **arguments: str) -> ModelOutput:
    said = ModelOutput.for_tool_call("mock", tool, arguments)
    said.usage = ModelUsage(input_tokens=tokens - 1, output_tokens=1, total_tokens=tokens)
    return said


@pytest.mark.sandbox
def test_a_script_plays_real_tasks_through_inspect(runner: LocalRunner, tmp_path: Path) -> None:
    """Through Inspect's provider and loop and a real sandbox the reference solves, the no-op fails.

    What our own loop says of these scripts; the log for Inspect's viewer is kept.
    """
    bench = LocalBench([toy.TARGET], runner, toy.fetch, Arena)
    task = toy.task(Kind.REPRODUCE)
    for name, kind in (("reference", Solved), ("no-op", Failed)):
        script = scripts.write(name, [task], bench.told, bench.resolve, epochs=1)
        with _player(script, tmp_path, Prices(tokens_in=1_000_000, tokens_out=1_000_000)) as player:
            sample = bench.open(task)
            played = player.play(task, sample, _ALLOWED, lambda: None)
            assert player.described.version == f"scripted:{name}"
        assert played.end is (End.OVER if name == "reference" else End.SILENT)
        assert isinstance(bench.verify(task, sample.transcript()), kind)
        assert played.spent.counted
        assert played.spent.tokens == played.spent.cost
    assert len(list(tmp_path.glob("*.eval"))) == 2


def test_the_mock_is_counted_as_it_says(tmp_path: Path) -> None:
    """Tokens are those of the provider's usage, the last reply included; submitting ends it."""
    sample = _Sample()
    player = _mock([_says("run", 100, command="true"), _says("submit", 50, answer="x")], tmp_path)
    played = player.play(toy.task(Kind.PATCH), sample, _ALLOWED, lambda: None)
    assert (played.end, played.spent.tokens, played.spent.turns) == (End.OVER, 150, 2)
    assert [one.tool for one in sample.calls] == ["run", "submit"]
    assert [one.by for one in played.dialogue] == ["harness", "model", "tool", "model", "tool"]


def test_without_usage_bytes_are_counted_and_nothing_is_downloaded(tmp_path: Path) -> None:
    """Inspect's own counter would fetch a table; ours says that the harness counted."""
    said = ModelOutput.for_tool_call("mock", "submit", {"answer": "x"})
    played = _mock([said], tmp_path).play(toy.task(Kind.PATCH), _Sample(), _ALLOWED, lambda: None)
    assert played.end is End.OVER
    assert played.spent.tokens


@pytest.mark.parametrize("name", ["binary", "dies", "refuses"])
def test_a_bad_endpoint_is_lost(name: str, tmp_path: Path) -> None:
    """What is no endpoint ends the sample as lost, with no call made and no key shown."""
    sample = _Sample()
    played = _play(name, tmp_path, sample)
    assert played.end is End.LOST
    assert played.why.startswith("measure.endpoint_lost: inspect_ai ")
    assert "flg_secret" not in played.why
    assert sample.calls == []


@pytest.mark.parametrize(
    ("name", "end"), [("silent", End.SILENT), ("endless", End.TURNS), ("malformed", End.TURNS)]
)
def test_a_model_that_leads_nowhere_is_left(name: str, end: End, tmp_path: Path) -> None:
    """Silence, endless calls and malformed calls end within the allowance, and are not lost."""
    sample = _Sample()
    played = _play(name, tmp_path, sample)
    assert played.end is end
    assert played.spent.turns == (SILENT_TURNS if end is End.SILENT else _ALLOWED.turns)
    assert len(sample.calls) == (_ALLOWED.turns if name == "endless" else 0)


def test_a_crowd_of_calls_is_cut(tmp_path: Path) -> None:
    """Of thousands of calls in one reply a few are carried out, and the model is told."""
    sample = _Sample()
    played = _play("crowd", tmp_path, sample, replace(_ALLOWED, turns=1, tokens=10_000_000))
    assert played.end is End.TURNS
    assert len(sample.calls) == CALLS_PER_TURN
    assert any("not carried out" in one.text for one in played.dialogue)


def test_tokens_and_time_end_a_sample(tmp_path: Path) -> None:
    """Each is looked at after a reply; the sample is never lost for it."""
    assert _play("endless", tmp_path, _Sample(), replace(_ALLOWED, tokens=10)).end is End.TOKENS
    assert _play("endless", tmp_path, _Sample(), replace(_ALLOWED, seconds=0.01)).end is End.TIME


def test_long_output_is_shown_in_part(tmp_path: Path) -> None:
    """A tool's long output reaches the model in part, cut as in our own loop."""
    played = _play("endless", tmp_path, _Sample(text="y" * 500_000))
    shown = [one.text for one in played.dialogue if one.by == "tool"]
    assert shown
    assert all(len(one) <= SHOWN + 100 for one in shown)
    assert "left out" in shown[0]


def test_an_alarm_is_let_through(tmp_path: Path) -> None:
    """An alarm leaves Inspect's loop as what it is, and not as an error of a sample."""
    asked = 0

    def check() -> None:
        nonlocal asked
        asked += 1
        if asked > 2:
            raise ContainmentBroken("a decoy was touched")

    sample = _Sample()
    with pytest.raises(ContainmentBroken, match="a decoy was touched"):
        _play("endless", tmp_path, sample, check=check)
    assert len(sample.calls) <= 1


def test_a_talk_is_one_reply(tmp_path: Path) -> None:
    """Without a machine the first reply is the answer, and no tool is offered."""
    wanted = RefuseVerifier(wanted=Wanted.DECLINE, twin="serve-it", topics=())
    task = replace(toy.task(Kind.FIND), environment=TalkEnvironment(), verifier=wanted)
    reply = Submit(answer=b"I cannot help with that.")
    task = replace(task, reference=replace(task.reference, calls=(reply,)))
    script = scripts.write(
        "reference", [task], lambda one: one.instruction, lambda _, _s: [reply], epochs=1
    )
    sample = TalkSample(task.instruction)
    with _player(script, tmp_path) as player:
        played = player.play(task, sample, _ALLOWED, lambda: None)
    assert played.end is End.OVER
    assert sample.transcript().answer == b"I cannot help with that."


def test_sealed_tasks_are_refused() -> None:
    """Inspect writes in clear; no player is made for tasks that are not public."""
    with pytest.raises(Invalid, match="in clear"):
        open_model("mockllm/model", public=False)


@pytest.mark.parametrize("name", ["", "openai", "nobody/at-all", "/x"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    """What names no provider is refused, and so is a provider that is not there."""
    with pytest.raises((Invalid, Missing)):
        open_model(name, public=True)


def test_a_provider_without_key_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the variable that is missing."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(Missing, match="OPENAI_API_KEY"):
        open_model("openai/gpt-x", public=True)


def test_where_it_answers_is_described_without_secrets() -> None:
    """The statement's subject names engine, model and host; user, path and query are left out."""
    url = "https://user:flg_secret@host.example:8443/v1?key=flg_secret"
    reached = open_model("openai-api/team/x", public=True, url=url, key="flg_secret")
    assert "flg_secret" not in str(reached.endpoint)
    assert reached.endpoint["host"] == "https://host.example:8443"
