"""The sealed suite of a run: opened with its key, and under the same names when taken up again.

The names that a run shows come from a key of the run's own. That key lies in the run's folder,
sealed with the suite's, so that only who may read the suite can tell which task was which.
"""

from __future__ import annotations

from pathlib import Path

from firstlight.adapters.bench.sealed.folder import SealedSuite
from firstlight.adapters.bench.sealed.running import SealedRun
from firstlight.adapters.cli.host_measure import RunOrder
from firstlight.bootstrap import committed_suite
from firstlight.core.kernel.errors import Conflict
from firstlight.settings import Settings

SEALED = "sealed:"
"""before the folder of a suite, where the name of a shipped one could stand"""
NAMES = "names.sealed"


def sealed_suite(settings: Settings, order: RunOrder) -> SealedSuite | None:
    """The sealed suite that an order names; None where it names a shipped one.

    Raises:
        Missing, SealedSuiteInvalid: there is none in that folder, or it is damaged.
        SuiteNotCommitted: nobody was told of it before.
    """
    if not order.suite.startswith(SEALED):
        return None
    return committed_suite(settings, Path(order.suite.removeprefix(SEALED)))


def open_names(suite: SealedSuite, run: str, folder: Path, *, again: bool) -> SealedRun:
    """Its tasks in clear, in this process's memory alone, under the names of the run.

    Args:
        suite: whose key is at hand
        run: identifier
        folder: of the run
        again: the run was begun before

    Raises:
        Conflict: it was begun on another machine, so its names are not here.
        CommitmentBroken: the tasks are not those that were committed to.
        KeyDestroyed, KeyMissing, SealBroken, VaultUnusable: they do not open.
    """
    kept, bound = folder / NAMES, f"names.{run}"
    if not again:
        opened = SealedRun(suite)
        kept.write_bytes(opened.seal(bound, opened.key))
        return opened
    try:
        envelope = kept.read_bytes()
    except OSError as error:
        raise Conflict(
            f"{kept} cannot be read.",
            hint="Resume a run on the machine and with the data folder that it was begun with.",
        ) from error
    return SealedRun(suite, suite.open_log(bound, envelope))
