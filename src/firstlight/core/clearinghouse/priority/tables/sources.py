"""Where the values of the tables come from."""

from __future__ import annotations

from firstlight.core.clearinghouse.priority.decision import TableSource


def ssvc_source(file: str, publisher: str = "CERT/CC") -> TableSource:
    """A table of the data folder of CERTCC/SSVC."""
    return TableSource(
        publisher=publisher,
        reference=f"CERTCC/SSVC, data folder, {file}",
        licence="MIT-style licence of the Software Engineering Institute",
    )
