"""Sealed documents and notices by the command line over real HTTP, on each database, to the end.

The end is the proof that destruction reaches backups: upload, backup, close, restore, try.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.adapters.api.conftest import Installation, installation, on_sqlite
from tests.adapters.api.sealed import a_review
from tests.adapters.api.test_real_http import served
from tests.adapters.cli.conftest import Ended, Shell
from tests.review_parts import HOOK

from firstlight.adapters.storage.backup import backup, restore
from firstlight.adapters.vault.marks import find_mark
from firstlight.core.kernel.parties import Role
from firstlight.core.review.artefacts import Artefact
from firstlight.core.review.engagement import Engagement
from firstlight.usecases.reviews import ending

__all__ = ["installation", "on_sqlite"]
CARD = "# System card\n\nWhat was measured, and how.\n"


@dataclass
class Desk:
    """A shell before a running server, and a review of its developer."""

    shell: Shell
    here: Installation
    monkeypatch: pytest.MonkeyPatch
    folder: Path
    review: Engagement
    card: Artefact
    made: list[Path] = field(default_factory=list)

    def as_(self, role: Role) -> None:
        """Take this role's token."""
        header = self.here.caller(role).headers.get("Authorization", "")
        self.monkeypatch.setenv("FIRSTLIGHT_TOKEN", header.removeprefix("Bearer "))

    def __call__(self, *arguments: str) -> Ended:
        """Run one command line."""
        return self.shell(*arguments)

    def file(self, name: str, content: str = CARD) -> str:
        """A file with this text."""
        path = self.folder / name
        path.write_text(content)
        return str(path)

    def out(self) -> str:
        """A place for a new file."""
        self.made.append(self.folder / f"out-{len(self.made)}")
        return str(self.made[-1])

    def upload(self) -> str:
        """The developer's document."""
        self.as_(Role.DEVELOPER)
        sent = ("document", "upload", self.review.number, str(self.card.id), self.file("card.md"))
        return str(self(*sent, "--json").json()["id"])


@pytest.fixture
def desk(
    shell: Shell,
    installation: Installation,  # the fixture
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Desk]:
    """On SQLite and on PostgreSQL in turn."""
    review, card = a_review(installation)
    with served() as address:
        monkeypatch.setenv("FIRSTLIGHT_URL", address)
        yield Desk(shell, installation, monkeypatch, tmp_path, review, card)


def test_from_the_upload_to_whose_copy_it_was(desk: Desk) -> None:
    """Each door in turn, as people would use them."""
    document, number = desk.upload(), desk.review.number
    assert "no; due: after the close" in desk("document", "list", number).out
    own = desk.out()
    assert "without a mark" in desk("document", "get", document, "--out", own).out
    assert Path(own).read_text() == CARD

    desk.as_(Role.REVIEWER)
    assert document in desk("document", "list").out
    place = desk.out()
    assert "a mark of you" in desk("document", "get", document, "--out", place).out
    (code,) = find_mark(Path(place).read_text())
    assert desk("document", "get", document, "--out", place).code == 4, "no file is written over"
    assert desk("document", "list", number).code == 3

    desk.as_(Role.DEVELOPER)
    copies = desk("document", "copies", number, "--json").json()["items"]
    assert [row["marked"] for row in copies] == [True, False], "newest first"
    assert "Somebody, Org" in desk("document", "copies", number).out
    assert "Somebody, Org" in desk("document", "trace", code).out
    assert desk("document", "trace", "FLM-0000-0000-0000-0000").code == 6
    refused = desk("document", "upload", number, str(desk.card.id), desk.file("run.eval", "PK"))
    assert (refused.code, "application/pdf" in refused.err) == (4, True)


def test_destruction_reaches_the_backups(desk: Desk) -> None:
    """Upload, backup, close, restore, try: the restored rows are there, and nobody opens them."""
    document, number = desk.upload(), desk.review.number
    saved = desk.folder / "before.backup"
    backup(saved)
    assert CARD.encode() not in saved.read_bytes()
    assert b"What was measured" not in saved.read_bytes()
    lead = desk.here.caller(Role.DEVELOPER).actor
    vault = desk.here.parts.desk.vault
    restore(saved, overwrite=True)
    place = desk.out()
    assert desk("document", "get", document, "--out", place).code == 0, "until it is destroyed"

    receipt = ending.close(desk.here.context, vault, lead, desk.review.id)
    assert receipt.destroyed
    assert "no, key destroyed" in desk("document", "list", number).out
    tried = desk("document", "get", document, "--out", desk.out())
    assert (tried.code, "vault.key_destroyed" in tried.err) == (5, True)

    restore(saved, overwrite=True)
    listed = desk("document", "list", number, "--json").json()["items"]
    assert [row["kept"] for row in listed] == [True], "the sealed bytes are back"
    tried = desk("document", "get", document, "--out", desk.out())
    assert (tried.code, "vault.key_destroyed" in tried.err) == (5, True)
    desk.as_(Role.REVIEWER)
    tried = desk("document", "get", document, "--out", desk.out())
    assert (tried.code, "vault.key_destroyed" in tried.err) == (5, True)
    assert not any(path.exists() for path in desk.made[1:])
    desk.as_(Role.DEVELOPER)
    again = desk("document", "upload", number, str(desk.card.id), desk.file("new.md"))
    assert (again.code, "vault.key_destroyed" in again.err) == (5, True), "no key is made anew"


def test_webhooks_and_mail(desk: Desk) -> None:
    """Added with its secret shown once, tested, paused, resumed, removed; mail off and on."""
    desk.as_(Role.DEVELOPER)
    made = desk("notice", "webhook", "add", "desk", f"https://{HOOK}/in")
    assert "whsec_" in made.out
    assert "whsec_" not in desk("notice", "show").out
    refused = desk("notice", "webhook", "add", "desk", "https://elsewhere.example.org/")
    assert (refused.code, "http.outgoing_refused" in refused.err) == (7, True)
    assert "on its way" in desk("notice", "webhook", "test", "desk").out
    assert "paused" in desk("notice", "webhook", "pause", "desk").out
    assert desk("notice", "webhook", "test", "desk").code == 5
    assert "active" in desk("notice", "webhook", "resume", "desk").out
    assert "removed" in desk("notice", "webhook", "remove", "desk").out
    assert desk("notice", "webhook", "resume", "desk").code == 6
    assert "off" in desk("notice", "mail", "off").out
    assert desk("notice", "mail", "on", "--json").json()["mail"] is True
    desk.as_(Role.FINDER)
    assert desk("notice", "show").code == 3
