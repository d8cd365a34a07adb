"""The nouns over real HTTP: the same story as the API's, told by the command line."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from tests.adapters.api.conftest import Installation, on_sqlite, report
from tests.adapters.api.test_real_http import served
from tests.adapters.cli.conftest import Ended, Shell

from firstlight.core.kernel.parties import Role

__all__ = ["on_sqlite"]
DIFF = "--- a/cJSON.c\n+++ b/cJSON.c\n@@ -1 +1 @@\n-bad\n+good\n"


@dataclass
class Desk:
    """A shell, the server it speaks to, and whose token it has."""

    shell: Shell
    installation: Installation
    monkeypatch: pytest.MonkeyPatch
    folder: Path

    def as_(self, role: Role) -> None:
        """Take this role's token."""
        header = self.installation.caller(role).headers.get("Authorization", "")
        self.monkeypatch.setenv("FIRSTLIGHT_TOKEN", header.removeprefix("Bearer "))

    def __call__(self, *arguments: str) -> Ended:
        """Run one command line."""
        return self.shell(*arguments)

    def file(self, name: str, content: str) -> str:
        """A file with this text."""
        path = self.folder / name
        path.write_text(content)
        return str(path)


@pytest.fixture
def desk(
    shell: Shell,
    on_sqlite: Installation,  # the fixture
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Desk]:
    """A desk in front of a running server."""
    with served() as address:
        monkeypatch.setenv("FIRSTLIGHT_URL", address)
        yield Desk(shell, on_sqlite, monkeypatch, tmp_path)


def test_the_whole_way_of_a_flaw(desk: Desk) -> None:
    """Report, case, patch, advisory, ledger: every noun does its part, and the export verifies."""
    desk.as_(Role.FINDER)
    path = desk.file("report.json", json.dumps(report()))
    receipt = desk("report", "submit", path, "--json").json()["receipts"][0]
    desk.installation.work()
    assert receipt["case"] in desk("case", "list").out
    assert "reproduced" in desk("report", "show", receipt["finding"]).out
    assert desk("patch", "propose", receipt["case"], desk.file("fix.diff", DIFF)).code == 0
    desk.installation.work()
    assert (
        desk("patch", "list", receipt["case"], "--json").json()["items"][0]["state"] == "verified"
    )

    desk.as_(Role.COORDINATOR)
    assert "BOD 26-04" in desk("case", "priority", receipt["case"], "--exposed", "no").out
    words = ("--answer", "automatable=no", "--reason", "login")
    assert desk("case", "assess", receipt["case"], *words).code == 0
    assert "one report" in desk("case", "duplicates", receipt["case"]).out
    advisory = desk("advisory", "draft", receipt["case"], "--json").json()
    edited = desk("advisory", "edit", advisory["id"], "--title", "Better", "--json").json()
    assert edited["title"] == "Better"
    late = desk("advisory", "edit", advisory["id"], "--title", "X", "--seen", advisory["etag"])
    assert (late.code, "code: request.precondition_failed" in late.err) == (5, True)
    approved = ("advisory", "approve", advisory["id"], "--go-live", "2026-01-01T09:00:00Z")
    assert "approved" in desk(*approved, "--seen", edited["etag"]).out
    desk.installation.work()

    desk.as_(Role.ANONYMOUS)
    assert advisory["id"] in desk("advisory", "list").out
    csaf = desk("advisory", "show", advisory["id"], "--format", "csaf").json()
    assert csaf["document"]["csaf_version"] == "2.0"

    desk.as_(Role.COORDINATOR)
    export = str(desk.folder / "ledger.json")
    assert desk("ledger", "export", export).code == 0
    assert desk("ledger", "verify", export).code == 0
    one = str(desk.folder / "one.json")
    assert desk("ledger", "export", one, "--subject", receipt["finding"]).code == 0
    assert {row["entry"]["subject"] for row in json.loads(Path(one).read_bytes())["entries"]} == {
        receipt["finding"]
    }
    assert desk("ledger", "verify", one).code == 0
    assert desk("ledger", "export", export).code == 4  # it is not written over
    assert desk("case", "close", receipt["case"], "--reason", "settled").code == 0
    assert desk("case", "reopen", receipt["case"], "--reason", "not settled").code == 0


def test_what_is_missing_is_told(desk: Desk) -> None:
    """An anonymous, incomplete report is received, with a line for each missing item."""
    ended = desk("report", "submit", desk.file("r.json", '{"title": "Hm"}'), "--anonymous")
    assert ended.code == 0
    assert ended.out.count("still missing") == 6


