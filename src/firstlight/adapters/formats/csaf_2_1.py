"""The same advisory as CSAF 2.1 (OASIS), beside the 2.0 document that most clients read today.

Made from the 2.0 document, so that the two cannot say different things, with what 2.1 can say and
2.0 could not: TLP 2.0's own labels, every weakness, a CVSS 4.0 score. A withdrawn advisory keeps
its content under the profile of its release and says so in title, note and history: readers who
match by product must still find it.
"""

from __future__ import annotations

from typing import Any

from cvss import CVSS4
from cvss.exceptions import CVSSError

from firstlight.adapters.formats.csaf_advisory import (
    Publisher,
    csaf_document,
    csaf_path,
    weakness_names,
    written,
)
from firstlight.core.clearinghouse.advisory.model import Advisory
from firstlight.core.kernel.canonical import Json

FOLDER = "csaf-2.1"
_SCHEMA = "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json"
_CWE_VERSION = "4.20"
"""of the catalogue in `schemas/`"""
_GONE = frozenset({"CWE-100", "CWE-227", "CWE-398", "CWE-485"})
"""no weaknesses any more but categories; 2.1 allows only what its version of CWE holds"""
_UNSPEAKABLE = frozenset({"CWE-520"})
"""its exact name, which is demanded, begins with a full stop, which the schema of 2.1 forbids"""

Object = dict[str, Any]
"""a JSON object that this module has just made or parsed"""


def write_csaf_2_1(advisory: Advisory, publisher: Publisher) -> bytes:
    """The document. Deterministic; raises as `write_csaf`."""
    document: Object = csaf_document(advisory, publisher)
    document["$schema"] = _SCHEMA
    head = document["document"]
    head["csaf_version"] = "2.1"
    label = advisory.marking.value.removeprefix("TLP:")
    head["distribution"] = {
        "text": f"{advisory.marking.value} (TLP 2.0).",
        "tlp": {"label": label, "url": "https://www.first.org/tlp/"},
    }
    if publisher.advisories_url:
        base = publisher.advisories_url.rstrip("/").rpartition("/")[0]
        head["references"][0]["url"] = f"{base}/{FOLDER}/{csaf_path(advisory)}"
    for branch in document["product_tree"]["branches"]:
        _renew_branch(branch)
    for vulnerability in document["vulnerabilities"]:
        _renew(vulnerability, advisory)
    return written(document)


def _renew_branch(branch: Object) -> None:
    """`purl` became a list; what reads like a range is no range (6.1.50)."""
    for child in branch.get("branches", []):
        _renew_branch(child)
    if branch["category"] == "product_version_range" and not branch["name"].startswith("vers:"):
        branch["category"] = "patch_level"
    helper = branch.get("product", {}).get("product_identification_helper", {})
    if "purl" in helper:
        helper["purls"] = [helper.pop("purl")]


def _renew(vulnerability: Object, advisory: Advisory) -> None:
    """Weaknesses and scores in their new places."""
    _settle_remediations(vulnerability)
    vulnerability.pop("cwe", None)
    names = weakness_names()
    usable = names.keys() - _GONE - _UNSPEAKABLE
    known = [name for name in dict.fromkeys(advisory.cwe) if name in usable]
    if known:
        vulnerability["cwes"] = [
            {"id": name, "name": names[name], "version": _CWE_VERSION} for name in known
        ]
    scores = vulnerability.pop("scores", [])
    metrics = [
        {"content": {k: v for k, v in score.items() if k != "products"}, "products": products}
        for score in scores
        if (products := score["products"])
    ]
    newest = _cvss_4(advisory.cvss)
    affected = vulnerability.get("product_status", {}).get("known_affected", [])
    if newest and affected:
        metrics.append({"content": {"cvss_v4": newest}, "products": affected})
    if metrics:
        vulnerability["metrics"] = metrics


def _settle_remediations(vulnerability: Object) -> None:
    """A product for which there is a mitigation is not one without any remedy (6.1.35)."""
    remediations = vulnerability.get("remediations", [])
    eased = {
        product
        for one in remediations
        if one["category"] == "mitigation"
        for product in one["product_ids"]
    }
    for one in [one for one in remediations if one["category"] == "none_available"]:
        one["product_ids"] = [product for product in one["product_ids"] if product not in eased]
        if not one["product_ids"]:
            remediations.remove(one)


def _cvss_4(vector: str) -> Json:
    if not vector.startswith("CVSS:4"):
        return None
    try:
        read = CVSS4(vector)
    except CVSSError:
        return None
    # The library's own JSON has names from before the schema was final.
    return {
        "version": "4.0",
        "vectorString": read.clean_vector(),
        "baseScore": float(read.base_score),
        "baseSeverity": str(read.severity).upper(),
    }
