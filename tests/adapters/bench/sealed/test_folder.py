"""A sealed suite on disk: what it gives away, what it refuses, what an opening proves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.adapters.bench.sealed.conftest import NOW, SEED, small

from firstlight.adapters.bench.planted.document import digest_of
from firstlight.adapters.bench.sealed import wire
from firstlight.adapters.bench.sealed.folder import Named, SealedSuite, seal
from firstlight.adapters.bench.sealed.leaks import Search, needles_of
from firstlight.adapters.bench.sealed.running import SealedRun
from firstlight.adapters.bench.sealed.wire import PADDED, SealedSuiteInvalid
from firstlight.adapters.cli.suite_files import folder_digest, folder_files, write_folder
from firstlight.adapters.vault.sealed import EngagementVault
from firstlight.adapters.vault.stream import PREFIX_BYTES
from firstlight.core.kernel.errors import Conflict, FirstlightError, Invalid, Missing
from firstlight.core.measure.commitment import CommitmentBroken, check_opening
from firstlight.usecases.ports.sealed import KeyMissing, SealBroken


def test_what_was_sealed_comes_out(sealed: SealedSuite) -> None:
    """Every task, with every file, as it was."""
    out = {row.task: files for row, files in sealed.documents()}
    assert sorted(map(digest_of, small())) == sorted(digest_of(files) for files in out.values())


def test_nothing_of_a_task_stands_in_the_folder(sealed: SealedSuite, tmp_path: Path) -> None:
    """Neither in the suite's files, nor in their names, nor beside the keys."""
    assert sealed.folder.parent == tmp_path
    wanted = needles_of(small())
    assert Search(wanted).through(tmp_path).leaks == ()
    (tmp_path / "control").write_bytes(small()[0]["task.json"])
    assert Search(wanted).through(tmp_path).leaks != (), "the search itself finds nothing"


def test_sizes_and_order_tell_nothing(sealed: SealedSuite) -> None:
    """Every task's file has a round size, and stands where its salt puts it."""
    sizes = [path.stat().st_size for path in (sealed.folder / "tasks").iterdir()]
    assert {(size - PREFIX_BYTES - 16) % PADDED for size in sizes} == {0}
    assert max(sizes) < PREFIX_BYTES + 16 + 2 * PADDED
    salts = [row.salt for row in sealed.index.tasks]
    assert salts == sorted(salts)


def test_an_opening_proves_the_task_and_no_other(sealed: SealedSuite, tmp_path: Path) -> None:
    """The commitment, the opening and the task's folder fit; a changed task does not."""
    name = sealed.names()[2]
    shown = sealed.open_task(name, NOW)
    check_opening(sealed.committed, shown.opening)
    write_folder(tmp_path / "opened", shown.files)
    assert folder_digest(tmp_path / "opened") == shown.opening.digest == digest_of(shown.files)
    assert folder_files(tmp_path / "opened") == shown.files
    changed = dict(shown.files) | {"proofs/reference": b"another"}
    assert digest_of(changed) != shown.opening.digest


def test_an_opened_task_is_public_with_its_program(sealed: SealedSuite) -> None:
    """It counts towards no threshold from then on, and neither do its siblings."""
    assert all(task.public_since is None for task in SealedRun(sealed).suite.tasks)
    shown = sealed.open_task(sealed.names()[0], NOW)
    again = SealedRun(SealedSuite(sealed.folder, sealed._vault))
    public = {again.own_name(t.id) for t in again.suite.tasks if t.public_since is not None}
    assert public == {sealed.names()[0], *shown.siblings}
    assert len(public) == 4


def test_names_are_other_ones_in_each_run(sealed: SealedSuite) -> None:
    """Nobody can tell from two records that a task was in both; one key gives one set of names."""
    first, second = SealedRun(sealed), SealedRun(sealed)
    one, other = ({task.id for task in run.suite.tasks} for run in (first, second))
    families = [{task.family for task in run.suite.tasks} for run in (first, second)]
    assert one.isdisjoint(other)
    assert families[0].isdisjoint(families[1])
    assert {task.id for task in SealedRun(sealed, first.key).suite.tasks} == one
    assert {first.own_name(name) for name in one} == set(sealed.names())


def test_another_key_opens_nothing(sealed: SealedSuite, tmp_path: Path) -> None:
    """Without the key folder the suite is noise."""
    with pytest.raises(KeyMissing):
        SealedSuite(sealed.folder, EngagementVault(tmp_path / "elsewhere")).names()


