"""The guard: one outgoing text in, one verdict out.

1. Every reading of the text is made: plain, unspaced, unbroken, decoded, a bounded number of times.
2. Every rule is applied to every reading. What cannot be looked through is held.
3. The strictest breach decides. When rewriting is enough, all breaches are taken out and the result
   is judged again; it leaves only when it passes. For a held text it is proposed.

A document is never rewritten, since somebody approved its words: it is held with the proposal. Nor
is a webhook whose JSON would break.

Not seen: pictures, paraphrases, other languages, what is encrypted, first letters of lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from firstlight.core.guard import decoding
from firstlight.core.guard.material import Knowledge
from firstlight.core.guard.model import Breach, Channel, Judgement, Outgoing, Rule, Verdict
from firstlight.core.guard.reading import View, glued, plain, unspaced
from firstlight.core.guard.searching import Asked, about_the_whole, in_bytes, in_cipher, in_view

MOST_CHARACTERS = 128 << 10
"""of subject and body; a longer text is held"""
DEEPEST = 4
"""encodings within one another that are undone"""
MOST_VIEWS = 2_000
MOST_READ = 16 << 20
"""characters of all readings together, beside a multiple of the text itself"""
_ROUNDS = 4
_BETWEEN = "\n"
_LEFT_OUT = "[left out]"
_LONG_RUN = 64


def judge(outgoing: Outgoing, knowledge: Knowledge) -> Judgement:
    """What becomes of it."""
    subject, body = outgoing.subject, outgoing.body
    first = _breaches(outgoing, subject, body, knowledge)
    if not first or first[0].verdict is Verdict.BLOCK:
        verdict = first[0].verdict if first else Verdict.PASS
        return Judgement(verdict=verdict, breaches=first, subject=subject, body=body)
    left = first
    for _ in range(_ROUNDS):
        if not any(each.end > each.start for each in left):
            break
        subject, body = _without(subject, body, left)
        left = _breaches(outgoing, subject, body, knowledge)
    if not _same_shape(outgoing, body):
        subject, body, left = outgoing.subject, outgoing.body, first
    clean = not left and outgoing.channel is not Channel.DOCUMENT
    rewrites = clean and first[0].verdict is Verdict.REWRITE
    verdict = Verdict.REWRITE if rewrites else Verdict.HOLD
    return Judgement(verdict=verdict, breaches=first, subject=subject, body=body)


def _same_shape(outgoing: Outgoing, body: str) -> bool:
    """Whether a webhook is still the JSON that it was, but for its texts."""
    if outgoing.channel is not Channel.WEBHOOK:
        return True
    try:
        return _shape(json.loads(body)) == _shape(json.loads(outgoing.body))
    except ValueError:
        return False


def _shape(value: object) -> object:
    """A JSON value without its texts."""
    if isinstance(value, dict):
        return {key: _shape(each) for key, each in value.items()}
    return [_shape(each) for each in value] if isinstance(value, list) else type(value).__name__


def _breaches(
    outgoing: Outgoing, subject: str, body: str, knowledge: Knowledge
) -> tuple[Breach, ...]:
    asked = Asked.of(outgoing, knowledge)
    found = list(about_the_whole(asked))
    whole = f"{subject}{_BETWEEN}{body}"
    if len(whole) > MOST_CHARACTERS:
        # Its beginning is read all the same: being long must not turn a block into a hold.
        whole = whole[:MOST_CHARACTERS]
        found.append(Breach(rule=Rule.BOUNDS, verdict=Verdict.HOLD))
    found.extend(_read(View.of(whole), asked))
    order = sorted(set(found), key=lambda one: (-one.verdict.strictness, one.start, one.rule.value))
    return tuple(order)


def _read(original: View, asked: Asked) -> Iterator[Breach]:
    """Breadth first through the readings, so that a bound cuts off what is nested deepest."""
    level, views = [plain(original)], 0
    budget = MOST_READ + 64 * len(original.text)
    seen: set[str] = set()
    for depth in range(DEEPEST + 1):
        following: list[View] = []
        for view in level:
            if view.text in seen:
                continue
            seen.add(view.text)
            views, budget = views + 1, budget - len(view.text)
            if views > MOST_VIEWS or budget < 0:
                yield Breach(rule=Rule.BOUNDS, verdict=Verdict.HOLD)
                return
            yield from _rules(view, asked)
            if not view.written:
                for guess in decoding.ciphers(view):
                    yield from in_cipher(guess, asked)
                for start, end in decoding.opaque(view):
                    yield from _opaque(original, start, end)
            children = list(_children(view, asked))
            yield from (each for each in children if isinstance(each, Breach))
            following += [plain(each) for each in children if isinstance(each, View)]
        if depth == DEEPEST and any(each.text not in seen and _telling(each) for each in following):
            yield Breach(rule=Rule.BOUNDS, verdict=Verdict.HOLD)
        level = following


def _rules(view: View, asked: Asked) -> Iterator[Breach]:
    yield from in_view(view, asked)
    for loose in glued(view):
        yield from in_view(loose, asked, unbroken=True)


def _children(view: View, asked: Asked) -> Iterator[View | Breach]:
    if (words := unspaced(view)) is not None:
        yield words
    yield from decoding.inline(view)
    yield from decoding.turned(view)
    for run in decoding.runs(view):
        data = decoding.unpacked(run.data)
        for each in {run.data, data}:
            if rule := in_bytes(each, asked):
                yield Breach(
                    rule=rule,
                    verdict=Verdict.BLOCK,
                    start=run.start,
                    end=run.end,
                    written=view.path(run.written),
                )
        if text := decoding.text_of(data):
            yield decoding.of_run(view, run, text)


def _telling(view: View) -> bool:
    """Whether a reading that was not looked at any more came out of an encoding."""
    return view.written.count(",") >= DEEPEST and not (view.turned or "spaced" in view.written)


def _opaque(original: View, start: int, end: int) -> Iterator[Breach]:
    run = View.of(original.text[start:end])
    if any(decoding.text_of(decoding.unpacked(one.data)) for one in decoding.runs(run)):
        return  # it can be read, and is
    if end - start >= _LONG_RUN:
        yield Breach(rule=Rule.OPAQUE, verdict=Verdict.HOLD, start=start, end=end)


def _without(subject: str, body: str, breaches: Iterable[Breach]) -> tuple[str, str]:
    """Both with every place of a breach taken out, the last first."""
    cut = len(subject)
    for start, end in reversed(_merged(breaches)):
        in_subject = (min(start, cut), min(end, cut))
        in_body = (max(start - cut - 1, 0), max(end - cut - 1, 0))
        if in_body[1] > in_body[0]:
            body = body[: in_body[0]] + _LEFT_OUT + body[in_body[1] :]
        if in_subject[1] > in_subject[0]:
            subject = subject[: in_subject[0]] + _LEFT_OUT + subject[in_subject[1] :]
    return subject, body


def _merged(breaches: Iterable[Breach]) -> list[tuple[int, int]]:
    places: list[tuple[int, int]] = []
    for start, end in sorted((each.start, each.end) for each in breaches if each.end > each.start):
        if places and start <= places[-1][1]:
            places[-1] = (places[-1][0], max(end, places[-1][1]))
        else:
            places.append((start, end))
    return places
