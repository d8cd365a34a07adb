"""What a proposed patch tells about the flaw: the commit that it is, and the hunks it changes.

Two findings that the same change mends have the same root cause. A hunk counts by the lines that it
takes away and puts in, blanks apart, so that line numbers and context may differ; one that changes
next to nothing tells nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256

_COMMIT = re.compile(r"^From ([0-9a-f]{40}) ", re.MULTILINE)
"""the first line that `git format-patch` writes"""
_FILE = re.compile(r"^\+\+\+ (?:b/)?(\S+)")
_TELLING = 16
"""characters of changed lines below which a hunk is shared by unlike patches"""
_LINES = 20_000
_MOST = 200


def fixes_of(patches: Iterable[str]) -> frozenset[str]:
    """Commits and hunks of unified diffs, as texts that are equal when they are the same."""
    found: list[str] = []
    for patch in patches:
        found += [f"commit {name}" for name in _COMMIT.findall(patch)]
        found += _hunks(patch)
    return frozenset(found[:_MOST])


def _hunks(patch: str) -> Iterator[str]:
    file, changed = "", list[str]()
    for line in [*patch.splitlines()[:_LINES], "@@"]:
        named = _FILE.match(line)
        if named or line.startswith(("@@", "diff ")):
            if sum(len(one) for one in changed) >= _TELLING:
                told = sha256("\n".join(changed).encode("utf-8", "replace")).hexdigest()[:16]
                yield f"hunk {told} of {file.rpartition('/')[2]}"
            changed = []
            file = named[1] if named else file
        elif line.startswith(("+", "-")) and not line.startswith("---"):
            bare = "".join(line[1:].split())
            if bare:
                changed.append(line[0] + bare)
