"""The same endpoint, asked directly and through the gateway, in turns, in one run.

    python benchmarks/gateway/run.py [--desk static|real] [--json] [--streams 200] [--seconds 10]

- latency: one request after the other, whole answers; direct and gateway in alternating blocks;
- paced: STREAMS streams at once, 30 events a second each; events that arrive in time;
- unpaced: streams as fast as they go, eight at once;
- revocation: seconds from the developer's act to the end of an open stream;
- memory: the gateway's resident size while REQUESTS more requests pass.

`--desk static` measures the gateway alone; `--desk real` with the reviews, the database and the
ledger behind it, on SQLite or on the fresh database that DATABASE_URL names.

Endpoint, gateway and client are three processes on one machine and share its processors: a
gateway on a machine of its own fares better. Wall and CPU seconds are given for each part.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.gateway.client import Connection, Place  # found by the line above
from benchmarks.gateway.desks import DESKS, Desk  # likewise

RATE = 30
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What runs, and both ways to it."""

    desk: Desk
    direct: Place
    gateway: Place
    endpoint_pid: int
    gateway_pid: int


@contextmanager
def setup(desk_name: str, models: tuple[str, ...]) -> Iterator[Setup]:
    """Start the endpoint and the gateway, each a process."""
    here = Path(__file__).parents[2]
    endpoint = subprocess.Popen(
        [sys.executable, str(here / "benchmarks/gateway/endpoint.py")],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(here)},
    )
    assert endpoint.stdout is not None
    url = f"http://127.0.0.1:{int(endpoint.stdout.readline())}"
    with (
        tempfile.TemporaryDirectory() as folder,
        DESKS[desk_name](Path(folder), url, models) as desk,
    ):
        key, _ = desk.grant()
        port = _free_port()
        code = (
            "from firstlight.adapters.gateway.serving import serve_gateway;"
            f"serve_gateway('{desk.factory}', address='127.0.0.1', port={port})"
        )
        gateway = subprocess.Popen(
            [sys.executable, "-c", code],
            env={**os.environ, **desk.environment},
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(port)
            yield Setup(
                desk=desk,
                direct=Place(url=url, key="none"),
                gateway=Place(url=f"http://127.0.0.1:{port}", key=key),
                endpoint_pid=endpoint.pid,
                gateway_pid=_worker(gateway.pid),
            )
        finally:
            for process in (gateway, endpoint):
                process.terminate()
                process.wait(20)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the gateway does not start")


def _worker(parent: int) -> int:
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    found = [int(child) for child in children if resident(int(child)) > 20 << 20]
    return max(found, key=resident, default=parent)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident(pid: int) -> int:
    """Bytes of memory that a process has at the moment."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


Figures = dict[str, float]


def timed(what: Setup, work: Coroutine[None, None, Figures]) -> Figures:
    """The figures of some work, with the wall and CPU time that it took."""
    pids = {"endpoint": what.endpoint_pid, "gateway": what.gateway_pid, "client": os.getpid()}
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    began = time.perf_counter()
    figures = asyncio.run(work)
    figures["wall_s"] = time.perf_counter() - began
    for name, pid in pids.items():
        figures[f"cpu_{name}_s"] = cpu_seconds(pid) - before[name]
    return {name: round(value, 4) for name, value in figures.items()}


async def latency(what: Setup, count: int) -> Figures:
    """Median and 99th percentile of whole answers, blocks of 20 in turns."""
    taken: dict[str, list[float]] = {"direct": [], "gateway": []}
    ways = {"direct": what.direct, "gateway": what.gateway}
    open_ones = {name: await Connection(place).open() for name, place in ways.items()}
    for _ in range(count // 20):
        for name, place in ways.items():
            request = place.request("recorded", stream=False)
            for _ in range(20):
                _, whole = await open_ones[name].ask(request)
                taken[name].append(whole * 1000)
    for one in open_ones.values():
        await one.close()
    figures = {}
    for name, values in taken.items():
        figures[f"{name}_median_ms"] = statistics.median(values)
        figures[f"{name}_p99_ms"] = statistics.quantiles(values, n=100)[98]
    figures["added_median_ms"] = figures["gateway_median_ms"] - figures["direct_median_ms"]
    return figures


async def paced(place: Place, streams: int, seconds: int) -> Figures:
    """Events a second that arrive over `streams` streams which tick 30 times a second."""
    request = place.request(f"tick:{seconds * RATE}:{RATE}", stream=True)
    open_ones = [await Connection(place).open() for _ in range(streams)]
    began = time.perf_counter()
    counts = await asyncio.gather(*(one.stream(request) for one in open_ones))
    wall = time.perf_counter() - began
    for one in open_ones:
        await one.close()
    return {"events": sum(counts), "events_per_s": sum(counts) / wall}


async def unpaced(place: Place, events: int, at_once: int, rounds: int) -> Figures:
    """Events a second of streams without pauses."""
    request = place.request(f"tick:{events}:0", stream=True)

    async def some() -> int:
        one = await Connection(place).open()
        count = sum([await one.stream(request) for _ in range(rounds)])
        await one.close()
        return count

    began = time.perf_counter()
    counts = await asyncio.gather(*(some() for _ in range(at_once)))
    return {"events_per_s": sum(counts) / (time.perf_counter() - began)}


async def revocation(what: Setup, tick: str, rounds: int) -> Figures:
    """Seconds until an open stream has ended, over `rounds` grants that are revoked in turn."""
    taken = []
    for number in range(rounds):
        key, revoke = await asyncio.to_thread(what.desk.grant)
        place = Place(url=what.gateway.url, key=key)
        one = await Connection(place).open()
        streaming = asyncio.create_task(one.stream(place.request(tick, stream=True)))
        await asyncio.sleep(0.1 + number * 0.37 % 0.2)  # at all points between two looks
        began = time.perf_counter()
        await asyncio.to_thread(revoke)
        await streaming
        taken.append(time.perf_counter() - began)
        await one.close()
    return {"rounds": rounds, "median_s": statistics.median(taken), "longest_s": max(taken)}


async def memory(what: Setup, count: int, at_once: int = 16) -> Figures:
    """The gateway's resident size along `count` requests, half of them streams."""
    sizes: list[tuple[int, float]] = []
    done = 0

    async def some(share: int) -> None:
        nonlocal done
        one = await Connection(what.gateway).open()
        whole = what.gateway.request("recorded", stream=False)
        stream = what.gateway.request("recorded", stream=True)
        for number in range(share):
            await one.ask(stream if number % 2 else whole)
            done += 1
            if done % max(1, count // 20) == 0:
                sizes.append((done, resident(what.gateway_pid) / (1 << 20)))
        await one.close()

    began = time.perf_counter()
    await asyncio.gather(*(some(count // at_once) for _ in range(at_once)))
    wall = time.perf_counter() - began
    early = statistics.mean(size for at, size in sizes if at <= count * 0.3)
    late = statistics.mean(size for at, size in sizes if at > count * 0.7)
    return {
        "requests": done,
        "requests_per_s": done / wall,
        "first_30_percent_mib": early,
        "last_30_percent_mib": late,
        "growth_mib": late - early,
        "most_mib": max(size for _, size in sizes),
    }


def measure(asked: argparse.Namespace) -> dict[str, Figures]:
    """All of it."""
    found: dict[str, Figures] = {}
    tick = f"tick:{asked.seconds * RATE}:{RATE}"
    with setup(asked.desk, ("recorded", tick, "tick:2000:0")) as what:
        asyncio.run(latency(what, 200))  # warm
        found["latency"] = timed(what, latency(what, asked.latency))
        for name, place in (("direct", what.direct), ("gateway", what.gateway)):
            found[f"paced_{name}"] = timed(what, paced(place, asked.streams, asked.seconds))
        for name, place in (("direct", what.direct), ("gateway", what.gateway)):
            found[f"unpaced_{name}"] = timed(what, unpaced(place, 2000, 8, 4))
        found["revocation"] = timed(what, revocation(what, tick, 30))
        found["memory"] = timed(what, memory(what, asked.requests))
    for kind in ("paced", "unpaced"):
        rates = [found[f"{kind}_{name}"]["events_per_s"] for name in ("gateway", "direct")]
        found[f"{kind}_ratio"] = {"gateway_to_direct": round(rates[0] / rates[1], 4)}
    return found


def main() -> None:
    """Print figures."""
    parser = argparse.ArgumentParser(description="The gateway beside the direct way.")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--desk", choices=[*DESKS], default="static", help="who decides")
    parser.add_argument("--latency", type=int, default=2000, help="requests for the latency")
    parser.add_argument("--streams", type=int, default=200, help="paced streams at once")
    parser.add_argument("--seconds", type=int, default=10, help="length of a paced stream")
    parser.add_argument("--requests", type=int, default=5000, help="requests for the memory")
    found = measure(parser.parse_args())
    if "--json" in sys.argv:
        print(json.dumps(found, indent=2))
        return
    for part, figures in found.items():
        print(part)
        for name, value in figures.items():
            print(f"  {name:24} {value:12,.3f}")


if __name__ == "__main__":
    main()
