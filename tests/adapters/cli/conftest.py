"""Running the command line: in this process for speed, as a program where that is the point."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from firstlight.adapters.cli.app import run
from firstlight.adapters.cli.host import Host


def no_host() -> Host:
    """For commands that must not need the machine."""
    raise AssertionError("this command opened the host")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:  # noqa: ANN401  # decoded JSON
        """What it printed, decoded; it must have gone well."""
        assert self.code == 0, self.err
        return json.loads(self.out)


@dataclass
class Shell:
    """Runs command lines."""

    capture: pytest.CaptureFixture[str]
    open_host: Callable[[], Host] = no_host
    hosts: list[Host] = field(default_factory=list)

    def __call__(self, *arguments: str) -> Ended:
        """Run one; everything it printed is in the answer."""
        self.capture.readouterr()
        code = run(arguments, self.open_host)
        printed = self.capture.readouterr()
        return Ended(code=code, out=printed.out, err=printed.err)


@pytest.fixture
def shell(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> Shell:
    """A shell of a user who has no token."""
    for name in ("FIRSTLIGHT_TOKEN", "FIRSTLIGHT_TOKEN_FILE", "FIRSTLIGHT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return Shell(capsys)


PYTHON = sys.executable
