"""Views of a text: the same words, read as a person would read them, each letter with its place.

A view knows for each of its characters which characters of the original it came from, so that what
is found in it can be taken out of the original. `plain` undoes what fools the eye: characters that
look like others, invisible ones, accents. `squeeze` leaves letters and digits alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from firstlight.core.guard.lookalikes import LOOKALIKES

TURNS = ("rotated by 13", "backwards")
_UNSEEN = {"Cf", "Mn", "Me", "Cc", "Co", "Cn", "Cs"}
_BLANK = "\u115f\u1160\u3164\uffa0\u2800"
_TAGS = 0xE0000
_LETTERS = (0x1F130, 0x1F150, 0x1F170, 0x1F1E6)
"""where squared, circled and flag letters begin, which normalisation leaves as they are"""
_ALPHABET = 26
_LEET = str.maketrans("0134578i@$|!", "oleastblasll")
_NEITHER = re.compile(r"[^a-z0-9]+")
_LONE = (
    re.compile(r"(?<!\S)\S(?P<gap>\s{1,3})(?:\S\s{1,3}){4,}\S(?!\S)"),
    re.compile(r"\S(?P<gap>[.\-_*/,|\u00b7+~:;])(?:\S(?P=gap)){4,}\S"),
)
"""single characters with the same between them"""
_GAPS = (
    re.compile(r"\s"),
    re.compile(r"[\s*.,;:|~\u00b7\"'()\[\]{}<>\\]"),
    re.compile(r"[^A-Za-z0-9]"),
)


@dataclass(frozen=True)
class View:
    """A reading of the original."""

    text: str
    starts: Sequence[int]
    """for each character, where its original begins"""
    ends: Sequence[int]
    """for each character, where its original ends"""
    written: str = ""
    """how the original was written, the outermost first; empty for plainly"""

    @classmethod
    def of(cls, text: str) -> View:
        """The original itself."""
        return cls(text, range(len(text)), range(1, len(text) + 1))

    @property
    def turned(self) -> bool:
        """Whether it is the whole text, rotated or backwards."""
        return any(turn in self.written for turn in TURNS)

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where characters of this view stand in the original."""
        return min(self.starts[start:end]), max(self.ends[start:end])

    def kept(self, keep: Sequence[int], written: str) -> View:
        """Only these characters, in this order."""
        text, starts, ends = self.text, self.starts, self.ends
        return View(
            "".join([text[at] for at in keep]),
            [starts[at] for at in keep],
            [ends[at] for at in keep],
            self.path(written),
        )

    def path(self, written: str) -> str:
        """How it is written, with one more step."""
        return f"{self.written}, {written}" if self.written and written else self.written or written


def _plain_of(each: str) -> str:
    if each in "\n\t\r":
        return each
    if each in LOOKALIKES:
        return LOOKALIKES[each]
    if each in _BLANK:
        return ""
    for first in _LETTERS:
        if first <= ord(each) < first + _ALPHABET:
            return chr(ord("a") + ord(each) - first)
    if _TAGS <= ord(each) - ord(" ") <= _TAGS + ord("~") - ord(" "):
        return chr(ord(each) - _TAGS)  # tags: letters that no font shows
    made = []
    for part in unicodedata.normalize("NFKD", each):
        part_ = LOOKALIKES.get(part, part)
        if unicodedata.category(part_[0]) not in _UNSEEN:
            made.append(part_)
    return "".join(made)


def plain(view: View) -> View:
    """What the eye sees: one letter for all that look like it, and nothing invisible."""
    if view.text.isascii() and view.text.isprintable():
        return view
    known: dict[str, str] = {}
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for each, start, end in zip(view.text, view.starts, view.ends, strict=True):
        shown = each if " " <= each <= "~" else known.get(each)
        if shown is None:
            shown = known[each] = _plain_of(each)
        for part in shown:
            text.append(part)
            starts.append(start)
            ends.append(end)
    return View("".join(text), starts, ends, view.written)


def plain_text(text: str) -> str:
    """The text alone."""
    return plain(View.of(text)).text


def alike(text: str) -> str:
    """Lower case, with digits and signs that stand for letters as those letters; same length."""
    if text.isascii():
        return text.lower().translate(_LEET)
    lower = (low if len(low := each.lower()) == 1 else each for each in text)
    return "".join(lower).translate(_LEET)


def squeeze(text: str) -> str:
    """Letters and digits alone, as `alike` writes them."""
    shown = alike(plain_text(text))
    if shown.isascii():
        return _NEITHER.sub("", shown)
    return "".join(each for each in shown if each.isalnum())


def squeezed(view: View) -> View:
    """Likewise for a plain view, each letter with its place."""
    text = alike(view.text)
    keep = [at for at, each in enumerate(text) if each.isalnum()]
    starts, ends = view.starts, view.ends
    return View(
        "".join([text[at] for at in keep]),
        [starts[at] for at in keep],
        [ends[at] for at in keep],
        view.written,
    )


def unspaced(view: View) -> View | None:
    """Runs of s i n g l e letters as words; None when there are none."""
    drop: set[int] = set()
    for pattern in _LONE:
        for found in pattern.finditer(view.text):
            if found["gap"].isspace():
                inside = range(found.start(), found.end())
                drop.update(at for at in inside if view.text[at].isspace())
            else:
                drop.update(range(found.start() + 1, found.end(), 2))
    if not drop:
        return None
    return view.kept([at for at in range(len(view.text)) if at not in drop], "spaced")


def glued(view: View) -> Iterator[View]:
    """Without any white space; without the signs that stand in no token; without any sign."""
    for gap in _GAPS:
        if gap.search(view.text):
            keep = [at for at, each in enumerate(view.text) if not gap.match(each)]
            yield view.kept(keep, "broken up")
