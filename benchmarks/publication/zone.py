"""Publishing into a public zone that is already large, and writing all of it anew.

    python benchmarks/publication/zone.py --advisories 20000

Documents, OpenPGP signatures, digests, statements, indexes and the feed, as in earnest, without the
database. Rebuilding is measured twice: with every signature to be made, and with all of them kept.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from firstlight.adapters.formats.csaf_advisory import Publisher
from firstlight.adapters.machine import SystemClock
from firstlight.adapters.publication.indexing import ZoneIndexer
from firstlight.adapters.publication.kept import KeptSignatures
from firstlight.adapters.publication.render import Renderer
from firstlight.adapters.publication.zone import FolderZone
from firstlight.adapters.vault.keys import KeyFolder
from firstlight.adapters.vault.openpgp import OpenPgpKey
from firstlight.core.clearinghouse.advisory.model import (
    Advisory,
    AdvisoryState,
    AffectedPackage,
    Revision,
)
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import AdvisoryId, CaseId
from firstlight.core.kernel.marking import Marking
from firstlight.usecases.guard.documents import cleared

_AT = Instant.parse("2026-01-01T10:00:00Z")
_URL = "https://advisories.example.org"
_PACKAGE = AffectedPackage(
    purl="pkg:pypi/exlib",
    ecosystem="PyPI",
    name="exlib",
    introduced="1.0",
    fixed="1.2",
    affected_versions=("1.0", "1.1"),
)
_FIRST = Advisory(
    id=AdvisoryId.mint(1, bytes(10)),
    case=CaseId.mint(1, bytes(10)),
    number="FL-2026-0001",
    state=AdvisoryState.PUBLISHED,
    marking=Marking.CLEAR,
    title="Overflow in exlib",
    summary="A file can crash exlib.",
    details="It writes behind the end of a buffer. " * 10,
    packages=(_PACKAGE,),
    cwe=("CWE-787",),
    identifiers=("CVE-2026-1234",),
    cvss="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    drafted_at=_AT,
    revisions=(Revision(number=1, at=_AT, summary="Initial version."),),
)


def advisory(number: int) -> Advisory:
    """They differ by their numbers."""
    return replace(_FIRST, number=f"FL-2026-{number:05}")


def measure(data: Path, count: int) -> None:
    """Print every figure."""
    publisher = Publisher(
        name="Example", namespace="https://example.org", advisories_url=f"{_URL}/csaf"
    )
    key = OpenPgpKey(data / "keys", "Example")
    indexer = ZoneIndexer(publisher=publisher, url=_URL, contact="", key=key, clock=SystemClock())
    render = Renderer(
        signer=KeyFolder(data / "keys"),
        publisher=publisher,
        signature=KeptSignatures(key, data / "signatures"),
    )
    for name, folder in (("all signatures made", "one"), ("all signatures kept", "two")):
        zone = FolderZone(data / folder, indexer)
        begun = time.perf_counter()
        zone.rebuild(cleared(advisory(number), render) for number in range(count))
        taken = time.perf_counter() - begun
        print(f"{count} advisories, {name}   {taken:8.1f} s")
    once = []
    for number in range(count, count + 7):
        begun = time.perf_counter()
        zone.put(cleared(advisory(number), render))
        once.append(time.perf_counter() - begun)
    print(f"one more, median of {len(once)}              {statistics.median(once):8.3f} s")
    print(f"one more, slowest                  {max(once):8.3f} s")


def main() -> None:
    """Make a zone in a temporary folder and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--advisories", type=int, default=20_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        measure(Path(name), given.advisories)


if __name__ == "__main__":
    main()
