"""The terms under which people get access: six headings, each standard text or the developer's own.

The headings are the order's (3(b)(ii)): confidentiality, cybersecurity, insider risk, intellectual
property, use, nondisclosure. Everyone who gets access accepts one version, personally; a new
version asks everyone again.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from firstlight.core.kernel.canonical import canonical, digest
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Invalid
from firstlight.core.kernel.ids import PersonId
from firstlight.core.review.words import written

MOST_VERSIONS = 100


class Heading(StrEnum):
    """What the order asks terms to cover."""

    CONFIDENTIALITY = "confidentiality"
    """what is secret, and who may know it"""
    CYBERSECURITY = "cybersecurity"
    """how the access is protected"""
    INSIDER_RISK = "insider-risk"
    """how misuse by people with access is prevented and noticed"""
    INTELLECTUAL_PROPERTY = "intellectual-property"
    """who owns what"""
    USE = "use"
    """what the access is for"""
    NONDISCLOSURE = "nondisclosure"
    """what may be told, to whom, and until when"""


class OutOfPurpose(StrEnum):
    """Uses that are named as outside the purpose."""

    PROCUREMENT = "procurement"
    """deciding about buying from the developer, or from its competitors"""
    EXPORT_CONTROL = "export-control"
    """deciding about licences or controls on exports"""
    COMPETITION = "competition"
    """helping anyone who competes with the developer"""
    TRAINING = "training"
    """training or distilling another model"""


@dataclass(frozen=True, kw_only=True)
class StandardTerms:
    """One version of the standard text. Old versions are kept."""

    version: str
    texts: Mapping[Heading, str]
    excluded: Sequence[OutOfPurpose]


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The terms of one engagement, in one version."""

    number: int
    """1, 2, 3, ... within the engagement"""
    standard: str
    """version of the standard text that they start from"""
    texts: Mapping[Heading, str]
    """what holds, under each heading"""
    changed: Sequence[Heading]
    """headings whose text is not the standard one"""
    excluded: Sequence[OutOfPurpose]
    """uses named as out of purpose, in the order of the list"""
    set_by: PersonId
    set_at: Instant

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of exactly what is accepted."""
        return digest(
            canonical(
                {
                    "number": self.number,
                    "standard": self.standard,
                    "texts": {heading.value: self.texts[heading] for heading in Heading},
                    "excluded": [use.value for use in self.excluded],
                }
            )
        )


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """One person's word on exactly one version."""

    person: PersonId
    number: int
    digest: str
    at: Instant


def write(
    earlier: Sequence[Terms],
    standard: StandardTerms,
    *,
    changes: Mapping[Heading, str],
    excluded: Sequence[OutOfPurpose],
    by: PersonId,
    now: Instant,
) -> Terms:
    """The next version: standard text where the developer changes nothing.

    Raises:
        Unwritten, TooLarge: a changed heading is empty or too long.
        Conflict: there are too many versions.
    """
    if len(earlier) >= MOST_VERSIONS:
        raise Conflict(f"an engagement has at most {MOST_VERSIONS} versions of its terms")
    own = {heading: written(text, heading.value) for heading, text in changes.items()}
    texts = {heading: own.get(heading, standard.texts[heading]) for heading in Heading}
    return Terms(
        number=len(earlier) + 1,
        standard=standard.version,
        texts=texts,
        changed=tuple(each for each in Heading if texts[each] != standard.texts[each]),
        excluded=tuple(use for use in OutOfPurpose if use in set(excluded)),
        set_by=by,
        set_at=now,
    )


def changes(terms: Terms, standard: StandardTerms) -> str:
    """What the developer changed of the standard text, as a unified diff; empty for nothing.

    Raises:
        Invalid: the terms start from another version of the standard text.
    """
    if terms.standard != standard.version:
        raise Invalid(f"these terms start from {terms.standard}", field="standard")
    lines: list[str] = []
    for heading in Heading:
        lines += difflib.unified_diff(
            standard.texts[heading].splitlines(),
            terms.texts[heading].splitlines(),
            fromfile=f"standard {standard.version}/{heading}",
            tofile=f"version {terms.number}/{heading}",
            lineterm="",
        )
    lines += difflib.unified_diff(
        [use.value for use in standard.excluded],
        [use.value for use in terms.excluded],
        fromfile=f"standard {standard.version}/out-of-purpose",
        tofile=f"version {terms.number}/out-of-purpose",
        lineterm="",
    )
    return "\n".join(lines)


def accept(terms: Terms | None, *, digest_seen: str, by: PersonId, now: Instant) -> Acceptance:
    """One person accepts exactly the version that was seen.

    Raises:
        Conflict: there are none yet, or they are not the ones that were seen.
    """
    if terms is None:
        raise Conflict("the developer has set no terms yet")
    if terms.digest != digest_seen:
        raise Conflict(
            "the terms have changed since you read them", hint="Read the new version first."
        )
    return Acceptance(person=by, number=terms.number, digest=terms.digest, at=now)
