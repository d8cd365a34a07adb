"""The rules, each applied to one view of a text.

What is the recipient's own is treated apart: a party of a case may be told its number by mail,
while titles, files and functions stay on the pages that ask who reads, and are taken out. To
everybody else they are blocked.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from firstlight.core.guard.credentials import TOKEN, passwords_in, secrets_in
from firstlight.core.guard.material import GRAM, Kind, Knowledge, Sealed, holds_chunk
from firstlight.core.guard.model import Breach, Outgoing, Rule, Verdict
from firstlight.core.guard.personal import people_in
from firstlight.core.guard.reading import View, squeeze, squeezed
from firstlight.core.kernel.marking import Marking

_NAMES = re.compile(r"(?i)\bFL-\d{4}-\d{4,9}(?!\d)|\b(?:fnd|cas|evi|pat)_[0-9a-hjkmnp-tv-z]{26}\b")
_WORD = re.compile(r"[a-z0-9@][a-z0-9._/@+:~-]*")
_FLAW = re.compile(
    r"(?i)vulnerab|\bflaws?\b|overflow|use[- ]after[- ]free|double[- ]free|out[- ]of[- ]bounds"
    r"|exploit|zero[- ]?day|\b0[- ]?day|\brce\b|\bxss\b|\bssrf\b|injection|travers|unpatched"
    r"|embargo|security (?:bug|fix|hole|issue|problem|release|update)|\bcve\b|\bcrash|prototype"
    r" pollution|memory corruption|code execution|privilege|deseriali[sz]|bypass|patch (?:is|will)"
)
_LABEL = re.compile(
    r"TLP\s?[:\-_=]?\s?(RED|AMBER(?:\s?[+_]\s?STRICT)?|GREEN)(?![A-Z])", re.IGNORECASE
)
_MARKED = re.compile(r"(?i)(?:^|\n|[\[({]|marked(?: as)?|marking:?|classif\w*:?)[\s*>#\"'-]*$")


@dataclass(frozen=True)
class Asked:
    """What the rules are asked about, prepared once for all views."""

    outgoing: Outgoing
    knowledge: Knowledge
    cases: frozenset[str]
    """cases that are every recipient's"""
    names: frozenset[str]
    allowed: frozenset[str]
    """addresses that may stand in the text"""
    ceiling: Marking

    @classmethod
    def of(cls, outgoing: Outgoing, knowledge: Knowledge) -> Asked:
        """What all recipients have in common."""
        readers = outgoing.recipients
        own = {readers[0].address.lower()} if len(readers) == 1 else set()
        return cls(
            outgoing=outgoing,
            knowledge=knowledge,
            cases=frozenset.intersection(*(each.cases for each in readers)),
            names=frozenset.intersection(*(each.names for each in readers)),
            allowed=knowledge.contacts | own,
            ceiling=min((each.ceiling for each in readers), key=lambda one: one.strictness),
        )


def about_the_whole(asked: Asked) -> Iterator[Breach]:
    """What is decided without reading: who gets it, and how it is marked."""
    if not all(each.known for each in asked.outgoing.recipients):
        yield Breach(rule=Rule.RECIPIENT, verdict=Verdict.HOLD)
    if not asked.outgoing.marking.at_most(asked.ceiling):
        yield Breach(rule=Rule.MARKING, verdict=Verdict.BLOCK)


def in_view(view: View, asked: Asked, *, unbroken: bool = False) -> Iterator[Breach]:
    """Every breach that this reading shows."""
    for start, end in secrets_in(view.text, unbroken=unbroken):
        yield _breach(view, start, end, Rule.SECRET, Verdict.BLOCK)
    yield from _own_keys(view, asked)
    if unbroken:
        return  # letters were searched without white space already
    yield from _sealed(view, asked)
    for start, end in passwords_in(view.text):
        yield _breach(view, start, end, Rule.PASSWORD, Verdict.HOLD)
    if not view.turned:  # an address that is turned still looks like one, of somebody else
        for start, end in people_in(view.text, asked.allowed):
            yield _breach(view, start, end, Rule.PERSONAL, Verdict.REWRITE)
    yield from _names(view, asked)
    yield from _labels(view, asked)


def in_cipher(view: View, asked: Asked) -> Iterator[Breach]:
    """What is looked for by its letters, or by a sure shape, in one guess of many."""
    yield from _own_keys(view, asked)
    letters, grams = squeeze(view.text), asked.knowledge.material.grams
    if not any(letters[at : at + GRAM] in grams for at in range(len(letters) - GRAM + 1)):
        grams = {}
    for start, end in secrets_in(view.text, unbroken=True):
        yield _breach(view, start, end, Rule.SECRET, Verdict.BLOCK)
    if grams:
        yield from _sealed(view, asked)


def in_bytes(data: bytes, asked: Asked) -> Rule | None:
    """Which rule forbids bytes that stood encoded in a text; None when none does."""
    if _is_own(data, asked):
        return Rule.OWN_KEY
    material = asked.knowledge.material
    if holds_chunk(data, material.chunks):
        return Rule.PROOF
    digest = data.hex()
    if len(data) in {16, 20, 32, 64} and any(
        digest.startswith(piece.text[:GRAM]) and piece.text == digest
        for piece in material.grams.get(_gram(digest), ())
    ):
        return Rule.PROOF
    return None


