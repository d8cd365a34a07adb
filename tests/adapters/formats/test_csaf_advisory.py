from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from tests.adapters.formats.strategies import advisories

from firstlight.adapters.formats._csaf_product_tree import Contradiction
from firstlight.adapters.formats.csaf_advisory import (
    BadRevisions,
    NoPackage,
    Publisher,
    csaf_file_name,
    csaf_path,
    write_csaf,
)
from firstlight.adapters.formats.osv import write_osv
from firstlight.core.clearinghouse.advisory.model import (
    Advisory,
    AdvisoryState,
    AffectedPackage,
    Revision,
)
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import AdvisoryId, CaseId
from firstlight.core.kernel.marking import Marking

PUBLISHER = Publisher(
    name="Clearinghouse",
    namespace="https://clearinghouse.example",
    advisories_url="https://clearinghouse.example/csaf/",
)
AT = Instant.parse("2026-01-01T10:00:00+01:00")
PACKAGE = AffectedPackage(
    purl="pkg:pypi/exlib",
    ecosystem="PyPI",
    name="exlib",
    introduced="1.0",
    fixed="1.2",
    affected_versions=("1.0", "1.1"),
    unaffected_versions=("0.9", "1.2"),
)
ADVISORY = Advisory(
    id=AdvisoryId.mint(1, bytes(10)),
    case=CaseId.mint(1, bytes(10)),
    number="FL-2026-0001",
    state=AdvisoryState.PUBLISHED,
    marking=Marking.CLEAR,
    title="Overflow in exlib",
    summary="A file can crash exlib.",
    details="It writes behind the end.",
    packages=(PACKAGE,),
    cwe=("CWE-787", "CWE-125"),
    identifiers=("CVE-2020-1234", "CVE-2020-9999", "GHSA-22c2-33f3-44g4"),
    cvss="CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
    mitigation="Open no files.",
    drafted_at=AT,
    revisions=(Revision(number=1, at=AT, summary="Initial version."),),
)


def written(advisory: Advisory) -> Any:  # noqa: ANN401  # JSON of any shape
    """The CSAF document."""
    return json.loads(write_csaf(advisory, PUBLISHER))


def test_every_version_has_its_status() -> None:
    """Observed versions and the range are affected, the fix is fixed, the others are spared."""
    document = written(ADVISORY)
    products = {
        leaf["product"]["product_id"]: leaf
        for leaf in document["product_tree"]["branches"][0]["branches"][0]["branches"]
    }
    (vulnerability,) = document["vulnerabilities"]
    status = {
        key: [products[identifier]["name"] for identifier in identifiers]
        for key, identifiers in vulnerability["product_status"].items()
    }
    assert status == {
        "known_affected": ["vers:pypi/>=1.0|<1.2", "1.0", "1.1"],
        "fixed": ["1.2"],
        "known_not_affected": ["0.9"],
    }
    helper = products["FLPID-0002"]["product"]["product_identification_helper"]
    assert helper == {"purl": "pkg:pypi/exlib@1.0"}


def test_what_csaf_2_0_cannot_say_is_in_a_note() -> None:
    """A CVSS 4.0 vector, a second weakness and a second CVE are not dropped."""
    (vulnerability,) = written(ADVISORY)["vulnerabilities"]
    notes = {note["title"]: note["text"] for note in vulnerability["notes"]}
    assert notes["CVSS vector"] == ADVISORY.cvss
    assert notes["Further weaknesses"] == "CWE-125"
    assert notes["Further identifiers"] == "CVE-2020-9999"
    assert vulnerability["cwe"] == {"id": "CWE-787", "name": "Out-of-bounds Write"}
    assert vulnerability["cve"] == "CVE-2020-1234"
    assert "scores" not in vulnerability


@pytest.mark.parametrize("marking", Marking)
def test_a_marking_never_leaves_looser_than_it_came(marking: Marking) -> None:
    """AMBER+STRICT is stricter than AMBER, so it becomes RED; the true label is in the text."""
    distribution = written(replace(ADVISORY, marking=marking))["document"]["distribution"]
    assert distribution["text"].startswith(f"{marking.value} ")
    strictness = {"WHITE": 0, "GREEN": 1, "AMBER": 2, "RED": 4}[distribution["tlp"]["label"]]
    assert strictness >= marking.strictness


def test_the_file_name_is_canonical() -> None:
    """Section 5.1: lower case, and anything but +, -, letters and digits becomes one underscore."""
    assert csaf_file_name(ADVISORY) == "fl-2026-0001.json"
    assert csaf_file_name(replace(ADVISORY, number="Ab. c/9+")) == "ab_c_9+.json"
    assert csaf_path(ADVISORY) == "2026/fl-2026-0001.json"
    reference = written(ADVISORY)["document"]["references"][0]
    assert reference["url"] == "https://clearinghouse.example/csaf/2026/fl-2026-0001.json"


def test_a_draft_is_version_0_and_a_withdrawal_is_said() -> None:
    """The status of the document follows the advisory's."""
    draft = written(replace(ADVISORY, state=AdvisoryState.DRAFT, revisions=()))
    tracking = draft["document"]["tracking"]
    assert (tracking["status"], tracking["version"]) == ("draft", "0")
    gone = written(replace(ADVISORY, state=AdvisoryState.WITHDRAWN))
    assert gone["document"]["title"].startswith("Withdrawn: ")
    assert json.loads(write_osv(replace(ADVISORY, state=AdvisoryState.WITHDRAWN), PUBLISHER))[
        "withdrawn"
    ]


@given(advisories())
def test_the_same_advisory_gives_the_same_bytes(advisory: Advisory) -> None:
    """Signatures and digests stay valid when the public zone is rebuilt."""
    assert write_csaf(advisory, PUBLISHER) == write_csaf(replace(advisory), PUBLISHER)
    assert write_osv(advisory, PUBLISHER) == write_osv(replace(advisory), PUBLISHER)


@pytest.mark.parametrize(
    ("advisory", "expected"),
    [
        (replace(ADVISORY, packages=()), NoPackage),
        (
            replace(ADVISORY, packages=(replace(PACKAGE, unaffected_versions=("1.0",)),)),
            Contradiction,
        ),
        (replace(ADVISORY, packages=(replace(PACKAGE, fixed="1.1"),)), Contradiction),
        (
            replace(ADVISORY, revisions=(Revision(number=2, at=AT, summary="x"),)),
            BadRevisions,
        ),
    ],
    ids=["no_package", "affected_and_unaffected", "affected_and_fixed", "revision_missing"],
)
def test_an_advisory_that_cannot_be_true_is_not_written(
    advisory: Advisory, expected: type[Exception]
) -> None:
    """The coordinator learns what to correct before anything is public."""
    with pytest.raises(expected):
        write_csaf(advisory, PUBLISHER)
