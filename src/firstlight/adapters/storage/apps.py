"""The Django app that owns the tables."""

from __future__ import annotations

from django.apps import AppConfig


class StorageConfig(AppConfig):
    """Tables of the clearinghouse, the ledger, the jobs and the outbox."""

    name = "firstlight.adapters.storage"
    label = "storage"
    verbose_name = "Firstlight storage"
