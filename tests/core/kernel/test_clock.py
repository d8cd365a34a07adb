"""Times as values: read strictly, written as they were read."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.kernel.clock import Instant, NoZone
from firstlight.core.kernel.errors import Invalid

FIRST = datetime(1900, 1, 2)  # noqa: DTZ001  # Hypothesis adds the zone
LAST = datetime(2200, 1, 1)  # noqa: DTZ001  # likewise
ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(FIRST, LAST, timezones=ZONES))
def test_a_moment_comes_back(moment: datetime) -> None:
    """Written and read it is the same moment, whatever its zone was."""
    assert Instant.parse(str(Instant(moment))) == Instant(moment) == Instant.parse(str(moment))


@pytest.mark.parametrize("text", ["2026-11-21T09:00:00Z", "2026-11-21 10:00:00+01:00"])
def test_rfc_3339_is_read(text: str) -> None:
    """With the T, or with the blank that the standard allows for people to read."""
    assert str(Instant.parse(text)) == "2026-11-21T09:00:00Z"


@pytest.mark.parametrize("between", ["!", "x", "-", "\u202e", "\n"])
def test_nothing_else_stands_between_date_and_time(between: str) -> None:
    """Python alone would take any character."""
    with pytest.raises(Invalid):
        Instant.parse(f"2026-11-21{between}09:00:00Z")


@pytest.mark.parametrize("text", ["2026-11-21T09:00:00", "2026-11-21"])
def test_a_time_without_a_zone_is_refused(text: str) -> None:
    """It means different moments to different readers."""
    with pytest.raises(NoZone):
        Instant.parse(text)


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T00:00:00Z", "20261121T090000Z"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """With an error of ours."""
    with pytest.raises(Invalid):
        Instant.parse(text)
