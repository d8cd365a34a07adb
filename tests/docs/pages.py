"""The pages under test, and what can be taken from them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<kind>\w*)\n(?P<text>.*?)^ *```", re.MULTILINE | re.DOTALL
)
_CODE = re.compile(r"`([^`\n]+)`")


def pages() -> list[Path]:
    """Every page that people read, generated ones included."""
    top = [ROOT / f"{name}.md" for name in ("README", "CHANGELOG", "CONTRIBUTING", "SECURITY")]
    return [*top, *sorted((ROOT / "docs").rglob("*.md"))]


def name(page: Path) -> str:
    """How a page is called in a test's report."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> list[tuple[str, str]]:
    """Kind and text of each fenced block."""
    found = _BLOCK.finditer(page.read_text("utf-8"))
    return [(match["kind"], match["text"]) for match in found]


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", page.read_text("utf-8"))


def codes(page: Path) -> list[str]:
    """Each piece of code within a sentence."""
    return _CODE.findall(prose(page))
