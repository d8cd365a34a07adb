"""The way of a flaw over HTTP, from two reports to a published advisory, on both databases."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.adapters.api.conftest import Caller, Installation, report

from firstlight.adapters.api import services as api
from firstlight.adapters.jobs.conformance import QUICK
from firstlight.adapters.jobs.queues import job_queue
from firstlight.core.kernel.parties import Role
from firstlight.usecases.ports import Job

if TYPE_CHECKING:
    from django.http import HttpResponse

DIFF = b"--- a/cJSON.c\n+++ b/cJSON.c\n@@ -1 +1 @@\n-bad\n+good\n"


def good(response: HttpResponse, status: int = 200) -> Any:  # noqa: ANN401  # decoded JSON
    """The decoded body of an answer with this status."""
    assert response.status_code == status, response.content
    return json.loads(response.content)


def reported(installation: Installation, caller: Caller, title: str) -> str:
    """Send a true report and let it be validated; returns the number of its first case."""
    receipt = good(caller.post("/reports", report(title)), 201)["receipts"][0]
    installation.work()
    return str(receipt["case"])


def test_two_reports_become_one_published_advisory(installation: Installation) -> None:
    """Two finders, one case, a verified patch, an approved text: then it stands in the zone."""
    finder, coordinator = installation.caller(Role.FINDER), installation.caller(Role.COORDINATOR)
    number = reported(installation, finder, "one")
    other = reported(installation, installation.newcomer(Role.FINDER), "two")
    case = good(coordinator.get(f"/cases/{number}"))
    assert case["state"] == "validated"
    assert good(coordinator.get(f"/cases/{other}"))["merged_into"] == case["id"]
    explained = good(coordinator.get(f"/cases/{number}/duplicates"))
    assert [reason["rule"] for reason in explained["reasons"]] == ["crash"]

    good(finder.call("POST", f"/cases/{number}/patches", DIFF, content_type="text/x-diff"), 201)
    installation.work()
    assert good(finder.get(f"/cases/{number}/patches"))["items"][0]["state"] == "verified"
    assert good(coordinator.get(f"/cases/{number}"))["state"] == "patched"

    drafted = coordinator.post(f"/cases/{number}/advisory")
    advisory, tag = good(drafted, 201), drafted.headers["ETag"]
    place = f"/advisories/{advisory['id']}"
    assert coordinator.get(place).headers["ETag"] == tag
    edited = coordinator.call("PATCH", place, {"title": "Better"}, headers={"If-Match": tag})
    assert good(edited)["title"] == "Better"
    approved = coordinator.post(
        f"{place}/approval",
        {"go_live": "2026-01-01T09:00:00+01:00"},
        headers={"If-Match": edited.headers["ETag"]},
    )
    assert good(approved)["state"] == "approved"
    assert finder.get(f"{place}/csaf").status_code in {200, 404}
    installation.work()

    stranger = installation.caller(Role.ANONYMOUS)
    assert good(stranger.get(place))["state"] == "published"
    assert good(stranger.get(f"{place}/csaf"))["document"]["csaf_version"] == "2.0"
    assert good(stranger.get(f"{place}/osv"))["id"]
    assert list(installation.zone.rglob("*.json"))
    assert good(coordinator.get(f"/cases/{number}"))["state"] == "published"


def test_an_incomplete_report_gets_a_checklist(installation: Installation) -> None:
    """A title alone is received; the answer names what is missing and what to send."""
    shown = good(installation.caller(Role.ANONYMOUS).post("/reports", {"title": "Hm"}), 201)
    missing = {item["name"]: item["ask"] for item in shown["receipts"][0]["missing"]}
    assert set(missing) == {"description", "trigger", "severity", "proof", "patch", "tests"}
    assert all(missing.values())


def test_priority_says_what_was_not_loaded(installation: Installation) -> None:
    """Without catalogues the priority says so, and unknown exposure counts as exposed."""
    number = reported(installation, installation.caller(Role.FINDER), "one")
    coordinator = installation.caller(Role.COORDINATOR)
    shown = good(coordinator.get(f"/cases/{number}/priority?exposed=unknown&detected=2026-11-02"))
    assert shown["kev"]["state"] == "not loaded"
    assumed = [one["point"] for one in shown["bod_26_04"]["decision"]["assumed"]]
    assert assumed
    answered = good(
        coordinator.post(
            f"/cases/{number}/assessment", {"answers": {"automatable": "no"}, "reason": "login"}
        )
    )
    assert len(answered["bod_26_04"]["decision"]["assumed"]) < len(assumed)


def test_a_split_is_said_and_taken_back(installation: Installation) -> None:
    """A coordinator's word separates two reports; taking it back joins them again."""
    coordinator = installation.caller(Role.COORDINATOR)
    number = reported(installation, installation.caller(Role.FINDER), "one")
    reported(installation, installation.newcomer(Role.FINDER), "two")
    reason = good(coordinator.get(f"/cases/{number}/duplicates"))["reasons"][0]
    pair = {"left": reason["left"], "right": reason["right"]}
    place = f"/cases/{number}/duplicates"
    split = good(coordinator.post(place, pair | {"same": False, "reason": "two functions"}))
    assert (split["reasons"], len(split["decisions"])) == ([], 1)
    query = f"?left={pair['left']}&right={pair['right']}"
    joined = good(coordinator.call("DELETE", place + query))
    assert (len(joined["reasons"]), joined["decisions"]) == (1, [])


