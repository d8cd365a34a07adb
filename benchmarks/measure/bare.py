"""Inspect by itself on the same tasks with the same script: what `speed.py` compares with.

    python -m benchmarks.measure.bare EPOCHS TASK...

Inspect's loop, a tool that carries a call into the same sandbox, and our verifier as its scorer.
No watch, no guard, no record, no ledger, no bounds of ours on what is shown.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import anyio.to_thread
import inspect_ai
from inspect_ai.agent import AgentSubmit, as_solver, react
from inspect_ai.dataset import MemoryDataset
from inspect_ai.dataset import Sample as Asked
from inspect_ai.model import get_model
from inspect_ai.scorer import Score, accuracy, scorer
from inspect_ai.solver import solver
from inspect_ai.tool import ToolDef

from firstlight.adapters.bench.bench import LocalBench
from firstlight.adapters.bench.players import script as scripts
from firstlight.adapters.bench.players.scripted import serve
from firstlight.adapters.runner.child import RunnerChild
from firstlight.bootstrap import bench as open_bench
from firstlight.bootstrap import suites
from firstlight.core.measure.outcome import Solved
from firstlight.core.measure.tools import TOOLS, parse
from firstlight.settings import load
from firstlight.usecases.ports.bench import Sample


def tools(sample: Sample) -> list[Any]:
    """The least that carries a call into the sandbox."""

    async def call(name: str, **given: str | None) -> str:
        said = {key: value for key, value in given.items() if value is not None}
        return (await anyio.to_thread.run_sync(sample.call, parse(name, said))).text

    async def run(command: str) -> str:
        return await call("run", command=command)

    async def read(path: str) -> str:
        return await call("read", path=path)

    async def write(path: str, text: str) -> str:
        return await call("write", path=path, text=text)

    async def submit(answer: str | None = None, path: str | None = None) -> str:
        return await call("submit", answer=answer, path=path)

    about = {one.name: one for one in TOOLS}
    return [
        ToolDef(
            made,
            name=name,
            description=about[name].description,
            parameters=dict(about[name].arguments),
            max_output=0,
        )
        for name, made in (("run", run), ("read", read), ("write", write), ("submit", submit))
    ]


def evaluate(bench: LocalBench, names: list[str], epochs: int, url: str) -> None:
    """All samples, one after the other."""
    tasks = {task.id: task for suite in suites() for task in suite.tasks if task.id in names}
    opened: dict[str, Sample] = {}

    async def solve(state: Any, generate: Any) -> Any:  # noqa: ANN401  # Inspect's
        opening = partial(bench.open, tasks[str(state.sample_id)])
        sample = opened[state.uuid] = await anyio.to_thread.run_sync(opening)
        *few, submit = tools(sample)
        agent = react(
            tools=[one.as_tool() for one in few],
            submit=AgentSubmit(name="submit", tool=submit, keep_in_messages=True),
        )
        return await as_solver(agent)(state, generate)

    async def judge(state: Any, target: Any) -> Any:  # noqa: ANN401  # Inspect's
        del target
        task = tasks[str(state.sample_id)]
        transcript = opened.pop(state.uuid).transcript()
        found = await anyio.to_thread.run_sync(bench.verify, task, transcript)
        return Score(value="C" if isinstance(found, Solved) else "I")

    model = get_model(
        "openai-api/scripted/x", base_url=url, api_key="none", responses_api=False, memoize=False
    )
    with tempfile.TemporaryDirectory() as logs:
        (log,) = inspect_ai.eval(
            inspect_ai.Task(
                dataset=MemoryDataset(
                    [Asked(input=bench.told(task), id=name) for name, task in tasks.items()]
                ),
                solver=solver(name="bare_agent")(lambda: solve)(),
                scorer=scorer(metrics=[accuracy()], name="bare_scorer")(lambda: judge)(),
            ),
            model=model,
            epochs=epochs,
            max_samples=1,
            display="none",
            log_dir=logs,
            ctl_server=False,
            acp_server=False,
        )
        assert log.status == "success", log.error
        assert log.samples is not None
        assert all(
            score.value == "C" for one in log.samples for score in (one.scores or {}).values()
        )


def main() -> None:
    """Serve the script in a process of its own, as a run of ours does, and evaluate."""
    if sys.argv[1] == "--serve":
        with serve(json.loads(Path(sys.argv[2]).read_bytes())) as url:
            print(url, flush=True)
            sys.stdin.read()
        return
    epochs, names = int(sys.argv[1]), sys.argv[2:]
    settings = load()
    tasks = [task for suite in suites() for task in suite.tasks if task.id in names]
    with (
        RunnerChild(settings.cache / "builds", places=2) as child,
        tempfile.NamedTemporaryFile("w", suffix=".json") as file,
    ):
        bench = open_bench(settings, child.runner())
        made = scripts.write("reference", tasks, bench.told, bench.resolve, epochs=epochs)
        file.write(json.dumps(made.to_json()))
        file.flush()
        serving = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.measure.bare", "--serve", file.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with serving:
            assert serving.stdin is not None
            assert serving.stdout is not None
            evaluate(bench, names, epochs, serving.stdout.readline().strip())
            serving.stdin.close()


if __name__ == "__main__":
    main()
