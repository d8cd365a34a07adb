"""A whole review told by the command line, over real HTTP, on each database."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.adapters.api.conftest import Installation, installation, on_sqlite
from tests.adapters.api.test_real_http import served
from tests.adapters.cli.conftest import Ended, Shell

from firstlight.core.kernel.parties import Role
from firstlight.core.review.criteria import CRITERIA, NEWEST

__all__ = ["installation", "on_sqlite"]
CHOICES = (
    *("--size", "small", "--release-form", "api", "--anchor", "public-release"),
    *("--retention-days", "0", "--no-legal-hold", "--discard-content", "--unlisted"),
)
ENDPOINT = (
    *("--kind", "endpoint", "--name", "The endpoint", "--safeguards", "reduced"),
    *("--model", "model-x", "--dialect", "openai-chat"),
)
MEETS = [part for name in CRITERIA[NEWEST].items for part in ("--meets", f"{name}=yes, as told")]


@dataclass
class Table:
    """A shell in front of a running server; each line is somebody's."""

    shell: Shell
    made: Installation
    monkeypatch: pytest.MonkeyPatch
    folder: Path

    def __call__(self, role: Role, *line: str) -> Ended:
        """Run `firstlight review ...` as this role."""
        header = self.made.caller(role).headers.get("Authorization", "")
        self.monkeypatch.setenv("FIRSTLIGHT_TOKEN", header.removeprefix("Bearer "))
        return self.shell("review", *line)

    def good(self, role: Role, *line: str) -> Any:  # noqa: ANN401  # decoded JSON
        """What it prints for programs; it must have gone well."""
        return self(role, *line, "--json").json()

    def says(self, role: Role, *line: str) -> str:
        """What it prints for people; it must have gone well."""
        ended = self(role, *line)
        assert ended.code == 0, ended.err
        return ended.out

    def organisation(self, role: Role) -> str:
        """The identifier of this role's organisation."""
        return str(self.made.caller(role).actor.organisation)

    def keys(self) -> dict[str, str]:
        """The installation's public keys by what they sign."""
        found = self.good(Role.ANONYMOUS, "keys", "--anonymous")["items"]
        return {row["purpose"]: row["public_key"] for row in found}

    def running(self) -> tuple[str, str]:
        """A review in which the reviewer is let in: its number, and the grant."""
        number = self.good(Role.DEVELOPER, "open", "Model X", "1.0", *CHOICES)["number"]
        endpoint = self.good(Role.DEVELOPER, "artefact", "add", number, *ENDPOINT)["id"]
        self.good(Role.DEVELOPER, "terms", "set", number)
        office = self.organisation(Role.REVIEWER)
        self.good(Role.DEVELOPER, "office", "admit", number, office)
        self.good(Role.REVIEWER, "terms", "accept", number, "--version", "1")
        person = self.good(Role.REVIEWER, "me")["person"]
        line = ("--person", person, "--organisation", office, "--artefact", endpoint)
        until = (datetime.now(UTC) + timedelta(days=40)).isoformat()
        more = ("--purpose", "safeguard-testing", "--until", until, "--requests", "100")
        grant = self.good(Role.DEVELOPER, "grant", "give", number, *line, *more)["id"]
        self.good(Role.DEVELOPER, "window", "set", number, "--days", "10")
        return number, grant


