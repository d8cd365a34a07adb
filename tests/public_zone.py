"""A public zone on disk, and the real server over one, for the tests of both."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
from tests.adapters.formats.test_csaf_advisory import ADVISORY
from tests.host.test_tour import free_port
from tests.outbound import clear

from firstlight.adapters.formats.csaf_advisory import Publisher
from firstlight.adapters.machine import SystemClock
from firstlight.adapters.publication.indexing import ZoneIndexer
from firstlight.adapters.publication.kept import KeptSignatures
from firstlight.adapters.publication.render import Renderer
from firstlight.adapters.publication.zone import FolderZone
from firstlight.adapters.vault.keys import KeyFolder
from firstlight.adapters.vault.openpgp import OpenPgpKey
from firstlight.core.clearinghouse.advisory.model import Advisory

URL = "https://zone.example"
CONTACT = "mailto:security@zone.example"
_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Zone:
    """A zone, and what writes it."""

    folder: Path
    render: Renderer
    zone: FolderZone
    key: OpenPgpKey

    def publish(self, *advisories: Advisory) -> None:
        """One after the other, as at their go-live times."""
        for advisory in advisories:
            self.zone.put(clear(self.render(advisory)))

    def read(self, path: str) -> bytes:
        """A file of the zone."""
        return (self.folder / path).read_bytes()


def make_zone(data: Path, *, url: str = URL, public: str = "public") -> Zone:
    """An empty zone in `public`, with its keys and kept signatures beside it."""
    publisher = Publisher(
        name="Example clearinghouse",
        namespace="https://zone.example",
        contact=CONTACT,
        advisories_url=f"{url}/csaf" if url else "",
    )
    key = OpenPgpKey(data / "keys", "Example clearinghouse <security@zone.example>")
    indexer = ZoneIndexer(
        publisher=publisher, url=url, contact=CONTACT, key=key, clock=SystemClock()
    )
    return Zone(
        folder=data / public,
        render=Renderer(
            signer=KeyFolder(data / "keys"),
            publisher=publisher,
            signature=KeptSignatures(key, data / "signatures"),
        ),
        zone=FolderZone(data / public, indexer),
        key=key,
    )


def numbered(number: int, **changes: object) -> Advisory:
    """An advisory that differs from others by its number."""
    return replace(ADVISORY, number=f"FL-2026-{number:04}", **changes)  # type: ignore[arg-type]


@contextmanager
def served(folder: Path, tls: tuple[Path, Path] | None = None) -> Iterator[str]:
    """The address of a real `firstlight serve-public` over a folder, while the block lasts."""
    port = free_port()
    url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    command = ["serve-public", str(folder), "--port", str(port)]
    if tls:
        command += ["--certificate", str(tls[0]), "--key", str(tls[1])]
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with subprocess.Popen(
        [sys.executable, "-m", "firstlight", *command], env=environment, stderr=subprocess.PIPE
    ) as process:
        try:
            end = time.monotonic() + _SECONDS
            while not _answers(url):
                assert process.poll() is None, "the server ended"
                assert time.monotonic() < end, "the server did not come up"
                time.sleep(0.05)
            yield url
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/", timeout=5, verify=False).status_code < 500  # noqa: S501  # our own
    except httpx.TransportError:
        return False
