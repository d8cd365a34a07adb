from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.clearinghouse.priority.asset import AssetContext, YesNo
from firstlight.core.clearinghouse.priority.bod import (
    ENFORCED_FROM,
    AtNextUpgrade,
    Due,
    DueOn,
    NoDueDate,
    WithinDays,
    fix_by,
)
from firstlight.core.clearinghouse.priority.decision import Known
from firstlight.core.clearinghouse.priority.sources import (
    KevEntry,
    KevListed,
    KevNotListed,
    KevNotLoaded,
    KevStatus,
    RansomwareUse,
)
from firstlight.core.kernel.errors import Invalid

CVE = "CVE-2014-0160"
RELEASED = date(2026, 9, 1)
LISTED_ON = date(2026, 8, 20)
DETECTED_ON = date(2026, 8, 25)
NOT_LISTED = KevNotListed(catalogue="2026.09.01", as_of=RELEASED, looked_up=(CVE,))
NO, YES = Known(value="N", source="a test"), Known(value="Y", source="a test")
PARTIAL, TOTAL = Known(value="P", source="a test"), Known(value="T", source="a test")

days = st.dates(min_value=date(2020, 1, 1), max_value=date(2030, 1, 1))


def listed(day: date = LISTED_ON) -> KevListed:
    """KEV lists the flaw since `day`."""
    entry = KevEntry(cve=CVE, added=day, ransomware=RansomwareUse.UNKNOWN)
    return KevListed(entry=entry, catalogue="2026.09.01", as_of=RELEASED)


@dataclass(frozen=True)
class Inputs:
    """The inputs of the directive; the defaults are an exposed asset and a bad flaw."""

    kev: KevStatus = NOT_LISTED
    exposed: YesNo = YesNo.YES
    detected: date | None = DETECTED_ON
    automatable: Known = YES
    impact: Known = TOTAL

    def due(self) -> Due:
        """The directive's answer."""
        return fix_by(
            kev=self.kev,
            asset=AssetContext(exposed=self.exposed, detected=self.detected),
            automatable=self.automatable,
            technical_impact=self.impact,
        )


def last_day(answer: Due) -> date:
    """The due date; the next upgrade is later than any day."""
    return answer.deadline.day if isinstance(answer.deadline, DueOn) else date.max


@pytest.mark.parametrize(
    ("kev", "started"),
    [(listed(date(2026, 8, 20)), date(2026, 8, 20)), (listed(date(2026, 8, 30)), DETECTED_ON)],
    ids=["listed first", "detected first"],
)
def test_the_clock_starts_at_the_earlier_event(kev: KevStatus, started: date) -> None:
    """Listing or detection, whichever came first, is day 0."""
    deadline = Inputs(kev=kev).due().deadline
    assert isinstance(deadline, DueOn)
    assert deadline.started == started
    assert deadline.day == started + timedelta(days=3)


def test_the_clock_starts_at_detection_when_kev_does_not_list_it() -> None:
    """Without a listing the day of detection counts."""
    answer = Inputs().due()
    assert answer.limit == WithinDays(days=3)
    assert isinstance(answer.deadline, DueOn)
    assert answer.deadline.day == date(2026, 8, 28)
    assert "detected" in answer.deadline.because


def test_without_either_day_there_is_no_due_date_but_a_reason() -> None:
    """A limit without a start is said to be one."""
    answer = Inputs(detected=None).due()
    assert answer.limit == WithinDays(days=3)
    assert isinstance(answer.deadline, NoDueDate)
    assert "neither day is known" in answer.deadline.reason


def test_the_next_upgrade_has_no_due_date() -> None:
    """A flaw that cannot be automated, on an inner asset, waits for the next upgrade."""
    answer = Inputs(exposed=YesNo.NO, automatable=NO).due()
    assert answer.limit == AtNextUpgrade()
    assert isinstance(answer.deadline, NoDueDate)
    assert "upgrade" in answer.deadline.reason


@pytest.mark.parametrize(
    ("kev", "forensic"), [(listed(), True), (NOT_LISTED, False)], ids=["listed", "not listed"]
)
def test_forensic_triage_is_its_own_flag(*, kev: KevStatus, forensic: bool) -> None:
    """Three days come with and without a forensic triage; only the flag tells which."""
    answer = Inputs(kev=kev).due()
    assert answer.limit == WithinDays(days=3)
    assert answer.forensic_triage is forensic