def test_hostile_text_from_the_server_is_neutralised(desk: Desk) -> None:
    """A report with terminal escapes in its title shows them as numbers, in lists and alone."""
    desk.as_(Role.FINDER)
    body = json.dumps(report() | {"description": "x\x1b[2Jy\x9bz \u202e!"})
    receipt = desk("report", "submit", desk.file("r.json", body), "--json").json()["receipts"][0]
    for line in (("report", "list"), ("report", "show", receipt["finding"]), ("case", "list")):
        for ended in (desk(*line), desk(*line, "--json")):
            assert ended.code == 0
            assert not set(ended.out) & {"\x1b", "\x9b", "\u202e"}


@pytest.mark.parametrize(
    ("role", "line", "code"),
    [
        (Role.ANONYMOUS, ("case", "list"), 3),
        (Role.OPERATOR, ("case", "list"), 3),
        (Role.COORDINATOR, ("case", "show", "FL-2026-9999"), 6),
        (Role.COORDINATOR, ("ledger", "export", "-", "--subject", "x" * 5), 0),
        (Role.COORDINATOR, ("case", "priority", "FL-2026-9999", "--detected", "yesterday"), 4),
        (Role.ADMINISTRATOR, ("job", "retry", "job_" + "0" * 26), 6),
        (Role.ADMINISTRATOR, ("job", "list"), 0),
        (Role.OPERATOR, ("source", "list"), 0),
    ],
)
def test_exit_codes(desk: Desk, role: Role, line: tuple[str, ...], code: int) -> None:
    """What the server says becomes the documented exit code."""
    desk.as_(role)
    ended = desk(*line)
    assert ended.code == code, ended.err


def test_a_catalogue_is_sent(desk: Desk) -> None:
    """EPSS scores from a file; afterwards the list says from where and of when."""
    desk.as_(Role.ADMINISTRATOR)
    scores = (
        "#model_version:v2025.03.14,score_date:2026-11-20T00:00:00+0000\n"
        "cve,epss,percentile\nCVE-2023-53154,0.01,0.5\n"
    )
    assert desk("source", "send", "epss", desk.file("epss.csv", scores)).code == 0
    listed = desk("source", "list").out
    assert "2026-11-20" in listed
    assert "never loaded" in listed


def test_more_rows_than_a_page(desk: Desk) -> None:
    """A list follows the pages up to its limit."""
    desk.as_(Role.FINDER)
    for number in range(4):
        path = desk.file(f"{number}.json", json.dumps(report(f"report {number}")))
        assert desk("report", "submit", path).code == 0
    assert len(desk("report", "list", "--limit", "3", "--json").json()["items"]) == 3
    whole = desk("report", "list", "--json").json()
    assert (len(whole["items"]), whole["next"]) == (4, None)


def test_a_token_in_a_file_that_others_read(desk: Desk) -> None:
    """It is not used; with mode 0600 it is."""
    secret = desk.installation.caller(Role.FINDER).headers["Authorization"].split()[1]
    path = Path(desk.file("token", secret))
    desk.monkeypatch.delenv("FIRSTLIGHT_TOKEN", raising=False)
    desk.monkeypatch.setenv("FIRSTLIGHT_TOKEN_FILE", str(path))
    path.chmod(0o644)
    ended = desk("case", "list")
    assert (ended.code, "code: cli.token_file_open" in ended.err) == (3, True)
    assert secret not in ended.err
    path.chmod(0o600)
    assert desk("case", "list").code == 0


def test_a_token_never_travels_in_clear(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain http to another machine is refused before a connection is tried."""
    monkeypatch.setenv("FIRSTLIGHT_TOKEN", "flt_secret")
    ended = shell("case", "list", "--server", "http://198.51.100.7:8600")
    assert (ended.code, "code: cli.plain_http" in ended.err) == (3, True)


@pytest.mark.parametrize("server", ["ftp://x", "nonsense", "http://", "http://x?y=1"])
def test_an_address_that_is_none(shell: Shell, server: str) -> None:
    """It is refused as input."""
    assert shell("case", "list", "--server", server).code == 4


class _Foreign(BaseHTTPRequestHandler):
    seen: list[str | None] = []  # shared on purpose

    def do_GET(self) -> None:
        """Redirect to elsewhere on the first path, answer HTML on the others."""
        self.seen.append(self.headers.get("Authorization"))
        if self.path.startswith("/api/v1/cases"):
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_server_that_is_not_ours(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """No redirect is followed with a token, and HTML is no answer."""
    monkeypatch.setenv("FIRSTLIGHT_TOKEN", "flt_secret")
    server = HTTPServer(("127.0.0.1", 0), _Foreign)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        for line in (("case", "list"), ("advisory", "list")):
            ended = shell(*line, "--server", address)
            assert (ended.code, "code: cli.no_server" in ended.err) == (7, True)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert _Foreign.seen == ["Bearer flt_secret"] * 2
