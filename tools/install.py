"""Create .venv from the pinned requirements. Standard library only; safe to run again.

With the word `inspect`: .venv-inspect, which holds the extra of that name as well. Inspect needs
some packages older than ours are, so the two are kept apart.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)


def main(words: list[str]) -> int:
    """Install, or say in a sentence why not."""
    if sys.version_info < OLDEST:
        print(f"Firstlight needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
        print("Install a newer one and run: make PYTHON=python3.11 demo")
        return 1
    extra = "inspect" if "inspect" in words else ""
    folder = ROOT / (f".venv-{extra}" if extra else ".venv")
    pinned = (ROOT / "requirements/dev.txt").read_text()
    if extra:
        pinned = joined(pinned, (ROOT / f"requirements/{extra}.txt").read_text())
    wanted = hashlib.sha256((pinned + (ROOT / "pyproject.toml").read_text()).encode()).hexdigest()
    stamp = folder / ".installed"
    if stamp.exists() and stamp.read_text() == wanted:
        stamp.touch()
        return 0
    what = f"Installing the pinned packages into {folder.name}"
    print(f"{what} (once; about a minute) ...", flush=True)
    if not install(folder, pinned):
        print("The installation failed; the lines above say why. Run it again when mended.")
        return 1
    stamp.write_text(wanted)
    return 0


def joined(ours: str, extra: str) -> str:
    """Our list and that of an extra as one. Where they pin a package otherwise, the extra's."""
    first, second = entries(ours), entries(extra)
    kept = [name for name, found in first.items() if heads(second.get(name, found)) == heads(found)]
    chosen = {**second, **{name: first[name] for name in kept}}
    return "".join("".join(found) for found in chosen.values())


def entries(pinned: str) -> dict[str, list[str]]:
    """The entries of a list by package, each with its hashes."""
    found: dict[str, list[str]] = {}
    for entry in re.split(r"(?m)^(?=[A-Za-z0-9])", pinned)[1:]:
        found.setdefault(entry.partition("==")[0], []).append(entry)
    return found


def heads(found: list[str]) -> set[str]:
    """The versions that are pinned."""
    return {entry.partition("==")[2].split()[0] for entry in found}


def install(folder: Path, pinned: str) -> bool:
    """Put the pinned packages and this project into a folder."""
    if not (folder / "bin/python").exists():
        venv.create(folder, with_pip=True)
    pip = [str(folder / "bin/python"), "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(pinned)
        file.flush()
        steps = [
            [*pip, "--require-hashes", "-r", file.name],
            [*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)],
        ]
        return not any(subprocess.run(step, check=False).returncode for step in steps)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
