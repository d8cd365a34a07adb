"""A folder as a page of links, so that a person can walk through it (CSAF 2.0, 7.1.14)."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from urllib.parse import quote

from firstlight.adapters.public.files import NoFile

_HEAD = (
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
)


def listing(folder: Path, path: str, most: int) -> bytes:
    """The page of a folder.

    Args:
        folder: on disk
        path: as it was asked for; without a slash at its end links begin with its last name
        most: names that are shown
    """
    try:
        with os.scandir(folder) as entries:
            names = sorted(
                f"{entry.name}/" if entry.is_dir() else entry.name
                for entry in entries
                if not entry.name.startswith(".")
            )
    except OSError:
        raise NoFile from None
    prefix = "" if path.endswith("/") else f"{quote(path.rpartition('/')[2])}/"
    rows = "".join(
        f'<li><a href="{prefix}{quote(name)}">{escape(name)}</a></li>\n' for name in names[:most]
    )
    cut = f"<p>Only the first {most} of {len(names)} are shown.</p>\n" if len(names) > most else ""
    title = escape(path.rstrip("/") or "/")
    up = f'<p><a href="{"./" if prefix else "../"}">Up</a></p>\n'
    return (
        f"{_HEAD}<title>{title}</title>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{up}"
        f"<ul>\n{rows}</ul>\n{cut}</main>\n</body>\n</html>\n"
    ).encode()
