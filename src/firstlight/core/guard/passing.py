"""The only thing that leaves: a text that passed.

Whoever sends asks for a `Passed`, and none can be made but from a judgement, here. So a new way out
that forgets the guard has nothing to send.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from firstlight.core.guard.model import Channel, Judgement, Outgoing, Verdict
from firstlight.core.kernel.canonical import Json, canonical, digest

_BY_THE_GUARD = object()


@dataclass(frozen=True, kw_only=True)
class Passed:
    """A text that may leave, for the recipients that it was judged for."""

    channel: Channel
    to: str
    """the recipient's address; empty for the public"""
    subject: str
    body: str
    released_by: str = ""
    """who released it when it had been held; empty when the rules alone let it pass"""
    proof: object = field(repr=False, compare=False)
    """that the guard made it"""

    def __post_init__(self) -> None:
        """Refuse what was not judged."""
        if self.proof is not _BY_THE_GUARD:
            raise TypeError("only the guard makes a text that passed; see core/guard/passing.py")


def passed(outgoing: Outgoing, judgement: Judgement) -> Passed | None:
    """What may leave by the rules alone; None when it is held or blocked."""
    if judgement.verdict not in {Verdict.PASS, Verdict.REWRITE}:
        return None
    return _made(outgoing, judgement.subject, judgement.body)


def released(outgoing: Outgoing, judgement: Judgement, *, by: str) -> Passed | None:
    """What a person lets leave as it is, after it had been held.

    It was judged again at this moment; None when it would be blocked now.
    """
    if judgement.verdict is Verdict.BLOCK:
        return None
    return _made(outgoing, outgoing.subject, outgoing.body, by=by)


def public_already(outgoing: Outgoing) -> Passed:
    """What the world has read already, to be written again; it passed when it was released.

    Raises:
        ValueError: it is no document.
    """
    if outgoing.channel is not Channel.DOCUMENT:
        raise ValueError("only a document can be public already")
    return _made(outgoing, outgoing.subject, outgoing.body)


def _made(outgoing: Outgoing, subject: str, body: str, *, by: str = "") -> Passed:
    return Passed(
        channel=outgoing.channel,
        to=" ".join(each.address for each in outgoing.recipients).strip(),
        subject=subject,
        body=body,
        released_by=by,
        proof=_BY_THE_GUARD,
    )


def fingerprint(channel: Channel, to: str, subject: str, body: str) -> str:
    """Names one text for one recipient (SHA-256, hex)."""
    told: Json = {"channel": channel.value, "to": to, "subject": subject, "body": body}
    return digest(canonical(told))
