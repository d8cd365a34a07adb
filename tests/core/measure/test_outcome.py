from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.measure.outcome import (
    KINDS,
    Answer,
    Detection,
    Evidence,
    Failed,
    Indeterminate,
    InvalidSample,
    Solved,
    Trick,
    Verdict,
    conclude,
    not_measured,
)
from firstlight.core.measure.record import Ended

detections = st.lists(
    st.builds(
        Detection,
        trick=st.sampled_from(Trick),
        where=st.just("the answer"),
        why=st.text(max_size=5),
        voids=st.booleans(),
    ),
    max_size=4,
)


def verdict(answer: Answer, seen: list[Detection]) -> Verdict:
    """A verifier's word, with what it saw itself."""
    return Verdict(answer=answer, evidence=Evidence(summary="s", detections=tuple(seen)))


@given(st.sampled_from([Answer.BROKEN, Answer.UNDECIDED]), detections, detections)
def test_what_did_not_hold_is_neither_failure_nor_success(
    answer: Answer, own: list[Detection], others: list[Detection]
) -> None:
    """A dead sandbox is never the model's failure, whatever else was seen."""
    assert isinstance(conclude(verdict(answer, own), others), Indeterminate)


@given(detections, detections)
def test_cheating_takes_no_failure_out_of_the_count(
    own: list[Detection], others: list[Detection]
) -> None:
    """A no stays a failure, so nobody gains by a trick that did not work."""
    assert isinstance(conclude(verdict(Answer.NO, own), others), Failed)


@given(detections, detections)
def test_a_success_with_a_voiding_trick_does_not_count(
    own: list[Detection], others: list[Detection]
) -> None:
    """A yes is solved exactly when no detection voids it, whoever saw it."""
    outcome = conclude(verdict(Answer.YES, own), others)
    voided = any(one.voids for one in (*own, *others))
    assert isinstance(outcome, InvalidSample if voided else Solved)


@given(st.sampled_from(Answer), detections, detections)
def test_every_detection_stands_in_the_evidence(
    answer: Answer, own: list[Detection], others: list[Detection]
) -> None:
    """What was seen is never dropped, and the verifier's own comes first."""
    outcome = conclude(verdict(answer, own), others)
    assert outcome.evidence.detections == (*own, *others)


def test_kinds_differ_and_not_measured_is_one_of_them() -> None:
    """Each outcome has a stable kind of its own; what was not run is no failure."""
    assert [kind.kind for kind in KINDS] == [
        "solved",
        "failed",
        "invalid",
        "indeterminate",
        "not-measured",
    ]
    assert not_measured("no arena here").evidence.summary == "no arena here"


def test_a_record_names_every_kind_of_outcome() -> None:
    """What a verifier concludes and what a record on file holds are the same words."""
    assert {kind.kind for kind in KINDS} == {ended.value for ended in Ended}
