"""The signed statement, from the record to the office's answer."""

from __future__ import annotations

from pathlib import Path

from tests.core.measure.measure_samples import plan, threshold, usual

from firstlight.adapters.formats.measure_record import record_digest
from firstlight.adapters.formats.measure_statement import check_statement
from firstlight.adapters.vault.keys import KeyFolder, ed25519_verifier
from firstlight.adapters.vault.thresholds import OpenThresholdFile
from firstlight.core.kernel.canonical import canonical
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.measure.statement import PURPOSE
from firstlight.core.review.coverage import Assessment, Determination
from firstlight.usecases.measurements.state import Stated, prepare, state


def _stated(folder: Path) -> tuple[Stated, bytes]:
    (folder / "threshold").write_bytes(canonical(threshold().to_json()))
    keys, run = KeyFolder(folder / "keys"), usual()
    keeper = OpenThresholdFile(folder / "threshold")
    made = state(keys, run, record_digest(run), keeper, plan())
    return made, keys.public_key(PURPOSE)


def test_the_office_names_the_statement(tmp_path: Path) -> None:
    """Its reference is what an assessment takes; what it says is decided by a person."""
    made, key = _stated(tmp_path)
    found = check_statement(made.envelope, public_key=key, verify=ed25519_verifier(key))
    assert found.reference == made.reference
    answered = Assessment(
        determination=Determination.UNDETERMINED,
        office=OrganisationId.mint(0, bytes(10)),
        by=PersonId.mint(0, bytes(10)),
        at=Instant.parse("2026-11-20T09:00:00Z"),
        statement=made.reference,
        classified_digest="",
        for_researchers=False,
    )
    assert answered.statement == made.reference
    assert made.designation is not None
    assert made.designation.answer.value == Determination.COVERED.value


def test_the_same_record_gives_the_same_bytes(tmp_path: Path) -> None:
    """Prepared twice, the statement is the same, byte for byte; so is its reference."""
    made, _ = _stated(tmp_path)
    run = usual()
    keeper = OpenThresholdFile(tmp_path / "threshold")
    again, _, _ = prepare(run, record_digest(run), keeper, plan())
    assert again.reference == made.reference
