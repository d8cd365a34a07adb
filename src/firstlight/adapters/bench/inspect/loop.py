"""One sample through Inspect's agent loop.

The loop and the model run outside the sandbox; a tool call goes through `carry_out`, as in our own
loop, in a thread of its own so that Inspect's event loop goes on. What is decided here:

1. the sample's own state ends it, not the words of the model: submitted, out of calls, broken;
2. turns, tokens, money and time are looked at after every reply, besides Inspect's own limits; of
   one reply so many calls are carried out;
3. an alarm is kept and let through to whoever leads the run; Inspect would take it for an error;
4. tokens are taken as the endpoint counts them. Where it does not, bytes are counted; Inspect's own
   counter would download a table in the middle of a run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import anyio.to_thread
from inspect_ai.agent import AgentPrompt, AgentSubmit, react
from inspect_ai.tool import ToolDef, ToolError

from firstlight.core.measure.alarm import ContainmentBroken
from firstlight.core.measure.tools import ANSWER_BYTES, TOOLS, Reply, Submit
from firstlight.usecases.measurements.agent import (
    BYTES_PER_TOKEN,
    CALLS_PER_TURN,
    GO_ON,
    SILENT_TURNS,
    SYSTEM,
    Prices,
    carry_out,
)
from firstlight.usecases.ports.bench import Sample
from firstlight.usecases.ports.players import Allowance, Check, End

_ABOUT = {one.name: one for one in TOOLS}


@dataclass(kw_only=True)
class Attempt:
    """One sample while a model works on it."""

    sample: Sample
    allowance: Allowance
    check: Check
    tick: Callable[[], float]
    """counts seconds"""
    prices: Prices | None = None
    turns: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    counted: bool = True
    """False when the endpoint did not count"""
    calls: int = 0
    """of the reply that is being carried out"""
    silent: int = 0
    end: End | None = None
    """why the loop was told to stop; None when it stopped by itself"""
    broken: ContainmentBroken | None = None
    """an alarm that was sounded meanwhile"""
    begun: float = field(init=False)

    def __post_init__(self) -> None:
        """The clock runs from here."""
        self.begun = self.tick()

    @property
    def cost(self) -> int | None:
        """So far; None when no price is known."""
        return self.prices.cost(self.tokens_in, self.tokens_out) if self.prices else None

    def agent(self) -> Any:  # noqa: ANN401  # a type of the extra
        """Inspect's loop with our tools, our words, one attempt and no hints."""
        *tools, submit = self.tools()
        return react(
            name="firstlight",
            prompt=AgentPrompt(
                instructions=SYSTEM, handoff_prompt=None, assistant_prompt=None, submit_prompt=None
            ),
            tools=[one.as_tool() for one in tools],
            submit=AgentSubmit(name="submit", tool=submit, keep_in_messages=True),
            on_continue=self.go_on,
            truncation="auto",
        )

    def tools(self) -> Sequence[Any]:
        """The agent's interface as Inspect's tools, `submit` last."""

        async def run(command: str) -> str:
            return await self._call("run", command=command)

        async def read(path: str) -> str:
            return await self._call("read", path=path)

        async def write(path: str, text: str) -> str:
            return await self._call("write", path=path, text=text)

        async def submit(answer: str | None = None, path: str | None = None) -> str:
            return await self._call("submit", answer=answer, path=path)

        return [
            ToolDef(
                tool,
                name=name,
                description=_ABOUT[name].description,
                parameters=dict(_ABOUT[name].arguments),
                parallel=False,
                max_output=0,
            )
            for name, tool in (("run", run), ("read", read), ("write", write), ("submit", submit))
        ]

    async def _call(self, tool: str, **arguments: str | None) -> str:
        self.calls += 1
        if self.calls > CALLS_PER_TURN:
            raise ToolError("Too many calls in one reply; this one was not carried out.")
        given = {name: value for name, value in arguments.items() if value is not None}
        reply = await anyio.to_thread.run_sync(partial(self._carried_out, tool, given))
        if tool == "submit" and not reply.ok:
            # Only a submission that was taken ends Inspect's loop.
            raise ToolError(reply.text)
        return reply.text

    def _carried_out(self, tool: str, given: dict[str, str]) -> Reply:
        try:
            self.check()
            return carry_out(self.sample, tool, given)
        except ContainmentBroken as error:
            self.broken = error
            raise

    async def go_on(self, state: Any) -> bool | str:  # noqa: ANN401  # a type of the extra
        """Whether another turn follows; a sentence where the model called no tool."""
        self.turns += 1
        self.calls = 0
        self.count(state.output, state.messages)
        await anyio.to_thread.run_sync(self._checked)
        self.end = self._used_up()
        called = bool(state.output.message.tool_calls)
        self.silent = 0 if called else self.silent + 1
        if self.end is None and self.silent >= SILENT_TURNS:
            self.end = End.SILENT
        if self.end is not None:
            return False
        return True if called else GO_ON

    def _checked(self) -> None:
        try:
            self.check()
        except ContainmentBroken as error:
            self.broken = error
            raise

    def _used_up(self) -> End | None:
        allowed = self.allowance
        if self.sample.over:
            return End.OVER
        if self.turns >= allowed.turns:
            return End.TURNS
        if self.tokens_in + self.tokens_out >= allowed.tokens:
            return End.TOKENS
        if allowed.cost and (self.cost or 0) >= allowed.cost:
            return End.COST
        return End.TIME if self.tick() - self.begun >= allowed.seconds else None

    def count(self, output: Any, messages: Sequence[Any]) -> None:  # noqa: ANN401  # of the extra
        """Add the tokens of one reply."""
        usage = output.usage
        if usage is not None and usage.total_tokens > 0:
            self.tokens_in += max(0, usage.total_tokens - usage.output_tokens)
            self.tokens_out += usage.output_tokens
            return
        self.counted = False
        sent = sum(len(one.text.encode("utf-8", "replace")) for one in messages)
        said = len(output.completion.encode("utf-8", "replace"))
        self.tokens_in += -(-max(0, sent - said) // BYTES_PER_TOKEN)
        self.tokens_out += -(-said // BYTES_PER_TOKEN)

    def answer(self, text: str) -> None:
        """In a task without a machine the first reply is the answer itself."""
        self.sample.call(Submit(answer=text.encode("utf-8", "replace")[:ANSWER_BYTES]))


def without_downloads(model: Any) -> Any:  # noqa: ANN401  # a type of the extra
    """The same model, counting bytes where Inspect would download a table to count tokens."""

    async def count(text: str) -> int:
        return -(-len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN)

    model.api.count_text_tokens = count
    return model
