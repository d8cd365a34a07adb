"""A kept run, as the command line shows it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from firstlight.adapters.cli.host_measure import RunShown
from firstlight.host.leading import is_led
from firstlight.settings import Settings
from firstlight.usecases.context import Context
from firstlight.usecases.ports.runs import StoredRun


def folder_of(settings: Settings, run: str) -> Path:
    """Where a run keeps its files."""
    return settings.data / "measurements" / run


def shown(context: Context, settings: Settings, stored: StoredRun) -> RunShown:
    """With the counts of what is kept."""
    run = stored.measurement
    with context.storage.look() as work:
        ended = Counter(each.ended.value for each in work.measurements.samples(run.id))
    folder = folder_of(settings, str(run.id))
    model = run.fixed.model
    return RunShown(
        id=str(run.id),
        state=run.state.value,
        leading=folder.is_dir() and is_led(folder),
        model=f"{model.name} {run.version_seen or model.version}".strip(),
        scripted=model.scripted,
        suite=f"{run.fixed.suite.name} {run.fixed.suite.version}",
        done=ended.total(),
        of=run.samples,
        ended=dict(ended),
        level=run.level,
        exception=run.exception,
        started_at=str(run.started_at),
        ended_at=str(run.ended_at or ""),
        why=run.why,
        statement=run.statement,
        answer=run.answer,
        folder=str(folder),
    )
