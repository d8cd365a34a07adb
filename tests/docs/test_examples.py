from __future__ import annotations

from pathlib import Path

import pytest
from tests.docs.pages import ROOT, blocks

from firstlight.adapters.bench.bench import LocalBench
from firstlight.adapters.bench.gates import check as check_task
from firstlight.adapters.bench.loader import load_task
from firstlight.adapters.formats.detect import read_any
from firstlight.adapters.registries.fetcher import Fetcher
from firstlight.adapters.runner.child import RunnerChild
from firstlight.adapters.sandbox.arena import Arena
from firstlight.adapters.targets.check import check
from firstlight.adapters.targets.loader import load
from firstlight.core.clearinghouse.finding import Format
from firstlight.core.clearinghouse.intake.checklist import missing

HOW_TO = ROOT / "docs/how-to"
EXAMPLE = HOW_TO / "example-target/CVE-2020-7788-ini"


def test_the_example_report_is_the_one_on_the_page() -> None:
    """What is shown and what lies beside the page are the same text."""
    shown = [text for kind, text in blocks(HOW_TO / "report-a-flaw.md") if kind == "json"]
    assert shown == [(HOW_TO / "example-report.json").read_text("utf-8")]


def test_the_example_report_is_read() -> None:
    """It is plain JSON with everything but patch and tests; its proof is what it tells of."""
    found, reports = read_any((HOW_TO / "example-report.json").read_bytes())
    assert found is Format.PLAIN
    (report,) = reports
    assert [item.name for item in missing(report)] == ["patch", "tests"]
    assert report.proofs[0].data == b'{"1":1,'


def test_the_example_target_loads() -> None:
    """Every key of it is known, and its files are there."""
    target = load(EXAMPLE)
    assert (target.vulnerable.version, target.fixed.version) == ("1.3.5", "1.3.6")
    assert [proof.name for proof in target.proofs] == ["reference", "harmless"]


TASK = HOW_TO / "example-task/reproduce-ini"


def test_the_example_task_loads() -> None:
    """It takes what it shares from the example target."""
    target = load(EXAMPLE)
    task = load_task(TASK, {target.id: target})
    assert (task.family, task.cwe, task.ecosystem) == ("ini", target.cwe, "npm")


@pytest.mark.network
@pytest.mark.sandbox
def test_the_gates_of_the_example_task_hold(tmp_path: Path) -> None:
    """Reference, no-op and shortcut do what they must, over a runner that is a process."""
    target = load(EXAMPLE)
    fetch = Fetcher(tmp_path / "downloads").fetch
    with RunnerChild(tmp_path / "builds") as child:
        bench = LocalBench([target], child.runner(), fetch, Arena)
        found = check_task(load_task(TASK, {target.id: target}), bench)
    assert found.problems == ()


@pytest.mark.network
@pytest.mark.sandbox
def test_the_example_target_holds(tmp_path: Path) -> None:
    """The flaw shows on the vulnerable release, not on the fixed one, and not for the harmless."""
    fetch = Fetcher(tmp_path / "downloads").fetch
    with RunnerChild(tmp_path / "builds") as child:
        found = check(load(EXAMPLE), child.runner(), fetch, repeat=2)
    assert found.problems == ()
