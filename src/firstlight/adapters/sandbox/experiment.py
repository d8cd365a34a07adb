"""Performs experiments on this machine: unpack, build without network, run each trial afresh.

The runner service wraps this class; nothing here knows a database, a secret or a network.
"""

from __future__ import annotations

import hashlib
import platform
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from firstlight.adapters.sandbox.arguments import relative
from firstlight.adapters.sandbox.cache import DEFAULT_BYTES, BuildCache
from firstlight.adapters.sandbox.identity import hand_over
from firstlight.adapters.sandbox.tree import TREE_BYTES, unpack
from firstlight.core.kernel.errors import Invalid, TooLarge, Unavailable
from firstlight.usecases.ports.execution import (
    Command,
    Experiment,
    ExperimentResult,
    Mount,
    RunResult,
    Sandbox,
    Step,
    Stopped,
    Trial,
    TrialRun,
)

TRIALS = 1000
BUILD_STEPS = 64
_ATTEMPTS = 3
_RECIPE = "1"
"""raised when the way of building changes, so that old entries are not taken"""
_TOOLS: Mapping[str, str] = {
    "cc": "cc",
    "clang": "clang",
    "ld": "ld",
    "libc": "ldd",
    "make": "make",
    "node": "node",
    "perl": "perl",
    "python3": "python3",
}
"""name in the evidence: program that tells the version"""
_VERSIONS = """for tool; do echo "$("$tool" --version 2>/dev/null | grep -m 1 .)"; done"""
_results = msgspec.msgpack.Decoder(list[RunResult])


class LocalRunner:
    """Implements `usecases.ports.Runner` in this process."""

    def __init__(
        self, sandbox: Sandbox, cache_folder: Path, *, cache_bytes: int = DEFAULT_BYTES
    ) -> None:
        """Built trees are kept in `cache_folder`, at most `cache_bytes` of them."""
        self._sandbox = sandbox
        self._cache = BuildCache(cache_folder, cache_bytes)
        self._lock = threading.Lock()
        self._environment: Mapping[str, str] | None = None

    def perform(self, experiment: Experiment) -> ExperimentResult:
        """See the port."""
        _check(experiment)
        environment = self.environment()
        key = _key(experiment, environment)
        fresh = False
        for _ in range(_ATTEMPTS):
            with self._cache.using(key) as entry:
                if entry is not None:
                    return ExperimentResult(
                        built=True,
                        build=_results.decode((entry / "results").read_bytes()),
                        cached=not fresh,
                        trials=[self._trial(trial, entry / "tree") for trial in experiment.trials],
                        environment=environment,
                        level=self._sandbox.level(),
                    )
            with self._cache.building(key):
                if self._cache.holds(key):
                    continue
                fresh = True
                results = self._build(experiment, key)
            if not _succeeded(results):
                return ExperimentResult(
                    built=False,
                    build=results,
                    cached=False,
                    trials=(),
                    environment=environment,
                    level=self._sandbox.level(),
                )
        raise Unavailable(
            "The built tree was removed before it could be used.",
            hint="Give the runner's cache more room.",
        )

    def environment(self) -> Mapping[str, str]:
        """The version line of each tool, as resolved inside the sandbox; found out once."""
        with self._lock:
            if self._environment is None:
                self._environment = self._resolve()
            return self._environment

    def _resolve(self) -> Mapping[str, str]:
        done = self._sandbox.run(Command(argv=["/bin/sh", "-c", _VERSIONS, "sh", *_TOOLS.values()]))
        lines = done.stdout.decode("utf-8", "replace").splitlines()
        found = {"machine": platform.machine(), "kernel": platform.release()}
        # One line for each tool, empty for those that are missing.
        return found | {
            name: line for name, line in zip(_TOOLS, lines, strict=False) if line.strip()
        }

    def _build(self, experiment: Experiment, key: str) -> Sequence[RunResult]:
        """Run the build steps; keep the tree when all of them succeed."""
        with self._cache.work() as folder:
            tree = folder / "tree"
            tree.mkdir()
            unpack(experiment.tree, tree)
            hand_over(tree)
            results: list[RunResult] = []
            for step in experiment.build:
                results.append(self._run(step, tree, writable=True))
                if not _succeeded(results):
                    return results
            (folder / "results").write_bytes(msgspec.msgpack.encode(results))
            self._cache.keep(key, folder)
            self._cache.trim()
        return results

    def _trial(self, trial: Trial, tree: Path) -> TrialRun:
        result = self._run(trial.step, tree, files=trial.inputs, collect=trial.collect)
        return TrialRun(name=trial.name, result=result, collected=result.collected)

    def _run(
        self,
        step: Step,
        tree: Path,
        *,
        writable: bool = False,
        files: Mapping[str, bytes] | None = None,
        collect: Sequence[str] = (),
    ) -> RunResult:
        return self._sandbox.run(
            Command(
                argv=step.argv,
                mounts=[Mount(source=tree, target="/target", writable=writable)],
                env=step.env,
                stdin=step.stdin,
                files=files or {},
                collect=collect,
                cwd=step.cwd,
                limits=step.limits,
                allow_ptrace=step.allow_ptrace,
                traps=step.traps,
            )
        )


def _succeeded(results: Sequence[RunResult]) -> bool:
    return all(each.exit_code == 0 and each.stopped_by is Stopped.ITSELF for each in results)


def _check(experiment: Experiment) -> None:
    """Refuse what no honest experiment needs.

    Raises:
        Invalid, TooLarge: says what.
    """
    if len(experiment.tree) > TREE_BYTES:
        raise TooLarge("The tree is too large.", size=len(experiment.tree), limit=TREE_BYTES)
    if len(experiment.trials) > TRIALS or len(experiment.build) > BUILD_STEPS:
        raise TooLarge(
            "Too many trials or build steps.", trials_limit=TRIALS, build_limit=BUILD_STEPS
        )
    names = [trial.name for trial in experiment.trials]
    if len(set(names)) != len(names):
        raise Invalid("Two trials have the same name.", names=sorted(names)[:20])
    for trial in experiment.trials:
        for name in trial.inputs:
            if not relative(name):
                raise Invalid("An input must have a plain relative path.", name=name[:200])


def _key(experiment: Experiment, environment: Mapping[str, str]) -> str:
    """A digest of everything that a built tree depends on."""
    recipe = msgspec.msgpack.encode(
        (
            _RECIPE,
            hashlib.sha256(experiment.tree).digest(),
            experiment.build,
            sorted(environment.items()),
        ),
        order="sorted",
    )
    return hashlib.sha256(recipe).hexdigest()
