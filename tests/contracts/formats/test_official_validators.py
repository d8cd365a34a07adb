"""What is written is valid by the validators that others use.

- CSAF 2.0: the PyPI package `csaf`, all mandatory and recommended tests; and the mandatory tests of
  npm's `@secvisogram/csaf-validator-lib`, installed by `make validators`.
- CSAF 2.1: the same package, all mandatory tests.
- OSV: the official JSON schema beside this file, unchanged. It lists the prefixes that OSV has
  registered; a publisher with one of them is valid throughout, one without in all but its prefix.
- CSAF 2.1: what is read as a vulnerability report is one, by the mandatory tests of 2.1.
"""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from csaf import validate as validate_2_1
from csaf.csaf.v20 import validate as validate_2_0
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.adapters.formats.strategies import VECTORS, advisories
from tests.adapters.formats.test_csaf_advisory import ADVISORY, PUBLISHER
from tests.adapters.formats.test_csaf_report import REPORT

from firstlight.adapters.formats.csaf_2_1 import write_csaf_2_1
from firstlight.adapters.formats.csaf_advisory import write_csaf
from firstlight.adapters.formats.osv import write_osv
from firstlight.core.clearinghouse.advisory.model import Advisory, AdvisoryState
from firstlight.core.kernel.marking import Marking

OSV_SCHEMA = json.loads(Path(__file__).with_name("osv-schema-1.6.7.json").read_bytes())
REGISTERED = replace(PUBLISHER, osv_prefix="OSV")
"""a publisher whose prefix the schema lists"""

osv_schema = jsonschema_rs.Draft202012Validator(OSV_SCHEMA, validate_formats=True)

RUN_SECVISOGRAM = """
import validate from '@secvisogram/csaf-validator-lib/validate.js'
import * as basic from '@secvisogram/csaf-validator-lib/TESTS.js'
import { readFileSync } from 'node:fs'
const documents = JSON.parse(readFileSync(0))
for (const document of documents) {
  const result = await validate(Object.values(basic), document)
  console.log(JSON.stringify(result.tests.filter((test) => !test.isValid)))
}
"""


