"""Why two findings were joined, or might be: in fields for machines, in a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """The evidence behind a pair, strongest first. The order of the members is used."""

    CONFIRMED = "confirmed"
    """a person said that they are the same"""
    IDENTIFIER = "identifier"
    """they share a name that means one flaw"""
    CRASH = "crash"
    """same package, same kind of crash, same innermost frames"""
    ROOT_CAUSE = "root-cause"
    """same package, file and function, and weaknesses that may be the same"""
    FIX = "fix"
    """same package, and the same commit or the same hunk of a patch mends both"""
    LIKE_CRASH = "like-crash"
    """weak: the same crash where the package is another or unknown, or the stack is too short"""
    LIKE_PLACE = "like-place"
    """weak: same file name and function, but folders or weaknesses that do not agree"""
    LIKE_WORDS = "like-words"
    """weak: same package, titles of the same words"""
    LIKE_TEXT = "like-text"
    """weak: at least half of all phrases of the two texts are in both"""


STRONG = (Rule.CONFIRMED, Rule.IDENTIFIER, Rule.CRASH, Rule.ROOT_CAUSE, Rule.FIX)
"""Rules that join; the others only propose."""

_SENTENCES = {
    Rule.CONFIRMED: "{left} and {right} are the same flaw: a person confirmed it.",
    Rule.IDENTIFIER: "{left} and {right} are the same flaw: both are known as {left_match}.",
    Rule.CRASH: ("{left} and {right} are the same flaw: both crash in the same way, {left_match}."),
    Rule.ROOT_CAUSE: (
        "{left} and {right} are the same flaw: the first lies in {left_match}, "
        "the second in {right_match}."
    ),
    Rule.FIX: "{left} and {right} are the same flaw: both are mended by {left_match}.",
    Rule.LIKE_CRASH: (
        "{left} and {right} may be the same flaw: the first crashes with {left_match}, "
        "the second with {right_match}."
    ),
    Rule.LIKE_PLACE: (
        "{left} and {right} may be the same flaw: the first lies in {left_match}, "
        "the second in {right_match}."
    ),
    Rule.LIKE_WORDS: (
        "{left} and {right} may be the same flaw: their titles share the words {left_match}."
    ),
    Rule.LIKE_TEXT: "{left} and {right} may be the same flaw: their texts share {left_match}.",
}


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why one pair belongs together."""

    rule: Rule
    """the evidence"""
    left: str
    """the finding that sorts first"""
    right: str
    """the other"""
    left_match: str
    """what was found on the left side"""
    right_match: str
    """what was found on the right side"""

    @property
    def sentence(self) -> str:
        """For the person who decides."""
        return _SENTENCES[self.rule].format(
            left=self.left,
            right=self.right,
            left_match=self.left_match,
            right_match=self.right_match,
        )


class Verdict(StrEnum):
    """What a person said about a pair."""

    SAME = "same"
    """they are one flaw"""
    DIFFERENT = "different"
    """they are two flaws, whatever else joins them"""


@dataclass(frozen=True, kw_only=True, order=True)
class Decision:
    """A person's word on a pair of findings. It is kept until it is taken back."""

    left: str
    """one finding"""
    right: str
    """the other"""
    verdict: Verdict
    """same or different"""

    @property
    def pair(self) -> tuple[str, str]:
        """Both findings, in order: who was named first makes no difference."""
        return (self.left, self.right) if self.left <= self.right else (self.right, self.left)
