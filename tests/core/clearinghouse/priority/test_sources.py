from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.clearinghouse.priority.sources import (
    EpssNotScored,
    EpssScored,
    EpssScores,
    KevCatalogue,
    KevEntry,
    KevListed,
    KevNotListed,
    MalformedCve,
    RansomwareUse,
    cve_id,
)
from firstlight.core.kernel.clock import Instant

HEARTBLEED, SHELLSHOCK, UNLISTED = "CVE-2014-0160", "CVE-2014-6271", "CVE-2014-9999"


def entry(cve: str, added: date) -> KevEntry:
    """An entry without known ransomware use."""
    return KevEntry(cve=cve, added=added, ransomware=RansomwareUse.UNKNOWN)


CATALOGUE = KevCatalogue(
    version="2025.08.25",
    released=Instant.parse("2025-08-25T23:30:00-05:00"),
    entries={
        HEARTBLEED: entry(HEARTBLEED, date(2022, 5, 4)),
        SHELLSHOCK: entry(SHELLSHOCK, date(2022, 1, 28)),
    },
)
SCORES = EpssScores(
    model="v2025.03.14",
    scored=Instant.parse("2025-08-25T12:55:00Z"),
    scores={HEARTBLEED: (0.9, 0.99), SHELLSHOCK: (0.95, 0.999)},
)


def test_a_listed_flaw_has_its_entry_and_the_date_of_the_catalogue() -> None:
    """The date is that of the release in UTC."""
    assert CATALOGUE.status([HEARTBLEED]) == KevListed(
        entry=entry(HEARTBLEED, date(2022, 5, 4)),
        catalogue="2025.08.25",
        as_of=date(2025, 8, 26),
    )


@given(st.permutations([HEARTBLEED, SHELLSHOCK, UNLISTED]))
def test_the_earliest_of_several_listings_counts(names: list[str]) -> None:
    """A flaw with several identifiers is exploited since the first, in whatever order they come."""
    status = CATALOGUE.status(names)
    assert isinstance(status, KevListed)
    assert status.entry.cve == SHELLSHOCK


@pytest.mark.parametrize("names", [[UNLISTED], []], ids=["an identifier", "none"])
def test_not_listed_tells_what_was_looked_up(names: list[str]) -> None:
    """A flaw without an identifier is told apart from one that was looked up."""
    assert CATALOGUE.status(names) == KevNotListed(
        catalogue="2025.08.25", as_of=date(2025, 8, 26), looked_up=tuple(names)
    )


def test_a_new_catalogue_drops_what_its_publisher_withdrew() -> None:
    """Replacing the whole catalogue makes a withdrawn entry not listed."""
    later = KevCatalogue(
        version="2025.08.26",
        released=Instant.parse("2025-08-26T17:00:00Z"),
        entries={SHELLSHOCK: CATALOGUE.entries[SHELLSHOCK]},
    )
    assert isinstance(CATALOGUE.status([HEARTBLEED]), KevListed)
    assert isinstance(later.status([HEARTBLEED]), KevNotListed)


@given(st.permutations([HEARTBLEED, SHELLSHOCK, UNLISTED]))
def test_the_highest_probability_counts(names: list[str]) -> None:
    """A flaw with several identifiers has the score of the most likely, never a mixture."""
    assert SCORES.status(names) == EpssScored(
        cve=SHELLSHOCK,
        probability=0.95,
        percentile=0.999,
        model="v2025.03.14",
        as_of=date(2025, 8, 25),
    )


def test_not_scored_is_not_zero() -> None:
    """A flaw without a score has a state of its own."""
    assert SCORES.status([UNLISTED]) == EpssNotScored(
        model="v2025.03.14", as_of=date(2025, 8, 25), looked_up=(UNLISTED,)
    )


def test_identifiers_are_compared_in_one_form() -> None:
    """Lower case finds the same entry."""
    assert cve_id("cve-2014-0160") == HEARTBLEED
    assert isinstance(CATALOGUE.status(["cve-2014-0160"]), KevListed)


@pytest.mark.parametrize(
    "text",
    ["", "CVE-2014-160", "CVE-2014-0160 ", "GHSA-2014-0160", "CVE-2014-\u0660\u0661\u0666\u0660"],
    ids=["empty", "three digits", "a space", "another scheme", "Arabic digits"],
)
def test_what_is_no_cve_is_refused(text: str) -> None:
    """A wrong identifier is an error, so that it is never 'not listed'."""
    with pytest.raises(MalformedCve):
        CATALOGUE.status([text])
