from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.clearinghouse.priority import strategies

from firstlight.core.clearinghouse.priority import tables
from firstlight.core.clearinghouse.priority.decision import (
    Answer,
    Decision,
    DecisionTable,
    Derived,
    Known,
    Unknown,
    UnknownPoint,
    UnknownValue,
)
from firstlight.core.clearinghouse.priority.tables import points


def completions(table: DecisionTable, answers: dict[str, Answer]) -> list[Decision]:
    """The decision for every way in which the unknown answers could turn out."""
    choices = []
    for point in table.points:
        answer = answers.get(point.key, Unknown(reason="left out"))
        if isinstance(answer, Known):
            choices.append([answer.value])
        else:
            assert isinstance(answer, Unknown)
            choices.append(list(answer.possible) or [value.key for value in point.values])
    return [
        table.decide(
            {
                point.key: Known(value=value, source="a test")
                for point, value in zip(table.points, values, strict=True)
            }
        )
        for values in product(*choices)
    ]


@given(st.data())
def test_unknown_is_at_least_as_urgent_as_any_answer(data: st.DataObject) -> None:
    """Whatever an unknown turns out to be, the decision made before was no less urgent."""
    table = data.draw(strategies.tables | strategies.lawless_tables())
    answers = dict(data.draw(strategies.answers(table)))
    decision = table.decide(answers)
    assert all(decision.urgency >= known.urgency for known in completions(table, answers))


@given(st.data())
def test_possible_outcomes_are_those_of_all_completions(data: st.DataObject) -> None:
    """`possible` names every outcome that can still happen, and no other, in order of urgency."""
    table = data.draw(strategies.tables.filter(lambda table: not table.unknown))
    answers = dict(data.draw(strategies.answers(table)))
    decision = table.decide(answers)
    outcomes = {known.outcome for known in completions(table, answers)}
    assert decision.possible == tuple(v for v in table.outcome.values if v in outcomes)


@given(st.data())
def test_assumed_lists_exactly_what_was_not_known(data: st.DataObject) -> None:
    """Each point without a known answer is an assumption with a reason and a rule, no other is."""
    table = data.draw(strategies.tables)
    answers = data.draw(strategies.answers(table))
    decision = table.decide(answers)
    expected = [p.key for p in table.points if not isinstance(answers.get(p.key), Known)]
    assert expected == [one.point.key for one in decision.assumed]
    assert all(one.reason and one.rule for one in decision.assumed)


@given(st.data())
def test_otherwise_is_what_the_table_says(data: st.DataObject) -> None:
    """Answering an assumed point with another value gives the outcome that was foretold."""
    table = data.draw(strategies.tables)
    decision = table.decide(data.draw(strategies.answers(table)))
    taken = {s.point.key: Known(value=s.value.key, source="a test") for s in decision.path}
    for one in decision.assumed:
        for other in one.otherwise:
            changed = taken | {one.point.key: Known(value=other.value.key, source="a test")}
            assert other.outcome == table.decide(changed).outcome


@given(st.data())
def test_a_decision_is_determined_by_its_answers(data: st.DataObject) -> None:
    """The same answers in another order give an equal decision."""
    table = data.draw(strategies.tables)
    answers = dict(data.draw(strategies.answers(table)))
    shuffled = dict(data.draw(st.permutations(list(answers.items()))))
    assert table.decide(answers) == table.decide(shuffled)


@given(st.data())
def test_a_path_narrows_to_its_outcome(data: st.DataObject) -> None:
    """Along the path the open outcomes only become fewer, and the last step leaves one."""
    table = data.draw(strategies.tables)
    decision = table.decide(data.draw(strategies.answers(table)))
    leaves = [set(step.leaves) for step in decision.path]
    assert all(later <= earlier for earlier, later in pairwise(leaves))
    assert leaves[-1] == {decision.outcome}


def test_a_derived_answer_keeps_its_assumptions() -> None:
    """What was assumed for a derived answer is among the assumptions of the decision over it."""
    inner = tables.UTILITY.decide({"VD": Known(value="C", source="a test")})
    outer = tables.SUPPLIER.decide({"U": Derived(decision=inner)})
    assert [one.point.key for one in outer.assumed] == ["E", "A", "TI", "PSI"]


def test_a_derived_answer_leaves_open_what_its_assumptions_leave_open() -> None:
    """An assumption further in is seen in the possible outcomes further out."""
    inner = tables.UTILITY.decide({"VD": Known(value="D", source="a test")})
    given_answers: dict[str, Answer] = {
        "E": Known(value="N", source="a test"),
        "U": Derived(decision=inner),
        "TI": Known(value="P", source="a test"),
        "PSI": Known(value="M", source="a test"),
    }
    outer = tables.SUPPLIER.decide(given_answers)
    assert [value.key for value in outer.possible] == ["D", "S"]
    assert outer.outcome.key == "S"


def test_an_answer_derived_for_another_point_is_refused() -> None:
    """Human impact cannot stand in for utility."""
    inner = tables.HUMAN_IMPACT.decide({})
    with pytest.raises(UnknownValue, match="does not answer Utility"):
        tables.SUPPLIER.decide({"U": Derived(decision=inner)})


def test_an_unknown_value_is_refused_with_the_allowed_ones() -> None:
    """A value outside the point names itself and the values that exist."""
    with pytest.raises(UnknownValue) as caught:
        tables.UTILITY.decide({"A": Known(value="perhaps", source="a test")})
    assert caught.value.details["value"] == "perhaps"
    assert caught.value.details["allowed"] == ["N", "Y"]


def test_an_unknown_point_is_refused() -> None:
    """A mistyped question is an error and never an answer that is silently dropped."""
    with pytest.raises(UnknownPoint, match="'AUTO'"):
        tables.UTILITY.decide({"AUTO": Known(value="Y", source="a test")})


@pytest.mark.parametrize("text", ["P", "Public PoC", "public poc", "poc", "PoC"])
def test_a_value_is_found_by_key_name_or_alias(text: str) -> None:
    """Published data write the same value in several ways."""
    assert points.EXPLOITATION.value(text).key == "P"


def test_a_table_with_a_gap_is_refused() -> None:
    """A mapping that leaves a combination open cannot become a table."""
    whole = tables.UTILITY
    with pytest.raises(ValueError, match="every combination"):
        DecisionTable(
            namespace="test",
            key="GAP",
            version="1.0.0",
            name="With a gap",
            source=whole.source,
            points=whole.points,
            outcome=whole.outcome,
            mapping={row: out for row, out in whole.mapping.items() if row != ("Y", "C")},
        )
