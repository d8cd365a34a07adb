"""The suite that a sandbox runs on itself: it passes where it should, and can fail."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

import pytest
from tests.adapters.sandbox.ordinary_user import run_as_nobody
from tests.adapters.sandbox.weak import WeakSandbox

from firstlight.adapters.sandbox.bubblewrap import BubblewrapSandbox
from firstlight.adapters.sandbox.conformance import Check, check

pytestmark = pytest.mark.sandbox

_SCRIPT = """
from firstlight.adapters.sandbox.bubblewrap import BubblewrapSandbox
from firstlight.adapters.sandbox.conformance import check
from firstlight.core.kernel.errors import SandboxUnavailable
sandbox = BubblewrapSandbox()
try:
    BubblewrapSandbox(accept_degraded=False).level()
    print(sandbox.level(), "offered")
except SandboxUnavailable:
    print(sandbox.level(), "refused")
for each in check(sandbox):
    print("PASS" if each.passed else "FAIL", each.name, each.detail)
"""
"""the level, whether an operator who wants full strength is refused it, and every check"""
CANNOT_FAIL_HERE = {
    "results.exit_0": "every sandbox can report success",
    "results.exit_1": "or plain failure",
    "results.exit_139_is_no_signal": "the weak one errs on the other side, at signal_11",
    "files.write_marks": "only prepares files.nothing_stays",
    "limits.cpu_share": "on a busy machine nobody gets more than half a core",
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


def test_bubblewrap_holds_everything_for_an_ordinary_user() -> None:
    """Started by a user with no rights at all, the named degraded level keeps every promise."""
    done = run_as_nobody(_SCRIPT)
    lines = done.stdout.splitlines()
    assert len(lines) > 30, done.stderr
    assert lines[0] in {"L1-degraded refused", "L1 offered"}
    assert os.geteuid() != 0 or lines[0] == "L1-degraded refused"
    assert [line for line in lines[1:] if not line.startswith("PASS")] == []


@pytest.fixture(scope="module")
def uncontained(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Check]:
    """The suite over a sandbox that contains nothing."""
    return check(WeakSandbox(tmp_path_factory.mktemp("weak")))


def test_every_probe_can_fail(uncontained: Sequence[Check]) -> None:
    """A sandbox that contains nothing fails each check that this machine lets it fail."""
    passed = {each.name for each in uncontained if each.passed}
    excused = set(CANNOT_FAIL_HERE) | NEEDS_NETWORK | NEEDS_LAX_KERNEL
    if os.geteuid() != 0:
        excused |= NEEDS_ROOT
    assert passed <= excused


def test_the_names_are_unique(uncontained: Sequence[Check]) -> None:
    """A name in a report means one check."""
    names = [each.name for each in uncontained]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+\.[a-z0-9_]+", name) for name in names)
