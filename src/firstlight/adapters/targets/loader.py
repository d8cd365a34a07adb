"""From a folder with `target.toml` to a `Target`, strictly.

Beside the file stand `harness/` (our own programs that feed a proof to the package) and the
proof files. Files are read from this folder alone; a path that climbs out is refused.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path, PurePosixPath

from packageurl import PackageURL

from firstlight.adapters.targets.tables import Table, TargetInvalid
from firstlight.core.clearinghouse.validation.oracle import (
    CanaryOracle,
    ExitOracle,
    GrowthOracle,
    Oracle,
    SanitizerOracle,
    SignalOracle,
)
from firstlight.core.clearinghouse.validation.target import (
    HARNESS,
    TREE,
    Action,
    DebianOrig,
    DebianPatch,
    Ecosystem,
    Expect,
    NpmTarball,
    PatchPlace,
    Place,
    PypiFile,
    Recipe,
    Release,
    ShippedProof,
    Source,
    Target,
)
from firstlight.core.kernel.errors import Missing

DESCRIPTION = "target.toml"
_MAX_FILE = 4 << 20
_MAX_FILES = 200
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PUBLISHED = {kind.value: kind for kind in Ecosystem if kind is not Ecosystem.PLANTED}
"""a planted program has no folder among the targets; it comes from its suite"""


def load_all(folder: Path) -> tuple[Target, ...]:
    """Every target below `folder`, by identifier.

    Raises:
        TargetInvalid: one of them cannot be used; the error names the file and the key.
    """
    found = (load(file.parent) for file in sorted(folder.glob(f"*/{DESCRIPTION}")))
    return tuple(found)


def load_one(folder: Path, identifier: str) -> Target:
    """The target with this identifier.

    Raises:
        Missing: there is none.
        TargetInvalid: it cannot be used.
    """
    known = {file.parent.name for file in folder.glob(f"*/{DESCRIPTION}")}
    if identifier not in known:
        raise Missing(f"There is no target {identifier!r}.", known=sorted(known))
    return load(folder / identifier)


def load(folder: Path) -> Target:
    """Read one target.

    Raises:
        TargetInvalid: a key is missing, wrong or unknown; the error names file and key.
    """
    name = f"{folder.name}/{DESCRIPTION}"
    try:
        values = tomllib.loads((folder / DESCRIPTION).read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TargetInvalid(f"{name}: {error}.", file=name, key="") from error
    table = Table(values, file=name)
    target = _target(table, folder)
    table.finish()
    if target.id != folder.name:
        raise table.wrong("id", f"must be the folder's name, {folder.name!r}")
    return target


def _target(table: Table, folder: Path) -> Target:
    common = tuple(_source(inner) for inner in table.tables("source"))
    proofs = tuple(_proof(inner, folder) for inner in table.tables("proof"))
    if not any(proof.expect is Expect.SHOWS for proof in proofs):
        raise table.wrong("proof", "must hold a reference that shows the flaw")
    if len({proof.name for proof in proofs}) != len(proofs):
        raise table.wrong("proof", "must hold each name once")
    cve, cwe = table.text("cve"), table.text("cwe")
    if not re.fullmatch(r"CVE-\d{4}-\d{4,}", cve) or not re.fullmatch(r"CWE-\d+", cwe):
        raise table.wrong("cve", "and cwe must be written as CVE-2000-1234 and CWE-12")
    return Target(
        id=table.text("id"),
        title=table.text("title"),
        cve=cve,
        cwe=cwe,
        ecosystem=table.choice("ecosystem", _PUBLISHED),
        package=_package(table),
        public_since=table.day("public_since"),
        references=table.texts("references", needed=True),
        vulnerable=table.table("vulnerable", lambda inner: _release(inner, common)),
        fixed=table.table("fixed", lambda inner: _release(inner, common)),
        recipe=table.table("recipe", _recipe),
        oracle=table.table("oracle", _oracle),
        proofs=proofs,
        harness=dict(_files(folder / HARNESS, table)),
        proposed_patch=_optional_text(table, "proposed_patch", folder),
        demo=table.yes("demo"),
        places=tuple(_place(inner) for inner in table.tables("place")),
        note=table.text("note", ""),
    )


def _place(table: Table) -> Place:
    return Place(file=table.text("file"), function=table.text("function"))


def _package(table: Table) -> PackageURL:
    text = table.text("package")
    try:
        package = PackageURL.from_string(text)
    except ValueError as error:
        raise table.wrong("package", f"is not a package URL: {error}") from error
    if package.version:
        raise table.wrong("package", "must not carry a version")
    return package


def _release(table: Table, common: tuple[Source, ...]) -> Release:
    own = tuple(_source(inner) for inner in table.tables("source"))
    return Release(version=table.text("version"), sources=(*common, *own))


def _source(table: Table) -> Source:
    read: Callable[[Table, str], Source] = table.choice(
        "kind",
        {
            "pypi": _pypi_file,
            "npm": _npm_tarball,
            "debian-orig": _debian_orig,
            "debian-patch": _debian_patch,
        },
    )
    return read(table, _inside(table, "into"))


def _pypi_file(table: Table, into: str) -> Source:
    return PypiFile(
        project=table.text("project"),
        filename=table.text("filename"),
        sha256=_digest(table),
        into=into,
    )


def _npm_tarball(table: Table, into: str) -> Source:
    return NpmTarball(
        name=table.text("name"),
        version=table.text("version"),
        integrity=table.text("integrity"),
        into=into,
    )


def _debian_orig(table: Table, into: str) -> Source:
    return DebianOrig(
        package=table.text("package"),
        filename=table.text("filename"),
        sha256=_digest(table),
        into=into,
    )


def _debian_patch(table: Table, into: str) -> Source:
    return DebianPatch(
        package=table.text("package"),
        archive=table.text("archive"),
        patch=table.text("patch"),
        sha256=_digest(table),
        into=into,
    )


def _digest(table: Table) -> str:
    digest = table.text("sha256")
    if not _SHA256.fullmatch(digest):
        raise table.wrong("sha256", "must be 64 lower-case hexadecimal characters")
    return digest


def _recipe(table: Table) -> Recipe:
    return Recipe(
        requires=table.texts("requires", needed=True),
        build=tuple(_action(inner, seconds=120, memory=1024) for inner in table.tables("build")),
        run=table.table("run", _action),
        tests=table.maybe("tests", _action),
        regression=table.maybe("regression", _action),
        patch=table.maybe("patch", _patch_place),
    )


def _action(table: Table, *, seconds: float = 30, memory: int = 512) -> Action:
    argv = table.texts("argv", needed=True)
    if not argv:
        raise table.wrong("argv", "must name a program")
    return Action(
        argv=argv,
        cwd=table.text("cwd", TREE),
        env=table.pairs("env"),
        seconds=table.number("seconds", seconds),
        memory_mib=table.whole("memory_mib", memory),
        ptrace=table.yes("ptrace"),
        stdin=table.yes("stdin"),
    )


def _patch_place(table: Table) -> PatchPlace:
    return PatchPlace(
        root=table.text("root"),
        strip=table.whole("strip", 1),
        protected=table.texts("protected"),
    )


def _oracle(table: Table) -> Oracle:
    read: Callable[[Table], Oracle] = table.choice(
        "kind",
        {
            "sanitizer": _sanitizer,
            "signal": lambda inner: SignalOracle(signals=frozenset(inner.wholes("signals"))),
            "exit": lambda _: ExitOracle(),
            "canary": lambda _: CanaryOracle(),
            "growth": _growth,
        },
    )
    return read(table)


def _sanitizer(table: Table) -> Oracle:
    return SanitizerOracle(
        errors=frozenset(table.texts("errors", needed=True)),
        frames=table.texts("frames"),
        options=table.text("options", ""),
    )


def _growth(table: Table) -> Oracle:
    sizes = table.wholes("sizes")
    if len(sizes) < 2 or sizes[0] < 1 or any(b != 2 * a for a, b in pairwise(sizes)):  # noqa: PLR2004  # growth needs a pair
        raise table.wrong("sizes", "must hold two sizes or more, each the double of the last")
    return GrowthOracle(
        sizes=sizes,
        factor=table.number("factor"),
        floor_seconds=table.number("floor_seconds"),
    )


def _proof(table: Table, folder: Path) -> ShippedProof:
    return ShippedProof(
        name=table.text("name"),
        data=_read(table, "file", folder),
        expect=table.choice("expect", {kind.value: kind for kind in Expect}),
    )


def _optional_text(table: Table, key: str, folder: Path) -> str | None:
    inner = table.text(key, "")
    if not inner:
        return None
    return _file(table, key, inner, folder).decode("utf-8")


def _read(table: Table, key: str, folder: Path) -> bytes:
    return _file(table, key, table.text(key), folder)


def _file(table: Table, key: str, name: str, folder: Path) -> bytes:
    path = folder / name
    if ".." in PurePosixPath(name).parts or not path.resolve().is_relative_to(folder.resolve()):
        raise table.wrong(key, "must stay in the target's folder")
    if not path.is_file():
        raise table.wrong(key, f"names a file that is not there: {name}")
    if path.stat().st_size > _MAX_FILE:
        raise table.wrong(key, f"is larger than {_MAX_FILE} bytes")
    return path.read_bytes()


def _files(folder: Path, table: Table) -> Iterator[tuple[str, bytes]]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    if len(paths) > _MAX_FILES:
        raise table.wrong(HARNESS, f"holds more than {_MAX_FILES} files")
    for path in paths:
        name = path.relative_to(folder).as_posix()
        yield name, _file(table, HARNESS, name, folder)


def _inside(table: Table, key: str) -> str:
    name = table.text(key)
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts or parts.parts[0] in {HARNESS, ".firstlight"}:
        raise table.wrong(key, "must be a folder below the tree, and not one of our own")
    return parts.as_posix()
