"""`firstlight suite`."""

from __future__ import annotations

import click

from firstlight.adapters.cli.commands.commitment import commit, open_one, verify_opening
from firstlight.adapters.cli.commands.sealed import (
    check_sealed,
    evidence,
    new_sealed,
    rotate,
    seal,
    sealed,
    search,
)
from firstlight.adapters.cli.commands.suite_tasks import check, judge, list_tasks, show


@click.group()
def suite() -> None:
    """List and prove the tasks of suites; seal a suite, commit to it, open single tasks later."""


for command in (
    list_tasks,
    show,
    judge,
    check,
    new_sealed,
    seal,
    sealed,
    check_sealed,
    evidence,
    commit,
    open_one,
    verify_opening,
    rotate,
    search,
):
    suite.add_command(command)
