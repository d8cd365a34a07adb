"""What a process of ours asks of the kernel about its parent."""

from __future__ import annotations

import ctypes
import signal

_SET_PARENT_DEATH_SIGNAL = 1


def die_with_parent() -> None:
    """Let the kernel end this process when its parent is gone (prctl(2), PR_SET_PDEATHSIG).

    A server process whose supervisor was killed would otherwise go on holding the port.
    """
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM, 0, 0, 0)
