"""From a target to an experiment: the tree, the build steps, and the runs with their nonces.

The host only fetches, unpacks into memory and packs again. Patches are applied, and everything
is compiled, inside the sandbox. The first build step looks whether the needed tools are there,
so that a missing tool is never taken for a failed build.
"""

from __future__ import annotations

import re
import secrets
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from firstlight.adapters.registries.unpack import (
    File,
    Tree,
    check_links,
    pack,
    unpack,
    without_top,
)
from firstlight.core.clearinghouse.validation import oracle as oracles
from firstlight.core.clearinghouse.validation.oracle import EXIT_FIRST, EXIT_LAST, Nonce
from firstlight.core.clearinghouse.validation.target import (
    HARNESS,
    PROOF,
    TREE,
    Action,
    DebianPatch,
    PypiFile,
    Side,
    Source,
    Target,
)
from firstlight.core.kernel.errors import HostileArchive, Invalid
from firstlight.usecases.ports import Experiment, Limits, Step, Trial

OWN = ".firstlight"
"""folder below the tree for what this module adds"""
TESTS, REGRESSION = "tests", "regression"
"""trial names of the two test runs"""
NEEDS, DISTRIBUTION_PATCH, PROPOSAL, BUILD = "needs", "distribution-patch", "proposal", "build"
"""what a build step is for"""

_PROPOSE = f"""\
# Applies the proposal. A good one may bring tests, but the package's own are judged as they were:
# the protected paths are put back afterwards.
set -eu
strip=$1
shift
kept={TREE}/{OWN}/kept
mkdir "$kept"
for path; do mkdir -p "$kept/$(dirname "$path")"; cp -a "$path" "$kept/$path"; done
patch -p"$strip" --forward --batch --fuzz=0 -i {TREE}/{OWN}/proposed.patch
for path; do rm -rf "$path"; cp -a "$kept/$path" "$path"; done
"""

Fetch = Callable[[Source], bytes]
_NEED = re.compile(r"(?P<tool>[\w./+-]+)(?P<bounds>(?:,?(?:>=|<)[\d.]+)*)")


@dataclass(frozen=True, kw_only=True)
class Series:
    """The runs that give one judgement: one, or one per size for growth."""

    proof: str
    """name of the proof"""
    trials: tuple[str, ...]
    """names of the runs, in the order that the oracle wants"""
    nonces: tuple[Nonce, ...]
    """one per run"""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """An experiment together with what is needed to read its result."""

    target: Target
    """of which target"""
    side: Side
    """which release"""
    experiment: Experiment
    """what a runner performs"""
    series: tuple[Series, ...]
    """how its trials are judged"""
    build: tuple[str, ...]
    """what each build step is for"""


def draw(count: int) -> tuple[Nonce, ...]:
    """Fresh nonces from the operating system's source of randomness."""
    span = EXIT_LAST - EXIT_FIRST + 1
    return tuple(
        Nonce(word=secrets.token_hex(16), exit_code=EXIT_FIRST + secrets.randbelow(span))
        for _ in range(count)
    )


def nonces_needed(target: Target, proofs: int, repeat: int) -> int:
    """How many nonces a plan takes."""
    return proofs * repeat * len(oracles.sizes(target.oracle))


def prepare(target: Target, side: Side, fetch: Fetch) -> bytes:
    """The tree of one side as a tar: sources unpacked, patches and harness laid beside them.

    Raises:
        HostileArchive: a source would leave its folder, or two sources want the same file.
        FirstlightError: whatever `fetch` raises.
    """
    tree: Tree = {}
    patches = 0
    for source in target.release(side).sources:
        data = fetch(source)
        if isinstance(source, DebianPatch):
            patches += 1
            tree[_patch_name(patches)] = File(data)
            continue
        files = unpack(data)
        if not (isinstance(source, PypiFile) and source.filename.endswith(".whl")):
            files = without_top(files)
        for name, entry in files.items():
            place = f"{source.into}/{name}"
            if place in tree:
                raise HostileArchive("Two sources hold the same file.", name=place)
            tree[place] = entry
    tree |= {f"{HARNESS}/{name}": File(data) for name, data in target.harness.items()}
    tree[f"{OWN}/needs.sh"] = File(_needs_script(_needs(target)).encode())
    check_links(tree)
    return pack(tree)


def plan(  # each is a fact of the experiment
    target: Target,
    side: Side,
    tree: bytes,
    proofs: Mapping[str, bytes],
    nonces: Sequence[Nonce],
    *,
    repeat: int = 3,
    tests: bool = False,
    diff: str | None = None,
) -> Plan:
    """Plan the runs of `proofs` on one side, `repeat` times each.

    Args:
        target: what to build and how to judge.
        side: which release the tree holds.
        tree: from `prepare`.
        proofs: inputs by name.
        nonces: from `draw`, as many as `nonces_needed` says.
        repeat: runs per proof.
        tests: run the package's own tests and the regression test as well.
        diff: a proposed patch, applied in the sandbox before the build.

    Raises:
        Invalid: too few nonces, or a diff for a target that takes none.
    """
    if len(nonces) < nonces_needed(target, len(proofs), repeat):
        raise Invalid("A plan needs a nonce for each run.", nonces=len(nonces))
    left = iter(nonces)
    series: list[Series] = []
    trials: list[Trial] = []
    for number, (name, data) in enumerate(proofs.items()):
        for turn in range(repeat):
            one, runs = _series(target, (name, f"proof-{number}-run-{turn}"), data, left)
            series.append(one)
            trials += runs
    if tests:
        trials += _tests(target)
    steps = _build(target, side, diff)
    if diff is not None:
        tree = _with_proposal(tree, diff)
    return Plan(
        target=target,
        side=side,
        experiment=Experiment(
            tree=tree, build=tuple(step for _, step in steps), trials=tuple(trials)
        ),
        series=tuple(series),
        build=tuple(name for name, _ in steps),
    )


