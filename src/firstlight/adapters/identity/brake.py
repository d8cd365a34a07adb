"""Rate limits counted in the database, so that they hold over every process and machine."""

from __future__ import annotations

import hashlib
import ipaddress
import threading
import time
from datetime import UTC, datetime

from django.db import connection
from django.http import HttpRequest

from firstlight.adapters.identity.models import CounterRow
from firstlight.core.kernel.errors import TooMany
from firstlight.usecases.accounts.port import Limit

_ADD = """
    INSERT INTO identity_counter (key, "window", count, expires_at) VALUES (%s, %s, %s, %s)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN identity_counter."window" = excluded."window"
            THEN identity_counter.count + excluded.count ELSE excluded.count END,
        "window" = excluded."window",
        expires_at = excluded.expires_at
    RETURNING count
"""
"""one statement, so that two processes never read the same count (SQLite 3.35+, PostgreSQL)"""

_IPV6_PREFIX = 64
"""one customer usually holds a /64; single addresses of it are not different askers"""

_taken: dict[tuple[str, int], int] = {}
"""what is left of the blocks that this process took; only limits with a block use it"""
_lock = threading.Lock()


def address_of(request: HttpRequest) -> str:
    """The asker's network address; the /64 of an IPv6 address.

    The socket's own address, or what a proxy that the settings name said of it (`proxy`). A header
    that anyone can send is never believed here.
    """
    text = str(request.META.get("REMOTE_ADDR") or "")
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text[:64] or "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
    return str(address)


class DatabaseBrake:
    """Counts in fixed windows."""

    def hit(self, limit: Limit, who: str) -> None:
        """Count one; see the port."""
        length = int(limit.per.total_seconds())
        now = time.time()
        window = int(now // length)
        key = hashlib.sha256(f"{limit.name}\0{who}".encode()).hexdigest()
        if self._from_block(limit, key, window):
            return
        ends = datetime.fromtimestamp((window + 1) * length, UTC)
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [key, window, limit.block, ends])
            count = int(cursor.fetchone()[0])
        if count == limit.block:
            CounterRow.objects.filter(expires_at__lt=datetime.fromtimestamp(now, UTC)).delete()
        if count > limit.count:
            wait = max(1, int(ends.timestamp() - now) + 1)
            raise TooMany(limit=limit.name, retry_after=wait)
        if limit.block > 1:
            with _lock:
                if len(_taken) > limit.count:
                    _taken.clear()
                _taken[key, window] = limit.block - 1

    @staticmethod
    def _from_block(limit: Limit, key: str, window: int) -> bool:
        """Whether a hit that this process has counted in advance is left."""
        if limit.block == 1:
            return False
        with _lock:
            left = _taken.get((key, window), 0)
            if left:
                _taken[key, window] = left - 1
            return left > 0
