from __future__ import annotations

import json
from typing import Any

import pytest
from tests.shared_data import shared_data

from firstlight.core.clearinghouse.priority.decision import DecisionTable, Known, Point
from firstlight.core.clearinghouse.priority.tables import ALL_TABLES, CISA_BOD_26_04

FILES = {
    "cisa:DT_BOD2604:1.0.0": "cisa_bod_26_04_1_0_0",
    "cisa:DT_CO:2.0.3": "cisa_coordinator_2_0_3",
    "ssvc:DT_COORD_PUBLISH:1.0.0": "coordinator_publish_decision_table_1_0_0",
    "ssvc:DT_COORD_TRIAGE:1.0.0": "coordinator_triage_1_0_0",
    "ssvc:DT_DP:1.0.0": "deployer_patch_application_priority_1_0_0",
    "ssvc:DT_HI:1.0.0": "human_impact_1_0_0",
    "ssvc:DT_PSI:1.0.0": "public_safety_impact_1_0_0",
    "ssvc:DT_SP:1.0.0": "supplier_patch_development_priority_1_0_0",
    "ssvc:DT_U:1.0.0": "utility_1_0_0",
}

each_table = pytest.mark.parametrize("table", ALL_TABLES.values(), ids=list(ALL_TABLES))
ALL_POINTS = {p.id: p for t in ALL_TABLES.values() for p in (*t.points, t.outcome)}

# KEV, exposed, automatable, impact, time: as the directive prints them.
BOD_ROWS = """
no  no  no  partial  FSU
no  no  no  total    FSU
no  no  yes partial  60D
no  no  yes total    60D
no  yes no  partial  60D
no  yes no  total    14D
no  yes yes partial  14D
no  yes yes total    3D
yes no  no  partial  14D
yes no  no  total    14D
yes no  yes partial  14D
yes no  yes total    3DF
yes yes no  partial  14D
yes yes no  total    3DF
yes yes yes partial  3D
yes yes yes total    3DF
"""


def published(table_id: str) -> dict[str, Any]:
    """The published table, from the shared data."""
    text = shared_data(f"ssvc/{FILES[table_id]}.json").read_text()
    document: dict[str, Any] = json.loads(text)
    return document


def test_every_table_has_a_published_twin() -> None:
    """No table is left out of the comparison with the published data."""
    assert set(FILES) == set(ALL_TABLES)


@pytest.mark.parametrize("table_id", FILES)
def test_every_row_is_the_published_one(table_id: str) -> None:
    """Each row of the published table has the same outcome here, and there are as many rows."""
    theirs, ours = published(table_id), ALL_TABLES[table_id]
    assert theirs["outcome"] == ours.outcome.id
    assert len(theirs["mapping"]) == len(ours.mapping)
    for row in theirs["mapping"]:
        key = tuple(row[point.id] for point in ours.points)
        assert (key, ours.mapping[key]) == (key, row[ours.outcome.id])


@pytest.mark.parametrize("table_id", FILES)
def test_every_value_is_the_published_one(table_id: str) -> None:
    """Points have the published names, and values the published keys, names and order."""
    theirs, ours = published(table_id)["decision_points"], ALL_TABLES[table_id]
    for point in (*ours.points, ours.outcome):
        assert theirs[point.id]["name"] == point.name
        expected = [(value["key"], value["name"]) for value in theirs[point.id]["values"]]
        assert expected == [(value.key, value.name) for value in point.values]


@pytest.mark.parametrize("row", BOD_ROWS.strip().splitlines())
def test_the_directive_row_by_row(row: str) -> None:
    """Each of the 16 rows of BOD 26-04 gives the time that the directive prints."""
    kev, exposed, automatable, impact, expected = row.split()
    decision = CISA_BOD_26_04.decide(
        {
            "KEV": Known(value=kev, source="a test"),
            "PE": Known(value=exposed, source="a test"),
            "A": Known(value=automatable, source="a test"),
            "TI": Known(value=impact, source="a test"),
        }
    )
    assert decision.outcome.key == expected
    assert decision.assumed == ()


@each_table
def test_a_worse_answer_is_never_less_urgent(table: DecisionTable) -> None:
    """Moving one answer up its scale never moves the outcome down: true of all, no exception."""
    urgency = {
        row: table.outcome.urgency(table.outcome.value(key)) for row, key in table.mapping.items()
    }
    for row in table.mapping:
        for place, point in enumerate(table.points):
            keys = [value.key for value in point.values]
            for worse in keys[keys.index(row[place]) + 1 :]:
                worse_row = (*row[:place], worse, *row[place + 1 :])
                assert urgency[worse_row] >= urgency[row], (row, worse_row)


@each_table
def test_every_outcome_can_happen(table: DecisionTable) -> None:
    """No outcome of a scale is dead in its table."""
    assert set(table.mapping.values()) == {value.key for value in table.outcome.values}


@each_table
def test_the_source_is_named(table: DecisionTable) -> None:
    """Each table names publisher, place and licence of its values."""
    assert FILES[table.id] in table.source.reference
    assert "CERT/CC" in table.source.publisher
    assert "MIT" in table.source.licence


@pytest.mark.parametrize("point", ALL_POINTS.values(), ids=list(ALL_POINTS))
def test_no_text_means_two_values(point: Point) -> None:
    """A key, name or alias finds its own value, so that published data are read one way only."""
    for value in point.values:
        for text in (value.key, value.name, *value.aliases):
            assert point.value(text) == value
    names = [name.casefold() for v in point.values for name in (v.name, *v.aliases)]
    assert len(names) == len(set(names))


def test_one_version_of_a_point_is_one_definition() -> None:
    """Tables that share a point share the very same one."""
    for table in ALL_TABLES.values():
        for point in (*table.points, table.outcome):
            assert point == ALL_POINTS[point.id]
