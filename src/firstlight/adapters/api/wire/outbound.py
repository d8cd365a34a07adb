"""Verdicts of the outbound guard, and their texts."""

from __future__ import annotations

from pydantic import Field

from firstlight.adapters.api.wire.common import Body, Moment, Page, Wire
from firstlight.core.guard.record import Kept
from firstlight.usecases.guard.deciding import Opened


class VerdictShown(Wire):
    """What the guard said about one thing that was to leave."""

    id: str
    at: Moment
    channel: str = Field(description="mail, webhook or document")
    verdict: str = Field(description="pass, rewrite, hold or block")
    rule: str = Field(description="the rule that it cites; empty for pass")
    why: str = Field(description="that rule in a sentence; empty for pass")
    rules: list[str] = Field(description="all rules that were broken")
    state: str = Field(description="left, held, released, refused or blocked")
    key: str = Field(description="what was to leave: a message of the outbox, or an advisory")
    text: str = Field(description="SHA-256 (hex) of text and recipient")
    decided_by: str | None
    decided_at: Moment | None
    reason: str = Field(description="of who decided; empty before that")

    @classmethod
    def of(cls, kept: Kept) -> VerdictShown:
        """From a verdict."""
        return cls(
            id=str(kept.id),
            at=str(kept.at),
            channel=kept.channel.value,
            verdict=kept.verdict.value,
            rule=kept.rule.value if kept.rule else "",
            why=kept.rule.sentence if kept.rule else "",
            rules=[rule.value for rule in kept.rules],
            state=kept.state.value,
            key=kept.key,
            text=kept.fingerprint,
            decided_by=str(kept.decided_by) if kept.decided_by else None,
            decided_at=str(kept.decided_at) if kept.decided_at else None,
            reason=kept.reason,
        )


class PlaceShown(Wire):
    """Where a rule was broken."""

    rule: str
    verdict: str
    start: int = Field(description="in subject, line break and body, in characters")
    end: int = Field(description="the same as start when it is about the whole")
    written: str = Field(description="how it was written when not plainly: base64, spaced, ...")


class VerdictText(Wire):
    """A verdict with the text that it was about."""

    verdict: VerdictShown
    to: str = Field(description="address or webhook; empty for the public")
    subject: str
    body: str
    rewritten_subject: str = Field(description="as it left, or as the guard proposes")
    rewritten_body: str
    places: list[PlaceShown] = Field(description="the strictest first")

    @classmethod
    def of(cls, opened: Opened) -> VerdictText:
        """From an opened verdict."""
        return cls(
            verdict=VerdictShown.of(opened.kept),
            to=opened.to,
            subject=opened.subject,
            body=opened.body,
            rewritten_subject=opened.rewritten_subject,
            rewritten_body=opened.rewritten_body,
            places=[
                PlaceShown(
                    rule=each.rule,
                    verdict=each.verdict,
                    start=each.start,
                    end=each.end,
                    written=each.written,
                )
                for each in opened.places
            ],
        )


VerdictPage = Page[VerdictShown]


class Release(Body):
    """Let a held text out."""

    reason: str = Field(min_length=1, max_length=2000, description="kept in the ledger")
    rewritten: bool = Field(
        default=False, description="in the words that the guard proposes; messages only"
    )


class Refusal(Body):
    """Keep a held text in."""

    reason: str = Field(min_length=1, max_length=2000, description="kept in the ledger")
