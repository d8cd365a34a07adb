"""The page of the catalogues: what is not loaded is said; a file is taken whole or not at all."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.browser.world import World

from firstlight.core.clearinghouse.priority.sources import KevListed, KevNotLoaded
from firstlight.usecases.cases.sources import kev_status

Enter = Callable[[str], Client]

KEV = {
    "catalogVersion": "2025.08.25",
    "dateReleased": "2025-08-25T12:00:00Z",
    "count": 1,
    "vulnerabilities": [
        {
            "cveID": "CVE-2023-53154",
            "dateAdded": "2025-08-01",
            "knownRansomwareCampaignUse": "Unknown",
        }
    ],
}
EPSS = "#model_version:v2025.03.14,score_date:2025-08-25T00:00:00Z\ncve,epss,percentile\n"


def test_a_catalogue_is_not_loaded_then_broken_then_loaded(world: World, signed_in: Enter) -> None:
    """Each state of the page says what it means; a broken file changes nothing."""
    client = signed_in("lead")
    page = client.get("/sources/").content.decode()
    assert page.count("not loaded</span>") == 3
    assert "No flaw is said to be unlisted" in page
    cut = json.dumps(KEV | {"count": 2}).encode()
    broken = client.post("/sources/kev/", {"file": SimpleUploadedFile("kev.json", cut)})
    assert broken.status_code == 400
    assert "kev.malformed" in broken.content.decode()
    with world.context.storage.begin() as work:
        assert isinstance(kev_status(work, ["CVE-2023-53154"]), KevNotLoaded)
    whole = SimpleUploadedFile("kev.json.gz", gzip.compress(json.dumps(KEV).encode()))
    assert client.post("/sources/kev/", {"file": whole}).status_code == 302
    with world.context.storage.begin() as work:
        assert isinstance(kev_status(work, ["CVE-2023-53154"]), KevListed)
    page = client.get("/sources/").content.decode()
    assert "uploaded as kev.json.gz" in page
    assert "25 August 2025" in page
    assert "<dt>Entries</dt><dd>1</dd>" in page


def test_scores_are_loaded(signed_in: Enter) -> None:
    """EPSS, as its CSV file."""
    file = SimpleUploadedFile("epss.csv", f"{EPSS}CVE-2023-53154,0.1,0.9\n".encode())
    client = signed_in("lead")
    assert client.post("/sources/epss/", {"file": file}).status_code == 302
    assert "uploaded as epss.csv" in client.get("/sources/").content.decode()


def test_a_file_is_needed_and_the_name_must_be_known(signed_in: Enter) -> None:
    """With a code each."""
    client = signed_in("lead")
    assert client.post("/sources/kev/").status_code == 400
    assert client.post("/sources/other/").status_code == 404


@pytest.mark.parametrize(
    ("who", "status", "form"),
    [
        ("auditor", 200, False),
        ("operator", 200, False),
        ("finder", 403, False),
        ("lead", 200, True),
    ],
)
def test_who_reads_and_who_loads(signed_in: Enter, who: str, status: int, *, form: bool) -> None:
    """The form is there for those only who may use it."""
    response = signed_in(who).get("/sources/")
    assert response.status_code == status
    assert ('action="/sources/kev/"' in response.content.decode()) is form
