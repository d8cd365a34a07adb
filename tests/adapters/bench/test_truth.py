"""What the maintainers changed, read from two releases; no network, no sandbox."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.adapters.bench import toy

from firstlight.adapters.bench.truth import Change, fix_of, stub, touched, truths
from firstlight.core.clearinghouse.validation.target import DebianPatch, Place, Release
from firstlight.core.kernel.errors import Invalid

C = """\
static int
first(int a,
      int b)
{
    if (a) {
        return b;
    }
    return 0;
}

struct thing *second(void)
{
    call(1);
}
"""
PYTHON = """\
import os
from a import (
    b,
)


class Outer:
    def method(
        self,
    ):
        if self:
            return 1

    async def later(self):
        return 2
"""
SCRIPT = """\
const arrow = (a) => {
  return a;
};
exports.named = function (a) {
  return a;
};
class Range {
  parse (text) {
    return text;
  }
}
var object = {
  method: function () {
    return 1;
  },
};
function plain(a) {
  return a;
}
"""


@pytest.mark.parametrize(
    ("source", "line", "name"),
    [
        (C, 6, "first"),
        (C, 12, "second"),
        (PYTHON, 11, "method"),
        (PYTHON, 14, "later"),
        (PYTHON, 3, ""),
        (SCRIPT, 2, "arrow"),
        (SCRIPT, 5, "named"),
        (SCRIPT, 9, "parse"),
        (SCRIPT, 14, "method"),
        (SCRIPT, 18, "plain"),
    ],
)
def test_the_function_around_a_line_is_found(source: str, line: int, name: str) -> None:
    """In C, Python and JavaScript, in each of their ways to define one."""
    lines = source.splitlines(keepends=True)
    change = Change(path="x", diff="", changed=((line, line),), before=lines)
    assert list(touched(change)) == ([name] if name else [])


def test_the_fix_of_two_releases() -> None:
    """Its lines, its functions and a diff that can be applied."""
    fix = fix_of(toy.TARGET, toy.fetch)
    assert list(fix.changes) == ["lib/guard.c"]
    assert fix.changes["lib/guard.c"].changed == ((1, 1),)
    assert '+    case "$1" in *flaw*) return 1;; esac' in fix.only(["lib/guard.c", "other"])
    (truth,) = truths(toy.TARGET, fix)
    assert (truth.file, truth.function) == ("lib/guard.c", "guard")


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (Place(file="lib/other.c", function="guard"), "does not change lib/other.c"),
        (Place(file="lib/guard.c", function="other"), "does not change other"),
    ],
)
def test_a_place_outside_the_fix_is_refused(place: Place, reason: str) -> None:
    """A target cannot claim a truth that the two releases do not bear out."""
    target = replace(toy.TARGET, places=(place,))
    with pytest.raises(Invalid, match=reason):
        truths(target, fix_of(target, toy.fetch))


def test_a_distribution_patch_is_the_fix() -> None:
    """Where only the fixed side has a patch, the patch is read, not the trees."""
    source = DebianPatch(package="toy", archive="t", patch="CVE.patch", sha256="0" * 64, into="pkg")
    target = replace(
        toy.TARGET,
        fixed=Release(version="2", sources=(*toy.TARGET.vulnerable.sources, source)),
    )
    patch = (
        b"From: x\n---\n lib/guard.c | 1 +\n\n"
        + toy.diff(toy.VULNERABLE, toy.FIXED)
        + b"-- \n2.1\n"
    )
    fix = fix_of(target, lambda one: patch if isinstance(one, DebianPatch) else toy.fetch(one))
    assert fix.changes["lib/guard.c"].changed == ((1, 3),)
    assert "2.1" not in fix.only(["lib/guard.c"])


def test_a_target_without_source_has_no_fix() -> None:
    """It says so; nothing is guessed."""
    target = replace(toy.TARGET, recipe=replace(toy.TARGET.recipe, patch=None))
    with pytest.raises(Invalid, match="ships no source"):
        fix_of(target, toy.fetch)


def test_a_stub_stands_at_the_head_of_the_function() -> None:
    """The shortcut that guts a function is made from the source itself."""
    fix = fix_of(toy.TARGET, toy.fetch)
    assert " guard() {\n+    return 1\n     return 0\n" in stub(toy.TARGET, fix, "return 1")
    missing = replace(toy.TARGET, places=(Place(file="lib/guard.c", function="none"),))
    with pytest.raises(Invalid, match="is not found"):
        stub(missing, fix, "return 1")
