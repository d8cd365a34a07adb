"""Rows of defensive tools and participants <-> core values. The only module that knows both."""

from __future__ import annotations

from firstlight.adapters.storage import codec
from firstlight.adapters.storage.models import tools as models
from firstlight.core.review.participation import Participation
from firstlight.core.review.tools.access import ToolGrant, ToolUse
from firstlight.core.review.tools.asking import ToolRequest
from firstlight.core.review.tools.offers import Offer


def changing(value: Offer | ToolRequest | ToolGrant) -> dict[str, object]:
    """What may change of any of them."""
    return {"state": value.state.value, "version": value.version, "body": codec.pack(value)}


def offer_row(value: Offer) -> models.OfferRecord:
    """A new row."""
    return models.OfferRecord(
        id=str(value.id),
        offered_by=str(value.offered_by),
        published_at=value.published_at.utc,
        **changing(value),
    )


def offer(row: models.OfferRecord) -> Offer:
    """The offer of a row."""
    return codec.unpack(row.body, Offer)


def request_row(value: ToolRequest) -> models.ToolRequestRecord:
    """A new row."""
    return models.ToolRequestRecord(
        id=str(value.id),
        offer_id=str(value.offer),
        offered_by=str(value.offered_by),
        organisation=str(value.organisation),
        person=str(value.person),
        asked_at=value.asked_at.utc,
        **changing(value),
    )


def request(row: models.ToolRequestRecord) -> ToolRequest:
    """The request of a row."""
    return codec.unpack(row.body, ToolRequest)


def grant_row(value: ToolGrant) -> models.ToolGrantRecord:
    """A new row."""
    return models.ToolGrantRecord(
        id=str(value.id),
        request_id=str(value.request),
        offer_id=str(value.offer),
        person=str(value.person),
        through_id=str(value.through) if value.through else None,
        given_at=value.given_at.utc,
        **changing(value),
    )


def grant(row: models.ToolGrantRecord) -> ToolGrant:
    """The grant of a row."""
    return codec.unpack(row.body, ToolGrant)


def use_row(value: ToolUse) -> models.ToolUseRecord:
    """A new row."""
    return models.ToolUseRecord(
        id=str(value.id), grant_id=str(value.grant), at=value.at.utc, body=codec.pack(value)
    )


def use(row: models.ToolUseRecord) -> ToolUse:
    """The use of a row."""
    return codec.unpack(row.body, ToolUse)


def participation_columns(value: Participation) -> dict[str, object]:
    """What may change."""
    return {"listed": value.listed, "version": value.version, "body": codec.pack(value)}


def participation(row: models.ParticipationRecord) -> Participation:
    """The entry of a row."""
    return codec.unpack(row.body, Participation)
