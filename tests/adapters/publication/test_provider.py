"""Each requirement that CSAF 2.0 makes of a trusted provider (sections 7.1 and 7.2), by its number.

A trusted provider fulfils 1 to 9 or 10, 11 to 14 or 15 to 17, and 18 to 20. We do both ways of
distribution. 10 (a name in the DNS) is the operator's, 21 to 23 are an aggregator's.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from csaf.csaf.v20 import validate
from sectxt import Parser  # type: ignore[import-untyped]  # it has no types
from tests.public_zone import URL, Zone, make_zone, numbered, served

from firstlight.adapters.formats.csaf_advisory import write_csaf
from firstlight.core.clearinghouse.advisory.model import AdvisoryState, Revision
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Refused
from firstlight.core.kernel.marking import Marking
from firstlight.settings import BadSetting, load

LATER = Instant.parse("2026-05-06T07:08:09Z")
CATEGORY = {"scheme": "urn:ietf:params:rolie:category:information-type", "term": "csaf"}


@pytest.fixture(scope="module")
def zone(tmp_path_factory: pytest.TempPathFactory) -> Zone:
    """Three advisories; the second was updated and then withdrawn."""
    made = make_zone(tmp_path_factory.mktemp("data"))
    second = numbered(2)
    revised = (
        *second.revisions,
        Revision(number=2, at=LATER, summary="Withdrawn: no flaw after all"),
    )
    made.publish(numbered(1), second, numbered(3))
    made.publish(numbered(2, state=AdvisoryState.WITHDRAWN, revisions=revised))
    return made


@pytest.fixture(scope="module")
def site(zone: Zone) -> Iterator[httpx.Client]:
    """The real server; redirects are not followed."""
    with served(zone.folder) as url, httpx.Client(base_url=url) as client:
        yield client


def get(site: httpx.Client, address: str) -> httpx.Response:
    """A public address, asked of the server behind the proxy."""
    assert address.startswith(f"{URL}/")
    return site.get(address.removeprefix(URL))


def metadata(site: httpx.Client) -> Any:  # noqa: ANN401  # JSON
    """The provider's description."""
    return site.get("/.well-known/csaf/provider-metadata.json").json()


def feed(site: httpx.Client) -> Any:  # noqa: ANN401  # JSON
    """The only feed, as the description names it."""
    (rolie,) = [one["rolie"] for one in metadata(site)["distributions"] if "rolie" in one]
    (listed,) = rolie["feeds"]
    return get(site, listed["url"]).json()["feed"]


def documents(zone: Zone) -> list[Path]:
    """All CSAF 2.0 documents on disk."""
    return sorted(zone.folder.glob("csaf/[0-9]*/*.json"))


def test_7_1_1_every_document_is_valid(zone: Zone) -> None:
    """By all mandatory tests of an independent validator."""
    assert len(documents(zone)) == 3
    for path in documents(zone):
        assert validate(json.loads(path.read_bytes()), preset="basic").overall_valid


def test_7_1_2_the_filename_follows_the_tracking_id(zone: Zone) -> None:
    """Lower case, everything but +, - and alphanumerics an underscore (section 5.1)."""
    for path in documents(zone):
        identifier = json.loads(path.read_bytes())["document"]["tracking"]["id"]
        assert path.name == re.sub(r"[^+\-a-z0-9]+", "_", identifier.lower()) + ".json"


def test_7_1_3_every_address_demands_tls(zone: Zone) -> None:
    """No file names an address of the provider without TLS, and a setting without it is refused."""
    for path in zone.folder.rglob("*"):
        if path.is_file():
            assert b"http://zone.example" not in path.read_bytes()
    with pytest.raises(BadSetting):
        load({"FIRSTLIGHT_PUBLIC_URL": "http://zone.example"})


def test_7_1_4_white_is_freely_accessible(site: httpx.Client) -> None:
    """Without any credential, and from a page of another origin."""
    for entry in feed(site)["entry"]:
        response = get(site, entry["content"]["src"])
        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == "*"
        assert response.json()["document"]["distribution"]["tlp"]["label"] == "WHITE"


