"""The worker that `serve` starts beside the server."""

from __future__ import annotations

from firstlight.host.serving import stop_on_signals, stop_with_parent, work
from firstlight.settings import load


def main() -> None:
    """Work until told to stop, or until the server is gone."""
    settings = load()
    stop = stop_on_signals()
    stop_with_parent(stop)
    work(settings, concurrency=settings.workers, stop=stop)


if __name__ == "__main__":
    main()
