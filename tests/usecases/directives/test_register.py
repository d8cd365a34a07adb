"""Recording what shows how a duty stands, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests import databases
from tests.usecases.conftest import Bench

from firstlight.core.directives.history import EntryKind, HistoryEntry, HistoryId
from firstlight.core.directives.register import DUTIES
from firstlight.core.directives.status import Standing, Status
from firstlight.core.kernel.errors import Conflict, Invalid, Missing, NotSignedIn, Refused
from firstlight.core.kernel.parties import ANONYMOUS, Actor, Role
from firstlight.usecases.directives.register import (
    AlreadyWithdrawn,
    Evidence,
    NotYet,
    list_duties,
    read_duty,
    record_evidence,
    set_aside,
    withdraw_entry,
)

databases.ready()

from firstlight.adapters.storage.border import AppendOnly, border  # noqa: E402  # after ready()
from firstlight.adapters.storage.models import DutyEntry  # noqa: E402
from firstlight.adapters.storage.queries import DjangoQueries  # noqa: E402

EVIDENCE = Evidence(
    kind=EntryKind.DONE,
    on=date(2026, 7, 1),
    source="Department of the Treasury",
    link="https://www.example.org/clearinghouse",
    text="The clearinghouse was announced.",
)


def read(name: str, as_of: date, reader: Actor = ANONYMOUS) -> Standing:
    """A duty as a reader gets it."""
    return read_duty(DjangoQueries(), reader, name, as_of)


def test_evidence_changes_the_status_from_its_day_on(bench: Bench) -> None:
    """Before its day the duty was open, on its day it is met; others stay as they were."""
    lead = bench.actor(Role.COORDINATOR)
    record_evidence(bench.context, lead, "2d", EVIDENCE)
    assert read("2(d)", date(2026, 6, 30)).status is Status.OPEN
    assert read("2(d)", date(2026, 7, 1)).status is Status.MET
    found = list_duties(DjangoQueries(), ANONYMOUS, date(2026, 7, 3))
    assert [one.duty for one in found] == list(DUTIES)
    overdue = [one.duty.key for one in found if one.status is Status.OVERDUE]
    assert overdue == ["2(a)", "2(b)", "2(c)", "2(e)"]


def test_what_was_recorded_comes_back_whole(bench: Bench) -> None:
    """Every field, for a reader of the ledger; a stranger gets the role in place of the person."""
    lead = bench.actor(Role.COORDINATOR)
    made = record_evidence(bench.context, lead, "2(d)", EVIDENCE)
    aside = set_aside(bench.context, lead, "2(e)", on=date(2026, 7, 9), reason="no programme")
    for entry, name in ((made, "2(d)"), (aside, "2(e)")):
        assert read(name, date(2026, 8, 1), lead).history == (entry,)
        expected = replace(entry, recorded_by="coordinator")
        assert read(name, date(2026, 8, 1)).history == (expected,)
    assert read("2(e)", date(2026, 8, 1)).status is Status.NOT_APPLICABLE


def test_each_step_is_in_the_ledger_under_its_paragraph(bench: Bench) -> None:
    """Three steps, three entries about the duty, in order, each citing the order."""
    lead = bench.actor(Role.COORDINATOR)
    made = record_evidence(bench.context, lead, "2(d)", EVIDENCE)
    set_aside(bench.context, lead, "2(d)", on=date(2026, 7, 9), reason="overtaken")
    withdraw_entry(bench.context, lead, "2(d)", made.id, reason="the page was another's")
    with bench.context.storage.begin() as work:
        found = work.ledger.entries("directive:2(d)", 0, 10)
    assert [one.entry.facts["kind"] for one in found] == ["done", "not-applicable", "withdrawn"]
    assert {one.entry.rule for one in found} == {"Executive Order 14409, section 2(d)"}
    assert {one.entry.actor for one in found} == {lead.label}
    assert [one.entry.sequence for one in found] == [1, 2, 3]


def test_a_withdrawn_entry_stays_and_counts_no_longer(bench: Bench) -> None:
    """The status is as before; the history holds both; it is withdrawn once."""
    lead = bench.actor(Role.COORDINATOR)
    made = record_evidence(bench.context, lead, "2(d)", EVIDENCE)
    bench.clock.turn(timedelta(seconds=1))
    back = withdraw_entry(bench.context, lead, "2(d)", made.id, reason="wrong link")
    found = read("2(d)", date(2026, 7, 15), lead)
    assert found.status is Status.OVERDUE
    assert found.history == (made, back)
    assert found.withdrawn == {made.id}
    with pytest.raises(AlreadyWithdrawn):
        withdraw_entry(bench.context, lead, "2(d)", made.id, reason="again")
    with pytest.raises(Invalid, match="is not withdrawn"):
        withdraw_entry(bench.context, lead, "2(d)", back.id, reason="undo")
    with pytest.raises(Missing):
        withdraw_entry(bench.context, lead, "2(e)", made.id, reason="of another duty")
    nowhere = HistoryId.mint(1, b"0123456789")
    with pytest.raises(Missing):
        withdraw_entry(bench.context, lead, "2(d)", nowhere, reason="of no duty")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_everyone_reads_and_coordinators_record(bench: Bench, role: Role) -> None:
    """The register is public; a refused step leaves no trace."""
    actor = ANONYMOUS if role is Role.ANONYMOUS else bench.actor(role)
    assert read("3(a)", date(2026, 8, 1), actor).status is Status.OPEN
    if role is Role.COORDINATOR:
        record_evidence(bench.context, actor, "3(a)", EVIDENCE)
        return
    with pytest.raises(NotSignedIn if role is Role.ANONYMOUS else Refused):
        record_evidence(bench.context, actor, "3(a)", EVIDENCE)
    with pytest.raises(NotSignedIn if role is Role.ANONYMOUS else Refused):
        set_aside(bench.context, actor, "3(a)", on=date(2026, 8, 1), reason="no")
    assert read("3(a)", date(2026, 8, 1)).history == ()
    with bench.context.storage.begin() as work:
        assert work.ledger.size() == 0


def test_a_token_without_the_scope_does_not_read(bench: Bench) -> None:
    """Scopes take away, also what is public without a token."""
    narrow = replace(bench.actor(Role.COORDINATOR), scopes=frozenset({"case.read"}))
    with pytest.raises(Refused):
        read("2(a)", date(2026, 7, 1), narrow)
    assert DjangoQueries().duty_history(narrow, None) == ()


def test_nothing_is_shown_of_the_future(bench: Bench) -> None:
    """Today is the last day that evidence may carry; a refusal stores nothing."""
    lead = bench.actor(Role.COORDINATOR)
    today = bench.clock.now().utc.date()
    tomorrow = today + timedelta(days=1)
    with pytest.raises(NotYet):
        record_evidence(bench.context, lead, "2(f)", replace(EVIDENCE, on=tomorrow))
    with pytest.raises(NotYet):
        set_aside(bench.context, lead, "2(f)", on=tomorrow, reason="soon")
    record_evidence(bench.context, lead, "2(f)", replace(EVIDENCE, on=today))
    assert len(read("2(f)", today).history) == 1


def test_what_always_holds_gets_progress_only(bench: Bench) -> None:
    """3(c) can be shown to be kept, and never to be over."""
    lead = bench.actor(Role.COORDINATOR)
    with pytest.raises(Invalid):
        record_evidence(bench.context, lead, "3(c)", EVIDENCE)
    with pytest.raises(Invalid):
        set_aside(bench.context, lead, "3(c)", on=date(2026, 7, 1), reason="no")
    record_evidence(bench.context, lead, "3(c)", replace(EVIDENCE, kind=EntryKind.PROGRESS))
    assert read("3(c)", date(2026, 7, 1)).status is Status.STANDING


@pytest.mark.parametrize("kind", [EntryKind.NOT_APPLICABLE, EntryKind.WITHDRAWN])
def test_evidence_is_of_two_kinds(bench: Bench, kind: EntryKind) -> None:
    """What needs a reason has a step of its own."""
    evidence = replace(EVIDENCE, kind=kind)
    with pytest.raises(Invalid):
        record_evidence(bench.context, bench.actor(Role.COORDINATOR), "2(d)", evidence)


def test_a_history_has_an_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit nothing is appended, so that a page stays a page."""
    monkeypatch.setattr("firstlight.usecases.directives.register._SHOWN_AT_MOST", 2)
    lead = bench.actor(Role.COORDINATOR)
    for _ in range(2):
        record_evidence(bench.context, lead, "2(d)", EVIDENCE)
    with pytest.raises(Conflict, match="limit"):
        record_evidence(bench.context, lead, "2(d)", EVIDENCE)
    record_evidence(bench.context, lead, "2(e)", EVIDENCE)


def test_the_database_itself_refuses_change_and_removal(bench: Bench) -> None:
    """Neither a bug nor somebody with the ORM can rewrite the history."""
    lead = bench.actor(Role.COORDINATOR)
    made: Sequence[HistoryEntry] = [record_evidence(bench.context, lead, "2(d)", EVIDENCE)]
    with pytest.raises(AppendOnly), border():
        DutyEntry.objects.update(text="something else")
    with pytest.raises(AppendOnly), border():
        DutyEntry.objects.all().delete()
    assert read("2(d)", date(2026, 7, 3), lead).history == tuple(made)
