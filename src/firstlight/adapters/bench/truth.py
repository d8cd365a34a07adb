"""What the maintainers changed: the truth behind finding, and the reference for patching.

It is taken from the two releases themselves, so that no task carries a copy of it. For a Debian
pair the difference is the patches that only the fixed side has; for the others it is computed
between the two trees, below the patch root, source files alone.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from firstlight.adapters.registries.unpack import Tree, unpack
from firstlight.adapters.targets.plan import Fetch, prepare
from firstlight.core.clearinghouse.validation.target import (
    TREE,
    DebianPatch,
    Side,
    Target,
)
from firstlight.core.kernel.errors import Invalid
from firstlight.core.measure.locate import Truth

_SOURCES = (".c", ".h", ".cc", ".cpp", ".py", ".pyx", ".js", ".cjs", ".mjs", ".y", ".l")
_MOST_BYTES = 4 << 20
"""of a source file that is compared"""
_HUNK = re.compile(r"^@@ -(?P<first>\d+)(?:,(?P<count>\d+))? \+", re.MULTILINE)
_FILE = re.compile(r"^--- (?:a/|[^/\s]+/)(?P<path>[^\t\n]+)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One file of the fix."""

    path: str
    """below the patch root"""
    diff: str
    """unified, with a/ and b/"""
    changed: tuple[tuple[int, int], ...]
    """first and last line of each change, in the vulnerable file"""
    before: Sequence[str]
    """lines of the vulnerable file"""


@dataclass(frozen=True, kw_only=True)
class Fix:
    """Everything the maintainers changed."""

    changes: Mapping[str, Change]
    """by path"""

    def only(self, paths: Sequence[str]) -> str:
        """The diff of these files."""
        return "".join(self.changes[path].diff for path in sorted(set(paths) & set(self.changes)))


def fix_of(target: Target, fetch: Fetch) -> Fix:
    """What separates the two releases.

    Raises:
        Invalid: the target has no place for patches, so its source is not shipped.
        FirstlightError: whatever `fetch` raises.
    """
    if target.recipe.patch is None:
        raise Invalid(f"{target.id} ships no source, so there is no fix to read.", target=target.id)
    root = target.recipe.patch.root.removeprefix(f"{TREE}/") + "/"
    before = unpack(prepare(target, Side.VULNERABLE, fetch))
    own = {s.patch for s in target.vulnerable.sources if isinstance(s, DebianPatch)}
    patches = [
        fetch(source).decode("utf-8", "replace")
        for source in target.fixed.sources
        if isinstance(source, DebianPatch) and source.patch not in own
    ]
    if patches:
        found = chain.from_iterable(_split(text, before, root) for text in patches)
    else:
        found = chain(_compare(before, unpack(prepare(target, Side.FIXED, fetch)), root))
    return Fix(changes={change.path: change for change in found})


def truths(target: Target, fix: Fix) -> tuple[Truth, ...]:
    """The target's places with what was changed around them.

    Raises:
        Invalid: a place does not lie in what the maintainers changed.
    """
    found: list[Truth] = []
    for place in target.places:
        change = fix.changes.get(place.file)
        if change is None:
            raise Invalid(f"{target.id}: the fix does not change {place.file}.", target=target.id)
        if place.function not in set(touched(change)):
            raise Invalid(
                f"{target.id}: the fix does not change {place.function} in {place.file}.",
                changed=sorted(set(touched(change)))[:20],
            )
        found.append(Truth(file=place.file, function=place.function, changed=change.changed))
    return tuple(found)


def touched(change: Change) -> Iterator[str]:
    """The functions in which something was changed, by a reading of definitions line by line."""
    for first, last in change.changed:
        for number in range(first, last + 1):
            name = _enclosing(change.before, number)
            if name:
                yield name


def stub(target: Target, fix: Fix, statement: str) -> str:
    """A diff that puts one statement at the head of the first place's function.

    Raises:
        Invalid: the function's head cannot be found.
    """
    place = target.places[0]
    before = list(fix.changes[place.file].before)
    for index, line in enumerate(before):
        if _defined(line) == place.function and not line.rstrip().endswith(";"):
            end = index
            while end < len(before) and not before[end].rstrip().endswith(("{", ":")):
                end += 1
            margin = " " * (len(line) - len(line.lstrip()) + 4)
            after = [*before[: end + 1], f"{margin}{statement}\n", *before[end + 1 :]]
            return _diff(place.file, before, after)
    raise Invalid(f"{target.id}: the head of {place.function} is not found.", target=target.id)


