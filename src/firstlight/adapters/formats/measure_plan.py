"""A plan as JSON, strictly both ways."""

from __future__ import annotations

import msgspec

from firstlight.adapters.formats.bounded_json import JsonLimits, decode
from firstlight.core.kernel.canonical import canonical
from firstlight.core.kernel.errors import Invalid
from firstlight.core.measure.plan import FORMAT, Plan, rule_digest

_LIMITS = JsonLimits(size=64 << 10, depth=4, elements=100)


class PlanUnusable(Invalid):
    """This is no plan of a measurement, or one by another rule."""

    code = "measure.plan_unusable"
    next_step = "Use the file that `firstlight measure plan` wrote before the run."


class _Plan(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    format: str
    threshold: str
    suite_root: str
    epochs: int
    rule: str


def write_plan(plan: Plan) -> bytes:
    """The plan as canonical JSON with a line end."""
    return canonical(plan.to_json()) + b"\n"


def read_plan(data: bytes) -> Plan:
    """A plan.

    Raises:
        PlanUnusable: it is none, or its rule is not the one of this version.
        Invalid: it is no JSON, or too large.
    """
    try:
        wire = msgspec.convert(decode(data, _LIMITS), _Plan)
    except msgspec.ValidationError as error:
        raise PlanUnusable(f"the plan: {str(error)[:200]}") from None
    if wire.format != FORMAT:
        raise PlanUnusable(f"this is no plan: format {wire.format[:40]!r}")
    if wire.rule != rule_digest():
        raise PlanUnusable("the plan was fixed under another rule than this version applies")
    return Plan(threshold=wire.threshold, suite_root=wire.suite_root, epochs=wire.epochs)
