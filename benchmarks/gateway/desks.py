"""The two desks that a gateway is measured over: the static one for tests, and the real one.

The real one is a whole installation, on SQLite in the run's folder or on the fresh database that
DATABASE_URL names: reviews decide, the ledger remembers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from firstlight.adapters.gateway.static_desk import StaticDesk, StaticGrant
from firstlight.core.kernel.clock import Instant

REAL_KEY = "sk-benchmark-key"


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What a run needs of it."""

    name: str
    factory: str
    """what the gateway's server loads"""
    environment: Mapping[str, str]
    """of the gateway's process"""
    grant: Callable[[], tuple[str, Callable[[], None]]]
    """a fresh grant's key, and the developer's act that revokes it"""


@contextmanager
def static(folder: Path, url: str, models: tuple[str, ...]) -> Iterator[Desk]:
    """Rows in a file, nothing else."""
    desk = StaticDesk(folder / "desk.sqlite3")
    usual = StaticGrant(
        grant="bench",
        models=models,
        address=url,
        upstream_key=REAL_KEY,
        expires=Instant(datetime.now(UTC) + timedelta(days=1)),
    )
    count = 0

    def grant() -> tuple[str, Callable[[], None]]:
        nonlocal count
        count += 1
        name = f"bench{count}"
        return desk.add(replace(usual, grant=name)), lambda: desk.revoke(name)

    try:
        yield Desk(
            name="static",
            factory="firstlight.adapters.gateway.static_service:make",
            environment={"FIRSTLIGHT_STATIC_DESK": str(desk.path)},
            grant=grant,
        )
    finally:
        desk.close()


@contextmanager
def real(folder: Path, url: str, models: tuple[str, ...]) -> Iterator[Desk]:
    """An installation with people, terms, a window and a ledger."""
    environment = {
        "FIRSTLIGHT_DATA": str(folder / "data"),
        "FIRSTLIGHT_GATEWAY_HOSTS": "127.0.0.1+here",
    }
    (folder / "data").mkdir(mode=0o700)
    os.environ.update(environment)
    from benchmarks.gateway.installation import install  # noqa: PLC0415  # after the settings

    from firstlight.bootstrap import open_firstlight  # noqa: PLC0415  # likewise
    from firstlight.host.database import migrate  # noqa: PLC0415  # likewise

    migrate()
    made = install(open_firstlight(), address=url, real_key=REAL_KEY, models=models)

    def grant() -> tuple[str, Callable[[], None]]:
        given, key = made.grant()
        return key, lambda: made.revoke(given)

    yield Desk(
        name="real",
        factory="firstlight.host.gateway:make",
        environment=environment,
        grant=grant,
    )


DESKS = {"static": static, "real": real}
