from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from firstlight.adapters.gateway.conformance import CHECKS, Subject, Wanted
from firstlight.adapters.gateway.static_desk import StaticDesk, StaticGrant
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Unavailable
from firstlight.core.review.artefacts import Dialect
from firstlight.core.review.spending import MICRO

NOW = Instant.parse("2026-11-21T12:00:00Z")
EXPIRES = Instant.parse("2026-11-22T12:00:00Z")


@dataclass
class StaticSubject:
    """The static desk, for the suite."""

    desk: StaticDesk
    now: Instant = NOW
    expires: Instant = EXPIRES
    number: int = 0

    def grant(self, wanted: Wanted) -> str:
        """One more."""
        self.number += 1
        return self.desk.add(
            StaticGrant(
                grant=f"g{self.number}",
                dialects=(Dialect.OPENAI_CHAT,),
                address="https://endpoint.example",
                upstream_key="sk-the-developers-own",
                expires=self.expires,
                requests=wanted.requests,
                tokens=wanted.tokens,
                money=wanted.money,
                price_in=MICRO,
                price_out=MICRO,
                two_persons=wanted.two_persons,
                keep_content=wanted.keep_content,
            )
        )

    def revoke(self) -> None:
        """The last."""
        self.desk.revoke(f"g{self.number}")

    def suspend(self) -> None:
        """The last."""
        self.desk.suspend(f"g{self.number}")

    def second_person(self, *, present: bool) -> None:
        """Of the last."""
        self.desk.set_present(f"g{self.number}", present=present)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_conforms(check: Callable[[Subject], None], tmp_path: Path) -> None:
    """The suite that every desk passes."""
    desk = StaticDesk(tmp_path / "desk.sqlite3")
    try:
        check(StaticSubject(desk))
    finally:
        desk.close()


def test_it_announces_itself(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody can take it for the real one."""
    desk = StaticDesk(tmp_path / "desk.sqlite3")
    desk.announce()
    desk.close()
    assert "static desk for tests" in caplog.text
    assert desk.for_tests


def test_its_file_is_its_owners_and_holds_no_reviewers_key(tmp_path: Path) -> None:
    """Mode 0600; the reviewer's key is there as a digest only."""
    path = tmp_path / "desk.sqlite3"
    subject = StaticSubject(StaticDesk(path))
    key = subject.grant(Wanted())
    subject.desk.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key.encode() not in path.read_bytes()


def test_a_locked_file_is_no_admission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written is an error, never a use."""
    monkeypatch.setattr("firstlight.adapters.gateway.static_desk._BUSY_SECONDS", 0.05)
    subject = StaticSubject(StaticDesk(tmp_path / "desk.sqlite3"))
    subject.grant(Wanted())
    with sqlite3.connect(subject.desk.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable):
            subject.revoke()
        other.execute("ROLLBACK")
    other.close()
    subject.desk.close()
