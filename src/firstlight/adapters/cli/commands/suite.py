"""`firstlight suite`."""

from __future__ import annotations

import click

from firstlight.adapters.cli.commands.suite_tasks import check, judge, list_tasks, show


@click.group()
def suite() -> None:
    """List the tasks of the shipped suites, and prove that each is fit for measuring."""


for command in (list_tasks, show, judge, check):
    suite.add_command(command)
