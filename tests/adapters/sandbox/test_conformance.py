"""The suite that a sandbox runs on itself: it passes where it should, and can fail."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from tests.adapters.sandbox.weak import WeakSandbox

import firstlight
from firstlight.adapters.sandbox.bubblewrap import BubblewrapSandbox
from firstlight.adapters.sandbox.conformance import check

pytestmark = pytest.mark.sandbox

CANNOT_FAIL_HERE = {
    "results.exit_0": "every sandbox can report success",
    "results.exit_1": "or plain failure",
    "results.exit_139_is_no_signal": "the weak one errs on the other side, at signal_11",
    "files.write_marks": "only prepares files.nothing_stays",
}
NEEDS_ROOT = {"files.kernel_switches", "privileges.none"}
"""an ordinary user cannot do these even uncontained"""
NEEDS_NETWORK = {"network.route", "network.dns", "network.tcp6"}
"""a machine without a route, or without IPv6, cannot do these even uncontained"""
NEEDS_LAX_KERNEL = {"kernel.nested_user_namespace", "files.devices", "network.families"}
"""a hardened kernel, or an outer container, may refuse these itself"""


def test_bubblewrap_holds_everything(sandbox: BubblewrapSandbox) -> None:
    """On this machine, as this user, every promise of the port is kept."""
    assert [each for each in check(sandbox) if not each.passed] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="the tests run as an ordinary user already")
def test_bubblewrap_holds_everything_for_an_ordinary_user(tmp_path: Path) -> None:
    """Started by a user with no rights at all, the named degraded level keeps every promise."""
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    mine = f"{sys.version_info.major}.{sys.version_info.minor}"
    if python is None or mine not in subprocess.check_output([python, "-V"], text=True):
        pytest.skip(f"no Python {mine} outside root's own folders")
    source = Path(firstlight.__file__).parent
    shutil.copytree(source, tmp_path / "firstlight", ignore=shutil.ignore_patterns("*.pyc"))
    packages = sysconfig.get_path("purelib")
    script = (
        "from firstlight.adapters.sandbox.bubblewrap import BubblewrapSandbox as S\n"
        "from firstlight.adapters.sandbox.conformance import check\n"
        "s = S()\nprint(s.level())\n"
        "for c in check(s): print('PASS' if c.passed else 'FAIL', c.name, c.detail)\n"
    )
    # Below pytest's own folder, which only its owner may enter.
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    done = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", python, "-c", script],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{tmp_path}:{packages}"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if "ModuleNotFoundError" in done.stderr or "Permission" in done.stderr:
        pytest.skip(f"another user cannot read the installed packages: {done.stderr[-200:]}")
    lines = done.stdout.splitlines()
    assert lines[:1] == ["L1-degraded"], done.stderr
    assert len(lines) > 30
    assert [line for line in lines[1:] if not line.startswith("PASS")] == []


def test_every_probe_can_fail(tmp_path: Path) -> None:
    """A sandbox that contains nothing fails each check that this machine lets it fail."""
    passed = {each.name for each in check(WeakSandbox(tmp_path)) if each.passed}
    excused = set(CANNOT_FAIL_HERE) | NEEDS_NETWORK | NEEDS_LAX_KERNEL
    if os.geteuid() != 0:
        excused |= NEEDS_ROOT
    assert passed <= excused


def test_the_names_are_unique(tmp_path: Path) -> None:
    """A name in a report means one check."""
    names = [each.name for each in check(WeakSandbox(tmp_path))]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+\.[a-z0-9_]+", name) for name in names)
