"""The runner under its two forms: in this process, and as a child over HTTP."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from firstlight.adapters.runner.child import RunnerChild
from firstlight.adapters.sandbox.bubblewrap import BubblewrapSandbox
from firstlight.adapters.sandbox.experiment import LocalRunner
from firstlight.usecases.ports.execution import Runner


@pytest.fixture(scope="session")
def sandbox() -> BubblewrapSandbox:
    """The sandbox of this machine."""
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed: apt-get install bubblewrap")
    return BubblewrapSandbox()


@pytest.fixture(scope="session")
def local_runner(
    sandbox: BubblewrapSandbox, tmp_path_factory: pytest.TempPathFactory
) -> LocalRunner:
    """In this process."""
    return LocalRunner(sandbox, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def runner_child(
    sandbox: BubblewrapSandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunnerChild]:
    """A real child process."""
    sandbox.level()
    with RunnerChild(tmp_path_factory.mktemp("cache"), places=4) as child:
        yield child


@pytest.fixture(params=["local", "http"])
def runner(request: pytest.FixtureRequest) -> Runner:
    """Each form in turn; the same tests hold for both."""
    if request.param == "local":
        local: LocalRunner = request.getfixturevalue("local_runner")
        return local
    child: RunnerChild = request.getfixturevalue("runner_child")
    return child.runner()
