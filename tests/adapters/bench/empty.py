"""The smallest tree."""

from __future__ import annotations

import io
import tarfile


def empty_tree() -> bytes:
    """An archive without members."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w"):
        pass
    return made.getvalue()
