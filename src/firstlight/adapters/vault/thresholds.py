"""Thresholds in files: an open one, and a sealed one that is applied where the file lies.

An open threshold is the JSON of `core/measure/threshold.py`. A sealed one is that JSON with its
salt, in a file of mode 0600 that stays with the office; the world knows its commitment. Put it on a
machine of its own and only digests, records and prepared answers pass its door.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from pathlib import Path

from firstlight.adapters.formats.bounded_json import JsonLimits, decode
from firstlight.core.kernel.canonical import Json, canonical
from firstlight.core.kernel.errors import Invalid
from firstlight.core.measure import threshold as rules
from firstlight.core.measure.designation import Designation, designate
from firstlight.core.measure.plan import Plan
from firstlight.core.measure.record import Run
from firstlight.core.measure.threshold import Threshold, ThresholdUnusable
from firstlight.usecases.ports.measurements import OpenedThreshold

SEALED_FORMAT = "firstlight-threshold-sealed-1"
_LIMITS = JsonLimits(size=64 << 10, depth=8, elements=1_000)
_FIELDS = frozenset({"format", "threshold", "salt"})


class OpenThresholdFile:
    """Implements `ThresholdKeeper` for a threshold that anybody may read."""

    def __init__(self, path: Path) -> None:
        """It is read when it is used."""
        self._path = path

    def threshold(self) -> Threshold:
        """The threshold. Raises Invalid."""
        return read_threshold(_read(self._path))

    def known_by(self) -> str:
        """Its digest. Raises Invalid."""
        return self.threshold().digest()

    def designate(self, run: Run, plan: Plan) -> Designation:
        """Prepare an answer, with all its figures. Raises Invalid."""
        found = self.threshold()
        return designate(run, found, plan, known_by=found.digest())


class SealedThresholdFile:
    """Implements `ThresholdKeeper` for a threshold that stays secret until it is opened."""

    def __init__(self, path: Path) -> None:
        """It is read when it is used."""
        self._path = path

    def open(self) -> OpenedThreshold:
        """Show it, with what proves that it was this one. Raises Invalid."""
        return read_opened(_read(self._path))

    def known_by(self) -> str:
        """Its commitment. Raises Invalid."""
        return self.open().known_by

    def designate(self, run: Run, plan: Plan) -> Designation:
        """Prepare an answer without the figures that would narrow the threshold down."""
        found = self.open()
        return designate(run, found.threshold, plan, known_by=found.known_by, sealed=True)


def read_threshold(data: bytes) -> Threshold:
    """An open threshold from its JSON. Raises Invalid."""
    value = decode(data, _LIMITS)
    if not isinstance(value, Mapping):
        raise ThresholdUnusable("a threshold is a JSON object")
    return rules.from_json(value)


def sealed_form(threshold: Threshold, salt: bytes) -> bytes:
    """What the file of a sealed threshold holds, and what is shown when it is opened."""
    body: Mapping[str, Json] = {
        "format": SEALED_FORMAT,
        "threshold": threshold.to_json(),
        "salt": salt.hex(),
    }
    return canonical(body) + b"\n"


def read_opened(data: bytes) -> OpenedThreshold:
    """The file of a sealed threshold, read. Raises Invalid."""
    value = decode(data, _LIMITS)
    if not isinstance(value, Mapping) or set(value) != _FIELDS or value["format"] != SEALED_FORMAT:
        raise ThresholdUnusable("this is no sealed threshold")
    inner = value["threshold"]
    try:
        salt = binascii.unhexlify(str(value["salt"]))
    except (binascii.Error, ValueError):
        raise ThresholdUnusable("the salt is not hex", field="salt") from None
    if not isinstance(inner, Mapping) or len(salt) != rules.SALT_BYTES:
        raise ThresholdUnusable(f"a salt has {rules.SALT_BYTES} bytes", field="salt")
    found = rules.from_json(inner)
    return OpenedThreshold(threshold=found, salt=salt, known_by=rules.commitment(found, salt))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LIMITS.size + 1)
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}", hint="Check the name and its mode.") from None