def failures(report: Any) -> list[tuple[str, list[str]]]:  # noqa: ANN401  # the validator's own type
    """The tests that failed, informative ones apart."""
    return [
        (result.id, [error.message for error in result.errors])
        for result in report.results
        if not result.passed and not result.skipped and result.group != "informative"
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(advisories())
def test_csaf_2_0_passes_all_mandatory_tests(advisory: Advisory) -> None:
    """Schema and tests 6.1.1 to 6.1.33, for advisories of every shape."""
    report = validate_2_0(json.loads(write_csaf(advisory, PUBLISHER)), preset="basic")
    assert failures(report) == []
    assert report.overall_valid
    assert len(report.results) > 30


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(advisories())
def test_csaf_2_1_passes_all_mandatory_tests(advisory: Advisory) -> None:
    """Schema and tests 6.1, for advisories of every shape."""
    report = validate_2_1(json.loads(write_csaf_2_1(advisory, PUBLISHER)), preset="basic")
    assert failures(report) == []
    assert report.overall_valid
    assert len(report.results) > 60


def test_a_weakness_whose_name_2_1_cannot_write_is_left_out() -> None:
    """Its exact name is demanded and begins with a full stop, which the schema forbids."""
    odd = replace(ADVISORY, cwe=("CWE-520", "CWE-79"))
    document = json.loads(write_csaf_2_1(odd, PUBLISHER))
    assert [one["id"] for one in document["vulnerabilities"][0]["cwes"]] == ["CWE-79"]
    assert failures(validate_2_1(document, preset="basic")) == []


def test_csaf_2_1_says_what_2_0_could_not() -> None:
    """Its own label for AMBER+STRICT, all weaknesses, and a score by CVSS 4.0."""
    strict = replace(ADVISORY, marking=Marking.AMBER_STRICT)
    document = json.loads(write_csaf_2_1(strict, PUBLISHER))
    assert document["document"]["distribution"]["tlp"]["label"] == "AMBER+STRICT"
    (vulnerability,) = document["vulnerabilities"]
    assert [one["id"] for one in vulnerability["cwes"]] == list(ADVISORY.cwe)
    assert vulnerability["metrics"][0]["content"]["cvss_v4"]["vectorString"] == ADVISORY.cvss


def test_csaf_2_0_passes_the_recommended_tests_too() -> None:
    """A usual advisory gives no reason to complain."""
    scored = replace(ADVISORY, cvss=VECTORS[1], identifiers=("CVE-2020-1234",))
    report = validate_2_0(json.loads(write_csaf(scored, PUBLISHER)), preset="full")
    assert failures(report) == []


def test_the_validator_finds_what_is_wrong() -> None:
    """The proof above could fail: a dangling product identifier is reported."""
    document = json.loads(write_csaf(ADVISORY, PUBLISHER))
    document["vulnerabilities"][0]["product_status"]["fixed"] = ["nobody"]
    assert "6.1.1" in dict(failures(validate_2_0(document, preset="basic")))


@settings(max_examples=200)
@given(advisories())
def test_osv_follows_the_official_schema(advisory: Advisory) -> None:
    """Valid as it stands under a registered prefix; without one, the prefix is the only fault."""
    record = json.loads(write_osv(advisory, REGISTERED))
    assert [error.message for error in osv_schema.iter_errors(record)] == []
    record = json.loads(write_osv(advisory, PUBLISHER))
    assert [list(error.instance_path) for error in osv_schema.iter_errors(record)] == [["id"]]


def test_the_number_stays_findable_under_another_prefix() -> None:
    """Whoever knows the advisory by its number finds the record by alias."""
    record = json.loads(write_osv(ADVISORY, REGISTERED))
    assert record["id"] == ADVISORY.number.replace("FL-", "OSV-")
    assert record["aliases"][0] == ADVISORY.number
    assert ADVISORY.number not in json.loads(write_osv(ADVISORY, PUBLISHER)).get("aliases", [])


@given(st.sampled_from(VECTORS))
def test_an_unreadable_vector_is_left_out(vector: str) -> None:
    """Rather nothing than a record that consumers reject."""
    record = json.loads(write_osv(replace(ADVISORY, cvss=vector), REGISTERED))
    assert osv_schema.is_valid(record)
    assert ("severity" in record) == (vector not in {"", "CVSS:3.1/nonsense"})


def test_the_report_that_is_read_is_a_valid_csaf_2_1_report() -> None:
    """Our way of carrying proofs, patches and tests breaks no mandatory test of CSAF 2.1."""
    # This release of the package fails 6.1.26 for every report of the profile, the valid examples
    # of the standard's own test suite (6.1.26-15, 6.1.27.20-11) among them.
    known = frozenset({"6.1.26"})
    report = validate_2_1(copy.deepcopy(REPORT), preset="basic", skip_rules=known)
    assert failures(report) == []


@settings(max_examples=1, deadline=None)
@given(st.lists(advisories(), min_size=20, max_size=40))
def test_secvisogram_agrees(drawn: list[Advisory]) -> None:
    """A second, independent validator of CSAF 2.0."""
    assert secvisogram([ADVISORY, *drawn], "basic") == [[]] * (len(drawn) + 1)


def test_secvisogram_has_no_optional_complaint_either() -> None:
    """All its tests but the informative ones, for usual advisories, a withdrawn one among them."""
    scored = replace(ADVISORY, cvss=VECTORS[1], identifiers=("CVE-2020-1234",))
    withdrawn = replace(scored, state=AdvisoryState.WITHDRAWN)
    assert secvisogram([scored, withdrawn], "extended") == [[], []]


def secvisogram(advisories: list[Advisory], tests: str) -> list[Any]:
    """The tests of a preset that each document fails."""
    folder = Path(__file__).parents[2] / "validators"
    node = shutil.which("node")
    if node is None or not (folder / "node_modules").is_dir():
        pytest.skip("needs Node.js and `make validators`, which installs the validator")
    documents = [json.loads(write_csaf(advisory, PUBLISHER)) for advisory in advisories]
    done = subprocess.run(
        [node, "--input-type=module", "--eval", RUN_SECVISOGRAM.replace("TESTS", tests)],
        input=json.dumps(documents).encode(),
        cwd=folder,
        capture_output=True,
        timeout=120,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]