_KEYWORDS = frozenset(
    {"if", "for", "while", "switch", "catch", "return", "else", "import", "from", "with"}
)
_VALUE = r"^\s*(?:var|let|const)?\s*(?:[\w$]+\.)*(?P<name>[\w$]+)\s*="
_DEFINITIONS = (
    re.compile(r"^\s*(?:async\s+)?(?:def|class)\s+(?P<name>\w+)"),
    re.compile(r"^\s*(?:export\s+)?(?:async\s+)?function\s*\*?\s*(?P<name>[\w$]+)\s*\("),
    re.compile(_VALUE + r"\s*(?:async\s+)?function"),
    re.compile(_VALUE + r"\s*(?:async\s*)?\([^)]*\)\s*=>"),
    re.compile(r"^\s*(?P<name>[\w$]+)\s*:\s*(?:async\s+)?function"),
    re.compile(r"^ {2,4}(?:static\s+)?(?P<name>\w+)\s*\([^()]*\)\s*\{$"),
    re.compile(r"^[A-Za-z_][\w\s*()]*?[\s*](?P<name>\w+)\s*\([^;]*$"),
    re.compile(r"^(?P<name>[A-Za-z_]\w*)\s*\([^;]*$"),
)


def _defined(line: str) -> str:
    """The function that a line begins to define, or nothing."""
    for pattern in _DEFINITIONS:
        match = pattern.match(line.rstrip())
        if match and match["name"] not in _KEYWORDS:
            return match["name"]
    return ""


def _enclosing(lines: Sequence[str], number: int) -> str:
    for line in reversed(lines[: min(number, len(lines))]):
        name = _defined(line)
        if name:
            return name
    return ""


def _compare(before: Tree, after: Tree, root: str) -> Iterator[Change]:
    for name in sorted(set(before) & set(after)):
        old, new = before[name], after[name]
        if not name.startswith(root) or not name.endswith(_SOURCES) or old == new:
            continue
        lines = _lines(before, name)
        path = name.removeprefix(root)
        diff = _diff(path, lines, _lines(after, name))
        if diff:
            yield Change(path=path, diff=diff, changed=_ranges(diff), before=lines)


def _split(patch: str, before: Tree, root: str) -> Iterator[Change]:
    """A distribution patch, file by file; its lines are near enough to those of the tree."""
    heads = list(_FILE.finditer(patch))
    for index, head in enumerate(heads):
        path = head["path"].strip()
        end = heads[index + 1].start() if index + 1 < len(heads) else len(patch)
        body = patch[head.start() : end]
        # What stands between two files, such as a line `diff --git`, belongs to neither.
        body = re.split(r"^(?:diff |Index: |-- $)", body, maxsplit=1, flags=re.MULTILINE)[0]
        if path.endswith(_SOURCES) and f"{root}{path}" in before:
            lines = _lines(before, f"{root}{path}")
            yield Change(path=path, diff=body, changed=_ranges(body), before=lines)


def _lines(tree: Tree, name: str) -> list[str]:
    data = getattr(tree[name], "data", b"")
    if len(data) > _MOST_BYTES:
        return []
    return data.decode("utf-8", "replace").splitlines(keepends=True)


def _diff(path: str, before: Sequence[str], after: Sequence[str]) -> str:
    made: list[str] = []
    for line in difflib.unified_diff(before, after, f"a/{path}", f"b/{path}"):
        made.append(line)
        if not line.endswith("\n"):
            made.append("\n\\ No newline at end of file\n")
    return "".join(made)


def _ranges(diff: str) -> tuple[tuple[int, int], ...]:
    """The changed lines themselves, counted in the vulnerable file, without the context."""
    found: list[tuple[int, int]] = []
    number = 0
    for line in diff.splitlines():
        hunk = _HUNK.match(line)
        if hunk:
            number = int(hunk["first"])
        elif number and line.startswith("-") and not line.startswith("--- "):
            _extend(found, number)
            number += 1
        elif number and line.startswith("+") and not line.startswith("+++ "):
            _extend(found, max(1, number - 1))
        elif number and line.startswith(" "):
            number += 1
    return tuple(found)


def _extend(found: list[tuple[int, int]], number: int) -> None:
    if found and found[-1][1] + 1 >= number:
        found[-1] = (found[-1][0], max(found[-1][1], number))
    else:
        found.append((number, number))
