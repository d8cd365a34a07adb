"""Drafting the specification of a behaviour, and running it against a model with a judge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from firstlight.core.kernel.errors import Unavailable
from firstlight.core.measure.behaviour import prompts, replies
from firstlight.core.measure.behaviour.judging import (
    Cited,
    Judgement,
    Result,
    Turn,
    Uncounted,
    decide,
    judge,
)
from firstlight.core.measure.behaviour.replies import Unreadable
from firstlight.core.measure.behaviour.result import BehaviourRun, Held
from firstlight.core.measure.behaviour.specification import (
    Item,
    Part,
    Specification,
    checked,
)
from firstlight.usecases.ports import Clock
from firstlight.usecases.ports.behaviours import Chat

TRIES = 3
"""of a draft or a judgement that cannot be read"""
_SPLIT = "The judge says one thing and another."
_T = TypeVar("_T")
Progress = Callable[[str, str], None]
"""called with an item and what came of it"""


class DraftUnusable(Unavailable):
    """The model's draft of a specification could not be used."""

    code = "behaviour.draft_unusable"
    next_step = "Try another model, or write the specification by hand: firstlight behaviour check."


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What to draft."""

    name: str
    paragraph: str
    pairs: int
    """for each rule"""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How to run."""

    epochs: int = 1
    judgements: int = 3
    """of each conversation; an odd number"""
    tokens: int = 2048
    """of one reply"""


def draft(chat: Chat, wish: Wish) -> Specification:
    """From a paragraph to a specification that can be run, for a person to read and change.

    Raises:
        DraftUnusable: the model's replies could not be used, even after being asked again.
        SpecificationInvalid: name or paragraph cannot be used.
        Unavailable: the endpoint does not answer.
    """
    rules = _ask(chat, prompts.for_rules(wish.paragraph), replies.rules)
    items: list[Item] = []
    for rule in rules:
        pairs = _ask(chat, prompts.for_items(wish.paragraph, rule, wish.pairs), replies.pairs)
        for number, (temptation, benign) in enumerate(pairs[: wish.pairs], start=1):
            stem = f"{rule.id.lower()}-{number}"
            names = {Part.TEMPTATION: f"{stem}-tempting", Part.BENIGN: f"{stem}-benign"}
            for part, turns in ((Part.TEMPTATION, temptation), (Part.BENIGN, benign)):
                twin = names[Part.BENIGN if part is Part.TEMPTATION else Part.TEMPTATION]
                items.append(Item(id=names[part], part=part, rule=rule.id, turns=turns, twin=twin))
    return checked(
        Specification(
            name=wish.name,
            version=1,
            paragraph=wish.paragraph.strip(),
            rules=rules,
            items=items,
            made_by=chat.model.name,
            scripted=chat.model.scripted,
        )
    )


@dataclass(frozen=True, kw_only=True)
class Session:
    """A specification, who is asked, and who judges."""

    specification: Specification
    model: Chat
    judge: Chat
    clock: Clock
    bounds: Bounds = Bounds()

    def run(self, name: str, progress: Progress = lambda _item, _what: None) -> BehaviourRun:
        """Hold every conversation and judge it; what could not be held is not measured.

        Raises:
            SpecificationInvalid: it cannot be used.
        """
        checked(self.specification)
        started, held = self.clock.now(), []
        for epoch in range(1, self.bounds.epochs + 1):
            for item in self.specification.items:
                one = self._hold(item, epoch)
                held.append(one)
                progress(item.id, one.result.value)
        return BehaviourRun(
            id=name,
            specification=self.specification,
            model=self.model.model,
            judge=self.judge.model,
            held=held,
            started_at=started,
            ended_at=self.clock.now(),
            tokens=self.bounds.tokens,
        )

    def _hold(self, item: Item, epoch: int) -> Held:
        begun = self.clock.now()
        talk = self._talk(item)
        said: list[Judgement] = []
        result, why = Result.NOT_MEASURED, talk.why
        if not why:
            said = [self._judged(talk.turns, number) for number in range(self.bounds.judgements)]
            result = decide(item.part, said)
        if result is Result.UNDECIDED:
            reasons = [one.why for one in said if isinstance(one, Uncounted)]
            why = f"No majority of valid verdicts: {reasons[0]}." if reasons else _SPLIT
        spent = self.clock.now().milliseconds() - begun.milliseconds()
        return Held(
            item=item,
            epoch=epoch,
            turns=talk.turns,
            judgements=said,
            result=result,
            tokens=talk.tokens,
            milliseconds=max(0, spent),
            why=why,
        )

    def _talk(self, item: Item) -> _Talk:
        messages: list[prompts.Message] = []
        turns: list[Turn] = []
        tokens = 0
        for text in item.turns:
            messages.append({"role": "user", "content": text})
            turns.append(Turn(by_model=False, text=text))
            try:
                reply = self.model.say(messages)
            except Unavailable as error:
                return _Talk(turns, tokens, f"The model did not answer: {error.message}")
            tokens += reply.tokens
            if not reply.text.strip():
                return _Talk(turns, tokens, "The model answered nothing.")
            messages.append({"role": "assistant", "content": reply.text})
            turns.append(Turn(by_model=True, text=reply.text))
        return _Talk(turns, tokens, "")

    def _judged(self, turns: Sequence[Turn], number: int) -> Judgement:
        messages = prompts.for_judgement(self.specification, turns, number)
        found: Judgement = Uncounted(why="the judge said nothing that can be read")
        for _ in range(TRIES):
            try:
                reply = self.judge.say(messages)
            except Unavailable as error:
                return Uncounted(why=f"the judge did not answer: {error.message}")
            try:
                said = replies.said(replies.whole(reply.text))
                found = judge(said, self.specification, turns)
            except Unreadable as unreadable:
                found = Uncounted(why=f"the judge's reply cannot be read: {unreadable}")
            if isinstance(found, Cited):
                return found
            messages = prompts.again(messages, reply.text, found.why)
        return found


class _Talk(NamedTuple):
    """A conversation, and why it broke off."""

    turns: Sequence[Turn]
    tokens: int
    why: str


def _ask(chat: Chat, messages: list[prompts.Message], read: Callable[[Any], _T]) -> _T:
    why = ""
    for _ in range(TRIES):
        reply = chat.say(messages)
        try:
            return read(replies.whole(reply.text))
        except Unreadable as unreadable:
            why = str(unreadable)
            messages = prompts.again(messages, reply.text, why)
    raise DraftUnusable(f"{chat.model.name}: {why} (asked {TRIES} times)")
