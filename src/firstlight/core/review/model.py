"""The model under review, how it will be released, and what the order leaves to the developer.

The order does not say when the clock starts, how long things are kept, or who is told. Each of
these is a field of `Plan` without a default: the developer chooses, and the choice is recorded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from firstlight.core.kernel.canonical import canonical, digest
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.review.words import line

_RUNS = re.compile(r"[\s_-]+")
_MOST_RETENTION_DAYS = 3660


class ReleaseForm(StrEnum):
    """How the model will be released."""

    API = "api"
    """behind an endpoint that the developer runs"""
    OPEN_WEIGHTS = "open-weights"
    """the weights themselves"""
    LIMITED = "limited"
    """to chosen customers only"""


@dataclass(frozen=True, kw_only=True)
class Undo:
    """What a developer can and cannot undo after a release."""

    can: str
    cannot: str


UNDO: Mapping[ReleaseForm, Undo] = {
    ReleaseForm.API: Undo(
        can="The developer can change safeguards, stop accounts, and switch the endpoint off.",
        cannot="What users have received stays with them.",
    ),
    ReleaseForm.OPEN_WEIGHTS: Undo(
        can="The developer can stop its own downloads and publish later versions.",
        cannot="Weights that were downloaded can be neither recalled nor changed, and safeguards "
        "in them can be removed by anyone.",
    ),
    ReleaseForm.LIMITED: Undo(
        can="The developer can end each customer's access and change safeguards.",
        cannot="What customers have received stays with them.",
    ),
}


class Anchor(StrEnum):
    """Which release the days of access lie before."""

    PARTNERS = "release-to-trusted-partners"
    """as the order's 3(b)(ii) counts"""
    PUBLIC = "public-release"
    """as reports of the order tell it"""


class DeveloperSize(StrEnum):
    """How many people work for the developer, by its own word; for figures only, never a rule."""

    SMALL = "small"
    """fewer than 50"""
    MEDIUM = "medium"
    """50 to 499"""
    LARGE = "large"
    """500 or more"""


def _same(text: str) -> str:
    """What counts as the same name: letters' form and case, blanks, `_` and `-` do not matter."""
    return _RUNS.sub("-", unicodedata.normalize("NFKC", text).casefold()).strip("-")


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model by developer, name and version. Days of access are counted over the same model."""

    developer: OrganisationId
    name: str
    version: str

    def __post_init__(self) -> None:
        """Keep one line for each; refuse empty ones."""
        object.__setattr__(self, "name", line(self.name, "name"))
        object.__setattr__(self, "version", line(self.version, "version"))

    @property
    def key(self) -> str:
        """SHA-256 (hex) that two spellings of the same model share."""
        parts = [str(self.developer), _same(self.name), _same(self.version)]
        return digest(canonical(parts))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the developer decided when it opened the engagement; each is recorded and can change."""

    release_form: ReleaseForm
    anchor: Anchor
    partner_release: date | None
    """planned release to other trusted partners; None while it is not planned"""
    public_release: date | None
    """planned public release; None while it is not planned"""
    retention_days: int
    """how long sealed documents are kept after the close, in days; 0 for not at all"""
    legal_hold: str
    """why the law forbids destroying documents; empty for no hold"""
    keeps_content: bool
    """whether requests and answers at the endpoint are kept (sealed), or only their digests"""
    listed: bool
    """whether the public register and the public report may name developer and model"""

    def __post_init__(self) -> None:
        """Refuse a time of keeping that is none."""
        if not 0 <= self.retention_days <= _MOST_RETENTION_DAYS:
            raise Invalid(
                f"documents are kept for 0 to {_MOST_RETENTION_DAYS} days", field="retention_days"
            )
