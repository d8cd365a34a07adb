"""What the guard is shown, and what it answers.

It decides about one outgoing text for its recipients. What is sealed at this moment, who a
recipient is and which cases are theirs is told to it; it asks nobody, and keeps nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from firstlight.core.kernel.marking import Marking


class Channel(StrEnum):
    """How something leaves."""

    MAIL = "mail"
    """to one address, readable on its way"""
    WEBHOOK = "webhook"
    """to an organisation's own machine, as JSON"""
    DOCUMENT = "document"
    """into the public zone: an advisory with its files and its items in the feeds"""


class Verdict(StrEnum):
    """What becomes of an outgoing text, the mildest first."""

    PASS = "pass"  # noqa: S105  # the name of a verdict
    """it leaves as it is"""
    REWRITE = "rewrite"
    """it leaves without what may not leave"""
    HOLD = "hold"
    """it waits for a person, who releases or refuses it"""
    BLOCK = "block"
    """it never leaves; nobody can release it"""

    @property
    def strictness(self) -> int:
        """0 for PASS up to 3 for BLOCK."""
        return list(Verdict).index(self)


class Rule(StrEnum):
    """Why a verdict is not *pass*, each with the sentence that people read."""

    sentence: str

    def __new__(cls, name: str, sentence: str) -> Self:
        """A name for programs and a sentence for people."""
        made = str.__new__(cls, name)
        made._value_ = name
        made.sentence = sentence
        return made

    MARKING = "marking", "It bears a marking stricter than its recipient may read."
    RECIPIENT = "recipient", "Nobody here knows this recipient."
    EMBARGO = "embargo", "It names a case that is not public and not the recipient's."
    HINT = "hint", "It speaks of a flaw in software that has an open case."
    SEALED = "sealed", "It holds a title, file or function of an open finding."
    PROOF = "proof", "It holds a proof of an open finding, a part of it, or its digest."
    SECRET = "secret", "It holds a key, a token or a sign-in link."
    OWN_KEY = "own-key", "It holds a secret of this installation."
    PASSWORD = "password", "It seems to tell a password."
    CANARY = "canary", "It holds a canary: text that was planted to show a leak."
    PERSONAL = "personal", "It holds an address or a number of a person who is not the recipient."
    OPAQUE = "opaque", "It holds something encoded that cannot be read here."
    BOUNDS = "bounds", "It is too long, or encoded too often, to be looked through."


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Who is to read it."""

    address: str = ""
    """the mail address or the webhook; empty for the public"""
    known: bool = True
    """whether somebody here answers for it: an account, a finder's contact, the public itself"""
    ceiling: Marking = Marking.CLEAR
    """the strictest marking that they may read"""
    cases: frozenset[str] = frozenset()
    """keys of the cases that are theirs (see `Sealed.case`)"""
    names: frozenset[str] = frozenset()
    """identifiers and numbers of things that are theirs to know, in lower case"""


PUBLIC = Recipient()
"""everybody"""


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One text on its way out."""

    channel: Channel
    recipients: Sequence[Recipient]
    """everybody who gets it; what one may not read, none is sent"""
    subject: str
    body: str
    marking: Marking = Marking.CLEAR
    """of the thing that it speaks of"""
    discloses: frozenset[str] = frozenset()
    """keys of the cases whose release this very document is; they are sealed no longer in it"""

    software: frozenset[str] = frozenset()
    """names of the packages, in lower case, of whose flaw it is to speak"""

    def __post_init__(self) -> None:
        """A text for nobody cannot be judged."""
        if not self.recipients:
            raise ValueError("an outgoing text has at least one recipient")


@dataclass(frozen=True, kw_only=True)
class Breach:
    """One place where a rule is broken."""

    rule: Rule
    verdict: Verdict
    """what this alone would lead to"""
    start: int = 0
    """where it begins in subject, line break and body"""
    end: int = 0
    """where it ends; the same as `start` when it is about the whole"""
    written: str = ""
    """how it was written when not plainly: base64, spaced, ..."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The guard's answer."""

    verdict: Verdict
    breaches: Sequence[Breach]
    """the strictest first; empty for *pass*"""
    subject: str
    """as it may leave: rewritten for *rewrite*; for *hold* a proposal without the breaches"""
    body: str
    """likewise"""

    @property
    def rule(self) -> Rule | None:
        """The rule that the verdict cites; none for *pass*."""
        return self.breaches[0].rule if self.breaches else None
