"""The page that a person sees at the zone's address: what is here, and the newest advisories."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from firstlight.adapters.publication.catalogue import Listed
from firstlight.adapters.publication.provider import CERTIFICATE, METADATA, Provider

_NEWEST = 50
_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;"
    "color-scheme:light dark}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.3rem .6rem .3rem 0;vertical-align:top;overflow-wrap:anywhere}"
)


def front_page(documents: Sequence[Listed], provider: Provider) -> bytes:
    """`index.html`; `documents` are sorted, the newest release first."""
    name = escape(provider.publisher.name)
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Advisories of {name}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>Advisories of {name}</h1>\n{_advisories(documents)}{_formats(provider)}"
        "</main>\n</body>\n</html>\n"
    )
    return page.encode()


def _advisories(documents: Sequence[Listed]) -> str:
    if not documents:
        return "<p>Nothing has been published yet.</p>\n"
    rows = "".join(
        f'<tr><td>{escape(one.updated[:10])}</td><td><a href="csaf/{escape(one.path)}">'
        f"{escape(one.id)}</a></td><td>{escape(one.title)}</td></tr>\n"
        for one in documents[:_NEWEST]
    )
    more = len(documents) - _NEWEST
    rest = f'<p>{more} older ones are in <a href="csaf/">the folder</a>.</p>\n' if more > 0 else ""
    return (
        "<table>\n<thead><tr><th>Changed</th><th>Advisory</th><th>Title</th></tr></thead>\n"
        f"<tbody>\n{rows}</tbody>\n</table>\n{rest}"
    )


def _formats(provider: Provider) -> str:
    metadata = (
        f'<li>CSAF 2.0, as a trusted provider: <a href="{METADATA}">provider-metadata.json</a></li>'
        if provider.url
        else '<li>CSAF 2.0: <a href="csaf/">the folder</a></li>'
    )
    return (
        "<h2>For programs</h2>\n<ul>\n"
        f"{metadata}\n"
        '<li>CSAF 2.1: <a href="csaf-2.1/">the folder</a></li>\n'
        '<li>OSV: <a href="osv/all.jsonl">all records</a>, and the query API under '
        "<code>/v1/</code></li>\n"
        f'<li>Signatures: <a href="{CERTIFICATE}">OpenPGP certificate</a> '
        f"<code>{escape(provider.fingerprint)}</code></li>\n</ul>\n"
    )