@pytest.mark.parametrize("marking", [m for m in Marking if m is not Marking.CLEAR])
def test_7_1_5_nothing_stricter_is_here(zone: Zone, marking: Marking) -> None:
    """The gate refuses it, and its label in CSAF 2.0 is never looser than the marking."""
    from firstlight.core.clearinghouse.distribution.release import require_release  # noqa: PLC0415

    with pytest.raises(Refused):
        require_release(marking=marking, go_live=LATER, now=LATER)
    written = json.loads(write_csaf(numbered(9, marking=marking), zone.render.publisher))
    label = Marking.parse(written["document"]["distribution"]["tlp"]["label"])
    assert label.strictness >= marking.strictness


def test_7_1_6_nothing_is_a_redirect(zone: Zone, site: httpx.Client) -> None:
    """Every file answers by itself, and so does every folder, with a slash or without."""
    for path in zone.folder.rglob("*"):
        name = path.relative_to(zone.folder).as_posix()
        if not Path(name).name.startswith(".") or name.startswith(".well-known"):
            assert site.get(f"/{name}").status_code == 200, name
    assert site.get("/csaf/").status_code == 200


def test_7_1_7_provider_metadata_says_all_that_its_schema_asks(site: httpx.Client) -> None:
    """Required members, with their types, and the role that we claim."""
    found = metadata(site)
    assert get(site, found["canonical_url"]).json() == found
    assert datetime.fromisoformat(found["last_updated"]).tzinfo
    assert found["list_on_CSAF_aggregators"] is True
    assert found["mirror_on_CSAF_aggregators"] is True
    assert found["metadata_version"] == "2.0"
    assert found["role"] == "csaf_trusted_provider"
    assert set(found["publisher"]) == {"category", "name", "namespace", "contact_details"}
    newest = max(entry["updated"] for entry in feed(site)["entry"])
    assert found["last_updated"] == newest


def test_7_1_8_security_txt_names_the_metadata(site: httpx.Client) -> None:
    """Another project's reader of RFC 9116 finds no error, and the address leads there."""
    text = site.get("/.well-known/security.txt").text
    checked = Parser(text.replace("\n", "\r\n").encode(), urls=f"{URL}/.well-known/security.txt")
    assert checked.errors == []
    (address,) = re.findall(r"^CSAF: (.+)$", text, re.MULTILINE)
    assert get(site, address).json()["role"] == "csaf_trusted_provider"


def test_7_1_9_the_well_known_address_gives_the_metadata_directly(site: httpx.Client) -> None:
    """The metadata is the answer itself."""
    response = site.get("/.well-known/csaf/provider-metadata.json")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"


def test_7_1_11_one_folder_per_year(zone: Zone) -> None:
    """The year of the initial release, which an update does not change."""
    for path in documents(zone):
        released = json.loads(path.read_bytes())["document"]["tracking"]["initial_release_date"]
        assert path.parent.name == released[:4]


def test_7_1_12_index_txt_names_every_document(zone: Zone, site: httpx.Client) -> None:
    """By its path below the folder, and nothing else."""
    names = [path.relative_to(zone.folder / "csaf").as_posix() for path in documents(zone)]
    assert site.get("/csaf/index.txt").text.splitlines() == names


def test_7_1_13_changes_csv_has_the_newest_first(zone: Zone, site: httpx.Client) -> None:
    """File name and time of the current release, without a heading."""
    rows = list(csv.reader(site.get("/csaf/changes.csv").text.splitlines()))
    assert rows[0] == ["2026/fl-2026-0002.json", str(LATER)]
    assert [row[1] for row in rows] == sorted((row[1] for row in rows), reverse=True)
    for name, updated in rows:
        tracking = json.loads(zone.read(f"csaf/{name}"))["document"]["tracking"]
        assert updated == tracking["current_release_date"]


def test_7_1_14_folders_are_listed(zone: Zone, site: httpx.Client) -> None:
    """A person comes from the folder to each document by links."""
    assert 'href="2026/"' in site.get("/csaf/").text
    page = site.get("/csaf/2026/").text
    for path in documents(zone):
        assert f'href="{path.name}"' in page


