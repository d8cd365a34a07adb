"""Load a catalogue from a file, or from an address that the settings allow."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from firstlight.adapters.formats.epss import parse_epss
from firstlight.adapters.formats.kev import parse_kev
from firstlight.adapters.formats.ssvc_cve import parse_ssvc
from firstlight.adapters.outgoing import AllowedHost, OutgoingClient
from firstlight.bootstrap import Firstlight
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.parties import SYSTEM
from firstlight.usecases.cases.sources import load_epss, load_kev, load_ssvc
from firstlight.usecases.ports import SourceStatus

MAX_BYTES = 256 << 20


def load_source(opened: Firstlight, kind: str, place: str) -> SourceStatus:
    """Read, parse and keep a catalogue.

    Raises:
        Invalid: no such kind, no such file, or not what it claims to be.
        OutgoingRefused: the address's host is not in FIRSTLIGHT_ALLOW_HOSTS.
    """
    if kind not in {"kev", "epss", "ssvc"}:
        raise Invalid(f"there is no source {kind[:40]!r}", hint="Load kev, epss or ssvc.")
    data = _fetch(opened, place) if urlsplit(place).scheme == "https" else _read(Path(place))
    origin = place if urlsplit(place).scheme == "https" else Path(place).name
    if kind == "kev":
        return load_kev(opened.context, SYSTEM, parse_kev(data), origin)
    if kind == "ssvc":
        return load_ssvc(opened.context, SYSTEM, parse_ssvc(data), origin)
    return load_epss(opened.context, SYSTEM, parse_epss(data), origin)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Invalid(f"{path.name} is larger than {MAX_BYTES >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}", hint="Name a file that can be read.") from error


def _fetch(opened: Firstlight, address: str) -> bytes:
    allowed = [AllowedHost(host=host) for host in opened.settings.allow_hosts]
    return OutgoingClient(allowed).get(address, max_bytes=MAX_BYTES).body