def test_a_case_is_closed_by_who_has_seen_it(installation: Installation) -> None:
    """Closing needs the tag of the case as it is; afterwards the case says that it can reopen."""
    coordinator = installation.caller(Role.COORDINATOR)
    number = reported(installation, installation.caller(Role.FINDER), "one")
    seen = coordinator.get(f"/cases/{number}").headers["ETag"]
    closed = good(
        coordinator.post(
            f"/cases/{number}/moves",
            {"move": "close", "reason": "done"},
            headers={"If-Match": seen},
        )
    )
    assert (closed["state"], closed["moves"]) == ("closed", ["reopen"])


def test_the_document_comes_back_as_it_went(installation: Installation) -> None:
    """The bytes of the report are kept; a maintainer without consent does not get them."""
    finder = installation.caller(Role.FINDER)
    raw = json.dumps(report()).encode()
    receipt = good(finder.post("/reports", raw), 201)["receipts"][0]
    assert finder.get(f"/reports/{receipt['finding']}/document").content == raw
    shown = good(finder.get(f"/reports/{receipt['finding']}"))
    assert shown["contact"]["email"] == "finder@example.org"
    installation.work()
    maintainer = installation.caller(Role.MAINTAINER)
    good(
        installation.caller(Role.COORDINATOR).post(
            f"/cases/{receipt['case']}/parties",
            {"organisation": str(maintainer.actor.organisation)},
        )
    )
    seen = good(maintainer.get(f"/reports/{receipt['finding']}"))
    assert seen["contact"] is None
    refused = maintainer.get(f"/reports/{receipt['finding']}/document")
    assert json.loads(refused.content)["code"] == "report.contact_not_shared"


def test_only_a_maintainer_is_brought_into_a_case(installation: Installation) -> None:
    """An organisation of another kind is not let in as one, whoever asks."""
    finder = installation.caller(Role.FINDER)
    receipt = good(finder.post("/reports", json.dumps(report()).encode()), 201)["receipts"][0]
    refused = installation.caller(Role.COORDINATOR).post(
        f"/cases/{receipt['case']}/parties",
        {"organisation": str(installation.caller(Role.OPERATOR).actor.organisation)},
    )
    assert (refused.status_code, json.loads(refused.content)["code"]) == (404, "state.missing")


def test_a_poison_job_is_shown_and_tried_again(installation: Installation) -> None:
    """What failed for good is listed with its error; one retry counts, sent twice or not."""
    queue = job_queue(patience=replace(QUICK, tries=1))
    api.configure(replace(installation.parts, jobs=queue))
    with installation.context.storage.begin() as work:
        name = work.jobs.enqueue("fails", {"finding": "fnd"}, key="fails")

    def fails(_: Job) -> None:
        raise ZeroDivisionError("the reason")

    while not queue.poisoned(1):
        queue.drain({"fails": fails})
    admin = installation.caller(Role.ADMINISTRATOR)
    shown = good(admin.get("/jobs"))
    assert (shown["failed"], shown["poisoned"][0]["id"]) == (1, str(name))
    assert "the reason" in shown["poisoned"][0]["error"]
    key = {"Idempotency-Key": "k"}
    for _ in range(2):
        good(admin.post(f"/jobs/{name}/retry", headers=key), 202)
    assert admin.post(f"/jobs/{name}/retry").status_code == 404
    assert good(admin.get("/jobs"))["waiting"] == 1


def test_a_public_advisory_is_withdrawn_in_public(installation: Installation) -> None:
    """Under a key as without: the reason becomes a revision, and the zone's file changes."""
    number = reported(installation, installation.caller(Role.FINDER), "one")
    coordinator = installation.caller(Role.COORDINATOR)
    drafted = coordinator.post(f"/cases/{number}/advisory")
    place, tag = f"/advisories/{good(drafted, 201)['id']}", drafted.headers["ETag"]
    go_live = {"go_live": "2026-01-01T09:00:00Z"}
    good(coordinator.post(f"{place}/approval", go_live, headers={"If-Match": tag}))
    installation.work()
    before = {path: path.read_bytes() for path in installation.zone.rglob("*.json")}
    seen = coordinator.get(place).headers["ETag"]
    gone = coordinator.post(
        f"{place}/withdrawal",
        {"reason": "it was no flaw"},
        headers={"If-Match": seen, "Idempotency-Key": "k"},
    )
    assert "it was no flaw" in good(gone)["revisions"][-1]["summary"]
    assert before
    assert {path: path.read_bytes() for path in before} != before