def test_7_1_15_rolie_feed_has_an_entry_for_each_document(zone: Zone, site: httpx.Client) -> None:
    """With identifier, times, address, hashes and signature, all of which are there."""
    found = feed(site)
    assert found["category"] == [CATEGORY]
    assert found["link"][0] == {"rel": "self", "href": f"{URL}/csaf/feed-tlp-white.json"}
    assert len(found["entry"]) == len(documents(zone))
    for entry in found["entry"]:
        document = get(site, entry["content"]["src"]).json()["document"]
        tracking = document["tracking"]
        assert entry["id"] == tracking["id"]
        assert entry["title"] == document["title"]
        assert entry["published"] == tracking["initial_release_date"]
        assert entry["updated"] == tracking["current_release_date"]
        assert entry["format"]["version"] == "2.0"
        links = [(link["rel"], link["href"]) for link in entry["link"]]
        assert links[0] == ("self", entry["content"]["src"])
        assert [rel for rel, _ in links] == ["self", "hash", "hash", "signature"]
        assert all(get(site, address).status_code == 200 for _, address in links)


def test_7_1_16_rolie_service_document_names_the_feed(site: httpx.Client) -> None:
    """One workspace with one collection, the feed."""
    service = site.get("/csaf/service.json").json()["service"]
    (collection,) = service["workspace"][0]["collection"]
    assert collection["categories"]["category"] == [CATEGORY]
    assert get(site, collection["href"]).json()["feed"] == feed(site)


def test_7_1_17_rolie_category_document_names_the_category(site: httpx.Client) -> None:
    """The one that feed and service use."""
    document = site.get("/csaf/category-tlp-white.json").json()
    assert document == {"categories": {"category": [CATEGORY]}}


@pytest.mark.parametrize("name", ["sha256", "sha512"])
def test_7_1_18_integrity(zone: Zone, name: str) -> None:
    """A digest beside each document, as `sha256sum --check` reads it."""
    for path in documents(zone):
        line = path.with_name(f"{path.name}.{name}").read_text()
        assert line == f"{hashlib.new(name, path.read_bytes()).hexdigest()}  {path.name}\n"


def test_7_1_19_signatures_hold_by_gnupg(zone: Zone, tmp_path: Path) -> None:
    """A detached signature beside each document, checked by GnuPG with the published key alone."""
    gpgv, gpg = shutil.which("gpgv"), shutil.which("gpg")
    if gpgv is None or gpg is None:
        pytest.skip("needs GnuPG")
    ring = tmp_path / "ring.gpg"
    ring.write_bytes(
        subprocess.run(
            [gpg, "--homedir", tmp_path, "--dearmor"],
            input=zone.read("keys/openpgp.asc"),
            capture_output=True,
            check=True,
        ).stdout
    )
    for path in documents(zone):
        signature = path.with_name(f"{path.name}.asc")
        check: list[str | Path] = [gpgv, "--keyring", ring, signature]
        assert subprocess.run([*check, path], capture_output=True, check=False).returncode == 0
        other = tmp_path / "other.json"
        other.write_bytes(path.read_bytes() + b" ")
        assert subprocess.run([*check, other], capture_output=True, check=False).returncode != 0


def test_7_1_20_the_public_key_is_named_and_served(zone: Zone, site: httpx.Client) -> None:
    """With its fingerprint, and no private key anywhere in the zone."""
    (named,) = metadata(site)["public_openpgp_keys"]
    served_key = get(site, named["url"])
    assert served_key.headers["content-type"] == "application/pgp-keys"
    assert served_key.content == zone.key.certificate().armored
    assert named["fingerprint"] == zone.key.certificate().fingerprint
    assert re.fullmatch(r"[0-9A-F]{40}", named["fingerprint"])
    for path in zone.folder.rglob("*"):
        assert not path.is_file() or b"PRIVATE KEY" not in path.read_bytes()


def test_7_2_an_update_and_a_withdrawal_keep_the_history(zone: Zone) -> None:
    """The same file, one more revision, the newest as version, status final, and the reason."""
    document = json.loads(zone.read("csaf/2026/fl-2026-0002.json"))["document"]
    tracking = document["tracking"]
    assert [one["number"] for one in tracking["revision_history"]] == ["1", "2"]
    assert (tracking["version"], tracking["status"]) == ("2", "final")
    assert tracking["current_release_date"] == str(LATER)
    assert document["title"].startswith("Withdrawn: ")
    assert "no flaw after all" in json.dumps(document["notes"])


def test_7_2_without_an_address_nothing_claims_the_role(tmp_path: Path) -> None:
    """A zone whose operator named no https address has no metadata and no feed."""
    made = make_zone(tmp_path, url="")
    made.publish(numbered(1))
    names = {path.relative_to(made.folder).as_posix() for path in made.folder.rglob("*")}
    assert "csaf/index.txt" in names
    assert not any("provider" in name or "feed" in name for name in names)
