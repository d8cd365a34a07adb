"""What the operating system must provide: install it when this may, else say the exact command.

Usage: system.py demo|test
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

# program, or pattern of a file -> Debian package that brings it
DEMO = {
    "bwrap": "bubblewrap",
    "gcc": "gcc",
    "g++": "g++",
    "patch": "patch",
    "make": "make",
    "perl": "perl-base",
    "node": "nodejs",
    "/usr/bin/python3": "python3",
}
TOOLS = {
    "clang": "clang",
    "/usr/lib/clang/*/lib/*/libclang_rt.fuzzer*.a": "libclang-rt-dev",
    "afl-fuzz": "afl++",
    "cppcheck": "cppcheck",
}
TEST = (
    DEMO
    | TOOLS
    | {
        "chromium": "chromium",
        "/usr/lib/postgresql/15/bin/postgres": "postgresql",
        "npm": "npm",
        "pdftotext": "poppler-utils",
    }
)


def missing(programs: dict[str, str]) -> list[str]:
    """Packages whose program is not there."""
    return sorted({package for program, package in programs.items() if not _there(program)})


def _there(program: str) -> bool:
    if program.startswith("/"):
        return any(Path("/").glob(program.removeprefix("/")))
    return shutil.which(program) is not None


def main(goal: str) -> int:
    """Install what is missing as root with apt, or print the command."""
    packages = missing(TEST if goal == "test" else DEMO)
    if not packages:
        return 0
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if os.geteuid() or not shutil.which("apt-get"):
        print("These are missing from the system: " + ", ".join(packages))
        print("On Debian or Ubuntu run:  sudo " + " ".join(command))
        print("Elsewhere install the packages of the same purpose, then run this again.")
        return 1
    print("Installing from the system's packages: " + ", ".join(packages), flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["apt-get", "update", "-q"], command):
        done = subprocess.run(step, check=False, env=quiet, stdout=subprocess.DEVNULL)
        if done.returncode:
            print("This failed: " + " ".join(step))
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1] if len(sys.argv) > 1 else "demo"))
