"""The public zone as a whole: rebuilt identically, kept signatures, what goes and what stays."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.outbound import clear
from tests.public_zone import Zone, make_zone, numbered

from firstlight.adapters.vault.keys import KeyUnreadable
from firstlight.adapters.vault.openpgp import OpenPgpKey
from firstlight.core.clearinghouse.advisory.model import Advisory
from firstlight.usecases.ports import Cleared

ADVISORIES = [numbered(number) for number in range(1, 6)]


def files(zone: Zone) -> dict[str, bytes]:
    """Everything in a zone, path to content."""
    return {
        path.relative_to(zone.folder).as_posix(): path.read_bytes()
        for path in zone.folder.rglob("*")
        if path.is_file()
    }


def rebuild(zone: Zone, advisories: list[Advisory]) -> int:
    """As `firstlight publish` does it."""
    return zone.zone.rebuild(clear(zone.render(advisory)) for advisory in advisories)


def test_a_lost_zone_comes_back_byte_for_byte(tmp_path: Path) -> None:
    """Documents, indexes and signatures: the kept ones are copied back."""
    zone = make_zone(tmp_path)
    zone.publish(*ADVISORIES)
    before = files(zone)
    shutil.rmtree(zone.folder)
    assert rebuild(zone, ADVISORIES) == 5
    assert files(zone) == before


@settings(max_examples=10, deadline=None)
@given(order=st.permutations(ADVISORIES))
def test_the_order_of_publication_leaves_no_trace(
    tmp_path_factory: pytest.TempPathFactory, order: list[Advisory]
) -> None:
    """Published one by one in any order, or rebuilt at once: the same indexes."""
    data = tmp_path_factory.mktemp("data")
    one, two = make_zone(data, public="one"), make_zone(data, public="two")
    one.publish(*order)
    rebuild(two, ADVISORIES)
    assert files(one) == files(two)


def test_what_no_advisory_gives_any_more_is_removed(tmp_path: Path) -> None:
    """An old record goes with its companions, and the indexes do not name it."""
    zone = make_zone(tmp_path)
    zone.publish(*ADVISORIES)
    for path in zone.folder.rglob("*"):
        os.utime(path, (1, 1))
    rebuild(zone, ADVISORIES[:2])
    assert not [name for name in files(zone) if "0005" in name]
    assert len(zone.read("csaf/index.txt").splitlines()) == 2
    assert len(zone.read("osv/all.jsonl").splitlines()) == 2


def test_what_is_published_during_a_rebuild_stays(tmp_path: Path) -> None:
    """Another process publishes while the files are written; its advisory survives, indexed."""
    zone = make_zone(tmp_path)

    def rendered() -> Iterator[Cleared]:
        yield clear(zone.render(ADVISORIES[0]))
        zone.publish(ADVISORIES[4])
        yield clear(zone.render(ADVISORIES[1]))

    assert zone.zone.rebuild(rendered()) == 2
    assert zone.read("csaf/index.txt").split()[-1] == b"2026/fl-2026-0005.json"
    assert len(zone.read("osv/all.jsonl").splitlines()) == 3
    assert zone.read("osv/FL-2026-0005.json")


def test_a_zone_from_before_the_catalogue_is_read_from_its_documents(tmp_path: Path) -> None:
    """Without the catalogue one more advisory does not make the others vanish from the indexes."""
    zone = make_zone(tmp_path)
    zone.publish(*ADVISORIES[:3])
    (zone.folder / ".catalogue.jsonl").unlink()
    zone.publish(ADVISORIES[3])
    assert len(zone.read("csaf/changes.csv").splitlines()) == 4
    assert len(zone.read("osv/all.jsonl").splitlines()) == 4


def test_publishing_again_writes_nothing(tmp_path: Path) -> None:
    """Every file keeps its time, so that no cache is renewed for nothing."""
    zone = make_zone(tmp_path)
    zone.publish(*ADVISORIES[:2])
    times = {path: path.stat().st_mtime_ns for path in zone.folder.rglob("*") if path.is_file()}
    time.sleep(0.02)
    zone.publish(*ADVISORIES[:2])
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_a_signature_of_a_former_key_is_made_again(tmp_path: Path) -> None:
    """After a rotation the kept signatures count no more; the document is the same."""
    zone = make_zone(tmp_path)
    zone.publish(ADVISORIES[0])
    document, old = (zone.read(f"csaf/2026/fl-2026-0001.json{end}") for end in ("", ".asc"))
    (tmp_path / "keys" / "openpgp.asc").unlink()
    rebuild(zone, ADVISORIES[:1])
    new = zone.read("csaf/2026/fl-2026-0001.json.asc")
    assert new != old
    assert zone.key.made_by_us(document, new)
    assert not zone.key.made_by_us(document, old)


def test_a_damaged_signature_is_made_again(tmp_path: Path) -> None:
    """What lies in the folder is checked before it leaves."""
    zone = make_zone(tmp_path)
    zone.publish(ADVISORIES[0])
    for path in (tmp_path / "signatures").rglob("*.asc"):
        path.write_bytes(b"nonsense")
    rebuild(zone, ADVISORIES[:1])
    document = zone.read("csaf/2026/fl-2026-0001.json")
    assert zone.key.made_by_us(document, zone.read("csaf/2026/fl-2026-0001.json.asc"))


def test_the_key_is_private_and_a_damaged_one_is_told(tmp_path: Path) -> None:
    """Mode 0600 from the first moment; a damaged file is an error that says what to do."""
    key = OpenPgpKey(tmp_path / "keys", "Example")
    signature = key.sign(b"document")
    path = tmp_path / "keys" / "openpgp.asc"
    assert path.stat().st_mode & 0o777 == 0o600
    assert key.made_by_us(b"document", signature)
    assert not key.made_by_us(b"another", signature)
    path.write_bytes(b"nonsense")
    with pytest.raises(KeyUnreadable, match="damaged"):
        key.sign(b"document")


def test_an_advisory_with_markup_in_its_title_is_shown_as_text(tmp_path: Path) -> None:
    """The front page is no way to run a script."""
    zone = make_zone(tmp_path)
    zone.publish(replace(ADVISORIES[0], title="<script>alert(1)</script>"))
    page = zone.read("index.html")
    assert b"<script" not in page
    assert b"&lt;script&gt;" in page
