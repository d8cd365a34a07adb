"""From the name that a person gives to the player that drives the agent."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from firstlight.adapters.bench.baselines.kits import PREFIX, kit_of, version_of
from firstlight.adapters.bench.baselines.player import ToolPlayer
from firstlight.adapters.bench.bench import LocalBench
from firstlight.adapters.bench.players import script as scripts
from firstlight.adapters.bench.players.address import Address, client_for, parse
from firstlight.adapters.bench.players.openai import BOUNDS, OpenAiEndpoint
from firstlight.adapters.cli.host_measure import RunOrder
from firstlight.adapters.outgoing import OutgoingClient
from firstlight.core.kernel.errors import Invalid, Missing
from firstlight.core.measure.containment import Driver
from firstlight.core.measure.task import Task
from firstlight.host.leading import KEY_VARIABLE
from firstlight.settings import Settings
from firstlight.usecases.measurements.agent import SYSTEM, AgentPlayer, Prices
from firstlight.usecases.ports.players import Described, Player

SCRIPTED = "scripted:"
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
    order = given.order
    if (order.price_in is None) != (order.price_out is None):
        raise Invalid("a price has two parts, of tokens in and out", field="price")
    prices = None
    if order.price_in is not None and order.price_out is not None:
        prices = Prices(tokens_in=order.price_in, tokens_out=order.price_out)
    elif order.cost:
        raise Invalid("a bound of the cost needs the price of tokens", field="cost")
    client = client_for(address, OutgoingClient((), bounds=BOUNDS))
    endpoint = OpenAiEndpoint(address, client)
    return AgentPlayer(endpoint, described, tick=time.monotonic, prices=prices)


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


def _absent(given: Given) -> Player:
    raise Missing(
        f"{given.order.model[:80]!r} cannot be played by this installation.",
        hint="Name scripted:NAME, tool:NAME, or MODEL@https://host/v1.",
    )


OPENERS: Mapping[str, Opener] = {"scripted": _scripted, "tool": _tool, "inspect": _absent}
"""by the word before the first `:` or `/`; anything else is an endpoint"""
