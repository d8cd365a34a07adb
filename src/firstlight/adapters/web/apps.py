"""The Django app of the portal: templates, template tags, static files; no tables."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Label `web`."""

    name = "firstlight.adapters.web"
    label = "web"
