"""Rows of the gateway's tables <-> core values. The only module that knows both."""

from __future__ import annotations

from firstlight.adapters.storage import codec
from firstlight.adapters.storage.models import uses as models
from firstlight.adapters.storage.models.fields import clean_text
from firstlight.adapters.storage.statements import Row, Value, moment
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.review.artefacts import Dialect
from firstlight.core.review.endpoint import Endpoint
from firstlight.core.review.grants import Purpose
from firstlight.core.review.ids import ArtefactId, EngagementId, GrantId, PresenceId, UseId
from firstlight.core.review.keys import GrantKey
from firstlight.core.review.presence import Presence
from firstlight.core.review.spending import Counted, Usage
from firstlight.core.review.using import Closing, Outcome, Use
from firstlight.usecases.ports.uses import StoredEndpoint


def endpoint(row: models.EndpointRecord) -> StoredEndpoint:
    """The endpoint of a row."""
    return StoredEndpoint(
        endpoint=codec.unpack(row.body, Endpoint), sealed_key=bytes(row.sealed_key)
    )


def key(row: models.GrantKeyRecord) -> GrantKey:
    """The key of a row."""
    return GrantKey(
        grant=GrantId(row.grant_id),
        number=row.number,
        digest=row.digest,
        made_at=Instant(row.made_at),
    )


def key_values(row: Row) -> GrantKey:
    """The key of a row that was read by hand."""
    grant, number, digest, made_at = row
    return GrantKey(grant=GrantId(grant), number=number, digest=digest, made_at=moment(made_at))


def presence_row(value: Presence) -> models.PresenceRecord:
    """A new row."""
    return models.PresenceRecord(
        id=str(value.id),
        grant_id=str(value.grant),
        person=str(value.person),
        began=value.began.utc,
        until=value.until.utc,
        ended=value.ended.utc if value.ended else None,
    )


def presence(row: models.PresenceRecord) -> Presence:
    """The presence of a row."""
    return Presence(
        id=PresenceId(row.id),
        grant=GrantId(row.grant_id),
        person=PersonId(row.person),
        began=Instant(row.began),
        until=Instant(row.until),
        ended=Instant(row.ended) if row.ended else None,
    )


def use_columns(value: Use) -> dict[str, Value]:
    """The columns of a new row, of a use that has just begun."""
    return {
        "id": str(value.id),
        "engagement_id": str(value.engagement),
        "grant_id": str(value.grant),
        "person": str(value.person),
        "organisation": str(value.organisation),
        "artefact": str(value.artefact),
        "purpose": value.purpose.value,
        "second": str(value.second) if value.second else None,
        "key_number": value.key_number,
        "dialect": value.dialect.value,
        "model": clean_text(value.model, "model"),
        "streamed": value.streamed,
        "opened_at": value.opened,
        "salt": value.salt,
        "request_digest": value.request_digest,
        "request_bytes": value.request_bytes,
        "reserved_tokens": value.reserved_tokens,
        "reserved_money": value.reserved_money,
        "kept": value.kept,
        "outcome": "",
        "reason": "",
        "response_digest": b"",
        "response_bytes": 0,
        "input_tokens": 0,
        "output_tokens": 0,
        "counted": "",
    }


def closing_columns(value: Closing) -> dict[str, Value]:
    """What the end of a use adds."""
    return {
        "closed_at": value.at,
        "outcome": value.outcome.value,
        "reason": value.reason,
        "status": value.status,
        "response_digest": value.response_digest,
        "response_bytes": value.response_bytes,
        "input_tokens": value.usage.input_tokens,
        "output_tokens": value.usage.output_tokens,
        "counted": value.usage.counted.value,
        "cost": value.cost,
    }


def use(row: models.UseRecord) -> Use:
    """The use of a row."""
    return Use(
        id=UseId(row.id),
        engagement=EngagementId(row.engagement_id),
        grant=GrantId(row.grant_id),
        person=PersonId(row.person),
        organisation=OrganisationId(row.organisation),
        artefact=ArtefactId(row.artefact),
        purpose=Purpose(row.purpose),
        second=PersonId(row.second) if row.second else None,
        key_number=row.key_number,
        dialect=Dialect(row.dialect),
        model=row.model,
        streamed=row.streamed,
        opened=Instant(row.opened_at),
        salt=bytes(row.salt),
        request_digest=bytes(row.request_digest),
        request_bytes=row.request_bytes,
        reserved_tokens=row.reserved_tokens,
        reserved_money=row.reserved_money,
        kept=row.kept,
        end=_closing(row),
    )


def _closing(row: models.UseRecord) -> Closing | None:
    if row.closed_at is None:
        return None
    return Closing(
        at=Instant(row.closed_at),
        outcome=Outcome(row.outcome),
        reason=row.reason,
        status=row.status,
        response_digest=bytes(row.response_digest),
        response_bytes=row.response_bytes,
        usage=Usage(
            input_tokens=row.input_tokens,
            output_tokens=row.output_tokens,
            counted=Counted(row.counted),
        ),
        cost=row.cost,
    )
