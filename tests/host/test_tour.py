"""The guided tour, for real: its own installation, real HTTP, real sandbox, real registries."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from firstlight.adapters.publication.envelope import check


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.mark.sandbox
@pytest.mark.network
@pytest.mark.xdist_group("tour")
def test_the_tour_ends_in_a_signed_advisory_and_leaves_other_data_alone(tmp_path: Path) -> None:
    """Four reports, one case, one verified patch, one signed advisory, one ledger that verifies."""
    kept = tmp_path / "firstlight.sqlite3"
    kept.write_bytes(b"somebody's real data")
    environment = {
        **os.environ,
        "FIRSTLIGHT_DATA": str(tmp_path),
        "FIRSTLIGHT_BASE_URL": f"http://localhost:{free_port()}",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/never",
    }
    firstlight = [sys.executable, "-m", "firstlight"]
    done = subprocess.run(
        [*firstlight, "demo", "--once"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert kept.read_bytes() == b"somebody's real data"
    assert "no model wrote it" in done.stderr, "one use went through the gateway"
    assert "403, gateway.grant_suspended" in done.stderr, "and none after the button"
    assert "tool:libfuzzer (not a model): 1 solved" in done.stderr
    assert "scripted:no-op (not a model): 4 failed" in done.stderr
    tour = tmp_path / "tour"
    reports = sorted(tour.glob("measurements/mea_*/report-full.html"))
    assert len(reports) == 2
    said = [report.read_text() for report in reports]
    assert sum("Scripted, not a model" in one for one in said) == 1
    assert sum("A tool, not a model" in one for one in said) == 1
    public = tour / "public"
    key = bytes.fromhex(json.loads((public / "keys/advisory.json").read_text())["public"])
    (statement,) = (public / "statements").iterdir()
    documents = {
        str(path.relative_to(public)): path.read_bytes()
        for folder in ("csaf", "osv")
        for path in (public / folder).rglob("*.json")
    }
    assert len(documents) == 2
    check(statement.read_bytes(), key, documents)
    export = tour / "ledger-export.json"
    verify = [
        *firstlight,
        "ledger",
        "verify",
        str(export),
        "--key",
        str(public / "keys/ledger.key"),
    ]
    assert subprocess.run(verify, capture_output=True, timeout=60, check=False).returncode == 0
    altered = export.read_text().replace("finding.submit", "finding.submis", 1)
    export.write_text(altered)
    assert subprocess.run(verify, capture_output=True, timeout=60, check=False).returncode == 1
