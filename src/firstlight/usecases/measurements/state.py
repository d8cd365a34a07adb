"""Make the signed statement about a run.

The figures follow from the record, the prepared designation from record, plan and threshold, and
nothing here decides. The determination itself is an office's act elsewhere (`answer_coverage` of a
review takes the reference of the statement).
"""

from __future__ import annotations

from dataclasses import dataclass

from firstlight.core.kernel.dsse import envelope, to_sign
from firstlight.core.measure.designation import Designation
from firstlight.core.measure.plan import Plan
from firstlight.core.measure.record import Run
from firstlight.core.measure.results import Results, results
from firstlight.core.measure.statement import PAYLOAD_TYPE, PURPOSE, Made, statement
from firstlight.usecases.ports import Signer
from firstlight.usecases.ports.measurements import ThresholdKeeper


@dataclass(frozen=True, kw_only=True)
class Stated:
    """A statement, signed, and what it says."""

    envelope: bytes
    reference: str
    """by which an assessment names it"""
    results: Results
    designation: Designation | None


def prepare(
    run: Run, record_digest: str, keeper: ThresholdKeeper | None, plan: Plan | None
) -> tuple[Made, Results, Designation | None]:
    """The statement before it is signed; the same record gives the same bytes.

    Raises:
        Invalid: what the keeper keeps is no threshold.
    """
    found = results(run)
    prepared = keeper.designate(run, plan) if keeper and plan else None
    made = statement(run, found, record_digest=record_digest, designation=prepared)
    return made, found, prepared


def state(
    signer: Signer,
    run: Run,
    record_digest: str,
    keeper: ThresholdKeeper | None = None,
    plan: Plan | None = None,
) -> Stated:
    """Prepare and sign.

    Args:
        signer: holds the key of measurements
        run: the record
        record_digest: of its canonical form
        keeper: of the threshold; None applies none
        plan: that was fixed before the run

    Raises:
        Invalid: what the keeper keeps is no threshold.
        Unavailable: the key cannot be read.
    """
    made, found, prepared = prepare(run, record_digest, keeper, plan)
    signature = signer.sign(PURPOSE, to_sign(PAYLOAD_TYPE, made.payload))
    sealed = envelope(
        PAYLOAD_TYPE, made.payload, key_id=signature.key_id, signature=signature.value
    )
    return Stated(
        envelope=sealed + b"\n", reference=made.reference, results=found, designation=prepared
    )