def _gram(text: str) -> str:
    return squeezed(View.of(text[: GRAM * 2])).text[:GRAM]


def _breach(view: View, start: int, end: int, rule: Rule, verdict: Verdict) -> Breach:
    first, last = view.place(start, end)
    return Breach(rule=rule, verdict=verdict, start=first, end=last, written=view.written)


def _is_own(data: bytes, asked: Asked) -> bool:
    mine = asked.knowledge.own_keys.get(len(data))
    return mine is not None and hashlib.sha256(data).hexdigest() in mine


def _own_keys(view: View, asked: Asked) -> Iterator[Breach]:
    """A secret may stand right after a word where white space was taken out: every place counts.

    In what was decoded, whole tokens do: nobody takes white space out of it.
    """
    lengths = asked.knowledge.own_keys
    plainly = not set(view.written.split(", ")) - {"", "broken up"}
    everywhere = plainly or "spaced" in view.written
    for found in TOKEN.finditer(view.text) if lengths else ():
        for length in lengths:
            last = found.end() - length
            for at in range(found.start(), last + 1) if everywhere else {found.start(), last}:
                if at >= found.start() and _is_own(view.text[at : at + length].encode(), asked):
                    yield _breach(view, at, at + length, Rule.OWN_KEY, Verdict.BLOCK)


def _sealed(view: View, asked: Asked) -> Iterator[Breach]:
    material = asked.knowledge.material
    lower = view.text.lower()
    words = {word.rstrip(".:/-+~,") for word in _WORD.findall(lower)}
    words |= {word.partition("@")[0] for word in words if not word.startswith("@")}
    words |= {part for word in words for part in re.split(r"[/@:]", word) if part}
    short = [piece for word in words for piece in material.words.get(word, ())]
    named = {piece.case for piece in short if piece.kind is Kind.PACKAGE}
    if _FLAW.search(lower):
        hinted = (piece for piece in short if piece.kind is Kind.PACKAGE)
        for piece in hinted:
            if piece.text.lower() not in asked.outgoing.software and not _theirs(piece, asked):
                yield Breach(rule=Rule.HINT, verdict=Verdict.HOLD, written=view.written)
    for piece in short:
        if piece.kind is not Kind.PACKAGE and piece.case in named:
            at = lower.find(piece.text.lower())
            if at >= 0 and len(lower) == len(view.text):
                yield from _found(view, at, at + len(piece.text), piece, asked)
    if material.grams:
        yield from _by_letters(view, named, asked)


def _by_letters(view: View, named: set[str], asked: Asked) -> Iterator[Breach]:
    letters, grams = squeezed(view), asked.knowledge.material.grams
    text = letters.text
    for at in range(len(text) - GRAM + 1):
        for piece in grams.get(text[at : at + GRAM], ()):
            end = at + len(piece.letters)
            whole = text.startswith(piece.letters, at) and not _goes_on(letters, end, piece)
            if whole and (piece.distinctive or piece.case in named):
                yield from _found(letters, at, end, piece, asked)


def _goes_on(letters: View, end: int, piece: Sealed) -> bool:
    """Whether a number is only the beginning of a longer one: FL-2026-0001 in FL-2026-00012."""
    return (
        piece.kind is Kind.NAME
        and end < len(letters.text)
        and letters.starts[end] == letters.ends[end - 1]
        and letters.text[end - 1] in "olxeasztb69"
        and letters.text[end] in "o2lleas6tb9"
    )


def _found(view: View, start: int, end: int, piece: Sealed, asked: Asked) -> Iterator[Breach]:
    rule = _RULES[piece.kind]
    if piece.kind in {Kind.PROOF, Kind.CANARY}:
        yield _breach(view, start, end, rule, Verdict.BLOCK)
    elif piece.case in asked.outgoing.discloses:
        return
    elif not _theirs(piece, asked):
        yield _breach(view, start, end, rule, Verdict.BLOCK)
    elif piece.kind is not Kind.NAME:
        yield _breach(view, start, end, rule, Verdict.REWRITE)


def _theirs(piece: Sealed, asked: Asked) -> bool:
    return piece.case in asked.cases or piece.case in asked.outgoing.discloses


def _names(view: View, asked: Asked) -> Iterator[Breach]:
    for found in _NAMES.finditer(view.text):
        name = found[0].lower()
        if name not in asked.names and name not in asked.knowledge.released:
            yield _breach(view, *found.span(), Rule.EMBARGO, Verdict.BLOCK)


def _labels(view: View, asked: Asked) -> Iterator[Breach]:
    for found in _LABEL.finditer(view.text):
        label = Marking.parse(re.sub(r"\s", "", found[1]).replace("_", "+"))
        if not label.at_most(asked.ceiling):
            marked = _MARKED.search(view.text[max(0, found.start() - 40) : found.start()])
            verdict = Verdict.BLOCK if marked or found.start() == 0 else Verdict.HOLD
            yield _breach(view, *found.span(), Rule.MARKING, verdict)


_RULES = {
    Kind.TITLE: Rule.SEALED,
    Kind.PATH: Rule.SEALED,
    Kind.FUNCTION: Rule.SEALED,
    Kind.PHRASE: Rule.SEALED,
    Kind.NAME: Rule.EMBARGO,
    Kind.PROOF: Rule.PROOF,
    Kind.CANARY: Rule.CANARY,
}
