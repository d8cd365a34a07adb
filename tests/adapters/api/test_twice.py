"""Sending twice: idempotency keys, entity tags, and the case where two people change one thing."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from tests.adapters.api.conftest import Caller, Installation, report
from tests.adapters.api.test_errors import problem
from tests.adapters.api.test_story import good, reported

from firstlight.core.kernel.parties import Role

if TYPE_CHECKING:
    from django.http import HttpResponse

KEY = {"Idempotency-Key": "one-and-the-same"}


def findings(installation: Installation) -> int:
    """How many reports are stored."""
    return len(good(installation.caller(Role.COORDINATOR).get("/reports"))["items"])


def test_the_same_request_has_one_effect(installation: Installation) -> None:
    """The second answer is the first one, byte for byte, and says that it is."""
    stranger = installation.caller(Role.ANONYMOUS)
    first = stranger.post("/reports", report(), headers=KEY)
    second = stranger.post("/reports", report(), headers=KEY)
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Location"] == first.headers["Location"]
    assert findings(installation) == 1


def test_without_a_key_the_request_counts_again(installation: Installation) -> None:
    """The test above proves something: without the key there are two."""
    stranger = installation.caller(Role.ANONYMOUS)
    for _ in range(2):
        assert stranger.post("/reports", report()).status_code == 201
    assert findings(installation) == 2


def test_two_at_once_have_one_effect(installation: Installation) -> None:
    """Eight equal requests at the same moment: one is done, all get its answer."""
    start = Barrier(8)

    def send(_: int) -> HttpResponse:
        from django.db import connections  # noqa: PLC0415  # each thread has its own

        caller = Caller(headers={}, actor=installation.caller(Role.ANONYMOUS).actor)
        start.wait()
        try:
            return caller.post("/reports", report(), headers=KEY)
        finally:
            connections.close_all()

    installation.caller(Role.ANONYMOUS)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(send, range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert findings(installation) == 1


def test_a_key_belongs_to_its_request(on_sqlite: Installation) -> None:
    """Another body, or another address, under the same key is refused."""
    stranger = on_sqlite.caller(Role.ANONYMOUS)
    assert stranger.post("/reports", report(), headers=KEY).status_code == 201
    for response in (
        stranger.post("/reports", report("another"), headers=KEY),
        stranger.post("/reports?marking=TLP:RED", report(), headers=KEY),
    ):
        problem(response, 422, "request.idempotency_key_reused")


def test_a_key_belongs_to_its_asker(on_sqlite: Installation) -> None:
    """Somebody else's key opens nothing: the same key of another person is another key."""
    for caller in (on_sqlite.caller(Role.FINDER), on_sqlite.newcomer(Role.FINDER)):
        response = caller.post("/reports", report(), headers=KEY)
        assert response.status_code == 201
        assert "Idempotency-Replayed" not in response.headers


def test_a_refusal_is_not_kept(installation: Installation) -> None:
    """After a refusal nothing was stored, and the same key may try again."""
    receipt = good(installation.caller(Role.FINDER).post("/reports", report()), 201)["receipts"][0]
    coordinator = installation.caller(Role.COORDINATOR)
    place = f"/cases/{receipt['case']}/advisory"
    problem(coordinator.post(place, headers=KEY), 409, "advisory.not_reproduced")
    installation.work()
    assert coordinator.post(place, headers=KEY).status_code == 201


def test_a_conflict_of_the_use_case_stays_one(installation: Installation) -> None:
    """A second draft of one case is refused under a key as it is without."""
    number = reported(installation, installation.caller(Role.FINDER), "one")
    coordinator = installation.caller(Role.COORDINATOR)
    assert coordinator.post(f"/cases/{number}/advisory", headers=KEY).status_code == 201
    again = coordinator.post(f"/cases/{number}/advisory", headers={"Idempotency-Key": "other"})
    problem(again, 409, "state.conflict")


@pytest.mark.parametrize("key", ["", "with blank", "x" * 201, "\u00e4"])
def test_a_malformed_key(on_sqlite: Installation, key: str) -> None:
    """A key that could be read in two ways is refused."""
    response = on_sqlite.caller(Role.ANONYMOUS).post(
        "/reports", report(), headers={"Idempotency-Key": key}
    )
    problem(response, 400, "input.invalid")


def test_a_tag_answers_304_and_changes_with_the_thing(on_sqlite: Installation) -> None:
    """The same bytes: 304 without a body. Other bytes: another tag."""
    number = reported(on_sqlite, on_sqlite.caller(Role.FINDER), "one")
    coordinator = on_sqlite.caller(Role.COORDINATOR)
    place = f"/cases/{number}"
    first = coordinator.get(place)
    tag = first.headers["ETag"]
    assert tag.startswith('"')
    for sent in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        known = coordinator.get(place, headers={"If-None-Match": sent})
        assert (known.status_code, known.content, known.headers["ETag"]) == (304, b"", tag)
    assert coordinator.get(place, headers={"If-None-Match": '"other"'}).status_code == 200
    good(
        coordinator.post(
            f"{place}/moves", {"move": "close", "reason": "done"}, headers={"If-Match": tag}
        )
    )
    assert coordinator.get(place, headers={"If-None-Match": tag}).status_code == 200


def test_a_change_names_what_was_seen(on_sqlite: Installation) -> None:
    """Without If-Match 428, with an old one 412; of two who saw the same, one gets through."""
    number = reported(on_sqlite, on_sqlite.caller(Role.FINDER), "one")
    coordinator = on_sqlite.caller(Role.COORDINATOR)
    drafted = coordinator.post(f"/cases/{number}/advisory")
    place = f"/advisories/{good(drafted, 201)['id']}"
    problem(coordinator.call("PATCH", place, {"title": "A"}), 428, "request.precondition_required")
    seen = {"If-Match": drafted.headers["ETag"]}
    assert good(coordinator.call("PATCH", place, {"title": "A"}, headers=seen))["title"] == "A"
    late = coordinator.call("PATCH", place, {"title": "B"}, headers=seen)
    problem(late, 412, "request.precondition_failed")
    assert good(coordinator.get(place))["title"] == "A"
    for step, body in (
        ("approval", {"go_live": "2030-01-01T00:00:00Z"}),
        ("return", None),
        ("withdrawal", {"reason": "no flaw"}),
    ):
        missing = coordinator.post(f"{place}/{step}", body)
        problem(missing, 428, "request.precondition_required")
        old = coordinator.post(f"{place}/{step}", body, headers=seen)
        problem(old, 412, "request.precondition_failed")


def test_a_time_without_a_zone_is_no_time(on_sqlite: Installation) -> None:
    """A go-live time means one moment to everybody, or it is refused."""
    number = reported(on_sqlite, on_sqlite.caller(Role.FINDER), "one")
    coordinator = on_sqlite.caller(Role.COORDINATOR)
    drafted = coordinator.post(f"/cases/{number}/advisory")
    response = coordinator.post(
        f"/advisories/{good(drafted, 201)['id']}/approval",
        {"go_live": "2030-01-01T00:00:00"},
        headers={"If-Match": drafted.headers["ETag"]},
    )
    problem(response, 400, "input.no_zone")


def test_head_is_get_without_a_body(on_sqlite: Installation) -> None:
    """The same status, tag and length."""
    stranger = on_sqlite.caller(Role.ANONYMOUS)
    head, got = stranger.call("HEAD", "/health"), stranger.get("/health")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("ETag", "Content-Type", "Content-Length"):
        assert head.headers[name] == got.headers[name]
    assert json.loads(got.content)["status"] == "ok"
