"""`firstlight suite`."""

from __future__ import annotations

import click

from firstlight.adapters.cli.commands.commitment import commit, open_one, verify_opening


@click.group()
def suite() -> None:
    """Commit to a suite before anybody gets access, and open single tasks later."""


for command in (commit, open_one, verify_opening):
    suite.add_command(command)
