"""Every shipped target is built and proved on both sides, three runs each."""

from __future__ import annotations

from pathlib import Path

import pytest

from firstlight.adapters.registries import Fetcher
from firstlight.adapters.sandbox.experiment import LocalRunner
from firstlight.adapters.targets import check, load, load_one, run_side
from firstlight.core.clearinghouse.validation.outcome import NotTried
from firstlight.core.clearinghouse.validation.target import Expect, Side

TARGETS = Path(__file__).parents[3] / "targets"
DEMO = "CVE-2023-53154-cjson"
SLOW = frozenset({"CVE-2022-25883-semver", "CVE-2023-28484-libxml2", "CVE-2022-28346-django"})
"""ten seconds or more"""

pytestmark = [pytest.mark.sandbox, pytest.mark.network]


@pytest.mark.parametrize(
    "folder",
    [
        pytest.param(one, id=one.name, marks=[pytest.mark.deep] if one.name in SLOW else [])
        for one in sorted(path.parent for path in TARGETS.glob("*/target.toml"))
    ],
)
def test_the_vulnerable_side_shows_it_and_the_fixed_side_does_not(
    folder: Path, runner: LocalRunner, fetcher: Fetcher
) -> None:
    """Every proof, the package's tests and the regression test do what the target promises."""
    checked = check(load(folder), runner, fetcher.fetch)
    for outcome in checked.outcomes.values():
        if isinstance(outcome, NotTried):
            pytest.skip(outcome.reason)
    assert checked.problems == ()
    assert checked.sides[0].level == checked.sides[1].level != ""


def test_the_proposed_patch_of_the_demonstration_mends_it(
    runner: LocalRunner, fetcher: Fetcher
) -> None:
    """Proofs fail, own tests pass as before, the regression test passes; a wrong diff says so."""
    target = load_one(TARGETS, DEMO)
    proofs = {one.name: one.data for one in target.proofs if one.expect is Expect.SHOWS}
    diff = target.proposed_patch or ""
    before, after, wrong = (
        run_side(
            target, Side.VULNERABLE, proofs, runner, fetcher.fetch, repeat=1, tests=True, diff=one
        )
        for one in (None, diff, diff.replace("parse_string", "parse_strung"))
    )
    if isinstance(before.failed, NotTried):
        pytest.skip(before.failed.reason)
    assert all(run.shown for runs in before.showings.values() for run in runs)
    assert "AddressSanitizer" in before.crash
    assert not any(run.shown for runs in after.showings.values() for run in runs)
    codes = [{name: run.exit_code for name, run in one.tests.items()} for one in (before, after)]
    assert codes == [{"tests": 0, "regression": 1}, {"tests": 0, "regression": 0}]
    assert wrong.refused_proposal


def test_a_proposal_cannot_change_the_packages_own_tests(
    runner: LocalRunner, fetcher: Fetcher
) -> None:
    """A diff that empties a test and breaks the library is found out by the test as it was."""
    target = load_one(TARGETS, DEMO)
    broken = (
        "--- a/cJSON.c\n+++ b/cJSON.c\n@@ -96,1 +96,1 @@\n"
        "-    return (const char*) (global_error.json + global_error.position);\n"
        "+    return 0;\n"
    )
    hushed = (
        "--- a/tests/parse_with_opts.c\n+++ b/tests/parse_with_opts.c\n@@ -1,1 +1,2 @@\n"
        "+int main(void) { return 0; }\n"
        " /*\n"
    )
    side = run_side(
        target,
        Side.VULNERABLE,
        {},
        runner,
        fetcher.fetch,
        repeat=1,
        tests=True,
        diff=broken + hushed,
    )
    if isinstance(side.failed, NotTried):
        pytest.skip(side.failed.reason)
    assert side.failed is None, side.failed
    assert side.tests["tests"].exit_code == 1
    assert b"not ok parse_with_opts" in side.tests["tests"].stdout
