"""Freezes everything below a run, keeps what it looks like, and kills it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from firstlight.adapters.bench.containment import look
from firstlight.adapters.bench.containment.look import Seen
from firstlight.core.kernel.canonical import Json

_PASSES = 5
"""over the family, until nobody new is found: what is being started while others freeze"""
_DEAD_SECONDS = 1.0
_KEPT = 200
"""processes of a snapshot"""


@dataclass(frozen=True, kw_only=True)
class Stop:
    """What was stopped."""

    frozen_after: float
    """seconds from the call until all stood still"""
    dead_after: float
    """seconds from the call until all were dead, or the wait for them ended"""
    killed: int
    survivors: Sequence[int]
    snapshot: Mapping[str, Json]
    """what it looked like, standing still"""


def stop(roots: Sequence[int], spared: Sequence[int]) -> Stop:
    """Stop everything below these processes, themselves included, apart from those spared."""
    began = time.monotonic()
    frozen = _freeze(roots, spared)
    still = time.monotonic()
    snapshot = _snapshot(frozen)
    doomed = {one.pid for one in frozen}
    until = time.monotonic() + _DEAD_SECONDS
    while True:
        left = _below(roots, spared)
        doomed |= {one.pid for one in left}
        if not left or time.monotonic() > until:
            break
        for one in left:
            _signal(one.pid, signal.SIGKILL)
        time.sleep(0.005)
    return Stop(
        frozen_after=still - began,
        dead_after=time.monotonic() - began,
        killed=len(doomed) - len(left),
        survivors=[one.pid for one in left],
        snapshot=snapshot,
    )


def _below(roots: Sequence[int], spared: Sequence[int]) -> list[Seen]:
    found = {one.pid: one for root in roots for one in look.family(root)}
    return [one for one in found.values() if one.pid not in spared]


def _freeze(roots: Sequence[int], spared: Sequence[int]) -> list[Seen]:
    found: dict[int, Seen] = {}
    for _ in range(_PASSES):
        fresh = [one for one in _below(roots, spared) if one.pid not in found]
        if not fresh:
            break
        for one in fresh:
            found[one.pid] = one
            _signal(one.pid, signal.SIGSTOP)
    return list(found.values())


def _snapshot(frozen: Sequence[Seen]) -> Mapping[str, Json]:
    networks = {one.network: one.pid for one in frozen if one.network is not None}
    own = look.see(os.getpid())
    host = own.network if own else None
    return {
        "processes": [dict(one.facts()) for one in frozen[:_KEPT]],
        "networks": {
            str(network): dict(look.tables(pid))
            for network, pid in list(networks.items())[:_KEPT]
            if network != host
        },
        "belongings": {
            str(network): list(look.belongings(pid))
            for network, pid in list(networks.items())[:_KEPT]
            if network != host
        },
    }


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
