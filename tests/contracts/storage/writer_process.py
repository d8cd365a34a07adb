"""A process that writes: `writer_process.py COUNT`, endlessly when COUNT is 0.

Each unit of work draws a number and stores a case, its finding, a ledger entry of one of three
subjects and a job. Once it has committed, the case's identifier is written to stdout.
"""

from __future__ import annotations

import os
import sys
from itertools import count

import django


def main() -> None:
    """Write and acknowledge."""
    django.setup()
    from firstlight.adapters.storage import samples  # noqa: PLC0415  # needs Django
    from firstlight.adapters.storage.unit import DjangoStorage  # noqa: PLC0415
    from firstlight.core.clearinghouse.case import Case  # noqa: PLC0415
    from firstlight.core.kernel.ids import CaseId, FindingId  # noqa: PLC0415

    storage = DjangoStorage()
    wanted = int(sys.argv[1])
    os.write(1, b"ready\n")
    for number in count(1):
        raw = f"document {number % 3}".encode()
        with storage.begin() as work:
            case = samples.case(work.cases.next_number(2026), id=CaseId.mint(1, os.urandom(10)))
            assert isinstance(case, Case)
            work.cases.add(case)
            finding = samples.finding(case, raw, id=FindingId.mint(1, os.urandom(10)))
            work.findings.add(finding, raw)
            samples.append(work, f"cas_{number % 3}", randomness=os.urandom(10))
            assert work.jobs.enqueue("note", {}, key=str(case.id))
        os.write(1, f"{case.id}\n".encode())
        if number == wanted:
            return


if __name__ == "__main__":
    main()
