"""Files of many records over real HTTP, by the command line."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.adapters.api.conftest import on_sqlite
from tests.adapters.cli.test_remote import Desk, desk

from firstlight.adapters.cli.commands import finding
from firstlight.core.clearinghouse.intake.flood import QUOTA
from firstlight.core.kernel.parties import Role

__all__ = ["desk", "on_sqlite"]
LINES = '{"title": "One"}\n{"title": 7}\n{"title": "Two"}\n'


@contextmanager
def worker(desk: Desk) -> Iterator[None]:
    """Somebody who reads what was sent."""
    from django.db import connections  # noqa: PLC0415  # needs Django

    ended = threading.Event()

    def work() -> None:
        while not ended.wait(0.05):
            desk.installation.work()
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_a_file_is_sent_read_and_told(desk: Desk) -> None:
    """New ones, bad ones with their place, and the exit code of a check that failed."""
    desk.as_(Role.FINDER)
    file = desk.file("scan.jsonl", LINES)
    with worker(desk):
        ended = desk("finding", "import", file)
        assert ended.code == 1
        assert "2 new, 0 changed, 0 known" in ended.out
        assert "[1]: title has another type" in ended.out
        again = desk("finding", "import", file, "--json")
        assert (again.code, json.loads(again.out)["items"][0]["records"]["known"]) == (1, 2)
    assert "scan.jsonl" in desk("finding", "imports").out
    batch = desk("finding", "imports", "--json").json()["items"][0]["id"]
    assert "input.wrong_type" in desk("finding", "faults", batch).out
    rows = desk("findings", "list", "--json").json()["items"]
    assert [row["title"] for row in rows] == ["Two", "One"]
    assert "Two" in desk("finding", "show", rows[0]["id"]).out
    report = desk("finding", "promote", rows[0]["id"], "--json").json()["finding"]
    assert report in desk("finding", "show", rows[0]["id"]).out
    assert "still missing" in desk("finding", "promote", rows[1]["id"]).out


def test_sending_goes_on_after_a_cut(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind the last acknowledged byte; nothing is sent twice."""
    monkeypatch.setattr(finding, "_PIECE", 20)
    desk.as_(Role.FINDER)
    file = desk.file("scan.jsonl", LINES)
    batch = desk.installation.caller(Role.FINDER).post("/imports?name=scan.jsonl")
    name = json.loads(batch.content)["id"]
    desk.installation.caller(Role.FINDER).call(
        "PUT",
        f"/imports/{name}/bytes?offset=0",
        LINES[:25].encode(),
        content_type="application/octet-stream",
    )
    with worker(desk):
        ended = desk("finding", "import", file, "--resume", name, "--json")
    shown = json.loads(ended.out)["items"][0]
    assert (shown["id"], shown["size"], shown["records"]["fresh"]) == (name, len(LINES), 2)


def test_patience_that_is_asked_for_is_given(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A 429 is waited for as long as it says, then sending goes on."""
    desk.as_(Role.FINDER)
    finder = desk.installation.caller(Role.FINDER)
    open_ones = [json.loads(finder.post("/imports").content)["id"] for _ in range(QUOTA.open)]
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        finder.call("DELETE", f"/imports/{open_ones[0]}")

    monkeypatch.setattr("time.sleep", wait)
    ended = desk("finding", "import", desk.file("one.json", '{"title": "One"}'), "--no-wait")
    assert (ended.code, waited) == (0, [60])
    assert "60 seconds of patience" in ended.err


def test_a_report_is_handed_on_with_its_provenance(desk: Desk) -> None:
    """What the next coordinator reads has the earlier hops, then this one."""
    desk.as_(Role.FINDER)
    before = {"reporters": ["https://upstream.example"], "origin_references": ["UP-7"]}
    body = json.dumps({"title": "One", "provenance": before, "contact": {"credit": True}})
    sent = desk("report", "submit", desk.file("one.json", body), "--json").json()["receipts"][0]
    file = str(desk.folder / "on.json")
    assert desk("report", "relay", sent["finding"], file).code == 0
    told = json.loads(Path(file).read_bytes())["provenance"]
    assert told["reporters"][0] == "https://upstream.example"
    assert len(told["reporters"]) == 2
    assert ["UP-7", sent["finding"], sent["case"]] == told["origin_references"]
    assert desk("report", "submit", file).code == 0
    assert desk("report", "relay", sent["finding"], file).code == 4  # it is not written over


def test_empty_lists_say_what_to_do(desk: Desk) -> None:
    """Rather than nothing."""
    desk.as_(Role.FINDER)
    assert "firstlight finding import FILE" in desk("finding", "list").out
    assert "firstlight finding import FILE" in desk("finding", "imports").out
