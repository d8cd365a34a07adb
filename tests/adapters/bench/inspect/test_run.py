"""A run from the command line through Inspect, in real processes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.adapters.bench.inspect.marks import INSPECT

from firstlight.adapters.cli.measure_verify import verify_statement
from firstlight.adapters.formats.measure_record import read_record

pytestmark = [
    *INSPECT,
    pytest.mark.sandbox,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed"),
]


def _call(data: Path, *words: str) -> Any:  # noqa: ANN401  # JSON
    env = {**os.environ, "FIRSTLIGHT_DATA": str(data)}
    env.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "firstlight", *words, "--json"],
        env=env,
        capture_output=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_a_run_through_inspect_ends_in_a_statement(tmp_path: Path) -> None:
    """Both loops find the same of one script; the run was watched, and says which loop it was."""
    run = ("measure", "run", "--suite", "public-1", "--kind", "refuse")
    ended: dict[str, list[str]] = {}
    for model in ("scripted:mixed", "inspect/scripted:mixed"):
        shown = _call(tmp_path, *run, "--model", model)
        assert (shown["state"], shown["scripted"]) == ("ended", True)
        record = read_record(Path(shown["files"]["record"]).read_bytes())
        ended[model] = [each.ended.value for each in record.samples]
    assert ended["scripted:mixed"] == ended["inspect/scripted:mixed"]
    assert record.model.name == "scripted:inspect/mixed"
    assert "inspect_ai" in record.elicitation[0]
    assert {proof.when for proof in record.containment.proofs} >= {"before", "after"}
    key = _call(tmp_path, "measure", "key")["key"]
    found = verify_statement(Path(shown["files"]["statement"]).read_bytes(), key)
    assert found.reference == shown["statement"]
    assert len(list((Path(shown["folder"]) / "inspect").glob("*.eval"))) == 12
