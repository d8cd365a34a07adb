"""A model that Inspect's providers reach, driven by Inspect's agent loop, behind the port `Player`.

Each sample is one evaluation of Inspect's, from a clean state, so that nothing of a conversation
is left for the next. Scoring stays where it is for every player: the bench judges afterwards.

Inspect's log of each sample is kept in the run's folder, for its viewer. It holds text of tasks in
clear; a player for tasks that are not public is not made (`open_model`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import inspect_ai
from inspect_ai.dataset import MemoryDataset
from inspect_ai.dataset import Sample as Asked
from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.solver import generate, system_message

from firstlight.adapters.bench.inspect.loop import Attempt, without_downloads
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import Invalid, Missing
from firstlight.core.measure.task import TalkEnvironment, Task
from firstlight.usecases.measurements.agent import (
    KEPT,
    KEPT_TEXT,
    REPLY_TOKENS,
    SYSTEM,
    Prices,
)
from firstlight.usecases.ports.bench import Sample
from firstlight.usecases.ports.models import EndpointLost
from firstlight.usecases.ports.players import (
    Allowance,
    Check,
    Described,
    End,
    Played,
    Said,
    Spent,
)

ENGINE = f"inspect_ai {version('inspect-ai')}"
_TRIES_MORE = 2
_REPLY_SECONDS = 600
_LIMITS = {
    "token": End.TOKENS,
    "time": End.TIME,
    "working": End.TIME,
    "turn": End.TURNS,
    "cost": End.COST,
}
"""Inspect's limits in our words"""


@dataclass(frozen=True, kw_only=True)
class Reached:
    """A model of one of Inspect's providers."""

    model: Any
    """of Inspect's own type"""
    name: str
    """`PROVIDER/NAME`"""

    @property
    def endpoint(self) -> Mapping[str, Json]:
        """What the statement names by its digest; no key is part of it."""
        found: dict[str, Json] = {"engine": ENGINE, "model": self.name}
        if host := _host(self.model):
            found["host"] = host
        return found


def _host(model: Any) -> str:  # noqa: ANN401  # a type of the extra
    """Where it answers, as far as the provider says; user, path and query may hold a secret."""
    parts = urlsplit(str(getattr(model.api, "base_url", None) or ""))
    return f"{parts.scheme}://{parts.hostname}:{parts.port or ''}" if parts.hostname else ""


def open_model(name: str, *, public: bool, url: str = "", key: str = "") -> Reached:
    """The model that a name of Inspect's stands for.

    Args:
        name: `PROVIDER/NAME`
        public: whether the tasks may stand in a log in clear
        url: an address other than the provider's own
        key: for it; empty leaves it to the provider's own variable

    Raises:
        Invalid: the tasks are not public, or the name is none.
        Missing: the provider is not there, or lacks a key or package.
    """
    if not public:
        raise Invalid(
            "Inspect writes tasks down in clear, and these are sealed",
            hint="Measure a sealed suite with MODEL@https://host/v1, which writes nothing.",
            field="model",
        )
    provider, _, rest = name.partition("/")
    if not (provider and rest) or not name.isprintable():
        raise Invalid(
            f"{name[:80]!r} is no model of Inspect's", hint="Write inspect/PROVIDER/NAME."
        )
    more: dict[str, Any] = {"responses_api": False} if provider == "openai-api" else {}
    try:
        model = get_model(
            name,
            base_url=url or None,
            api_key=key or None,
            memoize=False,
            config=GenerateConfig(
                max_tokens=REPLY_TOKENS, max_retries=_TRIES_MORE, timeout=_REPLY_SECONDS
            ),
            **more,
        )
    except Exception as error:
        # Each provider has its own errors; the border translates them once.
        said = str(getattr(error, "message", error))[:400]
        raise Missing(
            f"Inspect cannot open {name[:80]!r}: {said}",
            hint="Install the provider's package and set its key, as Inspect's pages say.",
        ) from error
    return Reached(model=without_downloads(model), name=name)


