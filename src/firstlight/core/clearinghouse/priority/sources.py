"""What the two public catalogues say about a flaw, and whether they were there to ask.

*Not loaded* is a state of its own: it is never read as "not listed" or as a probability of zero.
A catalogue is replaced as a whole, so an entry that its publisher withdrew is gone with the next.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from firstlight.core.kernel.errors import Invalid

if TYPE_CHECKING:
    from datetime import date

    from firstlight.core.kernel.clock import Instant

_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,19}")
_SHOWN = 64


class MalformedCve(Invalid):
    """This is not a CVE identifier."""

    code = "priority.malformed_cve"
    next_step = "Write it as CVE, a year and at least four digits: CVE-2014-0160."


def cve_id(text: str) -> str:
    """The canonical upper-case form of a CVE identifier (CVE JSON 5.x, `cveId`).

    Raises:
        MalformedCve: it is not one.
    """
    upper = text.upper()
    if not _CVE.fullmatch(upper):
        raise MalformedCve(f"{text[:_SHOWN]!r} is not a CVE identifier", value=text[:_SHOWN])
    return upper


class RansomwareUse(StrEnum):
    """Whether the KEV catalogue knows of ransomware campaigns that use the flaw."""

    KNOWN = "known"
    """campaigns are known to use it"""
    UNKNOWN = "unknown"
    """none is known; that is not a no"""


@dataclass(frozen=True, kw_only=True, slots=True)
class SsvcFact:
    """What CISA answers about a flaw; an empty text is no answer."""

    cve: str
    exploitation: str = ""
    """none, poc or active, as of that day"""
    automatable: str = ""
    """yes or no"""
    technical_impact: str = ""
    """partial or total"""
    version: str
    """of the decision points"""
    dated: date
    """the day on which CISA answered"""


@dataclass(frozen=True, kw_only=True)
class SsvcCatalogue:
    """Answers about many flaws."""

    version: str
    dated: date
    """of the newest answer"""
    facts: Mapping[str, SsvcFact]


@dataclass(frozen=True, kw_only=True, slots=True)
class KevEntry:
    """A flaw in the KEV catalogue."""

    cve: str
    added: date
    """the day the catalogue listed it"""
    ransomware: RansomwareUse


@dataclass(frozen=True, kw_only=True)
class KevListed:
    """The catalogue lists the flaw."""

    entry: KevEntry
    """the earliest, where several identifiers of the flaw are listed"""
    catalogue: str
    """version of the catalogue"""
    as_of: date
    """the day the catalogue was released"""


@dataclass(frozen=True, kw_only=True)
class KevNotListed:
    """The catalogue was asked and does not list the flaw."""

    catalogue: str
    as_of: date
    looked_up: tuple[str, ...]
    """identifiers that were looked up; empty for a flaw without one, which the catalogue, being
    a list of CVE identifiers, cannot name"""


@dataclass(frozen=True, kw_only=True)
class KevNotLoaded:
    """No catalogue was there to ask."""

    reason: str = "no KEV catalogue has been loaded"


KevStatus = KevListed | KevNotListed | KevNotLoaded


@dataclass(frozen=True, kw_only=True)
class KevCatalogue:
    """One release of CISA's catalogue of known exploited vulnerabilities."""

    version: str
    released: Instant
    entries: Mapping[str, KevEntry]
    """by CVE identifier"""

    def status(self, cves: Sequence[str]) -> KevStatus:
        """What the catalogue says about a flaw with these CVE identifiers.

        Raises:
            MalformedCve: one of them is not a CVE identifier.
        """
        names = tuple(cve_id(cve) for cve in cves)
        as_of = self.released.utc.date()
        found = [self.entries[name] for name in names if name in self.entries]
        if not found:
            return KevNotListed(catalogue=self.version, as_of=as_of, looked_up=names)
        first = min(found, key=lambda entry: (entry.added, entry.cve))
        return KevListed(entry=first, catalogue=self.version, as_of=as_of)


@dataclass(frozen=True, kw_only=True)
class EpssScored:
    """The model's estimate for a flaw."""

    cve: str
    """the identifier with the highest probability, where a flaw has several"""
    probability: float
    """of seeing it exploited within 30 days of the date, 0 to 1"""
    percentile: float
    """share of all scored flaws with this probability or less, 0 to 1"""
    model: str
    as_of: date


@dataclass(frozen=True, kw_only=True)
class EpssNotScored:
    """The scores were asked and have none for the flaw."""

    model: str
    as_of: date
    looked_up: tuple[str, ...]
    """identifiers that were looked up; empty for a flaw without one"""


@dataclass(frozen=True, kw_only=True)
class EpssNotLoaded:
    """No scores were there to ask."""

    reason: str = "no EPSS scores have been loaded"


EpssStatus = EpssScored | EpssNotScored | EpssNotLoaded


@dataclass(frozen=True, kw_only=True)
class EpssScores:
    """One day's scores of the Exploit Prediction Scoring System (FIRST)."""

    model: str
    """version of the model"""
    scored: Instant
    scores: Mapping[str, tuple[float, float]]
    """CVE identifier -> probability and percentile; tuples, as there are several 100,000"""

    def status(self, cves: Sequence[str]) -> EpssStatus:
        """What the scores say about a flaw with these CVE identifiers.

        Raises:
            MalformedCve: one of them is not a CVE identifier.
        """
        names = tuple(cve_id(cve) for cve in cves)
        as_of = self.scored.utc.date()
        found = [(*self.scores[name], name) for name in names if name in self.scores]
        if not found:
            return EpssNotScored(model=self.model, as_of=as_of, looked_up=names)
        probability, percentile, cve = max(found)
        return EpssScored(
            cve=cve,
            probability=probability,
            percentile=percentile,
            model=self.model,
            as_of=as_of,
        )
