"""What is said where an extra is not installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from firstlight.adapters.cli.host_measure import LogOrder
from firstlight.host import extras
from firstlight.host.evaluations import InspectLogs


def test_a_missing_extra_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Inspect an `inspect/` model is refused with the command that installs it."""
    monkeypatch.setattr(extras, "find_spec", lambda _name: None)
    with pytest.raises(extras.ExtraMissing) as caught:
        extras.need_inspect()
    assert "pip install 'firstlight[inspect]'" in caught.value.hint


def test_a_log_is_not_read_without_the_extra(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without Inspect a log is neither read nor guessed at."""
    monkeypatch.setattr(extras, "find_spec", lambda _name: None)
    with pytest.raises(extras.ExtraMissing):
        InspectLogs().read(tmp_path / "log.eval", LogOrder())


def test_nothing_is_said_where_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """With Inspect the question has no answer but to go on."""
    monkeypatch.setattr(extras, "find_spec", lambda _name: object())
    extras.need_inspect()
