"""Only the installation's own names are answered."""

from __future__ import annotations

import pytest
from django.test import Client

from firstlight.adapters.storage.unit import DjangoStorage


@pytest.mark.parametrize("path", ["/", "/api/v1/cases", "/no-such-page/"])
def test_a_foreign_host_name_is_a_bad_request(sqlite_storage: DjangoStorage, path: str) -> None:
    """It is the asker's mistake (400), never ours (500), and no page is built from it."""
    assert sqlite_storage
    answer = Client().get(path, headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert b"evil.example" not in answer.content


def test_this_machine_is_answered_without_the_public_name(sqlite_storage: DjangoStorage) -> None:
    """A check on loopback needs no public name."""
    assert sqlite_storage
    answer = Client().get("/no-such-page/", headers={"host": "127.0.0.1:8600"})
    assert answer.status_code == 404