def laid(
    shell: Shell, made: Installation, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> Iterator[Table]:
    """A table while its server runs."""
    with served() as address:
        monkeypatch.setenv("FIRSTLIGHT_URL", address)
        yield Table(shell, made, monkeypatch, folder)


@pytest.fixture
def tables(
    shell: Shell,
    installation: Installation,  # the fixture
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Table]:
    """On each database."""
    yield from laid(shell, installation, monkeypatch, tmp_path)


@pytest.fixture
def table(
    shell: Shell,
    on_sqlite: Installation,  # the fixture
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Table]:
    """On SQLite, for what has nothing to do with the database."""
    yield from laid(shell, on_sqlite, monkeypatch, tmp_path)


def test_a_whole_review(tables: Table) -> None:
    """From the office's request to a receipt that is checked offline; every side by commands."""
    developer, reviewer, partner = Role.DEVELOPER, Role.REVIEWER, Role.PARTNER
    asking = ("office", "request", tables.organisation(developer), "model-x", "1.0")
    asked = tables.good(reviewer, *asking, "--text", "We would like to look.")["subject"]
    assert "asking" in tables.says(reviewer, "office", "requests")
    number, grant = tables.running()
    whole = tables.good(developer, "show", number)
    assert (whole["id"], whole["days_of_access"]) == (asked, 10.0)
    assert "accepted" in tables.says(reviewer, "grant", "mine")

    key = str(tables.folder / "developer.pem")
    own = tables.good(developer, "act", "new-key", key)["public_key"]
    tables.good(developer, "window", "extend", number, "--days", "5", "--key", key)
    act = str(tables.folder / "act.json")
    tables.says(reviewer, "act", "get", number, "1", act)
    keys = tables.keys()
    checked = ("act", "verify", act, "--key", keys["act"], "--own-key", own)
    assert "days: 5" in tables.says(reviewer, *checked)

    observed = tables.good(reviewer, "observation", "write", number, "--title", "T", "--text", "X")
    line = ("observation", "respond", number, observed["id"], "--version", "1")
    tables.good(developer, *line, "--text", "We will mend it.")
    assert "We will mend it." in tables.says(reviewer, "observation", "mine", number)

    halt = ("--reason", "An odd pattern.", "--conditions", "We looked at the log.")
    tables.good(reviewer, "grant", "suspend", grant, *halt)
    assert "An odd pattern." in tables.says(developer, "grant", "show", grant)
    tables.good(reviewer, "grant", "restore", grant, "--note", "We did.")

    proposing = ("partner", "propose", number, tables.organisation(partner), "--sector", "energy")
    proposed = tables.good(developer, *proposing, *MEETS)["id"]
    tables.good(reviewer, "partner", "refuse", proposed, "--reason", "Nobody at night.")
    assert "Nobody at night." in tables.says(partner, "partner", "mine")
    tables.good(partner, "partner", "appeal", proposed, "--text", "There is now.")
    answered = ("partner", "answer", proposed, "--agree", "--reason", "Checked.")
    assert tables.good(reviewer, *answered)["state"] == "agreed"

    assert tables.good(developer, "launch", number, "--to", "partners")["state"] == "launched"
    assert "receipt get" in tables.says(developer, "close", number)
    receipt = str(tables.folder / "receipt.json")
    tables.says(developer, "receipt", "get", number, "1", receipt)
    key_file = tables.folder / "receipt.key"
    key_file.write_text(keys["receipt"] + "\n")
    verified = tables.good(developer, "receipt", "verify", receipt, "--key", str(key_file))
    assert verified["said"]["number"] == number
    assert [one["audience"] for one in verified["said"]["windows"]] == ["offices"]
    public = tables.good(Role.ANONYMOUS, "report", "public", "--anonymous")["items"]
    assert [one["partners_count"] for one in public] == [1]


def test_only_the_question(tables: Table) -> None:
    """Asked, answered, shared with researchers; the developer stops there."""
    asking = ("question", "ask", "Model X", "1.0", "--size", "small", "--text", "It finds flaws.")
    office = tables.organisation(Role.REVIEWER)
    number = tables.good(Role.DEVELOPER, *asking, "--office", office)["number"]
    said = ("--determination", "not-covered", "--statement", "statement 7", "--for-researchers")
    tables.good(Role.REVIEWER, "question", "answer", number, *said)
    tables.good(Role.DEVELOPER, "question", "share", number, "1")
    assert "not-covered" in tables.says(Role.RESEARCHER, "question", "assessments")
    assert "small" in tables.says(Role.ANONYMOUS, "report", "waiting", "--anonymous")


def test_nothing_is_chosen_for_the_developer(table: Table) -> None:
    """A review that is opened without its choices names each that is missing; nothing is sent."""
    ended = table(Role.DEVELOPER, "open", "Model X", "1.0", "--size", "small")
    assert ended.code == 2
    for option in ("--release-form", "--anchor", "--retention-days", "--legal-hold", "--listed"):
        assert option in ended.err
    assert table.good(Role.DEVELOPER, "list")["items"] == []


def test_a_part_of_the_plan_is_changed(table: Table) -> None:
    """What is not named stays as it was."""
    opened = table.good(Role.DEVELOPER, "open", "Model X", "1.0", *CHOICES)
    line = ("plan", opened["number"], "--listed", "--public-release", "2027-01-15")
    changed = table.good(Role.DEVELOPER, *line)
    assert changed["plan"] == opened["plan"] | {"listed": True, "public_release": "2027-01-15"}


def test_a_hold_is_lifted_only_by_name(table: Table) -> None:
    """Another time of keeping leaves the hold; without any word nothing is sent."""
    number, _ = table.running()
    held = table.good(Role.DEVELOPER, "hold", number, "--legal-hold", "A court.")
    kept = table.good(Role.DEVELOPER, "hold", number, "--retention-days", "7")
    assert (held["plan"]["retention_days"], kept["plan"]["legal_hold"]) == (0, "A court.")
    assert kept["plan"]["retention_days"] == 7
    lifted = table.good(Role.DEVELOPER, "hold", number, "--no-legal-hold")
    assert (lifted["plan"]["legal_hold"], lifted["plan"]["retention_days"]) == ("", 7)
    assert table(Role.DEVELOPER, "hold", number).code == 2
    assert "agency" in table.says(Role.DEVELOPER, "organisations")


def test_own_words_in_the_terms(table: Table) -> None:
    """A heading from a file; the reviewer sees the difference."""
    number, _ = table.running()
    use = table.folder / "use.txt"
    use.write_text("Look only.\n")
    table.good(Role.DEVELOPER, "terms", "set", number, "--change", f"use={use}")
    assert "+Look only." in table.says(Role.REVIEWER, "terms", "diff", number)
    assert "to be accepted" in table.says(Role.REVIEWER, "grant", "mine")
    assert "--version 2" in table.says(Role.REVIEWER, "terms", "show", number)
    assert table(Role.DEVELOPER, "terms", "set", number, "--change", "verdict=x").code == 2


def test_an_altered_receipt_does_not_hold(table: Table) -> None:
    """One byte, another key, an act in its place: exit code 1, and what to do."""
    number, _ = table.running()
    table.good(Role.DEVELOPER, "window", "extend", number, "--days", "1")
    table.good(Role.DEVELOPER, "close", number)
    keys = table.keys()
    receipt, act = table.folder / "receipt.json", table.folder / "act.json"
    table.says(Role.DEVELOPER, "receipt", "get", number, "1", str(receipt))
    table.says(Role.DEVELOPER, "act", "get", number, "1", str(act))
    envelope = json.loads(receipt.read_bytes())
    envelope["payload"] = "e30=" + envelope["payload"][4:]
    altered = table.folder / "altered.json"
    altered.write_text(json.dumps(envelope))
    for file, key in (
        (altered, keys["receipt"]),
        (receipt, keys["act"]),
        (act, keys["receipt"]),
        (act, keys["act"]),
    ):
        ended = table(Role.ANONYMOUS, "receipt", "verify", str(file), "--key", key)
        assert (ended.code, "code: vault.receipt_invalid" in ended.err) == (1, True)
    no_own = ("act", "verify", str(act), "--key", keys["act"], "--own-key", keys["receipt"])
    assert table(Role.ANONYMOUS, *no_own).code == 1
    assert table(Role.ANONYMOUS, "receipt", "verify", str(act), "--key", str(act)).code == 4


def test_a_key_that_others_read_signs_nothing(table: Table) -> None:
    """Its file is refused; and a key file is never written over."""
    number, _ = table.running()
    key = table.folder / "developer.pem"
    table.says(Role.DEVELOPER, "act", "new-key", str(key))
    assert table(Role.DEVELOPER, "act", "new-key", str(key)).code == 5
    key.chmod(0o644)
    ended = table(Role.DEVELOPER, "window", "extend", number, "--days", "1", "--key", str(key))
    assert (ended.code, "code: vault.own_key_open" in ended.err) == (3, True)
    assert table.good(Role.DEVELOPER, "act", "list", number)["items"] == []


EXITS: tuple[tuple[Role, tuple[str, ...], int], ...] = (
    (Role.ANONYMOUS, ("list",), 3),
    (Role.COORDINATOR, ("list",), 3),
    (Role.REVIEWER, ("show", "FR-2026-9999"), 6),
    (Role.REVIEWER, ("launch", "FR-2026-9999", "--to", "public"), 3),
    (Role.PARTNER, ("terms", "show", "FR-2026-9999"), 6),
    (Role.DEVELOPER, ("launch", "FR-2026-9999"), 2),
    (Role.REVIEWER, ("observation", "write", "FR-2026-9999", "--title", "x"), 2),
    (Role.DEVELOPER, ("partner", "propose", "FR-2026-9999", "org_x", "--sector", "x"), 2),
    (Role.AUDITOR, ("report", "oversight"), 0),
    (Role.ANONYMOUS, ("partner", "criteria"), 0),
    (Role.ANONYMOUS, ("terms", "standard"), 0),
)


def test_exit_codes(table: Table) -> None:
    """What the server says becomes the documented exit code."""
    for role, line, code in EXITS:
        ended = table(role, *line)
        assert ended.code == code, (line, ended.err)


def test_nothing_there_yet_is_said(table: Table) -> None:
    """A person reads a sentence, a program an empty list."""
    for line in (
        ("list",),
        ("office", "requests"),
        ("grant", "mine"),
        ("question", "assessments"),
        ("report", "public"),
    ):
        assert re.search(r"[a-z]+\.$", table.says(Role.REVIEWER, *line).strip())
        assert table.good(Role.REVIEWER, *line) == {"items": [], "next": None}


def test_a_stale_view_is_told(table: Table) -> None:
    """Between looking and changing somebody else changed it: exit code 5, and nothing is lost."""
    number, _ = table.running()
    client = _Meanwhile(table, number)
    client.then(lambda: table.good(Role.DEVELOPER, "hold", number, "--retention-days", "9"))
    ended = table(Role.DEVELOPER, "terms", "set", number)
    assert (ended.code, "code: request.precondition_failed" in ended.err) == (5, True)
    assert table.good(Role.DEVELOPER, "show", number)["plan"]["retention_days"] == 9


class _Meanwhile:
    """Does something of somebody else's between a look and the change that follows it."""

    def __init__(self, table: Table, number: str) -> None:
        self._table, self._number = table, number

    def then(self, act: Callable[[], object]) -> None:
        """Once, right after the next look at the review."""
        from firstlight.adapters.cli import client  # noqa: PLC0415  # one place

        look, todo = client.Client.get, [act]

        def get(this: client.Client, *path: str, **query: object) -> client.Reply:
            reply = look(this, *path, **query)
            if path == ("reviews", self._number) and todo:
                todo.pop()()
            return reply

        self._table.monkeypatch.setattr(client.Client, "get", get)
