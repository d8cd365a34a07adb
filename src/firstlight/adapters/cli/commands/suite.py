"""`firstlight suite`."""

from __future__ import annotations

import click

from firstlight.adapters.cli.commands.commitment import commit, open_one, verify_opening
from firstlight.adapters.cli.commands.suite_tasks import check, judge, list_tasks, show


@click.group()
def suite() -> None:
    """List and prove the tasks of suites; commit to a suite, and open single tasks later."""


for command in (list_tasks, show, judge, check, commit, open_one, verify_opening):
    suite.add_command(command)
