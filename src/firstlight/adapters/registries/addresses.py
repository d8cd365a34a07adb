"""Where the registries are: asked of pip, npm and apt, so that the operator's mirrors are used.

No address is written here. pip prints its own default in its help and the operator's choice in
its configuration (PIP_INDEX_URL included); npm answers `config get registry`; apt keeps its
sources in files.
"""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from firstlight.adapters.outgoing import AllowedHost
from firstlight.core.kernel.errors import Unavailable

_SECONDS = 30
_APT = Path("/etc/apt")


class RegistryUnknown(Unavailable):
    """No package client here says where its registry is."""

    code = "registry.unknown"
    next_step = "Install the named client (pip, npm, apt); its configuration names the registry."


@dataclass(frozen=True, kw_only=True)
class RegistryAddresses:
    """How to learn each address; called at the first need, so that a cached run asks nothing."""

    pypi: Callable[[], Sequence[str]]
    """index pages, tried in order"""
    npm: Callable[[], str]
    """registry root"""
    debian: Callable[[], Sequence[str]]
    """archive roots that hold `pool/` and `dists/`, with their suites after a space"""


def configured() -> RegistryAddresses:
    """The addresses that this machine's package clients use."""
    return RegistryAddresses(pypi=_pypi, npm=_npm, debian=_debian)


def host_of(url: str) -> AllowedHost:
    """The allow-list entry for an address that the operator's configuration named.

    A name and password in the address, as pip allows them, become the host's authorization.
    """
    parts = urlsplit(url)
    known = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    basic = f"Basic {base64.b64encode(known.encode()).decode()}" if parts.username else ""
    return AllowedHost(
        host=parts.hostname or "",
        private_ok=True,
        plain_http_ok=parts.scheme == "http",
        authorization=basic,
    )


def bare(url: str) -> str:
    """The address without a name and password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rsplit("@", 1)[-1]))


@cache
def _pypi() -> tuple[str, ...]:
    for pip in ([sys.executable, "-m", "pip"], ["pip3"], ["/usr/bin/python3", "-m", "pip"]):
        shown = _ask([*pip, "install", "--help"], COLUMNS="1000")
        default = re.search(r"\(default (https?://[^)\s]+)\)", shown)
        if default is None:
            continue
        listed = _ask([*pip, "config", "list"])
        settings = dict(re.findall(r"^([\w:.-]+)='(.*)'$", listed, re.MULTILINE))
        places = (":env:.", "download.", "install.", "global.")
        named = [settings[f"{p}index-url"] for p in places if f"{p}index-url" in settings]
        extra = [settings.get(f"{p}extra-index-url", "") for p in places]
        urls = [*(named[:1] or [default[1]]), *" ".join(extra).split()]
        return tuple(u.rstrip("/") for u in urls if u.startswith(("https://", "http://")))
    raise RegistryUnknown("pip does not answer here.", client="pip")


@cache
def _npm() -> str:
    shown = _ask(["npm", "config", "get", "registry"]).strip()
    if not shown.startswith(("https://", "http://")):
        raise RegistryUnknown("npm does not answer here.", client="npm")
    return shown.rstrip("/")


@cache
def _debian() -> tuple[str, ...]:
    found = dict.fromkeys(_apt_entries())
    if not found:
        raise RegistryUnknown("apt names no Debian archive here.", client="apt")
    return tuple(found)


def _apt_entries() -> Iterator[str]:
    """`URI suite` of each source whose path says that it is a Debian archive (sources.list(5))."""
    lines = [_APT / "sources.list", *sorted((_APT / "sources.list.d").glob("*.list"))]
    for file in filter(Path.is_file, lines):
        text = file.read_text("utf-8", "replace")
        for uri, suite in re.findall(r"^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)", text, re.MULTILINE):
            yield from _entry(uri, suite)
    for file in sorted((_APT / "sources.list.d").glob("*.sources")):
        for stanza in re.split(r"\n\s*\n", file.read_text("utf-8", "replace")):
            fields = dict(re.findall(r"^([\w-]+):[ \t]*(.*)$", stanza, re.MULTILINE))
            for uri in fields.get("URIs", "").split():
                for suite in fields.get("Suites", "").split():
                    yield from _entry(uri, suite)


def _entry(uri: str, suite: str) -> Iterator[str]:
    parts = urlsplit(uri)
    if parts.scheme in {"http", "https"} and "debian" in parts.path:
        yield f"{uri.rstrip('/')} {suite}"


def _ask(argv: Sequence[str], **env: str) -> str:
    try:
        done = subprocess.run(
            argv,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=_SECONDS,
            check=False,
            env={**os.environ, **env},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
