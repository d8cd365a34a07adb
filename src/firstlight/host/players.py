"""From the name that a person gives to the player that drives the agent."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firstlight.adapters.bench.baselines.kits import PREFIX, kit_of, version_of
from firstlight.adapters.bench.baselines.player import ToolPlayer
from firstlight.adapters.bench.bench import LocalBench
from firstlight.adapters.bench.players import script as scripts
from firstlight.adapters.bench.players.address import Address, client_for, parse
from firstlight.adapters.bench.players.openai import BOUNDS, OpenAiEndpoint
from firstlight.adapters.cli.host_measure import RunOrder
from firstlight.adapters.outgoing import OutgoingClient
from firstlight.core.kernel.errors import Invalid
from firstlight.core.measure.containment import Driver
from firstlight.core.measure.task import Task
from firstlight.host.extras import need_inspect
from firstlight.host.leading import KEY_VARIABLE
from firstlight.settings import Settings
from firstlight.usecases.measurements.agent import SYSTEM, AgentPlayer, Prices
from firstlight.usecases.ports.players import Described, Player

SCRIPTED = "scripted:"
INSPECT = "inspect/"
_MOCK = "mockllm/"
"""Inspect's own script"""
_SCRIPTS = "1"
"""version of all scripts; raised when one of them says something else"""
_LOOP = "Firstlight's own agent loop: four tools, one attempt, no hints, no best of several."


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a player may be made of."""

    settings: Settings
    order: RunOrder
    bench: LocalBench
    tasks: Sequence[Task]
    """that will be played"""
    serve: Callable[[Any], str]
    """has a script served by another process; gives the address"""
    public: bool
    """whether anybody can find the tasks"""
    folder: Path
    """of the run"""


Opener = Callable[[Given], Player]


def open_player(given: Given) -> Player:
    """The player that the order names.

    Raises:
        Missing: there is no such script, tool or extension.
        Invalid: it names no endpoint.
    """
    head = given.order.model.partition(":")[0].partition("/")[0]
    return OPENERS.get(head, _endpoint)(given)


def _scripted(given: Given) -> Player:
    name = given.order.model.removeprefix(SCRIPTED)
    bench = given.bench
    made = scripts.write(name, given.tasks, bench.told, bench.resolve, epochs=given.order.epochs)
    address = Address(name=given.order.model, url=given.serve(made.to_json()))
    described = Described(
        name=given.order.model,
        version=_SCRIPTS,
        driver=Driver.SCRIPT,
        endpoint={"script": name, "dialect": "openai-chat"},
        elicitation=("Nothing: a script was replayed, and no model was asked.",),
    )
    return _agent(given, address, described)


def _endpoint(given: Given) -> Player:
    order = given.order
    if order.name.startswith((PREFIX, SCRIPTED)):
        raise Invalid("a model's name in the record must not be that of a tool", field="name")
    address = parse(order.model, key=os.environ.get(KEY_VARIABLE, ""))
    described = Described(
        name=order.name or address.name,
        version=order.version,
        driver=Driver.MODEL,
        endpoint=address.described,
        elicitation=(
            _LOOP,
            f"The model was told beforehand: {SYSTEM}",
            *order.tried,
        ),
    )
    return _agent(given, address, described)


def _agent(given: Given, address: Address, described: Described) -> Player:
    prices = _prices(given.order)
    client = client_for(address, OutgoingClient((), bounds=BOUNDS))
    endpoint = OpenAiEndpoint(address, client)
    return AgentPlayer(endpoint, described, tick=time.monotonic, prices=prices)


def _prices(order: RunOrder) -> Prices | None:
    """What tokens cost; None when nobody said. Raises Invalid."""
    if (order.price_in is None) != (order.price_out is None):
        raise Invalid("a price has two parts, of tokens in and out", field="price")
    if order.price_in is not None and order.price_out is not None:
        return Prices(tokens_in=order.price_in, tokens_out=order.price_out)
    if order.cost:
        raise Invalid("a bound of the cost needs the price of tokens", field="cost")
    return None


def _tool(given: Given) -> Player:
    order = given.order
    kit = kit_of(order.model.removeprefix(PREFIX))
    return ToolPlayer(
        kit,
        version_of(kit),
        cpu_seconds=order.cpu_seconds,
        target=given.bench.target,
        tick=time.monotonic,
    )


def _inspect(given: Given) -> Player:
    """A model of Inspect's providers, or a script, through Inspect's agent loop."""
    need_inspect()
    from firstlight.adapters.bench.inspect.player import (  # noqa: PLC0415  # the extra, 1 s
        ENGINE,
        InspectPlayer,
        open_model,
    )

    order = given.order
    name = order.model.removeprefix(INSPECT)
    if order.name.startswith((PREFIX, SCRIPTED)):
        raise Invalid("a model's name in the record must not be that of a tool", field="name")
    prices = _prices(order)
    script = name.removeprefix(SCRIPTED) if name.startswith(SCRIPTED) else ""
    if script:
        made = scripts.write(
            script, given.tasks, given.bench.told, given.bench.resolve, epochs=order.epochs
        )
        url = given.serve(made.to_json())
        reached = open_model(
            f"openai-api/scripted/{script}", public=given.public, url=url, key="none"
        )
    else:
        reached = open_model(name, public=given.public)
    scripted = bool(script) or name.startswith(_MOCK)
    loop = f"The agent loop of {ENGINE}: our four tools, one attempt, no hints, no best of several."
    endpoint = {"engine": ENGINE, "script": script} if script else reached.endpoint
    described = Described(
        name=f"{SCRIPTED}{INSPECT}{script or name}" if scripted else order.name or name,
        version=_SCRIPTS if scripted else order.version,
        driver=Driver.SCRIPT if scripted else Driver.MODEL,
        endpoint=endpoint,
        elicitation=(
            loop,
            "Nothing else: a script was replayed, and no model was asked."
            if scripted
            else f"The model was told beforehand: {SYSTEM}",
            *order.tried,
        ),
    )
    return InspectPlayer(
        reached, described, tick=time.monotonic, logs=given.folder / "inspect", prices=prices
    )


OPENERS: Mapping[str, Opener] = {"scripted": _scripted, "tool": _tool, "inspect": _inspect}
"""by the word before the first `:` or `/`; anything else is an endpoint"""
