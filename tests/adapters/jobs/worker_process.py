"""A worker process for the tests that kill it: `worker_process.py PATIENCE_JSON`.

Its one handler writes `start <job> <attempt>` and `done <job> <attempt>` to stdout, and its effect
is a message in the outbox under the job's identifier: idempotent, as handlers are.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time

import django

from firstlight.usecases.ports import Job, Message


def main() -> None:
    """Work until SIGTERM."""
    django.setup()
    from firstlight.adapters.jobs.queues import job_queue  # noqa: PLC0415  # needs Django
    from firstlight.adapters.storage.attempts import Patience  # noqa: PLC0415
    from firstlight.adapters.storage.unit import DjangoStorage  # noqa: PLC0415

    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    storage = DjangoStorage()

    def say(word: str, job: Job) -> None:
        os.write(1, f"{word} {job.id} {job.attempt} {time.time()}\n".encode())

    def note(job: Job) -> None:
        say("start", job)
        if job.payload.get("kill"):
            os.kill(os.getpid(), signal.SIGKILL)
        seconds = job.payload.get("seconds_first" if job.attempt == 1 else "seconds", 0)
        time.sleep(float(str(seconds)))
        with storage.begin() as work:
            message = Message(kind="mail", to="a", subject=str(os.getpid()), body=str(job.attempt))
            work.outbox.put(message, key=str(job.id))
        say("done", job)

    queue = job_queue(patience=Patience(**json.loads(sys.argv[1])))
    os.write(1, b"ready\n")
    queue.work({"note": note}, concurrency=2, stop=lambda: bool(stopped))


if __name__ == "__main__":
    main()
