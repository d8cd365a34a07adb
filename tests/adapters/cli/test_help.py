"""Help is quick, complete and needs nothing."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Iterator

import click
import pytest
from tests.adapters.cli.conftest import PYTHON, Shell

from firstlight.adapters.cli.app import COMMANDS, root

HEAVY = (
    "django",
    "ninja",
    "numpy",
    "httpx",
    "rich",
    "cryptography",
    "pydantic",
    "firstlight.bootstrap",
)
_LOOK = """
import sys
from firstlight.__main__ import main
sys.argv = ["firstlight", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    assert end.code in (0, None), end.code
heavy = [name for name in {heavy!r} if name in sys.modules]
assert not heavy, heavy
"""


def walk(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every command, groups included."""
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from walk(below, (*path, name))


PATHS = list(walk(root))


@pytest.mark.parametrize(
    "path", [(), ("case",), ("report", "submit"), ("serve",), ("doctor",), ("measure", "state")]
)
def test_help_imports_no_framework(path: tuple[str, ...]) -> None:
    """The help of any command loads neither Django nor another slow part."""
    done = subprocess.run(
        [PYTHON, "-c", _LOOK.format(heavy=HEAVY), *path, "--help"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_help_takes_less_than_150_ms() -> None:
    """The best of ten starts of `firstlight --help`, as a program, interpreter included.

    What the processor did is what counts, so that a busy machine does not decide.
    """
    command = [PYTHON, "-m", "firstlight", "--help"]
    spent, waited = [], []
    for _ in range(10):
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, capture_output=True, check=True, env=os.environ, timeout=60)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        waited.append(time.perf_counter() - begun)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    print(f"help: {min(spent) * 1000:.0f} ms of processor, {min(waited) * 1000:.0f} ms of waiting")  # noqa: T201  # a figure to report
    assert min(spent) < 0.150


@pytest.mark.parametrize("path", PATHS, ids=lambda path: " ".join(path) or "firstlight")
def test_every_command_explains_itself(shell: Shell, path: tuple[str, ...]) -> None:
    """Each says what it does; each that does something shows an example that begins with itself."""
    ended = shell(*path, "--help")
    assert ended.code == 0
    text = " ".join(ended.out.split())
    group = path in {other[:-1] for other in PATHS if other}
    assert group or f"Example: firstlight {' '.join(path)}" in text


def test_the_table_says_what_the_commands_say() -> None:
    """Every entry of the lazy table leads to a command."""
    context = click.Context(root)
    assert all(root.get_command(context, name) for name in COMMANDS)
    assert set(root.list_commands(context)) == {path[0] for path in PATHS if len(path) == 1}


def test_plurals_are_understood(shell: Shell) -> None:
    """`firstlight cases` means `firstlight case`."""
    assert shell("cases", "list", "--help").code == 0


def test_a_wrong_command_line_is_usage(shell: Shell) -> None:
    """2, with a word on how it is written."""
    for line in (
        ("nonsense",),
        ("case", "nonsense"),
        ("report", "list", "--nonsense"),
        ("report",),
    ):
        ended = shell(*line)
        assert ended.code == 2, line


def test_ready_made_errors_say_code_sentence_and_hint(shell: Shell) -> None:
    """An error is three lines for a person and one object for a program."""
    line = ("case", "list", "--server", "http://127.0.0.1:9")
    ended = shell(*line)
    assert ended.code == 7
    assert ended.out == ""
    for part in ("error: ", "code: cli.no_server", "hint: "):
        assert part in ended.err
    told = shell(*line, "--json")
    assert '"code": "cli.no_server"' in told.err
    assert '"exit": 7' in told.err
