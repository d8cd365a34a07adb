"""A target file that is wrong in one way is refused, and the error names file and key."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from firstlight.adapters.targets.loader import load, load_all, load_one
from firstlight.adapters.targets.tables import TargetInvalid
from firstlight.core.clearinghouse.validation.target import Ecosystem, Side
from firstlight.core.kernel.errors import Missing

TARGETS = Path(__file__).parents[3] / "targets"
DEMO = "CVE-2023-53154-cjson"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the quick target."""
    return Path(shutil.copytree(TARGETS / DEMO, tmp_path / DEMO))


def edit(folder: Path, old: str, new: str) -> None:
    """Replace one piece of the description."""
    file = folder / "target.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


FAULTS = {
    "id": ('id = "CVE', 'id = "XVE'),
    "title": ("title = ", "titel = "),
    "cve": ('cve = "CVE-2023-53154"', 'cve = "53154"'),
    "ecosystem": ('ecosystem = "debian"', 'ecosystem = "brew"'),
    "package": ('"pkg:deb/debian/cjson?', '"cjson?'),
    "public_since": ("public_since = 2024-04-30", 'public_since = "2024-04-30"'),
    "note": ("note = ", "demo2 = true\nnote = "),
    "references": ("references = [", "references = [1, "),
    "source[0].sha256": ('sha256 = "5308', 'sha256 = "530'),
    "source[0].kind": ('kind = "debian-orig"', 'kind = "curl"'),
    "source[0].into": ('into = "src"', 'into = "../src"'),
    "source[0].filename": ("filename = ", "file = "),
    "vulnerable.version": ('version = "1.7.15-1+deb12u2"', 'version = ""'),
    "recipe.requires": ('requires = ["gcc"]', 'requires = "gcc"'),
    "recipe.run.seconds": ("seconds = 10", 'seconds = "10"'),
    "recipe.run.argv": ('argv = ["/target/built/parse", "/box/proof"]', "argv = []"),
    "recipe.patch.strip": ("strip = 1", "strip = 1.5"),
    "recipe.patch.shell": ("strip = 1", "shell = 1"),
    "oracle.kind": ('kind = "sanitizer"', 'kind = "hope"'),
    "oracle.errors": ("errors = ", "error = "),
    "proof[0].file": ('file = "proofs/reference.json"', 'file = "proofs/gone.json"'),
    "proof[1].file": ('file = "proofs/nested.json"', 'file = "../../target.toml"'),
    "proof[2].expect": ('expect = "shows-nothing"', 'expect = "nothing"'),
    "proof": ('name = "nested"', 'name = "reference"'),
}
NAMED = {"note": "demo2", "title": "title", "oracle.errors": "oracle.errors"}


@pytest.mark.parametrize("key", FAULTS)
def test_one_wrong_key_is_named(folder: Path, key: str) -> None:
    """The error carries the file and the key, so that a person finds the line."""
    edit(folder, *FAULTS[key])
    with pytest.raises(TargetInvalid) as caught:
        load(folder)
    assert caught.value.details["file"] == f"{DEMO}/target.toml"
    assert caught.value.details["key"] == NAMED.get(key, key)


def test_a_file_outside_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    """A link in the harness that leads out is not followed."""
    (tmp_path / "secret").write_text("kept")
    (folder / "harness" / "link.c").symlink_to(tmp_path / "secret")
    with pytest.raises(TargetInvalid, match="stay"):
        load(folder)


def test_what_is_not_toml_is_refused(folder: Path) -> None:
    """A syntax error names the file."""
    (folder / "target.toml").write_text("id = ")
    with pytest.raises(TargetInvalid, match=r"target\.toml"):
        load(folder)


def test_an_unknown_target_is_missing() -> None:
    """The error lists what there is; a path is not an identifier."""
    for name in ("CVE-0000-0000", f"../targets/{DEMO}", ""):
        with pytest.raises(Missing):
            load_one(TARGETS, name)
    assert load_one(TARGETS, DEMO).id == DEMO


def test_the_shipped_targets_cover_three_ecosystems() -> None:
    """At least four of each kind, each with a reference, another proof or a harmless one."""
    targets = load_all(TARGETS)
    # Planted programs come from their suites and never stand among the targets.
    for kind in set(Ecosystem) - {Ecosystem.PLANTED}:
        assert sum(target.ecosystem is kind for target in targets) >= 4
    assert sum(target.demo for target in targets) == 1
    for target in targets:
        assert len(target.proofs) >= 2
        assert target.vulnerable.version != target.fixed.version
        assert target.purl(Side.FIXED) != target.purl(Side.VULNERABLE)
        assert target.reference.data


def test_the_demonstration_target_has_everything() -> None:
    """It supports the patch step in full: proposal, own tests, regression test, place."""
    demo = next(target for target in load_all(TARGETS) if target.demo)
    assert demo.proposed_patch
    assert demo.recipe.tests
    assert demo.recipe.regression
    assert demo.recipe.patch
    assert len({proof.expect for proof in demo.proofs}) == 2
    assert len(demo.proofs) >= 3
