"""The parts of a front door that reviews need, over a folder of keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from firstlight.adapters.formats.measure_record import read_record
from firstlight.adapters.outgoing import AllowedHost, OutgoingClient
from firstlight.adapters.vault.copies import MarkedCopies
from firstlight.adapters.vault.sealed import EngagementVault
from firstlight.usecases.documents.desk import Desk

HOOK = "hooks.example.org"
"""the one host to which webhooks may be sent"""


def review_parts(folder: Path) -> dict[str, Any]:
    """Reads over the database that `default` means, the vault, and an allow list of one host."""
    from firstlight.adapters.identity.store import DjangoAccounts  # noqa: PLC0415  # needs Django
    from firstlight.adapters.storage.document_queries import (  # noqa: PLC0415  # likewise
        DjangoDocumentQueries,
        DjangoNoticeQueries,
    )
    from firstlight.adapters.storage.guard_queries import DjangoGuardQueries  # noqa: PLC0415
    from firstlight.adapters.storage.measurement_queries import (  # noqa: PLC0415  # likewise
        DjangoMeasurementQueries,
    )
    from firstlight.adapters.storage.review_queries import DjangoReviewQueries  # noqa: PLC0415

    return {
        "measurements": DjangoMeasurementQueries(),
        "read_record": read_record,
        "reviews": DjangoReviewQueries(),
        "documents": DjangoDocumentQueries(),
        "notices": DjangoNoticeQueries(),
        "verdicts": DjangoGuardQueries(),
        "desk": Desk(
            vault=EngagementVault(folder / "sealed-keys"),
            marker=MarkedCopies(folder / "keys" / "reader-marks"),
            accounts=DjangoAccounts(),
        ),
        "may_reach": OutgoingClient([AllowedHost(host=HOOK)]).may_reach,
    }
