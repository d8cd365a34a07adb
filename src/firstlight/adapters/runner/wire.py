"""What travels between a runner and its client: msgpack of the port's own types, and errors.

An error travels as code, sentence and next step, and is raised again as the same class; a code
that this side does not know becomes the nearest it does: `Invalid` or `Unavailable`.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from firstlight.adapters.sandbox.tree import TREE_BYTES
from firstlight.core.kernel.errors import FirstlightError, Invalid, Unavailable
from firstlight.usecases.ports.execution import Experiment, ExperimentResult

EXPERIMENTS = "/v1/experiments"
HEALTH = "/v1/health"
MEDIA_TYPE = "application/vnd.msgpack"
REQUEST_BYTES = TREE_BYTES + (64 << 20)
"""the largest tree, and inputs"""
RESULT_BYTES = 1 << 30
"""more than any experiment may print and leave behind"""

encode = msgspec.msgpack.Encoder().encode
experiment_of = msgspec.msgpack.Decoder(Experiment).decode
result_of = msgspec.msgpack.Decoder(ExperimentResult).decode


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """An error on its way."""

    code: str
    message: str
    hint: str
    details: dict[str, str] = {}
    temporary: bool
    """whether time or the operator must help, not the asker"""


problem_of = msgspec.msgpack.Decoder(Problem).decode


def pack(error: FirstlightError) -> Problem:
    """The error as it travels."""
    return Problem(
        code=error.code,
        message=error.message,
        hint=error.hint,
        details={name: str(value)[:1000] for name, value in error.details.items()},
        temporary=isinstance(error, Unavailable),
    )


def unpack(problem: Problem) -> FirstlightError:
    """The error as it was raised there."""
    for known in _classes(FirstlightError):
        if known.code == problem.code:
            return known(problem.message, hint=problem.hint, **problem.details)
    nearest = Unavailable if problem.temporary else Invalid
    return nearest(problem.message, hint=problem.hint, **problem.details)


def _classes(of: type[FirstlightError]) -> Iterator[type[FirstlightError]]:
    yield of
    for below in of.__subclasses__():
        yield from _classes(below)
