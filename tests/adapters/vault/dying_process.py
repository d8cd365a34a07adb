"""Seals or destroys, and dies at the n-th fsync as if the power had gone.

dying_process.py FOLDER seal|destroy N
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from firstlight.adapters.vault.conformance import AT
from firstlight.adapters.vault.sealed import EngagementVault

if TYPE_CHECKING:
    from _typeshed import HasFileno

_sync = os.fsync
_left = int(sys.argv[3])


def _fatal(fd: int | HasFileno) -> None:
    global _left  # noqa: PLW0603  # counts down over the whole process
    _left -= 1
    if _left < 0:
        os._exit(9)
    _sync(fd)


os.fsync = _fatal
vault = EngagementVault(Path(sys.argv[1]))
if sys.argv[2] == "seal":
    vault.seal("e", "d", b"content", b"")
else:
    vault.destroy("e", AT)
