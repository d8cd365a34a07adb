"""What every shape shares."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")


class Wire(BaseModel):
    """An answer, or a part of one."""

    model_config = ConfigDict(frozen=True)


class Body(BaseModel):
    """A request's body; an unknown field is an error, since it would be lost without a word."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Problem(Wire):
    """Problem details (RFC 9457): what went wrong, in a stable form."""

    type: str = Field(description="urn:firstlight:problem: and the code")
    title: str = Field(description="the same for every problem of this status")
    status: int = Field(description="the HTTP status")
    detail: str = Field(description="one sentence for a person")
    code: str = Field(description="stable; see docs/reference/errors.md")
    hint: str = Field(description="what to do next")
    details: dict[str, Any] = Field(description="named facts for programs")
    instance: str = Field(description="the path that was asked")


class Page(Wire, Generic[Item]):
    """A piece of a list, newest first."""

    items: list[Item]
    next: str | None = Field(description="cursor of the items after these; null at the end")


Moment = Annotated[
    str, Field(description="RFC 3339, in UTC", json_schema_extra={"format": "date-time"})
]
