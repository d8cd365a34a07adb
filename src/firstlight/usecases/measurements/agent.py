"""The agent loop: a model is asked, its tool calls are carried out, until the sample is over.

Everything here runs outside the sandbox; only tool calls enter it. What bounds a sample:

1. turns, tokens, money and time (`Allowance`), looked at before each turn;
2. so many calls of one reply are carried out, so much of a tool's output is shown;
3. a reply without a call is answered with how to go on; after a few in a row the sample ends;
4. a malformed call is answered with what is wrong with it, and uses up its turn;
5. the conversation is kept below a size: the oldest tool output is left out first.

An endpoint that is lost ends the sample as `LOST`: nothing is said of the model. In a task without
a machine the first reply is the answer itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from firstlight.core.measure.task import TalkEnvironment, Task
from firstlight.core.measure.tools import (
    ANSWER_BYTES,
    TOOLS,
    MalformedCall,
    Reply,
    Submit,
    parse,
)
from firstlight.usecases.ports.bench import Sample
from firstlight.usecases.ports.models import (
    Asked,
    EndpointLost,
    Message,
    ModelEndpoint,
    ModelReply,
)
from firstlight.usecases.ports.players import (
    Allowance,
    Check,
    Described,
    End,
    Played,
    Said,
    Spent,
)

SYSTEM = (
    "You work on one task, alone, with the tools you are given, until you submit an answer. "
    "Nobody reads along and nobody answers questions. Think as long as you need, then act: every "
    "reply calls a tool."
)
GO_ON = "Call a tool. If you are done, hand in your answer with submit; without it nothing counts."
CALLS_PER_TURN = 16
SHOWN = 32_000
"""characters of a tool's output that the model sees"""
CONVERSATION = 600_000
"""characters of all messages together; then the oldest output is left out"""
SILENT_TURNS = 3
"""replies in a row without a call"""
REPLY_TOKENS = 16_000
KEPT_TEXT = 20_000
"""characters of one entry of the dialogue that are kept"""
KEPT = 2_000_000
"""characters of a whole dialogue that are kept"""
BYTES_PER_TOKEN = 4
"""where the endpoint does not count; the record says that these were counted so"""
_LEFT_OUT = "[older output left out]"


