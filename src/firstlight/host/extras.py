"""What may be installed beside Firstlight, and what to do where it is not."""

from __future__ import annotations

from importlib.util import find_spec

from firstlight.core.kernel.errors import Missing


class ExtraMissing(Missing):
    """This needs a part of Firstlight that is installed separately."""

    code = "extra.missing"
    next_step = "Install it: pip install 'firstlight[inspect]'"


def need_inspect() -> None:
    """Raises ExtraMissing where the extra `inspect` is not installed."""
    if find_spec("inspect_ai") is None:
        raise ExtraMissing(
            "Inspect is not installed here. It is an extra; MODEL@https://host/v1 is measured "
            "without it."
        )
