"""Brings up worker processes for the tests that kill them: `nursery.py PATIENCE_JSON`.

Each line on stdin forks one worker; Django is imported once, before. On stdout, each line from
whichever process: `ready <pid>`, `start <job> <attempt> <time>`, `done ...`, `exit <pid> <status>`.
At the end of stdin the nursery tells its workers to stop, waits for them and ends.

The effect of a job is a message in the outbox under the job's identifier: idempotent, as handlers
are.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time

import django

from firstlight.usecases.ports import Job, Message

_LOOK_SECONDS = 0.02


def say(*words: object) -> None:
    """One line, written at once."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def work() -> None:
    """Be a worker until SIGTERM."""
    from firstlight.adapters.jobs.queues import job_queue  # noqa: PLC0415  # needs Django
    from firstlight.adapters.storage.attempts import Patience  # noqa: PLC0415
    from firstlight.adapters.storage.unit import DjangoStorage  # noqa: PLC0415

    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    storage = DjangoStorage()

    def note(job: Job) -> None:
        say("start", job.id, job.attempt, time.time())
        if job.payload.get("kill"):
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(float(str(job.payload.get("first" if job.attempt == 1 else "again", 0))))
        with storage.begin() as unit:
            message = Message(kind="mail", to="a", subject=str(os.getpid()), body=str(job.attempt))
            unit.outbox.put(message, key=str(job.id))
        say("done", job.id, job.attempt, time.time())

    queue = job_queue(patience=Patience(**json.loads(sys.argv[1])))
    say("ready", os.getpid())
    queue.work({"note": note}, concurrency=2, stop=lambda: bool(stopped))


def bury(pids: set[int], flags: int) -> bool:
    """Report a worker that ended; False when none has."""
    if not pids:
        return False
    pid, status = os.waitpid(-1, flags)
    if pid == 0:
        return False
    pids.remove(pid)
    say("exit", pid, os.waitstatus_to_exitcode(status))
    return True


def main() -> None:
    """Fork on demand."""
    django.setup()
    import firstlight.adapters.jobs.queues  # noqa: F401, PLC0415  # so that a fork starts at once

    pids: set[int] = set()
    asked = True
    while asked:
        readable, _, _ = select.select([0], [], [], _LOOK_SECONDS)
        while bury(pids, os.WNOHANG):
            pass
        if not readable:
            continue
        asked = os.read(0, 1) != b""
        if asked and not (pid := os.fork()):
            work()
            os._exit(0)
        elif asked:
            pids.add(pid)
    for pid in pids:
        os.kill(pid, signal.SIGTERM)
    while bury(pids, 0):
        pass


if __name__ == "__main__":
    main()
