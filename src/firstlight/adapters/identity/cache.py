"""A Django cache in the database that keeps JSON.

The sign-in library counts failed passwords and codes in Django's cache, so the cache must be shared
by all processes. Django's own database cache unpickles its rows, which would turn write access to
the database into code execution; this one reads JSON and nothing else.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection

from firstlight.adapters.identity.models import CacheRow

_ADD = """
    INSERT INTO identity_cache (key, value, expires_at) VALUES (%s, %s, %s)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
    WHERE identity_cache.expires_at < %s
    RETURNING key
"""
"""adds when there is none or the present one is over; exactly one of two askers succeeds"""


class JsonDatabaseCache(BaseCache):
    """Small JSON values with an end."""

    def __init__(self, location: str, params: dict[str, object]) -> None:  # noqa: ARG002  # given
        """`location` is not used: there is one table."""
        super().__init__(params)

    def _key(self, key: str, version: int | None) -> str:
        made = self.make_key(key, version=version)
        self.validate_key(made)
        return made

    def _end(self, timeout: object) -> datetime | None:
        seconds = self.get_backend_timeout(timeout)  # type: ignore[arg-type]  # Django's sentinel
        return None if seconds is None else datetime.fromtimestamp(float(seconds), UTC)

    def add(
        self,
        key: str,
        value: object,
        timeout: object = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        """Store unless there is one already; whether it was stored."""
        now = datetime.now(UTC)
        row = [self._key(key, version), json.dumps(value), self._end(timeout), now]
        with connection.cursor() as cursor:
            cursor.execute(_ADD, row)
            return cursor.fetchone() is not None

    def get(self, key: str, default: object = None, version: int | None = None) -> object:
        """The value, or `default` when there is none or it is over."""
        row = CacheRow.objects.filter(key=self._key(key, version)).first()
        if row is None or (row.expires_at is not None and row.expires_at <= datetime.now(UTC)):
            return default
        return json.loads(row.value)

    def set(
        self,
        key: str,
        value: object,
        timeout: object = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        """Store, and drop what is over."""
        CacheRow.objects.filter(expires_at__lt=datetime.now(UTC)).delete()
        CacheRow.objects.update_or_create(
            key=self._key(key, version),
            defaults={"value": json.dumps(value), "expires_at": self._end(timeout)},
        )

    def touch(
        self, key: str, timeout: object = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Give it a new end; whether there was one."""
        row = CacheRow.objects.filter(key=self._key(key, version))
        return bool(row.update(expires_at=self._end(timeout)))

    def delete(self, key: str, version: int | None = None) -> bool:
        """Remove; whether there was one."""
        return bool(CacheRow.objects.filter(key=self._key(key, version)).delete()[0])

    def clear(self) -> None:
        """Remove all."""
        CacheRow.objects.all().delete()
