"""The Django app of the accounts."""

from __future__ import annotations

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Label `identity`."""

    name = "firstlight.adapters.identity"
    label = "identity"
