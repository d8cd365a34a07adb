from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

from tests.shared_data import shared_data

from firstlight.core.clearinghouse.priority.severity import parse_cvss
from firstlight.core.clearinghouse.priority.tables import points

SSVC_POINTS = {
    "Exploitation": points.EXPLOITATION,
    "Automatable": points.AUTOMATABLE,
    "Technical Impact": points.TECHNICAL_IMPACT,
}


def metrics() -> Iterator[dict[str, Any]]:
    """Every metric of 8,000 CVE records of 2024, CISA's additions included."""
    with gzip.open(shared_data("cve-vulnrichment-2024.jsonl.gz")) as lines:
        for line in lines:
            containers = json.loads(line)["containers"]
            for container in (containers["cna"], *containers.get("adp", [])):
                yield from container.get("metrics", [])


def test_published_scores_are_those_of_their_vectors() -> None:
    """Every published vector is read; the base score agrees in 99 of 100.

    The rest are slips of their publishers: the temporal score printed as the base score, or a
    score that no reading of the vector gives.
    """
    scores = [
        (parse_cvss(cvss["vectorString"]).base_score, cvss["baseScore"])
        for metric in metrics()
        for name, cvss in metric.items()
        if name.startswith("cvssV") and "vectorString" in cvss
    ]
    agreeing = sum(float(ours) == theirs for ours, theirs in scores)
    assert len(scores) > 7_000
    assert agreeing / len(scores) > 0.99


def test_cisas_own_answers_are_values_of_our_points() -> None:
    """Each SSVC answer that CISA published in 2024 is read as a value of the point it names."""
    answered = [
        SSVC_POINTS[name].value(text).name.casefold().split()[-1] == text.casefold()
        for metric in metrics()
        if metric.get("other", {}).get("type") == "ssvc"
        for option in metric["other"]["content"]["options"]
        for name, text in option.items()
    ]
    assert len(answered) > 20_000
    assert all(answered)
