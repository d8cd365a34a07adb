"""Sizes of the installs with and without the extra, from what pip wrote down of each package.

    .venv-inspect/bin/python benchmarks/measure/sizes.py

Bytes of all files of the packages that `requirements/runtime.txt` and `requirements/inspect.txt`
pin, byte code included where pip made it.
"""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_ENTRY = re.compile(r"(?m)^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^]]*\])?==")


def sizes(file: str) -> dict[str, int]:
    """Bytes of each package that a list pins and that is installed here."""
    found: dict[str, int] = {}
    for name in set(_ENTRY.findall((ROOT / "requirements" / file).read_text())):
        try:
            files = distribution(name).files or ()
        except PackageNotFoundError:
            # Of another system or another Python.
            continue
        places = (Path(str(each.locate())) for each in files)
        found[name] = sum(place.stat().st_size for place in places if place.is_file())
    return found


def main() -> None:
    """Measure and print."""
    without, whole = sizes("runtime.txt"), sizes("inspect.txt")
    assert "inspect-ai" in whole, "run it with .venv-inspect/bin/python"
    added = {name: size for name, size in whole.items() if name not in without}
    for label, rows in (("without", without), ("with", whole), ("the extra adds", added)):
        print(f"{label:15s} {len(rows):3d} packages {sum(rows.values()) / 1e6:6.0f} MB")
    for name, size in sorted(added.items(), key=lambda row: -row[1])[:5]:
        print(f"  {name:20s} {size / 1e6:6.0f} MB")


if __name__ == "__main__":
    main()
