"""`firstlight measure drill`, `prove` and `evidence`: what they print, and how they end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.adapters.cli.conftest import Shell
from tests.adapters.cli.test_local import Recorder

from firstlight.adapters.cli import host as port
from firstlight.core.kernel.clock import Instant
from firstlight.core.measure.alarm import START, Entry


def played(*results: str) -> list[port.EscapePlayed]:
    """Escapes that ended so."""
    return [
        port.EscapePlayed(
            name=f"escape-{number}",
            what="something",
            detector="probes",
            result=result,
            seen="because",
            seconds=1.0,
        )
        for number, result in enumerate(results)
    ]


@pytest.mark.parametrize(
    ("results", "code"),
    [
        (("caught", "caught"), 0),
        (("caught", "not played"), 0),
        (("caught", "missed"), 1),
        (("not played",), 1),
        ((), 1),
    ],
)
def test_one_miss_fails_a_drill(shell: Shell, results: Sequence[str], code: int) -> None:
    """A drill ends with 1 when anything was missed, and when nothing was caught."""
    shell.open_host = Recorder(drill=played(*results)).opened
    ended = shell("measure", "drill")
    assert ended.code == code
    assert ("MISSED" in ended.out) is ("missed" in results)
    assert shell("measure", "drill", "--json").code == code


@pytest.mark.parametrize("held", [True, False])
def test_an_open_way_fails_a_proof(shell: Shell, held: bool) -> None:  # noqa: FBT001
    """`prove` ends with 1 when something is open, shows what, and says which level models need."""
    probe = port.ProbeShown(
        way="dns", tried="a name", held=held, seen="" if held else "it resolved"
    )
    proof = port.ProofShown(level="L1", held=held, seconds=0.4, digest="ab" * 32, probes=[probe])
    shell.open_host = Recorder(prove_containment=proof).opened
    ended = shell("measure", "prove")
    assert (ended.code, "it resolved" in ended.out) == (0 if held else 1, not held)
    assert "L3" in ended.out


def evidence(folder: Path) -> tuple[Path, str]:
    """A file of two entries, and its head."""
    now = Instant(datetime(2026, 11, 26, tzinfo=UTC))
    first = Entry(number=0, at=now, kind="began", facts={}, before=START)
    second = Entry(number=1, at=now, kind="alarm", facts={"seen": "x"}, before=first.hash)
    file = folder / "evidence.jsonl"
    file.write_bytes(first.line() + second.line())
    return file, second.hash


def test_whole_evidence_is_listed(shell: Shell, tmp_path: Path) -> None:
    """It needs no host; without a head it says that a cut-off end would not show."""
    file, head = evidence(tmp_path)
    assert "only with --head" in shell("measure", "evidence", str(file)).out
    ended = shell("measure", "evidence", str(file), "--head", head)
    assert (ended.code, "alarm" in ended.out) == (0, True)
    told = shell("measure", "evidence", str(file), "--head", head, "--json").json()
    assert (told["head"], told["head_checked"], len(told["items"])) == (head, True, 2)


def test_altered_or_cut_evidence_is_refused(shell: Shell, tmp_path: Path) -> None:
    """A changed entry, and a missing last one against its head, end as invalid input."""
    file, head = evidence(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b'"x"', b'"y"'))
    assert shell("measure", "evidence", str(file)).code == 4
    file.write_bytes(whole.splitlines(keepends=True)[0])
    assert shell("measure", "evidence", str(file)).code == 0
    assert shell("measure", "evidence", str(file), "--head", head).code == 4
