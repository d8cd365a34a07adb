from __future__ import annotations

import pytest

from firstlight.core.clearinghouse.priority.grid import read_grid
from firstlight.core.clearinghouse.priority.tables.points import AUTOMATABLE, VALUE_DENSITY

POINTS = (AUTOMATABLE, VALUE_DENSITY)
EXPANDED = {("N", "D"): "L", ("N", "C"): "E", ("Y", "D"): "L", ("Y", "C"): "E"}


def test_a_star_stands_for_every_value() -> None:
    """One row with a star is as good as a row for each value."""
    assert read_grid("VD | D C\nA=* | L E", points=POINTS) == EXPANDED
    assert read_grid("VD | D C\nA=N | L E\nA=Y | L E", points=POINTS) == EXPANDED


@pytest.mark.parametrize(
    ("grid", "complaint"),
    [
        ("VD | D C\nA=* | L E\nA=Y | E S", "given twice"),
        ("VD | D C\nA=N | L", "does not fit"),
        ("VD | D C\nA=N   L E", "does not fit"),
        ("VD | D C\nA=N E=P | L E", "the table lacks"),
    ],
    ids=["overlap", "cell missing", "bar missing", "point of another table"],
)
def test_a_wrong_grid_is_refused(grid: str, complaint: str) -> None:
    """A slip in our own data fails at import instead of giving a wrong answer."""
    with pytest.raises(ValueError, match=complaint):
        read_grid(grid, points=POINTS)
