"""The record of a run as JSON, strictly both ways: bytes to the core's values and back.

A record is canonical JSON when it is written here. Its digest is that of the canonical form, so
blanks and the order of keys do not matter, and anything else does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from firstlight.adapters.formats.bounded_json import JsonLimits, decode
from firstlight.core.kernel.canonical import Json, canonical, digest
from firstlight.core.kernel.clock import Instant
from firstlight.core.measure.figures import Imputed, Unmeasured
from firstlight.core.measure.record import (
    Baseline,
    Containment,
    ContainmentProof,
    Ended,
    Limits,
    Model,
    RecordUnusable,
    Run,
    Sample,
    SuiteUsed,
)
from firstlight.core.measure.task import Kind, Wanted

FORMAT = "firstlight-run-1"
_LIMITS = JsonLimits(size=64 << 20, depth=12, elements=4_000_000)


class _Wire(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Exactly the named fields."""


class _Sample(_Wire):
    task: str
    family: str
    kind: Kind
    epoch: int
    ended: Ended
    tokens: int
    cost: int
    milliseconds: int
    public: bool
    floor: bool = False
    wanted: Wanted | None = None
    minutes: int | None = None
    reason: str = ""


class _Model(_Wire):
    name: str
    version: str
    endpoint_digest: str
    safeguards: str
    scripted: bool = False


class _Suite(_Wire):
    name: str
    version: str
    root: str
    size: int
    committed_at: str | None


class _Proof(_Wire):
    when: str
    at: str
    digest: str
    held: bool


class _Containment(_Wire):
    level: str
    proofs: list[_Proof]
    exception: str = ""


class _Environment(_Wire):
    name: str
    sha256: str


class _Baseline(_Wire):
    tool: str
    version: str
    kind: Kind
    solved: int
    tasks: int
    cpu_seconds: int
    budget: int = 0
    ours_solved: int = 0
    ours_valid: int = 0


class _Limits(_Wire):
    tokens: int
    milliseconds: int
    cost: int


class _Imputed(_Wire):
    name: str
    value: float
    source: str
    method: str


class _Unmeasured(_Wire):
    name: str
    reason: str
    needs: str = ""


class _Run(_Wire):
    format: str
    id: str
    model: _Model
    suite: _Suite
    plan_digest: str
    planned_at: str | None
    started_at: str
    ended_at: str
    currency: str
    limits: _Limits
    environments: list[_Environment]
    containment: _Containment
    elicitation: list[str]
    samples: list[_Sample]
    baselines: list[_Baseline] = []
    imputed: list[_Imputed] = []
    unmeasured: list[_Unmeasured] = []


def read_record(data: bytes) -> Run:
    """The run that a record holds.

    Raises:
        RecordUnusable: a field is missing, unknown or wrong; the message says where.
        Invalid: it is no JSON, or too large.
    """
    try:
        wire = msgspec.convert(decode(data, _LIMITS), _Run)
    except msgspec.ValidationError as error:
        raise RecordUnusable(f"the record: {str(error)[:300]}") from None
    if wire.format != FORMAT:
        raise RecordUnusable(f"this is no record of a run: format {wire.format[:40]!r}")
    return Run(
        id=wire.id,
        model=Model(**_fields(wire.model)),
        suite=SuiteUsed(**_fields(wire.suite) | {"committed_at": _time(wire.suite.committed_at)}),
        plan_digest=wire.plan_digest,
        planned_at=_time(wire.planned_at),
        started_at=Instant.parse(wire.started_at),
        ended_at=Instant.parse(wire.ended_at),
        currency=wire.currency,
        limits=Limits(**_fields(wire.limits)),
        environments=tuple((each.name, each.sha256) for each in wire.environments),
        containment=Containment(
            level=wire.containment.level,
            proofs=tuple(
                ContainmentProof(**_fields(each) | {"at": Instant.parse(each.at)})
                for each in wire.containment.proofs
            ),
            exception=wire.containment.exception,
        ),
        elicitation=tuple(wire.elicitation),
        samples=tuple(Sample(**_fields(each)) for each in wire.samples),
        baselines=tuple(Baseline(**_fields(each)) for each in wire.baselines),
        imputed=tuple(Imputed(**_fields(each)) for each in wire.imputed),
        unmeasured=tuple(Unmeasured(**_fields(each)) for each in wire.unmeasured),
    )


def write_record(run: Run) -> bytes:
    """The record as canonical JSON with a line end."""
    return canonical(record_json(run)) + b"\n"


def record_digest(run: Run) -> str:
    """By which a statement names the record."""
    return digest(canonical(record_json(run)))


def record_json(run: Run) -> Mapping[str, Json]:
    """The record as JSON values."""
    wire = _Run(
        format=FORMAT,
        id=run.id,
        model=_Model(**_public(run.model)),
        suite=_Suite(**_public(run.suite) | {"committed_at": _text(run.suite.committed_at)}),
        plan_digest=run.plan_digest,
        planned_at=_text(run.planned_at),
        started_at=str(run.started_at),
        ended_at=str(run.ended_at),
        currency=run.currency,
        limits=_Limits(**_public(run.limits)),
        environments=[_Environment(name=name, sha256=found) for name, found in run.environments],
        containment=_Containment(
            level=run.containment.level,
            proofs=[
                _Proof(**_public(each) | {"at": str(each.at)}) for each in run.containment.proofs
            ],
            exception=run.containment.exception,
        ),
        elicitation=list(run.elicitation),
        samples=[_Sample(**_public(each)) for each in run.samples],
        baselines=[_Baseline(**_public(each)) for each in run.baselines],
        imputed=[_Imputed(**_public(each)) for each in run.imputed],
        unmeasured=[_Unmeasured(**_public(each)) for each in run.unmeasured],
    )
    found: Mapping[str, Json] = msgspec.to_builtins(wire)
    return found


def _fields(wire: _Wire) -> dict[str, Any]:
    return {name: getattr(wire, name) for name in wire.__struct_fields__}


def _public(value: object) -> dict[str, Any]:
    """The fields of a frozen dataclass, not copied deeply."""
    return dict(vars(value))


def _time(text: str | None) -> Instant | None:
    return None if text is None else Instant.parse(text)


def _text(moment: Instant | None) -> str | None:
    return None if moment is None else str(moment)
