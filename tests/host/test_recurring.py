"""A real worker process: it sends what waits, and ends a close that a crash cut off."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests import databases
from tests.host.test_serving import wait_until
from tests.outbound import make_gate
from tests.usecases.conftest import Bench, TurnedClock
from tests.usecases.documents.conftest import make_shelf
from tests.usecases.laboratory import ScriptedLaboratory

databases.ready()

from firstlight.adapters.machine import SystemMint  # noqa: E402  # after ready()
from firstlight.adapters.publication.zone import FolderZone  # noqa: E402
from firstlight.adapters.storage.models import OutboxMessage  # noqa: E402
from firstlight.adapters.storage.unit import DjangoStorage  # noqa: E402
from firstlight.adapters.vault.keys import KeyFolder  # noqa: E402
from firstlight.core.kernel.errors import Unavailable  # noqa: E402
from firstlight.host import recurring  # noqa: E402
from firstlight.usecases.context import Context  # noqa: E402
from firstlight.usecases.reviews import ending  # noqa: E402

if TYPE_CHECKING:
    from tests.databases import Database


class _Past(TurnedClock):
    """An hour ago, whenever the test runs."""

    def __init__(self) -> None:
        from datetime import UTC, datetime, timedelta  # noqa: PLC0415  # one place

        super().__init__(moment=datetime.now(UTC) - timedelta(hours=1))


def bench_in(folder: Path) -> Bench:
    """What a worker whose data folder is `folder` works on too."""
    clock = _Past()
    context = Context(
        storage=DjangoStorage(),
        clock=clock,
        mint=SystemMint(),
        signer=KeyFolder(folder / "keys"),
        laboratory=ScriptedLaboratory(),
        zone=FolderZone(folder / "public"),
        gate=make_gate(folder),
    )
    return Bench(
        context=context, clock=clock, laboratory=ScriptedLaboratory(), zone=folder / "public"
    )


def test_a_worker_sends_and_sweeps(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mail in the folder, the key destroyed, a receipt kept; no person did anything."""
    shelf = make_shelf(bench_in(tmp_path))
    shelf.upload()
    review, identifier = shelf.review, shelf.engagement.id
    assert review.developer.organisation
    colleague = review.join(review.developer.organisation, review.developer.role)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ending, "finish_closing", die)
        with pytest.raises(KeyboardInterrupt):
            ending.close(review.context, review.vault, review.developer, identifier)
    assert review.vault.exists(str(identifier))

    def closed() -> bool:
        with review.context.storage.look() as work:
            return bool(work.engagements.receipts(identifier))

    environment = {**os.environ, **sqlite_database.environment, "FIRSTLIGHT_DATA": str(tmp_path)}
    worker = subprocess.Popen(
        [sys.executable, "-m", "firstlight", "worker"], env=environment, stderr=subprocess.DEVNULL
    )
    try:
        assert wait_until(90, lambda: not review.vault.exists(str(identifier)))
        # The key goes before the closing is written down, and its notices with it.
        assert wait_until(30, closed)
        assert wait_until(60, lambda: not OutboxMessage.objects.filter(next_at__isnull=False))
    finally:
        worker.terminate()
        worker.wait()
    with review.context.storage.begin() as work:
        (receipt,) = work.engagements.receipts(identifier)
    assert receipt.destroyed
    assert colleague.person
    files = (tmp_path / "mail").glob("*.eml")
    mails = [message_from_bytes(path.read_bytes(), policy=default) for path in files]
    address = review.accounts.person(colleague.person).email
    subjects = {mail["Subject"] for mail in mails if mail["To"] == address}
    assert any("Keys of sealed documents were destroyed" in each for each in subjects)


def test_a_round_that_fails_is_followed_by_the_next(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The database may be away for a while; the thread goes on, and the log has the code."""
    monkeypatch.setattr(recurring, "DELIVERY_SECONDS", 0.01)
    closing, rounds = threading.Event(), []

    def act() -> None:
        rounds.append(time.monotonic())
        if len(rounds) == 3:
            closing.set()
        raise Unavailable("the database is away")

    with caplog.at_level(logging.WARNING):
        recurring._again("outbox", 0.01, act, closing)
    assert len(rounds) == 3
    assert {record.code for record in caplog.records} == {"service.unavailable"}  # type: ignore[attr-defined]
