"""Shipped suites under the names by which `inspect eval` finds them: `firstlight/public_1`.

Inspect loads this module by its entry point. The bench and the watcher are opened with the first
task and closed with the process. A model needs the level of containment that it needs in a run of
ours; there is no exception here: who needs one leads the run with `firstlight measure run`.
"""

from __future__ import annotations

import atexit
import secrets
from contextlib import ExitStack
from typing import Any

from firstlight.adapters.bench.inspect.suite import Offered, inspect_task, named
from firstlight.adapters.cli.host_measure import RunOrder
from firstlight.adapters.machine import SystemClock
from firstlight.bootstrap import open_contained
from firstlight.core.measure.containment import Driver, admit
from firstlight.host.choosing import allowance_of, choose
from firstlight.settings import load

_NAME_BYTES = 8


def public_1(kinds: str = "", tasks: str = "") -> Any:  # noqa: ANN401  # a type of the extra
    """The suite `public-1`; `kinds` and `tasks` choose of it, separated by commas.

    Raises:
        FirstlightError: there is no such task, or the sandbox does not hold.
    """
    order = RunOrder(suite="public-1", model="", kinds=_words(kinds), tasks=_words(tasks))
    chosen = choose(order)
    stack = ExitStack()
    atexit.register(stack.close)
    contained = stack.enter_context(open_contained(load()))
    level = contained.containment.level()
    watch = stack.enter_context(
        contained.containment.watch(f"inspect_{secrets.token_hex(_NAME_BYTES)}")
    )

    def admitted(scripted: bool) -> str:  # noqa: FBT001  # one question
        driver = Driver.SCRIPT if scripted else Driver.MODEL
        return admit(driver, level, None, SystemClock().now()).level.value

    return inspect_task(
        Offered(
            suite=chosen.suite.id,
            version=str(chosen.suite.version),
            root=chosen.committed.root,
            tasks=chosen.tasks,
            bench=contained.bench,
            watch=watch,
            admit=admitted,
            allowance=allowance_of(order),
        )
    )


def _words(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


SUITES = (named(public_1),)
"""registered with Inspect"""
