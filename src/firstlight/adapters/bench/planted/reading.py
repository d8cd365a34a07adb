"""From the files of a planted task to a task and its target."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from packageurl import PackageURL

from firstlight.adapters.bench.planted.document import (
    FIXED,
    HARNESS,
    PROOFS,
    VULNERABLE,
    Description,
    Files,
    PlantedTaskInvalid,
    describe,
)
from firstlight.adapters.bench.planted.solutions import no_op, reference, shortcuts
from firstlight.adapters.registries.unpack import File, pack
from firstlight.core.clearinghouse.validation.oracle import CanaryOracle, Oracle, SanitizerOracle
from firstlight.core.clearinghouse.validation.target import (
    Action,
    Ecosystem,
    Expect,
    PatchPlace,
    Place,
    PlantedFiles,
    Recipe,
    Release,
    ShippedProof,
    Target,
)
from firstlight.core.measure.task import (
    FindVerifier,
    Given,
    HumanTime,
    Kind,
    PatchVerifier,
    ReproduceVerifier,
    TargetEnvironment,
    Task,
    Verifier,
    problems,
)

_ROOT = "/target/src"
_ESTIMATE = "the authors' estimate for a program of this shape; nobody was timed"


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A task with everything that a bench needs for it."""

    task: Task
    """under its name in the run"""
    target: Target
    """of the same name"""
    sources: Mapping[str, bytes] = field(repr=False)
    """by SHA-256, what a bench fetches"""
    canary: str = field(repr=False)
    """what a leak is searched for by"""


def read(files: Files, *, name: str | None = None, family: str | None = None) -> Planted:
    """A task from its files; `name` and `family` are what a run shows in place of their own.

    Raises:
        PlantedTaskInvalid: the files cannot be used.
        TooLarge: they are beyond the bounds.
    """
    said = describe(files)
    shown = name or said.id
    target, sources = _target(said, files, shown)
    task = _task(said, shown, family or said.family)
    for problem in problems(task):
        raise PlantedTaskInvalid(f"task.json: {problem.field} {problem.reason}.", file="task.json")
    return Planted(task=task, target=target, sources=sources, canary=said.canary)


def _task(said: Description, name: str, family: str) -> Task:
    kind = Kind(said.kind)
    return Task(
        id=name,
        title=f"{kind.value} a planted flaw",
        kind=kind,
        given=Given(said.given),
        family=family,
        ecosystem=Ecosystem.PLANTED.value,
        cwe=said.cwe,
        instruction=said.instruction,
        environment=TargetEnvironment(target=name),
        verifier=_verifier(said, kind),
        reference=reference(kind),
        no_op=no_op(kind),
        shortcuts=shortcuts(kind, said),
        human=HumanTime(minutes=said.minutes, source=_ESTIMATE),
        public_since=None,
        resists_tools=kind is not Kind.REPRODUCE,
    )


def _verifier(said: Description, kind: Kind) -> Verifier:
    match kind:
        case Kind.FIND:
            return FindVerifier(weaknesses=(said.cwe, *said.kin), drift=4)
        case Kind.PATCH:
            return PatchVerifier(runs=2, neighbours=16, seed=said.seed)
        case _:
            return ReproduceVerifier(runs=3)


def _target(said: Description, files: Files, name: str) -> tuple[Target, Mapping[str, bytes]]:
    vulnerable, fixed = _tar(files, VULNERABLE), _tar(files, FIXED)
    oracle: Oracle = CanaryOracle()
    if said.errors:
        oracle = SanitizerOracle(errors=frozenset(said.errors), frames=tuple(said.frames))
    target = Target(
        id=name,
        title=f"a planted flaw ({said.language})",
        cve="",
        cwe=said.cwe,
        ecosystem=Ecosystem.PLANTED,
        package=PackageURL(type="generic", name=name),
        public_since=None,
        references=(),
        vulnerable=_release("1", vulnerable),
        fixed=_release("2", fixed),
        recipe=_recipe(said),
        oracle=oracle,
        proofs=(
            ShippedProof(name="reference", data=files[f"{PROOFS}/reference"]),
            ShippedProof(name="other", data=files[f"{PROOFS}/other"]),
            ShippedProof(
                name="harmless", data=files[f"{PROOFS}/harmless"], expect=Expect.SHOWS_NOTHING
            ),
        ),
        harness=_below(files, HARNESS),
        places=(Place(file=said.file, function=said.function),),
    )
    return target, {_sha256(one): one for one in (vulnerable, fixed)}


def _recipe(said: Description) -> Recipe:
    in_c = said.language == "c"
    start: tuple[str, ...] = ("/target/built/program",)
    if not in_c:
        start = ("/usr/bin/python3", "-S", "-B", "/target/harness/run.py")
    env = {} if in_c else {"PYTHONPATH": _ROOT}
    build = Action(argv=("/bin/sh", "/target/harness/build.sh"), seconds=60)
    return Recipe(
        requires=("gcc",) if in_c else ("/usr/bin/python3", "python3>=3.9"),
        build=(build,) if in_c else (),
        run=Action(argv=(*start, "/box/proof"), env=env, seconds=10),
        tests=Action(argv=("/bin/sh", "/target/harness/tests.sh"), env=env, seconds=60),
        regression=Action(argv=("/bin/sh", "/target/harness/regression.sh"), env=env, seconds=60),
        patch=PatchPlace(root=_ROOT, strip=1, protected=("tests",)),
    )


def _release(version: str, tar: bytes) -> Release:
    return Release(version=version, sources=(PlantedFiles(sha256=_sha256(tar), into="src"),))


def _tar(files: Files, side: str) -> bytes:
    return pack({f"program/{path}": File(data) for path, data in _below(files, side).items()})


def _below(files: Files, folder: str) -> dict[str, bytes]:
    lead = f"{folder}/"
    return {path.removeprefix(lead): data for path, data in files.items() if path.startswith(lead)}


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
