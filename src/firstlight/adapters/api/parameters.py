"""Parameters that several operations take."""

from __future__ import annotations

from typing import Annotated

from ninja import Path, Query

Limit = Annotated[
    int | None,
    Query(ge=1, le=200, description="how many at most"),
]
Cursor = Annotated[
    str | None,
    Query(min_length=1, max_length=400, description="from `next` or from the Link header"),
]
CaseName = Annotated[
    str, Path(description="identifier (cas_...) or number (FL-2026-0001)", max_length=64)
]
FindingName = Annotated[str, Path(description="identifier (fnd_...)", max_length=64)]
AdvisoryName = Annotated[str, Path(description="identifier (adv_...)", max_length=64)]
ReviewName = Annotated[
    str, Path(description="identifier (eng_...) or number (FR-2026-0001)", max_length=64)
]