def _series(
    target: Target, names: tuple[str, str], data: bytes, nonces: Iterator[Nonce]
) -> tuple[Series, list[Trial]]:
    proof, stem = names
    sizes = oracles.sizes(target.oracle)
    drawn = tuple(next(nonces) for _ in sizes)
    trials = [
        Trial(
            name=f"{stem}-{index}",
            step=_step(
                target.recipe.run, env=oracles.environment(target.oracle, nonce, size), stdin=data
            ),
            inputs={PROOF: data, **oracles.inputs(target.oracle, nonce)},
            collect=oracles.collect(target.oracle, nonce),
        )
        for index, (size, nonce) in enumerate(zip(sizes, drawn, strict=True))
    ]
    own = Series(proof=proof, trials=tuple(trial.name for trial in trials), nonces=drawn)
    return own, trials


def _tests(target: Target) -> list[Trial]:
    wanted = ((TESTS, target.recipe.tests), (REGRESSION, target.recipe.regression))
    return [Trial(name=name, step=_step(action)) for name, action in wanted if action]


def _build(target: Target, side: Side, diff: str | None) -> list[tuple[str, Step]]:
    steps = [(NEEDS, Step(argv=("/bin/sh", f"{TREE}/{OWN}/needs.sh")))]
    patches = [s for s in target.release(side).sources if isinstance(s, DebianPatch)]
    for number, source in enumerate(patches, start=1):
        where = f"{TREE}/{source.into}"
        steps.append((DISTRIBUTION_PATCH, _patch_step(where, 1, _patch_name(number))))
    if diff is not None:
        place = target.recipe.patch
        if place is None:
            raise Invalid(f"A patch for {target.id} cannot be checked.", target=target.id)
        script = ("/bin/sh", f"{TREE}/{OWN}/propose.sh", str(place.strip), *place.protected)
        steps.append((PROPOSAL, Step(argv=script, cwd=place.root)))
    steps += [(BUILD, _step(action, build=True)) for action in target.recipe.build]
    return steps


def _patch_step(root: str, strip: int, name: str) -> Step:
    # No fuzz: what does not apply exactly was made for another source.
    argv = ("patch", f"-p{strip}", "--forward", "--batch", "--fuzz=0", "-i", f"{TREE}/{name}")
    return Step(argv=argv, cwd=root)


def _patch_name(number: int) -> str:
    return f"{OWN}/patches/{number:02}.patch"


def _step(
    action: Action,
    *,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    build: bool = False,
) -> Step:
    size = 256 << 20 if build else 64 << 20
    return Step(
        argv=action.argv,
        cwd=action.cwd,
        env={**action.env, **(env or {})},
        stdin=stdin if action.stdin else b"",
        allow_ptrace=action.ptrace,
        limits=Limits(
            wall_seconds=action.seconds,
            cpu_seconds=int(action.seconds) + 1,
            cpu_share=2.0 if build else 1.0,
            memory_bytes=action.memory_mib << 20,
            file_bytes=size,
            scratch_bytes=size,
        ),
    )


def _with_proposal(tree: bytes, diff: str) -> bytes:
    files = unpack(tree)
    files[f"{OWN}/proposed.patch"] = File(diff.encode())
    files[f"{OWN}/propose.sh"] = File(_PROPOSE.encode())
    return pack(files)


def _needs(target: Target) -> tuple[str, ...]:
    sources = (*target.vulnerable.sources, *target.fixed.sources)
    patched = any(isinstance(source, DebianPatch) for source in sources) or target.recipe.patch
    return (*target.recipe.requires, *(("patch",) if patched else ()))


def _needs_script(needs: Sequence[str]) -> str:
    """A shell script that names each missing tool and file, and fails if there is one."""
    lines = [
        "missing=0",
        'lack() { echo "$1"; missing=1; }',
        "found() { \"$1\" --version 2>/dev/null | grep -o '[0-9][0-9.]*' | head -n 1; }",
        'first() { printf \'%s\\n%s\\n\' "$1" "$2" | sort -V | head -n 1; }',
    ]
    for need in needs:
        rule = _NEED.fullmatch(need)
        if rule is None:
            raise Invalid("A requirement is a tool with bounds, such as node>=18.", need=need)
        tool, text = shlex.quote(rule["tool"]), shlex.quote(need)
        if rule["tool"].startswith("/"):
            lines.append(f"[ -x {tool} ] || [ -e {tool} ] || lack {text}")
        else:
            lines.append(f"command -v {tool} >/dev/null || lack {text}")
        for relation, bound in re.findall(r"(>=|<)([\d.]+)", rule["bounds"]):
            test = "=" if relation == ">=" else "!="
            lines.append(f'[ "$(first {bound} "$(found {tool})")" {test} {bound} ] || lack {text}')
    return "\n".join([*lines, 'exit "$missing"', ""])
