"""Receipts, reports, and what is public about reviews."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import Field

from firstlight.adapters.api.wire.common import Moment, Page, Wire
from firstlight.adapters.api.wire.reviews.engagement import moment
from firstlight.core.review.answering import Waiting
from firstlight.core.review.engagement import EngagementState
from firstlight.core.review.model import DeveloperSize
from firstlight.usecases.ports.reviews import StoredReceipt
from firstlight.usecases.queries.reviews import OversightRow


class ClosingReceipt(Wire):
    """A signed receipt; its envelope is a download."""

    number: int
    at: Moment
    destroyed: bool = Field(description="whether it speaks of destroyed keys")

    @classmethod
    def of(cls, receipt: StoredReceipt) -> ClosingReceipt:
        """As it is stored."""
        return cls(number=receipt.number, at=str(receipt.at), destroyed=receipt.destroyed)


class ReceiptList(Wire):
    """The one of the close, and the one of destroyed keys when that came later."""

    items: list[ClosingReceipt]


class Closed(Wire):
    """A review that has ended, and its newest receipt."""

    review: str
    receipt: ClosingReceipt


class StatementShown(Wire):
    """What would be signed: canonical JSON (RFC 8785) of these fields, inside DSSE."""

    payload_type: str
    statement: dict[str, Any]
    to_sign: str = Field(description="hex: the bytes (DSSE PAE) over which Ed25519 signs")


class KeyShown(Wire):
    """A public key of this installation."""

    purpose: str
    key_id: str = Field(description="SHA-256 (hex) of the raw key; `keyid` in envelopes")
    public_key: str = Field(description="raw Ed25519 in hex")


class KeyList(Wire):
    """Compare them with what the operator told you by another way."""

    items: list[KeyShown]


class JsonPage(Page[dict[str, Any]]):
    """Documents."""


class OversightItem(Wire):
    """A review whose oversight cut you may read."""

    review: str
    number: str
    developer_name: str
    state: EngagementState
    opened_at: Moment
    closed_at: Moment | None

    @classmethod
    def of(cls, row: OversightRow) -> OversightItem:
        """From the query's row."""
        return cls(
            review=str(row.engagement),
            number=row.number,
            developer_name=row.developer_name,
            state=row.state,
            opened_at=str(row.opened_at),
            closed_at=moment(row.closed_at),
        )


class OversightPage(Page[OversightItem]):
    """Reviews, newest first."""


class WaitingShown(Wire):
    """How long developers of one size waited for an answer."""

    size: DeveloperSize | None = Field(description="null for those that have not said")
    answered: int
    waiting: int = Field(description="asked and not answered yet")
    median_seconds: int | None = Field(description="null while nothing was answered")
    longest_seconds: int | None

    @classmethod
    def of(cls, row: Waiting) -> WaitingShown:
        """From the core."""
        return cls(
            size=row.size,
            answered=row.answered,
            waiting=row.waiting,
            median_seconds=_seconds(row.middle),
            longest_seconds=_seconds(row.longest),
        )


class WaitingList(Wire):
    """One row for each size, those without any question included."""

    items: list[WaitingShown]


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds())
