"""The register at the command line, without a server and with one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.adapters.api.conftest import on_sqlite
from tests.adapters.api.test_story import good
from tests.adapters.cli.conftest import Shell
from tests.adapters.cli.test_remote import Desk, desk

from firstlight.core.kernel.parties import Role

__all__ = ["desk", "on_sqlite"]
RECORD = (
    *("duty", "record", "2d", "--kind", "done", "--on", "2026-07-01", "--source", "Treasury"),
    *("--link", "https://www.example.org/notice", "--text", "The clearinghouse was announced"),
)


def test_without_a_server_the_order_alone_speaks(shell: Shell) -> None:
    """No host is opened, no address is called; what is missing is said."""
    ended = shell("directives", "--as-of", "2026-07-15")
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[0] == "As of 2026-07-15"
    row = next(line for line in lines if line.startswith("2(a)"))
    assert row.split()[1:4] == ["overdue", "2026-07-02", "-13"]
    assert "without evidence" in ended.out


@pytest.mark.parametrize(
    ("day", "status"),
    [("2026-06-01", "not-in-force"), ("2026-07-02", "open"), ("2026-07-03", "overdue")],
)
def test_the_day_decides(shell: Shell, day: str, status: str) -> None:
    """The due day itself is still open."""
    found = shell("directives", "2a", "--as-of", day, "--json").json()
    assert (found["key"], found["status"], found["as_of"]) == ("2(a)", status, day)


def test_today_is_the_day_when_none_is_named(shell: Shell) -> None:
    """In UTC, as on the server."""
    before = datetime.now(UTC).date().isoformat()
    found = shell("directives", "--json").json()
    assert found["as_of"] in {before, datetime.now(UTC).date().isoformat()}


def test_one_duty_is_shown_with_its_parts(shell: Shell) -> None:
    """With lead, consulted and the numbered parts."""
    out = shell("directives", "2(c)").out
    for part in ("section 2(c)", "Homeland Security", "National Cyber Director", "2(c)(iii)"):
        assert part in out


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (("directives", "2(g)"), 6),
        (("directives", "--as-of", "soon"), 2),
        (("directives", "--server", "http://127.0.0.1:9"), 7),
    ],
)
def test_what_goes_wrong(shell: Shell, line: tuple[str, ...], code: int) -> None:
    """Missing, usage, unavailable: a server that is named and silent is never passed over."""
    assert shell(*line).code == code


@pytest.mark.parametrize("section", [(), ("3b",)], ids=["register", "duty"])
def test_the_offline_answer_has_the_servers_shape(desk: Desk, section: tuple[str, ...]) -> None:
    """Without evidence they are the same document, for the register and for one duty."""
    desk.as_(Role.ANONYMOUS)
    line = ("directives", *section, "--as-of", "2026-07-15", "--json")
    asked = desk(*line).json()
    desk.monkeypatch.delenv("FIRSTLIGHT_URL")
    assert desk(*line).json() == asked


def test_evidence_is_recorded_shown_and_withdrawn(desk: Desk) -> None:
    """By a coordinator; then the server's answer differs from the order alone."""
    desk.as_(Role.COORDINATOR)
    entry = desk(*RECORD, "--json").json()
    out = desk("directives", "2d", "--as-of", "2026-07-15").out
    assert "met on 2026-07-15, since 2026-07-01" in out
    assert entry["id"] in out
    assert desk("duty", "withdraw", "2d", entry["id"], "--reason", "wrong office").code == 0
    aside = desk("duty", "not-applicable", "2d", "--on", "2026-07-05", "--reason", "overtaken")
    assert "not-applicable, 2026-07-05" in aside.out
    caller = desk.installation.caller(Role.COORDINATOR)
    history = good(caller.get("/directives/2(d)"))["history"]
    assert [one["kind"] for one in history] == ["done", "withdrawn", "not-applicable"]


def test_others_are_refused(desk: Desk) -> None:
    """With the exit code of a refusal."""
    desk.as_(Role.AUDITOR)
    assert desk(*RECORD).code == 3
