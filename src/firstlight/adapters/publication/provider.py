"""The files that make a folder of advisories a CSAF 2.0 trusted provider (sections 7.1 and 7.2).

Pure: what the zone holds and who publishes go in, files come out, and the same gives the same
bytes. Times come from the documents, so that rebuilding changes nothing.

Left to others: the documents, digests and signatures themselves (`render`), TLS (a proxy in front),
directory listings (the server). Without an https address of the zone there is only what needs
none, `index.txt` and `changes.csv`, and nothing calls itself a provider.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from firstlight.adapters.formats.csaf_advisory import Publisher
from firstlight.adapters.publication.catalogue import Listed
from firstlight.core.kernel.canonical import Json

METADATA = ".well-known/csaf/provider-metadata.json"
CERTIFICATE = "keys/openpgp.asc"
_FEED = "csaf/feed-tlp-white.json"
_SERVICE = "csaf/service.json"
_CATEGORIES = "csaf/category-tlp-white.json"
_CATEGORY: dict[str, Json] = {
    "scheme": "urn:ietf:params:rolie:category:information-type",
    "term": "csaf",
}
_SCHEMA = "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json"
_EPOCH = "1970-01-01T00:00:00Z"
"""when a feed without any entry was updated"""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """Who publishes, and where."""

    publisher: Publisher
    url: str
    """https address of the zone's top, without a slash at its end; empty when it has none"""
    contact: str = ""
    """for security.txt; empty writes none"""
    fingerprint: str
    """of the OpenPGP certificate"""

    def at(self, path: str) -> str:
        """The address of a file."""
        return f"{self.url}/{path}"


def provider_files(documents: Sequence[Listed], provider: Provider) -> dict[str, bytes]:
    """Relative path to content; `documents` are sorted, the newest release first."""
    names = sorted(one.path for one in documents)
    files = {
        "csaf/index.txt": "".join(f"{name}\n" for name in names).encode(),
        "csaf/changes.csv": _changes(documents),
    }
    if provider.url:
        updated = documents[0].updated if documents else _EPOCH
        files[_FEED] = _json(_feed(documents, provider, updated))
        files[_SERVICE] = _json(_service(provider))
        files[_CATEGORIES] = _json({"categories": {"category": [dict(_CATEGORY)]}})
        files[METADATA] = _json(_metadata(provider, updated))
    return files


def _json(value: Json) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _changes(documents: Sequence[Listed]) -> bytes:
    """File name and time of the current release, the newest first (7.1.13)."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows((one.path, one.updated) for one in documents)
    return text.getvalue().encode()


def _feed(documents: Sequence[Listed], provider: Provider, updated: str) -> Json:
    return {
        "feed": {
            "id": "csaf-feed-tlp-white",
            "title": f"{provider.publisher.name}: advisories, TLP:WHITE",
            "link": [
                {"rel": "self", "href": provider.at(_FEED)},
                {"rel": "service", "href": provider.at(_SERVICE)},
            ],
            "category": [dict(_CATEGORY)],
            "updated": updated,
            "entry": [_entry(one, provider) for one in documents],
        }
    }


def _entry(one: Listed, provider: Provider) -> Json:
    address = provider.at(f"csaf/{one.path}")
    entry: dict[str, Json] = {
        "id": one.id,
        "title": one.title,
        "link": [
            {"rel": "self", "href": address},
            {"rel": "hash", "href": f"{address}.sha256"},
            {"rel": "hash", "href": f"{address}.sha512"},
            {"rel": "signature", "href": f"{address}.asc"},
        ],
        "published": one.published,
        "updated": one.updated,
        "content": {"type": "application/json", "src": address},
        "format": {"schema": _SCHEMA, "version": "2.0"},
    }
    if one.summary:
        entry["summary"] = {"content": one.summary}
    return entry


def _service(provider: Provider) -> Json:
    feed: Json = {
        "title": "Advisories, TLP:WHITE",
        "href": provider.at(_FEED),
        "categories": {"category": [dict(_CATEGORY)]},
    }
    return {"service": {"workspace": [{"title": "Public advisories", "collection": [feed]}]}}


def _metadata(provider: Provider, updated: str) -> Json:
    publisher = provider.publisher
    described: dict[str, Json] = {
        "category": "coordinator",
        "name": publisher.name,
        "namespace": publisher.namespace,
    }
    if publisher.contact:
        described["contact_details"] = publisher.contact
    if publisher.issuing_authority:
        described["issuing_authority"] = publisher.issuing_authority
    feed: Json = {
        "summary": "All public advisories",
        "tlp_label": "WHITE",
        "url": provider.at(_FEED),
    }
    return {
        "canonical_url": provider.at(METADATA),
        "distributions": [
            {
                "rolie": {
                    "categories": [provider.at(_CATEGORIES)],
                    "feeds": [feed],
                    "services": [provider.at(_SERVICE)],
                }
            },
            {"directory_url": provider.at("csaf/")},
        ],
        "last_updated": updated,
        "list_on_CSAF_aggregators": True,
        "metadata_version": "2.0",
        "mirror_on_CSAF_aggregators": True,
        "public_openpgp_keys": [
            {"fingerprint": provider.fingerprint, "url": provider.at(CERTIFICATE)}
        ],
        "publisher": described,
        "role": "csaf_trusted_provider",
    }
