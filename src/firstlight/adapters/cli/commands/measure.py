"""`firstlight measure`."""

from __future__ import annotations

import click

from firstlight.adapters.cli.commands.containment import drill, evidence, prove


@click.group()
def measure() -> None:
    """Measure what a model can do, contained and watched."""


for _command in (drill, prove, evidence):
    measure.add_command(_command)
