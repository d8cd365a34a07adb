"""Keeps processes that lose their parent below this one, so that none slips out of sight."""

from __future__ import annotations

import ctypes
import os

from firstlight.core.kernel.errors import SandboxUnavailable

_CHILD_SUBREAPER = 36
"""PR_SET_CHILD_SUBREAPER of prctl(2)"""


def adopt(*, orphans: bool = True) -> None:
    """Become the parent of every descendant that loses its own, or stop being it.

    Raises:
        SandboxUnavailable: the kernel refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_CHILD_SUBREAPER, int(orphans), 0, 0, 0) != 0:
        reason = os.strerror(ctypes.get_errno())
        raise SandboxUnavailable(f"Orphaned processes cannot be kept in sight: {reason}.")
