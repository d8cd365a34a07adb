"""Runs a script of ours as a user without rights, wherever the interpreter and packages are.

Root's own folders are closed to others, and so may be the interpreter and the checkout below
them. What is needed is therefore copied to a folder that everybody may read.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

_NOT_NEEDED = shutil.ignore_patterns(
    "__pycache__", "site-packages", "test", "tests", "idlelib", "tkinter", "ensurepip", "config-*"
)
_MODULES = """
import sys, firstlight.adapters.sandbox.bubblewrap, firstlight.adapters.sandbox.conformance
print("\\n".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def run_as_nobody(script: str) -> subprocess.CompletedProcess[str]:
    """Run a Python script as user 65534, or as ourselves when we are not root anyway."""
    if os.geteuid() != 0:
        return _run([sys.executable], script, {})
    # Not pytest's folder, which its owner alone may enter.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        packages = folder / "packages"
        _copy_packages(packages)
        drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        python = _interpreter(folder / "python")
        return _run([*drop, python], script, {"PYTHONPATH": os.fspath(packages)})


def _run(start: list[str], script: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*start, "-B", "-c", script],
        env={"PATH": "/usr/bin:/bin", **env},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


def _interpreter(folder: Path) -> str:
    base = Path(sys.base_prefix)
    if all(each.stat().st_mode & 0o001 for each in (base, *base.parents)):
        return os.fspath(base / "bin" / "python3")
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    shutil.copytree(base / "lib" / version, folder / "lib" / version, ignore=_NOT_NEEDED)
    for library in (base / "lib").glob("libpython*"):
        shutil.copy(library, folder / "lib")
    (folder / "bin").mkdir()
    shutil.copy(base / "bin" / version, folder / "bin" / "python3")
    return os.fspath(folder / "bin" / "python3")


def _copy_packages(folder: Path) -> None:
    """Exactly the packages that the sandbox imports; another reason to keep them few."""
    folder.mkdir()
    names = subprocess.check_output([sys.executable, "-c", _MODULES], text=True).split()
    installed = [Path(sysconfig.get_path(kind)) for kind in ("purelib", "platlib")]
    for name in names:
        for place in (*dict.fromkeys(installed), Path(_source())):
            if (place / name).is_dir():
                shutil.copytree(place / name, folder / name, ignore=_NOT_NEEDED, dirs_exist_ok=True)
            for file in place.glob(f"{name}.*"):
                if file.is_file():
                    shutil.copy(file, folder)


def _source() -> str:
    import firstlight  # noqa: PLC0415  (only its place is wanted)

    return os.fspath(Path(firstlight.__file__).parent.parent)