def test_tasks_of_another_commitment_are_refused(sealed: SealedSuite) -> None:
    """A manifest with another root opens nothing: every file is bound to the commitment."""
    path = sealed.folder / "sealed.json"
    said = json.loads(path.read_bytes())
    path.write_text(json.dumps({**said, "root": "00" * 32}))
    with pytest.raises(SealBroken):
        SealedSuite(sealed.folder, sealed._vault).names()


def test_two_tasks_that_changed_places_are_refused(sealed: SealedSuite) -> None:
    """A file opens under its own name alone."""
    one, other, *_ = sorted((sealed.folder / "tasks").iterdir())
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    with pytest.raises(SealBroken):
        list(sealed.documents())


@pytest.mark.parametrize("name", ["index.sealed", "sealed.json", "tasks"])
def test_a_missing_file_is_named(sealed: SealedSuite, name: str) -> None:
    """And nothing is measured with the rest."""
    path = sealed.folder / name
    if path.is_dir():
        next(path.iterdir()).unlink()
    else:
        path.unlink()
    with pytest.raises((SealedSuiteInvalid, Missing)):
        list(SealedSuite(sealed.folder, sealed._vault).documents())


def test_a_version_is_used_once(sealed: SealedSuite, tmp_path: Path) -> None:
    """Neither its folder nor its key serves a second time."""
    again = Named(suite="small", version="1")
    with pytest.raises(Conflict):
        seal(sealed.folder, sealed._vault, again, small(), now=NOW)
    with pytest.raises(Conflict):
        seal(tmp_path / "other", sealed._vault, again, small(), now=NOW)


def test_a_rotated_suite_shares_nothing(sealed: SealedSuite, tmp_path: Path) -> None:
    """Nothing that searches for the old tasks finds the new ones, and the new names the old."""
    named = Named(suite="small", version="2", follows=sealed.manifest.root)
    fresh = small(bytes(32))
    seal(tmp_path / "next", sealed._vault, named, fresh, now=NOW)
    after = SealedSuite(tmp_path / "next", sealed._vault)
    assert after.manifest.follows == sealed.manifest.root
    assert after.manifest.fingerprint != sealed.manifest.fingerprint
    for files in fresh:
        write_folder(tmp_path / "clear" / json.loads(files["task.json"])["id"], files)
    assert Search(needles_of(small(SEED))).through(tmp_path / "clear").leaks == ()


@pytest.mark.parametrize(
    ("suite", "version"), [("", "1"), ("Big", "1"), ("../x", "1"), ("ok", "one"), ("ok", "")]
)
def test_a_name_that_names_nothing_is_refused(
    suite: str, version: str, tmp_path: Path, vault: EngagementVault
) -> None:
    """Before anything is written."""
    with pytest.raises(Invalid):
        seal(tmp_path / "s", vault, Named(suite=suite, version=version), small(), now=NOW)
    assert not (tmp_path / "s").exists()


def test_a_task_twice_is_refused(tmp_path: Path, vault: EngagementVault) -> None:
    """One name, one task."""
    with pytest.raises(Invalid):
        seal(tmp_path / "s", vault, Named(suite="a", version="1"), [*small(), small()[0]], now=NOW)


def test_a_commitment_is_written_down_once(sealed: SealedSuite) -> None:
    """Its time cannot be moved afterwards."""
    assert sealed.committed_at is None
    sealed.note_committed(NOW, ledger=False)
    assert SealedSuite(sealed.folder, sealed._vault).committed_at == NOW
    with pytest.raises(Conflict):
        sealed.note_committed(NOW, ledger=False)


def test_an_index_that_was_not_committed_to_is_refused(sealed: SealedSuite) -> None:
    """Even the holder of the key cannot run other tasks under a published commitment."""
    rows = sealed.index.tasks[1:]
    shorter = type(sealed.index)(tasks=rows, seed=b"")
    envelope = sealed.seal_log("index.sealed", wire.write_index(shorter))
    (sealed.folder / "index.sealed").write_bytes(envelope)
    with pytest.raises(CommitmentBroken):
        SealedSuite(sealed.folder, sealed._vault).names()


def test_a_log_opens_under_its_own_name_alone(sealed: SealedSuite) -> None:
    """What a run wrote is sealed to the same key."""
    envelope = sealed.seal_log("evidence.1", b"what was seen")
    assert b"seen" not in envelope
    assert sealed.open_log("evidence.1", envelope) == b"what was seen"
    with pytest.raises(FirstlightError):
        sealed.open_log("evidence.2", envelope)
