from __future__ import annotations

import configparser
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from tests.docs.pages import ROOT, blocks, codes, name, pages

from firstlight.adapters.cli.app import root

_BEFORE = re.compile(r"^(?:sudo )?(?:/opt/firstlight/bin/|\.venv/bin/)?firstlight(?= |$)")


def commands(page: Path) -> Iterator[str]:
    """Every `firstlight ...` that a page tells people to type."""
    lines = (line for _, text in blocks(page) for line in text.replace("\\\n", " ").splitlines())
    for line in (*lines, *codes(page)):
        found = _BEFORE.match(line.strip())
        if found:
            yield line.strip()[found.end() :].strip()


def parse(words: list[str]) -> None:
    """Parse a command line without running it.

    Raises:
        click.UsageError: it would be refused.
    """
    command: click.Command = root
    parent = None
    while True:
        context = command.make_context(command.name or "firstlight", list(words), parent=parent)
        if not isinstance(command, click.Group):
            return
        words = [*context._protected_args, *context.args]
        inner = command.get_command(context, words[0]) if words else None
        if inner is None:
            raise click.UsageError(f"no command {words[:1]}")
        command, words, parent = inner, words[1:], context


def group_only(words: list[str]) -> bool:
    """Whether a page speaks of a noun, not of a complete command."""
    command: click.Command = root
    for word in words:
        if not isinstance(command, click.Group):
            return False
        inner = command.get_command(click.Context(command), word)
        if inner is None:
            return False
        command = inner
    return isinstance(command, click.Group)


def bare(words: list[str]) -> bool:
    """Whether a page names a command without its arguments, as in a sentence about it."""
    return bool(words) and all(re.fullmatch(r"[a-z][a-z-]*", word) for word in words)


def named(words: list[str]) -> bool:
    """Whether the words are the path of a command."""
    command: click.Command = root
    for word in words:
        inner = (
            command.get_command(click.Context(command), word)
            if isinstance(command, click.Group)
            else None
        )
        if inner is None:
            return False
        command = inner
    return True


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_command_is_understood(page: Path) -> None:
    """Commands in the pages name subcommands, options and arguments that exist."""
    refused = []
    for line in commands(page):
        words = shlex.split(line)
        if words in (["--version"], ["--help"]) or group_only(words):
            continue
        if bare(words) and named(words):
            continue
        try:
            parse(words)
        except click.UsageError as error:
            refused.append(f"firstlight {line}: {error.message}")
    assert refused == []


def test_a_wrong_command_is_noticed() -> None:
    """The check can fail: an option that does not exist is refused, and so is a noun."""
    with pytest.raises(click.UsageError):
        parse(["ledger", "verify", "x.json", "--trust"])
    with pytest.raises(click.UsageError):
        parse(["ledgers-of-all", "verify"])
    assert not named(["ledger", "burn"])


@pytest.mark.parametrize("unit", sorted((ROOT / "deploy").glob("*.service")), ids=name)
def test_units_start_a_command_that_exists(unit: Path) -> None:
    """ExecStart of each unit is a complete command."""
    reader = configparser.RawConfigParser(strict=False)
    reader.optionxform = str  # type: ignore[assignment,method-assign]  # keys keep their case
    reader.read(unit)
    start = reader["Service"]["ExecStart"]
    assert start.startswith("/opt/firstlight/bin/firstlight ")
    parse(shlex.split(start)[1:])


def test_the_runner_may_make_namespaces() -> None:
    """Its unit sets nothing that stops the sandbox, and delegates control groups."""
    text = (ROOT / "deploy/firstlight-runner.service").read_text("utf-8")
    set_here = set(re.findall(r"^(\w+)=", text, re.MULTILINE))
    stops = {
        "RestrictNamespaces",
        "SystemCallFilter",
        "ProtectKernelTunables",
        "ProtectKernelLogs",
        "ProtectKernelModules",
        "ProtectHostname",
        "ProtectProc",
        "ProcSubset",
        "PrivateDevices",
        "ProtectControlGroups",
    }
    assert set_here & stops == set()
    assert "Delegate" in set_here


def test_the_container_starts_a_command_that_exists() -> None:
    """CMD of the container file is a complete command."""
    text = (ROOT / "deploy/Containerfile").read_text("utf-8")
    found = re.search(r"^CMD (\[.*\])$", text, re.MULTILINE)
    assert found
    parse(json.loads(found[1]))


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_make_target_exists(page: Path) -> None:
    """`make x` in a page names a target of the Makefile."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    lines = [line for _, text in blocks(page) for line in text.splitlines()]
    wanted = [
        match[1]
        for line in (*lines, *codes(page))
        if (match := re.match(r"\s*make ([a-z-]+)", line))
    ]
    assert [target for target in wanted if target not in targets] == []