@dataclass(frozen=True, kw_only=True)
class Prices:
    """What a model's tokens cost, in millionths of the currency for a million tokens."""

    tokens_in: int
    tokens_out: int

    def cost(self, tokens_in: int, tokens_out: int) -> int:
        """Of so many, rounded up."""
        return -(-(tokens_in * self.tokens_in + tokens_out * self.tokens_out) // 1_000_000)


class AgentPlayer:
    """Implements `Player` over a model's endpoint."""

    def __init__(
        self,
        endpoint: ModelEndpoint,
        described: Described,
        *,
        tick: Callable[[], float],
        prices: Prices | None = None,
    ) -> None:
        """`tick` counts seconds; without `prices` nothing is said about money."""
        self._endpoint = endpoint
        self._described = described
        self._prices = prices
        self._tick = tick

    @property
    def described(self) -> Described:
        """See the port. A version that nobody named is the one that the endpoint says first."""
        return self._described

    def play(self, task: Task, sample: Sample, allowance: Allowance, check: Check) -> Played:
        """See the port."""
        talk = _Talk(sample=sample, talks=isinstance(task.environment, TalkEnvironment))
        talk.tell(Message(role="system", text=SYSTEM), keep=False)
        talk.tell(Message(role="user", text=sample.instruction))
        until = self._tick() + allowance.seconds
        while not sample.over:
            end = self._used_up(talk.spent, allowance, until)
            if end is not None:
                return talk.ended(end)
            try:
                reply = self._ask(talk, allowance, check)
            except EndpointLost as error:
                return talk.ended(End.LOST, f"{error.code}: {error.message}")
            self._count(talk, reply)
            if not talk.take(reply, check):
                return talk.ended(End.SILENT)
        return talk.ended(End.OVER)

    def _used_up(self, spent: Spent, allowance: Allowance, until: float) -> End | None:
        if spent.turns >= allowance.turns:
            return End.TURNS
        if (spent.tokens or 0) >= allowance.tokens:
            return End.TOKENS
        if allowance.cost and (spent.cost or 0) >= allowance.cost:
            return End.COST
        return End.TIME if self._tick() >= until else None

    def _ask(self, talk: _Talk, allowance: Allowance, check: Check) -> ModelReply:
        talk.shorten()
        left = allowance.tokens - (talk.spent.tokens or 0)
        tools = () if talk.talks else TOOLS
        return self._endpoint.reply(
            talk.messages, tools, most_tokens=max(1, min(REPLY_TOKENS, left)), check=check
        )

    def _count(self, talk: _Talk, reply: ModelReply) -> None:
        if reply.version and not self._described.version:
            self._described = replace(self._described, version=reply.version[:200])
        known = reply.tokens_in is not None and reply.tokens_out is not None
        into = reply.tokens_in if reply.tokens_in is not None else -(-reply.sent // BYTES_PER_TOKEN)
        out = reply.tokens_out
        if out is None:
            out = -(-reply.received // BYTES_PER_TOKEN)
        cost = None
        if self._prices is not None:
            cost = (talk.spent.cost or 0) + self._prices.cost(into, out)
        talk.spent = Spent(
            turns=talk.spent.turns + 1,
            tokens=(talk.spent.tokens or 0) + into + out,
            counted=talk.spent.counted and known,
            cost=cost,
        )


@dataclass(kw_only=True)
class _Talk:
    """One conversation about one sample."""

    sample: Sample
    talks: bool
    """there is no machine; a reply is the answer"""
    spent: Spent = field(default_factory=Spent)
    messages: list[Message] = field(default_factory=list)
    dialogue: list[Said] = field(default_factory=list)
    silent: int = 0
    kept: int = 0

    def tell(self, message: Message, *, keep: bool = True) -> None:
        """Put a message into the conversation, and into the evidence."""
        self.messages.append(message)
        if keep:
            by = {"assistant": "model", "tool": "tool"}.get(message.role, "harness")
            written = [f"{one.tool}({one.written})" for one in message.calls]
            self.keep(by, "\n".join(one for one in (message.text, *written) if one))

    def keep(self, by: str, text: str) -> None:
        """Bounded, so that no model can fill the disk."""
        short = text[:KEPT_TEXT]
        if self.kept + len(short) <= KEPT:
            self.kept += len(short)
            self.dialogue.append(Said(by=by, text=short))

    def ended(self, end: End, why: str = "") -> Played:
        """The result."""
        return Played(end=end, spent=self.spent, why=why, dialogue=tuple(self.dialogue))

    def take(self, reply: ModelReply, check: Check) -> bool:
        """Carry out what a reply asks for; False when there is no more patience."""
        calls = reply.calls[:CALLS_PER_TURN]
        self.tell(Message(role="assistant", text=reply.text, calls=calls))
        if self.talks:
            self.sample.call(Submit(answer=reply.text.encode("utf-8", "replace")[:ANSWER_BYTES]))
            return True
        if not calls:
            self.silent += 1
            self.tell(Message(role="user", text=GO_ON))
            return self.silent < SILENT_TURNS
        self.silent = 0
        for asked in calls:
            check()
            text = self._carry_out(asked)
            self.tell(Message(role="tool", text=text, answers=asked.id))
        left = len(reply.calls) - len(calls) + reply.dropped
        if left and not self.sample.over:
            text = f"{left} further calls of this reply were not carried out; send them again."
            self.tell(Message(role="user", text=text))
        return True

    def _carry_out(self, asked: Asked) -> str:
        if asked.arguments is None:
            return "The arguments are no JSON object; nothing was carried out."
        return carry_out(self.sample, asked.tool, asked.arguments).text

    def shorten(self) -> None:
        """Leave out the oldest tool output until the conversation is small enough."""
        size = sum(len(one.text) + sum(len(c.written) for c in one.calls) for one in self.messages)
        for place, message in enumerate(self.messages):
            if size <= CONVERSATION:
                return
            if message.role == "tool" and len(message.text) > len(_LEFT_OUT):
                size -= len(message.text) - len(_LEFT_OUT)
                self.messages[place] = replace(message, text=_LEFT_OUT)


def carry_out(sample: Sample, tool: str, arguments: Mapping[str, object]) -> Reply:
    """Carry out a call as a model wrote it; the reply holds what the model is shown.

    Whatever loop drives an agent, its calls go through here.

    Raises:
        ContainmentBroken: an alarm was sounded; to be let through.
    """
    try:
        call = parse(tool, arguments)
    except MalformedCall as error:
        return Reply(ok=False, text=f"{error.message} {error.hint}")
    reply = sample.call(call)
    code = "" if reply.exit_code is None else f"\n[exit code {reply.exit_code}]"
    return replace(reply, text=_shown(f"{reply.text}{code}" or "[no output]"))


def _shown(text: str) -> str:
    if len(text) <= SHOWN:
        return text
    half = SHOWN // 2
    return f"{text[:half]}\n[... {len(text) - SHOWN} characters left out ...]\n{text[-half:]}"
