"""The register over HTTP."""

from __future__ import annotations

import pytest
from tests.adapters.api.conftest import Installation
from tests.adapters.api.test_errors import problem
from tests.adapters.api.test_story import good

from firstlight.core.kernel.parties import Role

EVIDENCE = {
    "kind": "done",
    "on": "2026-07-10",
    "source": "Department of the Treasury",
    "link": "https://www.example.org/clearinghouse",
    "text": "The clearinghouse was announced.",
}


def test_strangers_read_the_register_as_of_any_day(on_sqlite: Installation) -> None:
    """Without a token; the counts of the order, and the status of the day asked."""
    stranger = on_sqlite.caller(Role.ANONYMOUS)
    found = good(stranger.get("/directives?as_of=2026-07-15"))
    order = [duty for duty in found["duties"] if duty["instrument"] == "EO-14409"]
    assert [duty["status"] for duty in order] == ["overdue"] * 5 + ["open"] * 3 + ["standing"] * 3
    assert found["as_of"] == "2026-07-15"
    assert len(found["open_questions"]) == 11
    early = good(stranger.get("/directives?as_of=2026-06-01"))
    assert {duty["status"] for duty in early["duties"]} == {"not-in-force"}


def test_evidence_of_a_coordinator_shows_at_once(installation: Installation) -> None:
    """On both databases: recorded, read back by a stranger, met late, and withdrawn again."""
    lead, stranger = installation.caller(Role.COORDINATOR), installation.caller(Role.ANONYMOUS)
    made = lead.post("/directives/2(d)/evidence", EVIDENCE)
    entry = good(made, 201)
    assert made.headers["Location"] == "/api/v1/directives/2(d)"
    duty = good(stranger.get("/directives/2d?as_of=2026-07-15"))
    assert (duty["status"], duty["since"]) == ("met-late", "2026-07-10")
    assert duty["decided_by"] == entry["id"]
    assert entry["recorded_by"] == str(lead.actor.person)
    assert duty["history"] == [entry | {"recorded_by": "coordinator"}]
    reason = {"entry": entry["id"], "reason": "the page speaks of another office"}
    back = good(lead.post("/directives/2(d)/withdrawals", reason), 201)
    duty = good(stranger.get("/directives/2(d)?as_of=2026-07-15"))
    assert duty["status"] == "overdue"
    assert [(one["id"], one["counts"]) for one in duty["history"]] == [
        (entry["id"], False),
        (back["id"], True),
    ]
    again = lead.post("/directives/2(d)/withdrawals", reason)
    problem(again, 409, "directives.already_withdrawn")


def test_a_duty_is_set_aside_with_a_reason(on_sqlite: Installation) -> None:
    """From its day on; what always holds cannot be."""
    lead = on_sqlite.caller(Role.COORDINATOR)
    body = {"on": "2026-06-30", "reason": "there is no such programme"}
    good(lead.post("/directives/2(e)/not-applicable", body), 201)
    assert good(lead.get("/directives/2(e)?as_of=2026-06-29"))["status"] == "open"
    assert good(lead.get("/directives/2(e)?as_of=2026-07-29"))["status"] == "not-applicable"
    problem(lead.post("/directives/3(c)/not-applicable", body), 400, "input.invalid")


def test_the_same_key_records_once(on_sqlite: Installation) -> None:
    """A request that is sent again after a broken line leaves one entry."""
    lead = on_sqlite.caller(Role.COORDINATOR)
    for _ in range(2):
        made = lead.post("/directives/2(d)/evidence", EVIDENCE, headers={"Idempotency-Key": "k"})
        assert made.status_code == 201
    assert len(good(lead.get("/directives/2(d)"))["history"]) == 1


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"on": "2999-01-01"}, 400, "directives.not_yet"),
        ({"on": "yesterday"}, 422, "request.not_as_described"),
        ({"kind": "withdrawn"}, 422, "request.not_as_described"),
        ({"link": "javascript:alert(1)"}, 400, "input.invalid"),
        ({"text": "a\u202eb"}, 400, "input.invalid"),
        ({"more": "x"}, 422, "request.not_as_described"),
    ],
)
def test_what_cannot_be_evidence(
    on_sqlite: Installation, changed: dict[str, str], status: int, code: str
) -> None:
    """Each wrong in one way; nothing is kept."""
    lead = on_sqlite.caller(Role.COORDINATOR)
    problem(lead.post("/directives/2(d)/evidence", EVIDENCE | changed), status, code)
    assert good(lead.get("/directives/2(d)"))["history"] == []


@pytest.mark.parametrize("path", ["/directives/2(g)", "/directives/2(c)(i)"])
def test_what_is_no_duty(on_sqlite: Installation, path: str) -> None:
    """Missing, with a code of its own."""
    stranger = on_sqlite.caller(Role.ANONYMOUS)
    problem(stranger.get(path), 404, "directives.no_such_duty")
