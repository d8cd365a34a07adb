"""What `doctor` looks at."""

from __future__ import annotations

import platform
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path

from firstlight.adapters.cli.host import Check
from firstlight.core.kernel.errors import FirstlightError, SandboxUnavailable
from firstlight.settings import Settings

_APT = "On Debian: sudo apt-get install {package}"
_TOOLS = (
    # program, package, what for, needed
    ("bwrap", "bubblewrap", "runs what is not trusted", True),
    ("perl", "perl-base", "supervises a sandboxed run", True),
    ("gcc", "gcc", "builds C targets with AddressSanitizer", True),
    ("g++", "g++", "builds C++ targets with AddressSanitizer", True),
    ("patch", "patch", "applies proposed patches inside the sandbox", True),
    ("node", "nodejs", "runs npm targets", True),
    ("clang", "clang libclang-rt-dev", "is libFuzzer's compiler, for tool:libfuzzer", False),
    ("afl-fuzz", "afl++", "is AFL++, for tool:afl", False),
    ("cppcheck", "cppcheck", "reads C, for tool:cppcheck", False),
    ("chromium", "chromium", "drives the portal in the tests", False),
)


def look(settings: Settings) -> list[Check]:
    """Every check, in the order in which a person would mend things."""
    tools = [
        Check(
            name=program,
            ok=shutil.which(program) is not None,
            found=shutil.which(program) or f"missing; it {purpose}",
            remedy="" if shutil.which(program) else _APT.format(package=package),
            needed=needed,
        )
        for program, package, purpose, needed in _TOOLS
    ]
    return [
        Check(name="python", ok=True, found=f"{sys.version.split()[0]} at {sys.executable}"),
        Check(name="system", ok=platform.system() == "Linux", found=platform.platform()),
        *tools,
        _tried("sandbox", _sandbox),
        _tried("arena", _arena, needed=False),
        _tried("registries", _registries, needed=False),
        _tried("data folder", lambda: _data(settings)),
        _tried("keys", lambda: _keys("keys", settings.keys)),
        _tried("sealed keys", lambda: _keys("sealed keys", settings.sealed_keys)),
        _tried("keys of suites", lambda: _keys("keys of suites", settings.suite_keys)),
        _tried("memory folder", lambda: _memory(settings), needed=False),
        _tried("database", lambda: _database(settings)),
        _osv(settings),
    ]


def _tried(name: str, check: Callable[[], Check], *, needed: bool = True) -> Check:
    try:
        return check()
    except FirstlightError as error:
        return Check(name=name, ok=False, found=error.message, remedy=error.hint, needed=needed)


def _sandbox() -> Check:
    from firstlight.adapters.sandbox.bubblewrap import BubblewrapSandbox  # noqa: PLC0415
    from firstlight.adapters.sandbox.conformance import check  # noqa: PLC0415

    sandbox = BubblewrapSandbox()
    level = sandbox.level()
    failed = [probe for probe in check(sandbox) if not probe.passed]
    if failed:
        raise SandboxUnavailable(
            f"level {level.value}, but it does not hold: "
            + "; ".join(f"{probe.name}: {probe.detail}" for probe in failed[:5])
        )
    degraded = "degraded" in level.value
    return Check(
        name="sandbox",
        ok=True,
        found=f"level {level.value}; every probe held",
        remedy="docs/how-to/sandbox-level.md says how to lift it" if degraded else "",
    )


def _arena() -> Check:
    from firstlight.adapters.sandbox.arena import Arena  # noqa: PLC0415 # for measuring only
    from firstlight.usecases.ports import Step  # noqa: PLC0415

    done = Arena("none", "unread").perform(Step(argv=("id", "-u"), cwd="/box"), {}, ())
    if done.exit_code != 0 or done.stdout != b"1000\n":
        complaint = done.stderr[-200:].decode("utf-8", "replace")
        raise SandboxUnavailable(f"an arena starts, but its command fails: {complaint}")
    return Check(name="arena", ok=True, found="tasks about becoming root can be run")


def _registries() -> Check:
    from firstlight.adapters.registries.addresses import configured  # noqa: PLC0415

    at = configured()
    for ask in (at.pypi, at.npm, at.debian):
        ask()
    return Check(name="registries", ok=True, found="PyPI, npm and Debian are configured")


def _data(settings: Settings) -> Check:
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.data).free >> 20
    enough = 2048
    return Check(
        name="data folder",
        ok=free >= enough,
        found=f"{settings.data}, {free} MiB free",
        remedy="" if free >= enough else "Free at least 2 GiB, or move FIRSTLIGHT_DATA.",
    )


def _keys(name: str, folder: Path) -> Check:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = stat.S_IMODE(folder.stat().st_mode)
    private = mode & 0o077 == 0
    return Check(
        name=name,
        ok=private,
        found=f"{folder}, mode {mode:o}",
        remedy="" if private else f"chmod 700 {folder}",
    )


def _memory(settings: Settings) -> Check:
    """Needed by sealed suites alone."""
    from firstlight.adapters.bench.sealed.memory import memory_folder  # noqa: PLC0415

    place = Path(settings.memory_folder)
    with memory_folder(place):
        free = shutil.disk_usage(place).free >> 20
    return Check(name="memory folder", ok=True, found=f"{place}, {free} MB free", needed=False)


def _database(settings: Settings) -> Check:
    from firstlight.host.database import pending  # noqa: PLC0415 # needs Django

    waiting = pending()
    kind = settings.database_url.partition(":")[0]
    return Check(
        name="database",
        ok=not waiting,
        found=f"{kind}; " + (f"{waiting} migrations wait" if waiting else "up to date"),
        remedy="Run: firstlight migrate" if waiting else "",
    )


def _osv(settings: Settings) -> Check:
    prefix = settings.osv_prefix
    return Check(
        name="OSV prefix",
        ok=bool(prefix),
        found=prefix or "none; records are named FL-..., which OSV does not list",
        remedy="" if prefix else "Register one with OSV, then set FIRSTLIGHT_OSV_PREFIX.",
        needed=False,
    )
