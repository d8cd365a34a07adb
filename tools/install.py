"""Create .venv from the pinned requirements. Standard library only; safe to run again."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / ".installed"
OLDEST = (3, 11)


def main() -> int:
    """Install, or say in a sentence why not."""
    if sys.version_info < OLDEST:
        print(f"Firstlight needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
        print("Install a newer one and run: make PYTHON=python3.11 demo")
        return 1
    pinned = (ROOT / "requirements/dev.txt").read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    wanted = hashlib.sha256(pinned).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted:
        STAMP.touch()
        return 0
    print("Installing the pinned packages into .venv (once; about a minute) ...", flush=True)
    if not (VENV / "bin/python").exists():
        venv.create(VENV, with_pip=True)
    pip = [str(VENV / "bin/python"), "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    steps = [
        [*pip, "--require-hashes", "-r", str(ROOT / "requirements/dev.txt")],
        [*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)],
    ]
    for step in steps:
        if subprocess.run(step, check=False).returncode:
            print("The installation failed; the lines above say why. Run it again when mended.")
            return 1
    STAMP.write_text(wanted)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
