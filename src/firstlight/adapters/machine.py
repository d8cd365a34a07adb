"""The machine's clock and randomness, behind their ports."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TypeVar

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import Identifier

Id = TypeVar("Id", bound=Identifier)


class SystemClock:
    """Implements the `Clock` port."""

    def now(self) -> Instant:
        """The present moment."""
        return Instant(datetime.now(UTC))


class SystemMint:
    """Implements the `Mint` port."""

    def new(self, kind: type[Id], now: Instant) -> Id:
        """A fresh identifier of this kind."""
        return kind.mint(now.milliseconds(), os.urandom(10))

    def random_bytes(self, count: int) -> bytes:
        """From the operating system's source of randomness."""
        return os.urandom(count)
