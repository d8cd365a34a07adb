"""Procrastinate's own tables and functions (PostgreSQL only), up to its version 3.4.

Procrastinate ships every change of its schema as an SQL file and keeps them all; each migration
here applies the next stretch of them, so the outcome does not depend on the installed version.
"""

from django.db import migrations

from firstlight.adapters.storage.procrastinate_schema import apply_files

FIRST, LAST = "", "03.04.00_50_post_add_retry_failed_job_procedure.sql"


def _apply(apps, schema_editor):
    apply_files(schema_editor, after=FIRST, up_to=LAST)


class Migration(migrations.Migration):
    dependencies = [("storage", "0002_protect_ledger")]
    operations = [migrations.RunPython(_apply)]
