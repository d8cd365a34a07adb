"""What stands at the top of the zone, made anew whenever a document comes or changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from firstlight.adapters.formats.csaf_advisory import Publisher
from firstlight.adapters.formats.security_txt import PATH as SECURITY
from firstlight.adapters.formats.security_txt import expiry_of, security_text
from firstlight.adapters.publication.catalogue import Catalogue
from firstlight.adapters.publication.front_page import front_page
from firstlight.adapters.publication.kept import DocumentKey
from firstlight.adapters.publication.provider import (
    CERTIFICATE,
    METADATA,
    Provider,
    provider_files,
)
from firstlight.usecases.ports import Clock

_RENEWED = timedelta(days=90)
"""a security.txt that ends sooner is written again"""


@dataclass(frozen=True, kw_only=True)
class ZoneIndexer:
    """Implements `Indexer` for a CSAF provider with a front page."""

    publisher: Publisher
    url: str
    """https address of the zone; empty when it has none"""
    contact: str
    """for security.txt"""
    key: DocumentKey
    clock: Clock

    def __call__(self, catalogue: Catalogue, folder: Path) -> Mapping[str, bytes]:
        """Provider files, certificate, front page, security.txt."""
        certificate = self.key.certificate()
        provider = Provider(
            publisher=self.publisher,
            url=self.url,
            contact=self.contact,
            fingerprint=certificate.fingerprint,
        )
        documents = catalogue.documents
        files = {
            **provider_files(documents, provider),
            CERTIFICATE: certificate.armored,
            "index.html": front_page(documents, provider),
        }
        if self.contact and self.url:
            files[SECURITY] = self._security(provider, folder / SECURITY)
        return files

    def _security(self, provider: Provider, path: Path) -> bytes:
        """The text that is there while it says the same and lives long enough, or a new one."""
        now = self.clock.now()
        made = security_text(
            provider.contact, provider.url, now, csaf=provider.at(METADATA)
        ).encode()
        try:
            there = path.read_bytes()
        except FileNotFoundError:
            return made
        expires = expiry_of(there.decode(errors="replace"))
        lasting = expires is not None and now.plus(_RENEWED) < expires
        return there if lasting and _undated(there) == _undated(made) else made


def _undated(text: bytes) -> list[bytes]:
    return [line for line in text.splitlines() if not line.startswith(b"Expires")]
