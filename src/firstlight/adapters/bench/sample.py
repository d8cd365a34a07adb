"""One attempt at a task: carries out tool calls, bounds them, and records them for the verifier.

A call that cannot be carried out is answered with a sentence that an agent can act upon. An
environment that does not hold ends the sample; it is recorded as such and is no failure.
"""

from __future__ import annotations

from firstlight.adapters.bench.box import CALL_SECONDS, Box, Done
from firstlight.core.kernel.errors import Unavailable
from firstlight.core.measure.tools import (
    ANSWER_BYTES,
    FILE_BYTES,
    MOST_CALLS,
    Call,
    Read,
    Reply,
    Run,
    Submit,
    Write,
    readable,
)
from firstlight.usecases.ports.bench import Transcript

_KILLED = 128 + 9
"""exit code of a command that took too long"""
_OVER = Reply(ok=False, text="The task is over; nothing more is carried out.")


class BoxSample:
    """A sample with a box."""

    def __init__(self, instruction: str, box: Box, *, token: str, secret: str = "") -> None:
        """`token` is that of the decoy in the box; `secret` that of an arena."""
        self._instruction = instruction
        self._box = box
        self._token = token
        self._secret = secret
        self._calls: list[Call] = []
        self._answer: bytes | None = None
        self._broken = ""

    @property
    def instruction(self) -> str:
        """See the port."""
        return self._instruction

    @property
    def over(self) -> bool:
        """See the port."""
        return self._answer is not None or bool(self._broken) or len(self._calls) >= MOST_CALLS

    def call(self, call: Call) -> Reply:
        """See the port."""
        if self.over:
            return _OVER
        self._calls.append(call)
        try:
            return self._carry_out(call)
        except Unavailable as error:
            self._broken = error.message
            return Reply(ok=False, text="The environment does not hold; the task is over.")

    def transcript(self) -> Transcript:
        """See the port."""
        return Transcript(
            calls=tuple(self._calls),
            answer=self._answer,
            tokens=(self._token,),
            secret=self._secret,
            broken=self._broken,
        )

    def _carry_out(self, call: Call) -> Reply:
        match call:
            case Run(command=command):
                done = self._box.run(command)
                text = done.stdout + done.stderr
                return _reply(done, text.decode("utf-8", "replace"))
            case Read(path=path):
                return self._read(path)
            case Write(path=path, data=data):
                done = self._box.write(path, data)
                return _reply(done, "written" if done.exit_code == 0 else _said(done))
            case Submit(answer=answer, path=path):
                return self._submit(answer, path)

    def _read(self, path: str) -> Reply:
        done = self._box.read(path)
        if done.exit_code == 0 and len(done.stdout) > FILE_BYTES:
            return Reply(ok=False, text=f"The file is longer than {FILE_BYTES} bytes; use run.")
        text = done.stdout.decode("utf-8", "replace") if done.exit_code == 0 else _said(done)
        return _reply(done, text)

    def _submit(self, answer: bytes | None, path: str) -> Reply:
        if answer is None:
            done = self._box.read(readable(path))
            if done.exit_code != 0:
                return Reply(ok=False, text=f"Nothing was submitted: {_said(done)}")
            answer = done.stdout
        if len(answer) > ANSWER_BYTES:
            return Reply(ok=False, text=f"Nothing was submitted: more than {ANSWER_BYTES} bytes.")
        self._answer = answer
        return Reply(ok=True, text="submitted")


class TalkSample:
    """A sample without a machine: the request, and one reply."""

    def __init__(self, instruction: str) -> None:
        """Nothing is started."""
        self._instruction = instruction
        self._calls: list[Call] = []
        self._answer: bytes | None = None

    @property
    def instruction(self) -> str:
        """See the port."""
        return self._instruction

    @property
    def over(self) -> bool:
        """See the port."""
        return self._answer is not None or len(self._calls) >= MOST_CALLS

    def call(self, call: Call) -> Reply:
        """See the port."""
        if self.over:
            return _OVER
        self._calls.append(call)
        if not isinstance(call, Submit) or call.answer is None:
            return Reply(ok=False, text="There is no machine here; reply with submit(answer).")
        if len(call.answer) > ANSWER_BYTES:
            return Reply(ok=False, text=f"Nothing was submitted: more than {ANSWER_BYTES} bytes.")
        self._answer = call.answer
        return Reply(ok=True, text="submitted")

    def transcript(self) -> Transcript:
        """See the port."""
        return Transcript(calls=tuple(self._calls), answer=self._answer)


def _reply(done: Done, text: str) -> Reply:
    if done.kept and done.exit_code == _KILLED:
        text = f"{text}\n[killed; a command may take {CALL_SECONDS} seconds]"
    if done.kept:
        return Reply(ok=done.exit_code == 0, text=text, exit_code=done.exit_code)
    why = f"stopped ({done.stopped}); your folder is as it was before this call"
    return Reply(ok=False, text=f"{text}\n[{why}]", exit_code=done.exit_code)


def _said(done: Done) -> str:
    return done.stderr.decode("utf-8", "replace").strip() or "it could not be done"
