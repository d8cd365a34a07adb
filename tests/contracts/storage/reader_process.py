"""A process that reads a batch: `reader_process.py BATCH`, telling each pack that it has stored."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from firstlight.usecases.context import Context


def main() -> None:
    """Read, slowly enough to be killed in every phase."""
    django.setup()
    from firstlight.adapters.formats.bulk.read import read_records  # noqa: PLC0415  # needs Django
    from firstlight.core.clearinghouse.intake.flood import BatchId  # noqa: PLC0415
    from firstlight.usecases.findings import flood  # noqa: PLC0415

    flood.PACK_RECORDS = 50
    os.write(1, b"ready\n")
    flood.read_batch(_context(), BatchId(sys.argv[1]), read_records)
    os.write(1, b"read\n")


def _context() -> Context:
    from firstlight.adapters.machine import SystemClock, SystemMint  # noqa: PLC0415  # needs Django
    from firstlight.adapters.storage.unit import DjangoStorage  # noqa: PLC0415
    from firstlight.usecases.context import Context  # noqa: PLC0415

    return Context(
        storage=DjangoStorage(),
        clock=SystemClock(),
        mint=SystemMint(),
        signer=None,  # type: ignore[arg-type]  # nothing is signed, run or published here
        laboratory=None,  # type: ignore[arg-type]
        zone=None,  # type: ignore[arg-type]
    )


if __name__ == "__main__":
    main()