def test_unknown_exposure_counts_as_exposed_by_rule() -> None:
    """The directive's own rule is cited, with what a no would have meant."""
    answer = Inputs(exposed=YesNo.UNKNOWN).due()
    assert answer.decision.outcome == Inputs(exposed=YesNo.YES).due().decision.outcome
    assert answer.decision.possible == (answer.decision.outcome,)
    (assumption,) = answer.decision.assumed
    assert assumption.rule.startswith("BOD 26-04")
    assert [one.outcome.key for one in assumption.otherwise] == ["60D"]
    assert assumption.matters


def test_kev_not_loaded_is_said_and_not_taken_for_no() -> None:
    """Without a catalogue the outcome is that of a listing, named as an assumption and a note."""
    answer = Inputs(kev=KevNotLoaded()).due()
    assert answer.decision.outcome.key == "3DF"
    (assumption,) = answer.decision.assumed
    assert assumption.point.key == "KEV"
    assert assumption.reason == "no KEV catalogue has been loaded"
    assert [one.outcome.key for one in assumption.otherwise] == ["3D"]
    assert any("KEV was not asked" in note for note in answer.notes)


def test_not_listed_names_the_catalogue_and_its_date() -> None:
    """A no from KEV is a no as of a day."""
    assert Inputs().due().decision.path[0].answer == Known(
        value="N", source=f"KEV catalogue 2026.09.01 does not list {CVE}", as_of=RELEASED
    )


def test_a_flaw_without_cve_cannot_be_listed_and_says_so() -> None:
    """A new flaw without an identifier is not listed, with the reason in the path."""
    kev = KevNotListed(catalogue="2026.09.01", as_of=RELEASED, looked_up=())
    answer = Inputs(kev=kev).due().decision.path[0].answer
    assert isinstance(answer, Known)
    assert answer.value == "N"
    assert "the flaw has none" in answer.source


@pytest.mark.parametrize(
    ("detected", "noted"),
    [(ENFORCED_FROM - timedelta(days=4), True), (ENFORCED_FROM - timedelta(days=3), False)],
    ids=["the day before", "on the day"],
)
def test_a_due_date_before_enforcement_is_marked(*, detected: date, noted: bool) -> None:
    """The last day before 2026-12-07 is marked, that day itself is not."""
    notes = Inputs(detected=detected).due().notes
    assert any("full enforcement begins on 2026-12-07" in note for note in notes) is noted


def test_a_clock_older_than_the_directive_is_marked() -> None:
    """A listing of 2022 makes an early due date, which is shown with its reason."""
    answer = Inputs(kev=listed(date(2022, 5, 4))).due()
    assert last_day(answer) == date(2022, 5, 7)
    assert any("before the directive was issued" in note for note in answer.notes)


@given(
    here=st.builds(
        Inputs,
        kev=st.just(NOT_LISTED) | days.map(listed),
        exposed=st.sampled_from([YesNo.NO, YesNo.YES]),
        detected=days,
        automatable=st.sampled_from([NO, YES]),
        impact=st.sampled_from([PARTIAL, TOTAL]),
    ),
    listing=days,
)
def test_a_worse_answer_never_gives_more_time(here: Inputs, listing: date) -> None:
    """Making any one input worse moves the due date to the same day or an earlier one."""
    kev = here.kev if isinstance(here.kev, KevListed) else listed(listing)
    for worse in (
        replace(here, kev=kev),
        replace(here, exposed=YesNo.YES),
        replace(here, exposed=YesNo.UNKNOWN),
        replace(here, automatable=YES),
        replace(here, impact=TOTAL),
    ):
        assert last_day(worse.due()) <= last_day(here.due())


def test_the_exception_an_unloaded_catalogue_cannot_start_the_clock() -> None:
    """The outcome is as urgent as a listing's, yet the due date may be later: a note says so."""
    unknown, known = Inputs(kev=KevNotLoaded()).due(), Inputs(kev=listed()).due()
    assert unknown.decision.outcome == known.decision.outcome
    assert last_day(unknown) > last_day(known)
    assert "a listing may start the clock earlier" in unknown.notes[0]


@pytest.mark.parametrize(
    "detected",
    [datetime(2026, 8, 25, tzinfo=UTC), date(9999, 12, 31)],
    ids=["a moment", "a mistyped year"],
)
def test_a_detection_that_is_no_plausible_day_is_refused(detected: date) -> None:
    """A moment depends on the zone, and a year beyond counting is a slip of the keyboard."""
    with pytest.raises(Invalid) as caught:
        AssetContext(detected=detected)
    assert caught.value.details["field"] == "detected"
