"""A gateway over the real desk: `firstlight gateway` in a process, people in a real database."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.gateway.endpoint import Endpoint
from benchmarks.gateway.installation import Installation, install
from tests.adapters.gateway.running import MODELS, REAL_KEY, end
from tests.databases import Database
from tests.usecases.laboratory import ScriptedLaboratory

from firstlight.adapters.machine import SystemClock, SystemMint
from firstlight.adapters.publication.zone import FolderZone
from firstlight.adapters.vault.keys import KeyFolder
from firstlight.adapters.vault.sealed import EngagementVault
from firstlight.core.review.using import Use
from firstlight.usecases.context import Context

if TYPE_CHECKING:
    from firstlight.adapters.identity.store import DjangoAccounts
    from firstlight.adapters.storage.use_queries import DjangoUseQueries


@dataclass(kw_only=True)
class Parts:
    """What is open in the test's own process, as in the portal's."""

    context: Context
    accounts: DjangoAccounts
    vault: EngagementVault
    uses: DjangoUseQueries


@dataclass(kw_only=True)
class Site:
    """A gateway that runs over a database with people in it."""

    parts: Parts
    endpoint: Endpoint
    url: str
    log: Path
    folder: Path
    environment: Mapping[str, str]
    """for one more gateway over the same"""

    @property
    def port(self) -> int:
        """Where the gateway listens."""
        return port_of(self.url)

    def install(self, *, keeps_content: bool = False) -> Installation:
        """A fresh review of its own."""
        return install(
            self.parts,
            address=self.endpoint.url,
            real_key=REAL_KEY,
            models=MODELS,
            keeps_content=keeps_content,
        )

    def uses(self, made: Installation) -> list[Use]:
        """Of a review, newest first."""
        seen = self.parts.uses.uses(made.developer, made.engagement, cursor=None, limit=200)
        return list(seen.rows)

    def use_of(self, made: Installation, *, closed: bool = True) -> Use:
        """The newest use of a review, once it is closed."""
        deadline = time.monotonic() + 5
        while True:
            rows = self.uses(made)
            if rows and (not closed or rows[0].end is not None):
                return rows[0]
            assert time.monotonic() < deadline, "the use is not closed"
            time.sleep(0.05)


def port_of(url: str) -> int:
    """The port in an address."""
    return int(url.rsplit(":", 1)[1])


@contextmanager
def running(
    folder: Path, environment: Mapping[str, str]
) -> Iterator[tuple[str, subprocess.Popen[bytes], Path]]:
    """`firstlight gateway`, as an operator starts it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    log = folder / "gateway.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "firstlight", "gateway", "--port", str(port)],
            env=dict(environment),
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, "the gateway does not start"
                time.sleep(0.05)
            else:
                break
        yield f"http://127.0.0.1:{port}", process, log
    finally:
        end(process)


@contextmanager
def site_over(database: Database, folder: Path, endpoint: Endpoint) -> Iterator[Site]:
    """A gateway over this database."""
    environment = {
        **database.environment,
        "FIRSTLIGHT_DATA": str(folder),
        "FIRSTLIGHT_GATEWAY_HOSTS": "127.0.0.1+here",
    }
    with running(folder, environment) as (url, _, log):
        yield Site(
            parts=_parts(folder),
            endpoint=endpoint,
            url=url,
            log=log,
            folder=folder,
            environment=environment,
        )


def _parts(folder: Path) -> Parts:
    from firstlight.adapters.identity.store import DjangoAccounts  # noqa: PLC0415  # needs Django
    from firstlight.adapters.storage.unit import DjangoStorage  # noqa: PLC0415  # likewise
    from firstlight.adapters.storage.use_queries import DjangoUseQueries  # noqa: PLC0415

    context = Context(
        storage=DjangoStorage(),
        clock=SystemClock(),
        mint=SystemMint(),
        signer=KeyFolder(folder / "keys"),
        laboratory=ScriptedLaboratory(),
        zone=FolderZone(folder / "public"),
    )
    return Parts(
        context=context,
        accounts=DjangoAccounts(),
        vault=EngagementVault(folder / "sealed-keys"),
        uses=DjangoUseQueries(),
    )
