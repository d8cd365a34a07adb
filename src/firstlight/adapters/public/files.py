"""A file of the zone over HTTP: what it is, whether the asker has it, which part is wanted.

RFC 9110: strong entity tags, `If-None-Match` before `If-Modified-Since` (13.2.2), one range of
bytes (14.2), and none when `If-Range` names another state of the file. Several ranges at once are
not served; the whole file is, as the standard allows.

Nothing but files below the folder is reachable: no hidden name but `.well-known`, no link that
leads out.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path

from firstlight.core.kernel.errors import Invalid, Missing

_TYPES = {
    ".asc": "application/pgp-signature",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
}
_TEXT = "text/plain; charset=utf-8"
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_LONGEST_PATH = 1024


class NoFile(Missing):
    """There is no such file in the public zone."""

    code = "public.no_file"
    next_step = "The page at / says what is here; csaf/index.txt and osv/all.jsonl name all."


class BadRange(Invalid):
    """The file has no such range of bytes."""

    code = "public.bad_range"
    next_step = "Ask for a range that begins inside the file; its size is in Content-Range."


@dataclass(frozen=True, kw_only=True)
class FileState:
    """One state of a file."""

    path: Path
    size: int
    modified: int
    """whole seconds since the epoch"""
    tag: str
    """strong entity tag; files are replaced whole, so time, size and inode tell states apart"""

    @property
    def media_type(self) -> str:
        """For Content-Type."""
        if self.path.name == "openpgp.asc":
            return "application/pgp-keys"
        return _TYPES.get(self.path.suffix, _TEXT)

    @property
    def last_modified(self) -> str:
        """For Last-Modified."""
        return formatdate(self.modified, usegmt=True)


@dataclass(frozen=True, kw_only=True)
class Part:
    """What is sent."""

    status: HTTPStatus
    first: int
    """offset of the first byte"""
    length: int


def resolve(folder: Path, path: str) -> Path:
    """The file or folder that a decoded URL path names.

    Raises:
        NoFile: nothing there that may be seen.
    """
    names = [name for name in path.split("/") if name]
    hidden = any(name.startswith(".") for name in names if name != ".well-known")
    if hidden or len(path) > _LONGEST_PATH or not path.isprintable():
        raise NoFile
    try:
        found = folder.joinpath(*names).resolve(strict=True)
    except OSError:
        raise NoFile from None
    if not found.is_relative_to(folder):
        raise NoFile
    return found


def state_of(path: Path) -> FileState:
    """The present state. Raises NoFile when it is no file."""
    try:
        found = os.stat(path)  # noqa: PTH116  # one call for all facts
    except OSError:
        raise NoFile from None
    if not stat.S_ISREG(found.st_mode):
        raise NoFile
    return FileState(
        path=path,
        size=found.st_size,
        modified=int(found.st_mtime),
        tag=f'"{found.st_mtime_ns:x}-{found.st_size:x}-{found.st_ino:x}"',
    )


def part_of(state: FileState, headers: Mapping[str, str]) -> Part:
    """What of a file answers a request with these headers (names in lower case).

    Raises:
        BadRange: it wants a part that is not there.
    """
    if _has_it(state, headers):
        return Part(status=HTTPStatus.NOT_MODIFIED, first=0, length=0)
    whole = Part(status=HTTPStatus.OK, first=0, length=state.size)
    wanted = _RANGE.fullmatch(headers.get("range", "").replace(" ", ""))
    if wanted is None or not _same_state(state, headers.get("if-range", "")):
        return whole
    begin, end = wanted.groups()
    if begin:
        first, last = int(begin), min(int(end), state.size - 1) if end else state.size - 1
        if end and int(end) < first:
            return whole  # no valid range, so it is ignored (14.1.1)
    elif end:
        first, last = max(0, state.size - int(end)), state.size - 1
        if not int(end):
            first = state.size
    else:
        return whole
    if first >= state.size:
        raise BadRange(f"the file has {state.size} bytes", size=state.size)
    return Part(status=HTTPStatus.PARTIAL_CONTENT, first=first, length=last - first + 1)


def _has_it(state: FileState, headers: Mapping[str, str]) -> bool:
    tags = headers.get("if-none-match")
    if tags is not None:
        listed = [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        return "*" in listed or state.tag in listed
    since = _seconds(headers.get("if-modified-since", ""))
    return since is not None and state.modified <= since


def _same_state(state: FileState, condition: str) -> bool:
    if not condition:
        return True
    if condition.startswith(('"', "W/")):
        return condition == state.tag
    return _seconds(condition) == state.modified


def _seconds(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, TypeError, OverflowError):
        return None
