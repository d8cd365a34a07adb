"""The register of participants."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from firstlight.adapters.api.wire.common import Body, Moment, Wire
from firstlight.core.review.model import DeveloperSize
from firstlight.usecases.queries.tools import RegisterRow

Day = Annotated[
    str, Field(description="calendar day, RFC 3339", json_schema_extra={"format": "date"})
]


class RegisterModelShown(Wire):
    """A model that its developer chose to name."""

    name: str
    version: str
    opened_at: Moment
    closed_at: Moment | None


class RegisterLineShown(Wire):
    """A line of the register of participants."""

    name: str
    role: str = Field(description="developer, office or partner")
    scope: str = Field(description="in its own words; empty when only a model is named")
    since: Day | None
    until: Day | None
    size: str = Field(description="of a developer, by its own word; empty for others")
    models: list[RegisterModelShown]

    @classmethod
    def of(cls, row: RegisterRow) -> RegisterLineShown:
        """From the register."""
        return cls(
            name=row.name,
            role=row.role,
            scope=row.scope,
            since=row.since.isoformat() if row.since else None,
            until=row.until.isoformat() if row.until else None,
            size=row.size,
            models=[
                RegisterModelShown(
                    name=each.name,
                    version=each.version,
                    opened_at=str(each.opened_at),
                    closed_at=str(each.closed_at) if each.closed_at else None,
                )
                for each in row.models
            ],
        )


class RegisterList(Wire):
    """Who chose to be named, by role and name."""

    items: list[RegisterLineShown]


class ParticipantGiven(Body):
    """What your organisation says of itself; all of it becomes public."""

    scope: str = Field(min_length=1, max_length=1000, description="what it takes part in")
    since: date
    until: date | None = None
    size: DeveloperSize | None = Field(default=None, description="needed of a developer")


class ParticipationShown(Wire):
    """Your organisation's own entry."""

    organisation: str
    listed: bool
    scope: str
    since: Day
    until: Day | None
    size: str
