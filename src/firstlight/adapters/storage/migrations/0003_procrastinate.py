"""Procrastinate's own tables and functions (PostgreSQL only)."""

from django.db import migrations

from firstlight.adapters.storage.procrastinate_schema import ensure


class Migration(migrations.Migration):
    dependencies = [("storage", "0002_protect_ledger")]
    operations = [migrations.RunPython(ensure)]
