"""A suite as a folder: one folder for each task, each digested over all of its files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from firstlight.core.kernel.canonical import Json, canonical, digest
from firstlight.core.kernel.errors import Invalid, TooLarge

MOST_FILES = 100_000
MOST_BYTES = 256 << 20
"""of one file"""


def tasks(folder: Path) -> list[Path]:
    """The folders of the tasks, in order.

    Raises:
        Invalid: there is none.
    """
    try:
        found = sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] != ".")
    except OSError as error:
        raise Invalid(f"{folder}: {error.strerror}", hint="Name the suite's folder.") from None
    if not found:
        raise Invalid(f"{folder} holds no task", hint="A task is a folder below the suite's.")
    return found


def folder_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of every file, whatever their times and modes are.

    Raises:
        Invalid: a file cannot be read, or is neither file nor folder (a link could lead anywhere).
        TooLarge: too many files, or one too large.
    """
    rows: list[Json] = []
    for path in _files(folder):
        if len(rows) >= MOST_FILES:
            raise TooLarge(f"{folder} holds too many files", limit=MOST_FILES)
        rows.append([path.relative_to(folder).as_posix(), digest(_content(path))])
    if not rows:
        raise Invalid(f"{folder} holds no file", hint="An empty task cannot be committed to.")
    return digest(canonical(rows))


def folder_files(folder: Path) -> dict[str, bytes]:
    """Every file of a task's folder in memory, by path. Raises as `folder_digest`."""
    found: dict[str, bytes] = {}
    total = 0
    for path in _files(folder):
        data = _content(path)
        total += len(data)
        if len(found) >= MOST_FILES or total > MOST_BYTES:
            raise TooLarge(f"{folder} holds too much", limit=MOST_BYTES)
        found[path.relative_to(folder).as_posix()] = data
    return found


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a task's files into a new folder.

    Raises:
        Invalid: it exists, or cannot be written.
    """
    try:
        folder.mkdir(parents=True)
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
    except OSError as error:
        raise Invalid(f"{folder}: {error.strerror}", hint="Choose another name.") from None


def _files(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            yield Path(root) / name
        linked = [name for name in folders if (Path(root) / name).is_symlink()]
        if linked:
            raise Invalid(f"{Path(root) / linked[0]} is a link", hint="Put the files themselves.")


def _content(path: Path) -> bytes:
    if path.is_symlink() or not path.is_file():
        raise Invalid(f"{path} is no plain file", hint="Put the file itself.")
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}", hint="Check its mode.") from None
    if len(data) > MOST_BYTES:
        raise TooLarge(f"{path} is too large", limit=MOST_BYTES)
    return data
