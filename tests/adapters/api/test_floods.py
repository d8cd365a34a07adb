import json

import pytest
from tests.adapters.api.conftest import Caller, Installation

from firstlight.core.clearinghouse.intake.flood import QUOTA
from firstlight.core.kernel.parties import Role

OCTETS = "application/octet-stream"
LINES = (
    b'{"title": "Reads too far", "product": {"purl": "pkg:generic/one@1"}}\n'
    b'{"title": 7}\n'
    b'{"id": "OSV-2026-1", "modified": "2026-01-01T00:00:00Z"}\n'
)


def sent(installation: Installation, caller: Caller, data: bytes = LINES) -> str:
    """A file that was sent in two pieces, and read."""
    made = caller.post("/imports?name=scan.jsonl&marking=TLP:AMBER")
    assert made.status_code == 201
    batch: str = json.loads(made.content)["id"]
    for start, end in ((0, 40), (40, len(data))):
        answer = caller.call(
            "PUT", f"/imports/{batch}/bytes?offset={start}", data[start:end], content_type=OCTETS
        )
        assert json.loads(answer.content)["size"] == end
    assert caller.post(f"/imports/{batch}/close").status_code == 202
    installation.work()
    return batch


def test_a_flood_from_the_first_byte_to_the_report(installation: Installation) -> None:
    """Open, send, close, follow, list, read, promote; twice gives the same report."""
    finder = installation.caller(Role.FINDER)
    batch = sent(installation, finder)
    shown = json.loads(finder.get(f"/imports/{batch}").content)
    assert (shown["state"], shown["marking"]) == ("read", "TLP:AMBER")
    assert shown["records"] == {"fresh": 2, "changed": 0, "known": 0, "passed": 0, "failed": 1}
    faults = json.loads(finder.get(f"/imports/{batch}/faults").content)["items"]
    assert [fault["position"] for fault in faults] == ["[1]"]
    listed = json.loads(finder.get("/candidates?package=pkg:generic/one").content)["items"]
    assert [row["title"] for row in listed] == ["Reads too far"]
    name = listed[0]["id"]
    record = finder.get(f"/candidates/{name}/document").content
    assert json.loads(record)["title"] == "Reads too far"
    key = {"Idempotency-Key": "once"}
    first = finder.post(f"/candidates/{name}/report", headers=key)
    again = finder.post(f"/candidates/{name}/report")
    assert (first.status_code, again.status_code) == (201, 201)
    report = json.loads(first.content)["finding"]
    assert report == json.loads(again.content)["finding"]
    assert json.loads(finder.get(f"/candidates/{name}").content)["report"] == report
    assert finder.get(f"/reports/{report}").status_code == 200


def test_lists_go_on_from_page_to_page(on_sqlite: Installation) -> None:
    """Of imports and of candidates, each item once."""
    finder = on_sqlite.caller(Role.FINDER)
    for number in range(3):
        sent(on_sqlite, finder, b'{"title": "flaw %d"}%s' % (number, b" " * 60))
    for path in ("/imports", "/candidates"):
        seen, cursor = [], ""
        while True:
            found = json.loads(finder.get(f"{path}?limit=1{cursor}").content)
            seen += [row["id"] for row in found["items"]]
            if found["next"] is None:
                break
            cursor = f"&cursor={found['next']}"
        assert len(seen) == len(set(seen)) == 3


def test_another_finder_sees_nothing(on_sqlite: Installation) -> None:
    """By no address: neither the file nor what was in it."""
    finder = on_sqlite.caller(Role.FINDER)
    batch = sent(on_sqlite, finder)
    name = json.loads(finder.get("/candidates").content)["items"][0]["id"]
    other = on_sqlite.newcomer(Role.FINDER)
    assert json.loads(other.get("/candidates").content)["items"] == []
    for path in (
        f"/imports/{batch}",
        f"/imports/{batch}/faults",
        f"/candidates/{name}",
        f"/candidates/{name}/document",
    ):
        assert other.get(path).status_code == 404
    assert other.post(f"/candidates/{name}/report").status_code == 404
    assert other.post(f"/imports/{batch}/close").status_code == 404
    assert other.call("DELETE", f"/imports/{batch}").status_code == 404


def test_a_finder_who_floods_is_told_when_to_go_on(on_sqlite: Installation) -> None:
    """429 with Retry-After, and nothing that was acknowledged is lost."""
    finder = on_sqlite.caller(Role.FINDER)
    for _ in range(QUOTA.open):
        assert finder.post("/imports").status_code == 201
    refused = finder.post("/imports")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert len(json.loads(finder.get("/imports").content)["items"]) == QUOTA.open


@pytest.mark.parametrize(
    ("query", "data", "status"),
    [("offset=5", b"x", 409), ("offset=-1", b"x", 422)],
    ids=["a gap", "before the start"],
)
def test_a_wrong_piece_is_refused(
    on_sqlite: Installation, query: str, data: bytes, status: int
) -> None:
    """With what is wrong; the file can go on."""
    finder = on_sqlite.caller(Role.FINDER)
    batch = json.loads(finder.post("/imports").content)["id"]
    answer = finder.call("PUT", f"/imports/{batch}/bytes?{query}", data, content_type=OCTETS)
    assert answer.status_code == status


def test_an_import_can_be_cancelled(on_sqlite: Installation) -> None:
    """Until it is closed."""
    finder = on_sqlite.caller(Role.FINDER)
    batch = json.loads(finder.post("/imports").content)["id"]
    assert json.loads(finder.call("DELETE", f"/imports/{batch}").content)["state"] == "cancelled"
    assert finder.post(f"/imports/{batch}/close").status_code == 409
