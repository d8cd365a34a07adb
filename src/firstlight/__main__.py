"""`firstlight` and `python -m firstlight`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from firstlight.adapters.cli.app import run

if TYPE_CHECKING:
    from firstlight.adapters.cli.host import Host


def _open_host() -> Host:
    from firstlight.host.machine import Machine  # noqa: PLC0415  # help needs none of it

    return Machine()


def main() -> None:
    """Run the command line and end the process with its exit code."""
    sys.exit(run(sys.argv[1:], _open_host))


if __name__ == "__main__":
    main()
