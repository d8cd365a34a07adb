"""Records of others in the zone: whose they are, what is left out, how they are linked."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from tests.outbound import clear
from tests.public_zone import Zone, make_zone, numbered
from tests.shared_data import shared_data

from firstlight.adapters.public.serving import Current
from firstlight.adapters.publication.importing import Imported, Origin, import_osv
from firstlight.core.kernel.errors import Invalid, Missing

PYPA = Origin(source="pypa", licence="CC-BY-4.0", url="https://github.com/pypa/advisory-database")


def imported(zone: Zone, place: Path, origin: Origin = PYPA) -> Imported:
    """As `firstlight source import` does it."""
    made = import_osv(place, origin)
    zone.zone.put_beside(made.files)
    return made


def theirs(name: str, fixed: str, *aliases: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """A record of somebody else about the package of our advisories."""
    events = [{"introduced": "1.0"}, {"fixed": fixed}]
    package = {"ecosystem": "PyPI", "name": "exlib"}
    return {
        "id": name,
        "modified": "2026-02-02T00:00:00Z",
        "aliases": list(aliases),
        "affected": [{"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}],
        **more,
    }


@pytest.mark.parametrize("name", ["osv-pypa", "osv-oss-fuzz"])
def test_whole_databases_are_imported(tmp_path: Path, name: str) -> None:
    """Every record, with its text as it was, its source and its licence."""
    place = shared_data(f"{name}.jsonl.gz")
    given = [json.loads(line) for line in gzip.decompress(place.read_bytes()).splitlines()]
    zone = make_zone(tmp_path)
    made = imported(zone, place)
    assert (made.records, made.left_out) == (len({one["id"] for one in given}), 0)
    answers = Current(zone.folder)().osv
    for one in given[::50]:
        served = json.loads(answers.record(one["id"]))
        told = served["database_specific"].pop("imported")
        assert told == {"source": PYPA.source, "licence": PYPA.licence, "url": PYPA.url}
        one.setdefault("database_specific", {})
        assert served == one


def test_a_folder_is_read_with_its_subfolders(tmp_path: Path) -> None:
    """What is no record is left out, counted and named; links out of it are not followed."""
    folder = tmp_path / "vulns"
    (folder / "exlib").mkdir(parents=True)
    (folder / "exlib" / "one.json").write_text(json.dumps(theirs("PYSEC-1", "1.2")))
    (folder / "bad.json").write_text("nonsense")
    (folder / "no-id.json").write_text("{}")
    (folder / "list.json").write_text("[]")
    (folder / "twice.json").write_text('{"id": "A", "id": "B", "modified": "x"}')
    (folder / "out.json").symlink_to(folder / "exlib" / "one.json")
    made = import_osv(folder, PYPA)
    assert (made.records, made.left_out) == (1, 4)
    assert any(reason.startswith("no-id.json: an OSV record has an id") for reason in made.reasons)


@pytest.mark.parametrize(
    "origin",
    [
        Origin(source="../x", licence="CC0", url="u"),
        Origin(source="Pypa", licence="CC0", url="u"),
        Origin(source="pypa", licence=" ", url="u"),
    ],
)
def test_a_source_has_a_plain_name_and_a_licence(tmp_path: Path, origin: Origin) -> None:
    """Nothing is served without saying under which terms."""
    place = tmp_path / "one.json"
    place.write_text(json.dumps(theirs("PYSEC-1", "1.2")))
    with pytest.raises(Invalid):
        import_osv(place, origin)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x1f\x8b broken"])
def test_a_file_without_a_record_is_refused(tmp_path: Path, content: bytes) -> None:
    """Rather than an empty source that replaces a full one."""
    place = tmp_path / "all.jsonl.gz"
    place.write_bytes(content)
    with pytest.raises(Invalid):
        import_osv(place, PYPA)
    with pytest.raises(Invalid):
        import_osv(tmp_path / "nothing", PYPA)


def test_both_are_found_and_a_rebuild_leaves_them(tmp_path: Path) -> None:
    """Our record and theirs answer one query; ours counts where both bear one name."""
    zone = make_zone(tmp_path)
    zone.publish(numbered(1))
    place = tmp_path / "all.jsonl"
    records = [theirs("PYSEC-1", "1.3", "CVE-2020-1234"), theirs("FL-2026-0001", "9.9")]
    place.write_text("".join(json.dumps(one) + "\n" for one in records))
    imported(zone, place)
    zone.zone.rebuild([clear(zone.render(numbered(1)))])
    answers = Current(zone.folder)().osv
    query = {"package": {"purl": "pkg:pypi/exlib@1.1"}}
    found = json.loads(answers.query(json.dumps(query).encode()))["vulns"]
    assert [one["id"] for one in found] == ["FL-2026-0001", "PYSEC-1"]
    assert "imported" not in found[0]["database_specific"]


def test_links_have_reasons_and_contradictions_are_shown(tmp_path: Path) -> None:
    """Ours says fixed in 1.2, one of theirs 1.3, another was withdrawn; each keeps its word."""
    zone = make_zone(tmp_path)
    zone.publish(numbered(1))
    place = tmp_path / "all.jsonl"
    records = [
        theirs("PYSEC-1", "1.3", "CVE-2020-1234"),
        theirs("PYSEC-2", "1.2", "FL-2026-0001", withdrawn="2026-03-03T00:00:00Z"),
        theirs("PYSEC-3", "1.2", "CVE-1999-0001", related=["FL-2026-0001"]),
    ]
    place.write_text("".join(json.dumps(one) + "\n" for one in records))
    imported(zone, place)
    links = Current(zone.folder)().links
    answer = json.loads(links.of("FL-2026-0001"))
    assert [(one["other"], one["because"]) for one in answer["links"]] == [
        ("PYSEC-1", ["Both bear the name CVE-2020-1234."]),
        ("PYSEC-2", ["PYSEC-2 names FL-2026-0001 as an alias."]),
    ]
    assert [one["source"] for one in answer["records"]] == ["this clearinghouse", "pypa", "pypa"]
    assert answer["records"][1]["licence"] == "CC-BY-4.0"
    said = {one["about"]: one["said"] for one in answer["contradictions"]}
    assert said["whether the record stands"]["PYSEC-2"] == ["withdrawn"]
    assert said["where the flaw is fixed in PyPI exlib"] == {
        "FL-2026-0001": ["1.2"],
        "PYSEC-1": ["1.3"],
        "PYSEC-2": ["1.2"],
    }
    assert "where the flaw begins in PyPI exlib" not in said
    with pytest.raises(Missing):
        links.of("nothing")
