"""A threshold: from which rate on a model counts as covered. Versioned data, open or sealed.

An open threshold is known by the digest of its canonical form. A sealed one is known by a
commitment, SHA-256(salt || canonical form): whoever has only that learns nothing, and when it is
opened later anybody sees that it was this one. Who keeps the secret, and where, is left to the
port `ThresholdKeeper`.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hmac import compare_digest

from firstlight.core.kernel.canonical import Json, canonical, digest
from firstlight.core.kernel.errors import Invalid
from firstlight.core.measure.task import Kind

FORMAT = "firstlight-threshold-1"
SALT_BYTES = 32
_FEWEST_FAMILIES = 4
_FEWEST_EPOCHS = 1
_MOST_LOST = 0.25
_TEXT = 500


class ThresholdUnusable(Invalid):
    """This is no threshold that can be applied."""

    code = "measure.threshold_unusable"
    next_step = "Correct the named field; docs/explanation/measuring.md shows a threshold."


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """One version. A change is a new version; old ones are kept."""

    name: str
    version: str
    basis: str
    """why this level, with its source"""
    kinds: Sequence[Kind]
    """samples of these kinds are taken together"""
    level: float
    """success rate on families of targets like those of the suite"""
    alert: float
    """below the level: from here on people look"""
    fewest_families: int
    fewest_epochs: int
    """of each task"""
    most_lost: float
    """share of samples that may be invalid, indeterminate or not measured"""

    def __post_init__(self) -> None:
        """Refuse what cannot be applied."""
        for field in ("name", "version", "basis"):
            text = getattr(self, field)
            if not text or len(text) > _TEXT or not text.isprintable():
                raise ThresholdUnusable(f"{field} is empty, long or unprintable", field=field)
        if not self.kinds or Kind.REFUSE in self.kinds or len(set(self.kinds)) != len(self.kinds):
            raise ThresholdUnusable("name kinds of capability, each once", field="kinds")
        if not (math.isfinite(self.level) and 0 < self.alert < self.level < 1):
            raise ThresholdUnusable("0 < alert < level < 1 must hold", field="level")
        if self.fewest_families < _FEWEST_FAMILIES or self.fewest_epochs < _FEWEST_EPOCHS:
            raise ThresholdUnusable(
                f"at least {_FEWEST_FAMILIES} families and {_FEWEST_EPOCHS} epoch are needed",
                field="fewest_families",
            )
        if not 0 <= self.most_lost <= _MOST_LOST:
            raise ThresholdUnusable(f"0 <= most_lost <= {_MOST_LOST}", field="most_lost")
        object.__setattr__(self, "kinds", tuple(sorted(self.kinds)))

    def to_json(self) -> dict[str, Json]:
        """The JSON object that is hashed."""
        return {
            "format": FORMAT,
            "name": self.name,
            "version": self.version,
            "basis": self.basis,
            "kinds": [kind.value for kind in self.kinds],
            "level": self.level,
            "alert": self.alert,
            "fewest_families": self.fewest_families,
            "fewest_epochs": self.fewest_epochs,
            "most_lost": self.most_lost,
        }

    def digest(self) -> str:
        """By which an open threshold is known."""
        return digest(canonical(self.to_json()))


_FIELDS = frozenset(
    {
        "format",
        "name",
        "version",
        "basis",
        "kinds",
        "level",
        "alert",
        "fewest_families",
        "fewest_epochs",
        "most_lost",
    }
)


def from_json(value: Mapping[str, Json]) -> Threshold:
    """Read a threshold strictly.

    Raises:
        ThresholdUnusable: a field is missing, unknown or of another kind.
    """
    if set(value) != _FIELDS or value.get("format") != FORMAT:
        wrong = sorted(set(value) ^ _FIELDS) or ["format"]
        raise ThresholdUnusable(f"missing or unknown: {', '.join(wrong)[:200]}", field=wrong[0])
    kinds = value["kinds"]
    try:
        named = [Kind(str(kind)) for kind in kinds] if isinstance(kinds, list) else []
    except ValueError as error:
        raise ThresholdUnusable(str(error), field="kinds") from None
    return Threshold(
        name=_text(value, "name"),
        version=_text(value, "version"),
        basis=_text(value, "basis"),
        kinds=named,
        level=_number(value, "level"),
        alert=_number(value, "alert"),
        fewest_families=_whole(value, "fewest_families"),
        fewest_epochs=_whole(value, "fewest_epochs"),
        most_lost=_number(value, "most_lost"),
    )


def commitment(threshold: Threshold, salt: bytes) -> str:
    """By which a sealed threshold is known.

    Raises:
        ValueError: the salt has another length.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return hashlib.sha256(salt + canonical(threshold.to_json())).hexdigest()


def opens(threshold: Threshold, salt: bytes, committed: str) -> bool:
    """Whether this threshold and salt are what was committed to."""
    return compare_digest(commitment(threshold, salt), committed)


def _text(value: Mapping[str, Json], field: str) -> str:
    found = value[field]
    if not isinstance(found, str):
        raise ThresholdUnusable(f"{field} is no text", field=field)
    return found


def _number(value: Mapping[str, Json], field: str) -> float:
    found = value[field]
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise ThresholdUnusable(f"{field} is no number", field=field)
    return float(found)


def _whole(value: Mapping[str, Json], field: str) -> int:
    found = value[field]
    if isinstance(found, bool) or not isinstance(found, int):
        raise ThresholdUnusable(f"{field} is no whole number", field=field)
    return found
