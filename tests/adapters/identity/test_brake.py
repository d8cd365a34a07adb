"""Limits hold over threads and processes; addresses are those of the socket."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.http import HttpRequest
from tests.databases import Database

from firstlight.adapters.identity.brake import DatabaseBrake, address_of
from firstlight.adapters.identity.cache import JsonDatabaseCache
from firstlight.adapters.identity.models import CacheRow, CounterRow
from firstlight.core.kernel.errors import TooMany
from firstlight.usecases.accounts.port import Limit

THREE = Limit(name="three", count=3, per=timedelta(hours=1))


def test_the_fourth_is_too_many_and_others_are_free(any_database: Database) -> None:
    """Three pass, the fourth is told how long to wait; another asker and limit are not hit."""
    assert any_database
    for _ in range(3):
        DatabaseBrake().hit(THREE, "somebody")
    with pytest.raises(TooMany) as caught:
        DatabaseBrake().hit(THREE, "somebody")
    assert 1 <= int(str(caught.value.details["retry_after"])) <= 3601
    DatabaseBrake().hit(THREE, "somebody else")
    DatabaseBrake().hit(Limit(name="other", count=1, per=timedelta(hours=1)), "somebody")


def test_a_new_window_starts_at_zero_and_old_counters_go(any_database: Database) -> None:
    """An hour later all three are free again, and the row of another's old window is gone."""
    assert any_database
    DatabaseBrake().hit(THREE, "gone")
    for _ in range(3):
        DatabaseBrake().hit(THREE, "somebody")
    later = time.time() + 7200
    with patch.object(time, "time", lambda: later):
        for _ in range(3):
            DatabaseBrake().hit(THREE, "somebody")
    assert CounterRow.objects.count() == 1


def test_threads_share_one_count(any_database: Database) -> None:
    """Of twenty who come at once, exactly three pass."""
    assert any_database
    passed: list[int] = []
    start = threading.Barrier(20)

    def attempt(number: int) -> None:
        start.wait()
        try:
            DatabaseBrake().hit(THREE, "crowd")
            passed.append(number)
        except TooMany:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 3


def test_a_block_saves_writes_and_keeps_the_limit(any_database: Database) -> None:
    """A process that takes ten at once writes a tenth as often and still stops at the limit."""
    assert any_database
    limit = Limit(name="block", count=30, per=timedelta(hours=1), block=10)
    for _ in range(30):
        DatabaseBrake().hit(limit, "api")
    assert CounterRow.objects.get().count == 30
    with pytest.raises(TooMany):
        DatabaseBrake().hit(limit, "api")


@pytest.mark.parametrize(
    ("remote", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
    ],
)
def test_the_address_is_the_sockets(
    request_with: Callable[..., HttpRequest], remote: str, counted: str
) -> None:
    """A /64 counts as one asker, and a header that anyone can send is not believed."""
    request = request_with(remote, **{"X-Forwarded-For": "198.51.100.1"})
    assert address_of(request) == counted


def test_the_cache_keeps_json_and_nothing_else(any_database: Database) -> None:
    """Values come back equal; what is no JSON is refused when stored, so nothing is unpickled."""
    assert any_database
    cache = JsonDatabaseCache("", {})
    cache.set("a", [1.5, "x"], 60)
    assert cache.get("a") == [1.5, "x"]
    with pytest.raises(TypeError):
        cache.set("b", object())
    assert CacheRow.objects.get().value == '[1.5, "x"]'


def test_the_cache_forgets(any_database: Database) -> None:
    """What is over is not given, may be added again by one asker, and is dropped."""
    assert any_database
    cache = JsonDatabaseCache("", {})
    cache.set("a", 1, -1)
    assert cache.get("a", "gone") == "gone"
    assert cache.add("a", 2, 60)
    assert not cache.add("a", 3, 60)
    assert cache.get("a") == 2
    assert cache.touch("a", 90)
    assert cache.delete("a")
    assert not cache.delete("a")
    cache.set("b", 1)
    cache.clear()
    assert not CacheRow.objects.exists()
