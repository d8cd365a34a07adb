"""Runs the public server under Granian: index first, then the port, and a new index on change."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping
from pathlib import Path

from firstlight.adapters.asgi import serve
from firstlight.adapters.logs import configuration
from firstlight.adapters.processes import die_with_parent
from firstlight.adapters.public.app import Answers, PublicApp
from firstlight.adapters.public.linked import Links
from firstlight.adapters.public.osv_index import OsvIndex
from firstlight.adapters.public.osv_query import OsvQueries
from firstlight.core.kernel.errors import Unavailable

_LOG = logging.getLogger(__name__)
FOLDER = "FIRSTLIGHT_PUBLIC_FOLDER"
"""tells the server's processes what they serve"""
_LOOK_SECONDS = 2.0
"""between two looks at the files of records"""
_CONNECTIONS = 1024
_RECORDS = ("osv/all.jsonl", "imported/*/all.jsonl")
"""our own records first: they count over imported ones of the same name"""

Stamps = Mapping[Path, tuple[int, int]]


class NoPublicZone(Unavailable):
    """There is no folder to serve."""

    code = "public.no_zone"
    next_step = "Publish an advisory or run `firstlight publish`, and name that folder."


class Current:
    """The index of the present files, replaced in the background when they change."""

    def __init__(self, folder: Path) -> None:
        """Read the records now."""
        self._folder = folder
        self._stamps = self._look()
        self._answers = _answers(self._stamps)

    def __call__(self) -> Answers:
        """Answers from the present index."""
        return self._answers

    def refresh(self) -> bool:
        """Read the records again when a file of them has changed; whether one had."""
        stamps = self._look()
        if stamps == self._stamps:
            return False
        self._answers = _answers(stamps)
        self._stamps = stamps
        return True

    def watch(self) -> None:
        """Refresh again and again, in a thread that ends with the process."""

        def again() -> None:
            pause = threading.Event()
            while not pause.wait(_LOOK_SECONDS):
                try:
                    self.refresh()
                except OSError as error:
                    _LOG.warning("records cannot be read: %s", error.strerror)

        threading.Thread(target=again, name="records", daemon=True).start()

    def _look(self) -> Stamps:
        found: dict[Path, tuple[int, int]] = {}
        for pattern in _RECORDS:
            for path in sorted(self._folder.glob(pattern)):
                stat = path.stat()
                found[path] = (stat.st_mtime_ns, stat.st_ino)
        return found


def _answers(stamps: Stamps) -> Answers:
    index = OsvIndex(stamps)
    return Answers(OsvQueries(index), Links(index))


def make() -> PublicApp:
    """The application, in each process of the server. Raises NoPublicZone."""
    die_with_parent()
    folder = Path(os.environ[FOLDER])
    current = Current(folder)
    current.watch()
    return PublicApp(folder, current)


def serve_public(
    folder: Path,
    *,
    address: str,
    port: int,
    processes: int,
    tls: tuple[Path, Path] | None = None,
) -> None:
    """Serve a folder until a signal ends it; `tls` is a certificate chain and its private key.

    Raises:
        NoPublicZone: it is no folder.
    """
    if not folder.is_dir():
        raise NoPublicZone(f"{folder} is no folder")
    for path in tls or ():
        if not path.is_file():
            raise NoPublicZone(
                f"{path} is no file", hint="Name the certificate chain and its key, PEM."
            )
    os.environ[FOLDER] = str(folder.absolute())
    serve(
        f"{__name__}:make",
        address=address,
        port=port,
        processes=processes,
        connections=_CONNECTIONS,
        logs=configuration(debug=False),
        tls=tls,
    )
