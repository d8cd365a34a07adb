"""Rules of the house that are patterns in the text."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

RULES = {
    "names a package host": (
        r"python" r"hosted\.org|py" r"pi\.org/simple|registry\.npm" r"js\.org|deb\.debian" r"\.org"
    ),
    "is a stub": r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b|NotImplemented" r"Error",
    "hides a shell": r"shell=" r"True|os\.sys" r"tem\(",
}

OURS_ALONE = {"is a stub"}
"""rules for the program itself; a test may well stand something broken in its way"""


def tracked() -> list[Path]:
    """Text files that the repository holds."""
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    suffixes = {".py", ".toml", ".md", ".txt", ".html", ".css", ".js", ".json", ".sh", ".cfg", ""}
    paths = [ROOT / name for name in names if name]
    return [path for path in paths if path.suffix in suffixes and path.is_file()]


@pytest.mark.parametrize("rule", RULES)
def test_no_file_breaks_a_rule(rule: str) -> None:
    """No tracked file matches a forbidden pattern."""
    pattern = re.compile(RULES[rule])
    found = []
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        if rule in OURS_ALONE and not path.is_relative_to(ROOT / "src"):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert found == []


@pytest.mark.parametrize(
    ("rule", "sample"),
    [
        ("names a package host", "https://files.python" + "hosted.org/x"),
        ("is a stub", "# TO" + "DO later"),
        ("hides a shell", "run(x, shell=" + "True)"),
    ],
)
def test_each_rule_can_fail(rule: str, sample: str) -> None:
    """A bad sample is caught by its rule."""
    assert re.search(RULES[rule], sample)
