"""Files of the Python index by exact name and SHA-256 (PEP 503 pages, PEP 691 JSON)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from firstlight.adapters.outgoing import OutgoingClient, OutgoingDigestMismatch, OutgoingNotFound
from firstlight.adapters.registries.addresses import bare, host_of
from firstlight.core.clearinghouse.validation.target import PypiFile
from firstlight.core.kernel.errors import Invalid

_ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
_PAGE_BYTES = 32 << 20


def fetch(client: OutgoingClient, indexes: Sequence[str], wanted: PypiFile) -> bytes:
    """Download one file; each index is tried in order.

    Raises:
        OutgoingNotFound: no index has it.
        OutgoingDigestMismatch: an index has the name with another digest.
        OutgoingRefused, OutgoingFailed, OutgoingTooLarge: as the client says.
    """
    project = re.sub(r"[-_.]+", "-", wanted.project).lower()
    for index in indexes:
        own = client.allowing(host_of(index))
        try:
            page = own.get(f"{bare(index)}/{project}/", accept=_ACCEPT, max_bytes=_PAGE_BYTES)
        except OutgoingNotFound:
            continue
        url = links(page.body, page.content_type, page.url).get(wanted.filename)
        if url is None:
            continue
        place, fragment = urldefrag(url)
        if fragment.startswith("sha256=") and fragment != f"sha256={wanted.sha256}":
            raise OutgoingDigestMismatch(
                f"The index announces another {wanted.filename} than the pinned one.",
                expected=wanted.sha256,
                found=fragment.removeprefix("sha256="),
            )
        # The operator chose the index, and the index names the host of its files.
        return own.allowing(host_of(place)).get(place).body
    raise OutgoingNotFound(f"No index has {wanted.filename}.", filename=wanted.filename)


def links(body: bytes, content_type: str, base: str) -> dict[str, str]:
    """Files of an index page: name to absolute address, the digest as its fragment.

    Raises:
        Invalid: the page is neither HTML nor the JSON of PEP 691.
    """
    if "json" in content_type:
        return _json_links(body, base)
    reader = _Anchors()
    reader.feed(body.decode("utf-8", "replace"))
    found = (urljoin(base, href) for href in reader.hrefs)
    return {unquote(urlsplit(url).path.rsplit("/", 1)[-1]): url for url in found}


def _json_links(body: bytes, base: str) -> dict[str, str]:
    try:
        rows = json.loads(body)["files"]
        return {
            row["filename"]: f"{urljoin(base, row['url'])}#sha256={row['hashes'].get('sha256', '')}"
            for row in rows
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Invalid("The index answers with JSON that is not a project page.") from error


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.hrefs += [value for name, value in attrs if name == "href" and value]
