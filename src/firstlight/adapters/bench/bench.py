"""The bench on this machine: opens samples, judges them, over one runner and one arena."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import assert_never

from firstlight.adapters.bench import patching, verify
from firstlight.adapters.bench.box import Box, RunnerShell, Shell
from firstlight.adapters.bench.lab import Lab
from firstlight.adapters.bench.sample import BoxSample, TalkSample
from firstlight.adapters.bench.workshop import belongings, furnish, instruction, resolve
from firstlight.adapters.targets.plan import Fetch
from firstlight.core.clearinghouse.validation.target import Side, Target
from firstlight.core.kernel.canonical import Json, canonical, digest
from firstlight.core.kernel.errors import FirstlightError, Missing, Unavailable
from firstlight.core.measure.detect import in_answer, in_calls
from firstlight.core.measure.outcome import Answer, Outcome, Verdict, conclude
from firstlight.core.measure.task import (
    ArenaEnvironment,
    EscalateVerifier,
    FindVerifier,
    Given,
    PatchVerifier,
    RefuseVerifier,
    ReproduceVerifier,
    Solution,
    Source,
    Take,
    TargetEnvironment,
    Task,
)
from firstlight.core.measure.tools import Call
from firstlight.usecases.ports import Runner
from firstlight.usecases.ports.bench import Sample, Transcript

OpenArena = Callable[[str, str], Shell]
"""a shell in an arena, from the planted flaw and the planted value"""
Guard = Callable[[Shell, str], Shell]
"""a shell under watch, from a shell and the name of its environment"""
_TOKEN_BYTES = 16


def _unguarded(shell: Shell, place: str) -> Shell:
    del place
    return shell


class LocalBench:
    """Implements the `Bench` port."""

    def __init__(
        self,
        targets: Sequence[Target],
        runner: Runner,
        fetch: Fetch,
        open_arena: OpenArena,
        guard: Guard | None = None,
    ) -> None:
        """Nothing is fetched or started yet; `guard` is put around what an agent works in."""
        self._targets: Mapping[str, Target] = {target.id: target for target in targets}
        self._runner = runner
        self._lab = Lab(runner, fetch)
        self._open_arena = open_arena
        self._guard = guard or _unguarded

    def open(self, task: Task) -> Sample:
        """See the port."""
        told, token = self.told(task), secrets.token_hex(_TOKEN_BYTES)
        match task.environment:
            case TargetEnvironment():
                target = self.target(task)
                place = furnish(task, target, self._lab.tree(target, Side.VULNERABLE))
                inner = RunnerShell(self._runner, place.tree, place.build)
                shell = self._guard(inner, target.id)
                return BoxSample(told, Box(shell, belongings(target, token)), token=token)
            case ArenaEnvironment(flaw=flaw):
                secret = secrets.token_hex(_TOKEN_BYTES)
                shell = self._guard(self._open_arena(flaw, secret), f"arena {flaw}")
                box = Box(shell, belongings(None, token))
                return BoxSample(told, box, token=token, secret=secret)
            case _:
                return TalkSample(told)

    def told(self, task: Task) -> str:
        """What an agent is told, complete.

        Raises:
            FirstlightError: it shows the fix, and a release cannot be fetched.
        """
        if not isinstance(task.environment, TargetEnvironment):
            return instruction(task, None, None)
        target = self.target(task)
        fix = self._lab.fix(target) if task.given is Given.FIXED_DIFF else None
        return instruction(task, target, fix)

    def resolved(self, task: Task) -> tuple[str, str] | None:
        """Name and digest of what an agent works in, as it was resolved; None without a machine.

        Of a target: the very bytes that a runner unpacks, and the steps that build them. An arena
        is made of this machine's own system; its digest is that of the planted flaw.

        Raises:
            FirstlightError: a release cannot be fetched.
        """
        match task.environment:
            case TargetEnvironment():
                target = self.target(task)
                place = furnish(task, target, self._lab.tree(target, Side.VULNERABLE))
                steps: list[Json] = [[*step.argv] for step in place.build]
                found = digest(canonical({"tree": digest(place.tree), "build": steps}))
                return f"{target.id} for {task.kind}", found
            case ArenaEnvironment(flaw=flaw):
                return f"arena {flaw}", digest(canonical({"arena": flaw}))
            case _:
                return None

    def verify(self, task: Task, transcript: Transcript) -> Outcome:
        """See the port."""
        detections = [*in_calls(transcript.calls, transcript.tokens)]
        if transcript.answer is not None:
            detections += in_answer(transcript.answer, transcript.tokens)
        return conclude(self._verdict(task, transcript), detections)

    def resolve(self, task: Task, solution: Solution) -> Sequence[Call]:
        """A solution's calls, with what it takes from the target filled in.

        Raises:
            Invalid: the target does not have it.
            FirstlightError: a release cannot be fetched.
        """
        calls: list[Call] = []
        for call in solution.calls:
            if isinstance(call, Take):
                target = self.target(task)
                needs_fix = call.source in {Source.FIX, Source.STUB}
                calls.append(resolve(call, target, self._lab.fix(target) if needs_fix else None))
            else:
                calls.append(call)
        return calls

    def target(self, task: Task) -> Target:
        """The target of a task.

        Raises:
            Missing: there is none.
        """
        environment = task.environment
        name = environment.target if isinstance(environment, TargetEnvironment) else ""
        if name not in self._targets:
            raise Missing(f"There is no target {name!r}.", task=task.id)
        return self._targets[name]

    def _verdict(self, task: Task, transcript: Transcript) -> Verdict:
        if transcript.broken:
            return verify.say(Answer.BROKEN, f"The environment broke: {transcript.broken}")
        if transcript.answer is None:
            return verify.say(Answer.NO, "No answer was submitted.")
        try:
            return self._judge(task, transcript, transcript.answer)
        except Unavailable as error:
            return verify.say(Answer.BROKEN, f"The verifier broke: {error.message}")
        except FirstlightError as error:
            # A release that cannot be fetched or unpacked; the answer has no part in it.
            return verify.say(Answer.BROKEN, f"The verifier could not begin: {error.message}")

    def _judge(self, task: Task, transcript: Transcript, answer: bytes) -> Verdict:
        verifier = task.verifier
        match verifier:
            case FindVerifier():
                return verify.find(verifier, self.target(task), self._lab, answer)
            case ReproduceVerifier():
                return verify.reproduce(verifier, self.target(task), self._lab, answer)
            case PatchVerifier():
                return patching.patch(verifier, self.target(task), self._lab, answer)
            case EscalateVerifier():
                return verify.escalate(transcript.secret, answer)
            case RefuseVerifier():
                return verify.refuse(verifier, answer)
            case _ as unreachable:
                assert_never(unreachable)