class InspectPlayer:
    """Implements `Player`."""

    def __init__(
        self,
        reached: Reached,
        described: Described,
        *,
        tick: Callable[[], float],
        logs: Path,
        prices: Prices | None = None,
    ) -> None:
        """`logs` is a folder for Inspect's logs; it is made when the first is written."""
        self._reached = reached
        self._described = described
        self._tick = tick
        self._logs = logs
        self._prices = prices

    @property
    def described(self) -> Described:
        """See the port. A version that nobody named is the one that the endpoint says first."""
        return self._described

    def play(self, task: Task, sample: Sample, allowance: Allowance, check: Check) -> Played:
        """See the port."""
        check()
        attempt = Attempt(
            sample=sample, allowance=allowance, check=check, tick=self._tick, prices=self._prices
        )
        log = self._evaluate(task, attempt)
        if attempt.broken is not None:
            raise attempt.broken
        return self._played(task, attempt, log)

    def _evaluate(self, task: Task, attempt: Attempt) -> Any:  # noqa: ANN401  # of the extra
        talks = isinstance(task.environment, TalkEnvironment)
        allowed = attempt.allowance
        made = inspect_ai.Task(
            name=task.id,
            dataset=MemoryDataset([Asked(input=attempt.sample.instruction, id=task.id)]),
            solver=[system_message(SYSTEM), generate()] if talks else attempt.agent(),
            token_limit=allowed.tokens,
            turn_limit=allowed.turns,
            time_limit=max(1, math.ceil(allowed.seconds)),
        )
        found = inspect_ai.eval(
            made,
            model=self._reached.model,
            display="none",
            log_dir=str(self._logs),
            log_level="error",
            log_realtime=False,
            score=False,
            acp_server=False,
            ctl_server=False,
            notification=False,
        )
        return found[0]

    def _played(self, task: Task, attempt: Attempt, log: Any) -> Played:  # noqa: ANN401
        done = log.samples[0] if log.samples else None
        messages = done.messages if done else []
        turns = max(attempt.turns, sum(one.role == "assistant" for one in messages))
        dialogue = tuple(_dialogue(messages))
        error = (done.error if done else None) or log.error
        if error is not None or done is None:
            said = _plain(error.message if error else log.status)
            why = f"{EndpointLost.code}: {ENGINE}: {said}"
            return Played(end=End.LOST, spent=Spent(turns=turns), why=why[:500], dialogue=dialogue)
        if isinstance(task.environment, TalkEnvironment) and done.limit is None:
            attempt.answer(done.output.completion)
        self._version(done.output)
        end = attempt.end
        if end is None and done.limit is not None:
            end = _LIMITS.get(done.limit.type, End.TIME)
        if end is None:
            end = End.OVER if attempt.sample.over else End.SILENT
        return Played(end=end, spent=self._spent(attempt, done, turns), dialogue=dialogue)

    def _spent(self, attempt: Attempt, done: Any, turns: int) -> Spent:  # noqa: ANN401
        """As Inspect's log adds it up; by bytes where the endpoint did not count."""
        usage = list(done.model_usage.values())
        total = sum(one.total_tokens for one in usage)
        out = sum(one.output_tokens for one in usage)
        if not total or not attempt.counted:
            if not total and not attempt.turns:
                attempt.count(done.output, done.messages)
            total, out = attempt.tokens_in + attempt.tokens_out, attempt.tokens_out
        cost = self._prices.cost(total - out, out) if self._prices else None
        return Spent(turns=turns, tokens=total, counted=attempt.counted, cost=cost)

    def _version(self, output: Any) -> None:  # noqa: ANN401  # a type of the extra
        if output.model and not self._described.version:
            self._described = replace(self._described, version=str(output.model)[:200])


def _plain(text: object) -> str:
    """One line of an error; a provider may write pages."""
    return " ".join(str(text).split())[:300]


def _dialogue(messages: Sequence[Any]) -> Iterator[Said]:
    """Bounded, so that no model can fill the disk. What everybody is told is left out."""
    kept = 0
    for one in messages:
        if one.role == "system":
            continue
        by = {"assistant": "model", "tool": "tool"}.get(one.role, "harness")
        calls = [f"{c.function}({c.arguments})" for c in getattr(one, "tool_calls", None) or ()]
        error = getattr(one, "error", None)
        shown = error.message if error else one.text
        text = "\n".join(part for part in (shown, *calls) if part)[:KEPT_TEXT]
        if kept + len(text) > KEPT:
            return
        kept += len(text)
        yield Said(by=by, text=text)
