"""The OSV query API over 250,000 affected ranges, beside a constant answer of the same size.

    python benchmarks/publication/osv.py

The server runs on one core and the client on another, both real processes over loopback. The
constant answer comes from the same server with the index taken out, so that what the index costs
is the difference. At a fixed rate, latency counts from the moment when a request was due, so that a
slow answer is not hidden by the requests that waited for it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from firstlight.adapters.public.app import Answers, PublicApp
from firstlight.adapters.public.linked import Links
from firstlight.adapters.public.osv_index import OsvIndex
from firstlight.adapters.public.osv_query import OsvQueries
from firstlight.adapters.public.serving import run

RANGES = 250_000
PACKAGES = 40_000
_ANSWER = "BENCHMARK_ANSWER"
_ECOSYSTEMS = ("PyPI", "npm", "Debian:12", "Maven", "Go", "crates.io", "RubyGems", "NuGet")
_HOT = 0.2
"""share of ranges and of queries that fall to few packages"""
_HOT_PACKAGES = 400
_ASKED_FROM = 7
"""major version from which queries ask: people run newer releases than most flaws are in"""
_REOPENED = 0.3
"""share of ranges with a second stretch"""
_BY_PURL = 0.8
_PIPELINED = 16
_CONNECTIONS = 4


def version(rng: random.Random, ecosystem: str, *, oldest: int = 0) -> str:
    """A version that the ecosystem can read."""
    text = f"{rng.randint(oldest, 9)}.{rng.randint(0, 30)}.{rng.randint(0, 30)}"
    return f"{text}-{rng.randint(1, 9)}" if ecosystem.startswith("Debian") else text


def package(rng: random.Random) -> tuple[str, str]:
    """Ecosystem and name; some packages have a hundred ranges and more, most have a few."""
    number = rng.randint(1, _HOT_PACKAGES if rng.random() < _HOT else PACKAGES)
    ecosystem = _ECOSYSTEMS[number % len(_ECOSYSTEMS)]
    return ecosystem, f"org.x:p{number}" if ecosystem == "Maven" else f"package-{number}"


def write_records(path: Path, ranges: int) -> int:
    """Records with `ranges` ranges in all, about 1 kB each; returns how many."""
    rng = random.Random(7)  # noqa: S311  # a repeatable load
    count = left = 0
    left = ranges
    with path.open("w") as file:
        while left:
            affected = []
            for _ in range(min(left, rng.choice((1, 1, 2, 4)))):
                ecosystem, name = package(rng)
                events = [{"introduced": "0"}, {"fixed": version(rng, ecosystem)}]
                if rng.random() < _REOPENED:
                    events += [{"introduced": "9.0.0"}, {"fixed": "9.9.9"}]
                one = {"package": {"ecosystem": ecosystem, "name": name}}
                affected.append({**one, "ranges": [{"type": "ECOSYSTEM", "events": events}]})
            left -= len(affected)
            record = {
                "id": f"BENCH-2026-{count:06}",
                "schema_version": "1.7.3",
                "modified": "2026-01-01T00:00:00Z",
                "summary": "A flaw",
                "details": "It goes wrong in some way. " * 20,
                "affected": affected,
            }
            file.write(json.dumps(record) + "\n")
            count += 1
    return count


class Constant(OsvQueries):
    """Answers everything with the same bytes."""

    def __init__(self, answer: bytes) -> None:
        """Of the size that real answers have."""
        self._answer = answer

    def query(self, body: bytes) -> bytes:  # noqa: ARG002  # the port's signature
        """Without looking."""
        return self._answer


def constant() -> PublicApp:
    """The same server without an index."""
    answer = b"{" + b" " * (int(os.environ[_ANSWER]) - 2) + b"}"
    one = Answers(Constant(answer), Links(OsvIndex(())))
    return PublicApp(Path("/"), lambda: one)


class Server(NamedTuple):
    """A server that runs."""

    port: int
    process: subprocess.Popen[bytes]
    start_seconds: float

    def memory(self) -> int:
        """Resident bytes of its processes, the mapped file of records among them."""
        total = 0
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                text = status.read_text()
            except OSError:
                continue
            facts = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
            if str(self.process.pid) in {facts["PPid"].strip(), facts["Pid"].strip()}:
                total += int(facts.get("VmRSS", "0 kB").split()[0]) * 1024
        return total


@contextmanager
def server(command: Sequence[str], path: str, **environment: str) -> Iterator[Server]:
    """Start a server on core 0 and wait for its first answer."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    begun = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        env={**os.environ, **environment},
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, {0}),  # noqa: PLW1509  # no threads here
    )
    try:
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
                    line.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                    if line.recv(12):
                        break
            except OSError:
                time.sleep(0.01)
        yield Server(port, process, time.perf_counter() - begun)
    finally:
        process.terminate()
        process.wait()


class Client:
    """One connection."""

    def __init__(self, port: int) -> None:
        """Connect."""
        self._line = socket.create_connection(("127.0.0.1", port))
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._line.makefile("rb", buffering=1 << 20)

    def send(self, requests: bytes) -> None:
        """One request, or some at once."""
        self._line.sendall(requests)

    def receive(self) -> bytes:
        """The body of the next answer, which must be a success."""
        status = self._file.readline()
        assert b" 200 " in status, status
        length = 0
        while (line := self._file.readline()) not in {b"\r\n", b""}:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return self._file.read(length)


def post(path: str, value: Any) -> bytes:  # noqa: ANN401  # JSON
    """A request as bytes."""
    body = json.dumps(value).encode()
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def queries(count: int) -> list[Any]:
    """Queries by package and version; one in five by package URL."""
    rng = random.Random(11)  # noqa: S311  # a repeatable load
    made: list[Any] = []
    for _ in range(count):
        ecosystem, name = package(rng)
        at = version(rng, ecosystem, oldest=_ASKED_FROM)
        if ecosystem == "PyPI" and rng.random() < _BY_PURL:
            made.append({"package": {"purl": f"pkg:pypi/{name}@{at}"}})
        else:
            made.append({"package": {"ecosystem": ecosystem, "name": name}, "version": at})
    return made


def throughput(port: int, requests: Sequence[bytes], seconds: float) -> float:
    """Answers a second with some connections that each have some requests on the way."""
    clients = [Client(port) for _ in range(_CONNECTIONS)]
    groups = [b"".join(requests[i : i + _PIPELINED]) for i in range(0, len(requests), _PIPELINED)]
    done, turn, end = 0, 0, time.perf_counter() + seconds
    begun = time.perf_counter()
    while time.perf_counter() < end:
        for client in clients:
            client.send(groups[turn % len(groups)])
            turn += 1
        for client in clients:
            for _ in range(_PIPELINED):
                client.receive()
                done += 1
    return done / (time.perf_counter() - begun)


def latencies(port: int, requests: Sequence[bytes], rate: int, seconds: float) -> list[float]:
    """Seconds from when each request was due to its answer, at a fixed rate."""
    client = Client(port)
    found = []
    begun = time.perf_counter()
    for number in range(int(rate * seconds)):
        due = begun + number / rate
        while (now := time.perf_counter()) < due:
            time.sleep(max(0.0, (due - now) * 0.5))
        client.send(requests[number % len(requests)])
        client.receive()
        found.append(time.perf_counter() - due)
    return found


def batch(port: int, rounds: int) -> list[float]:
    """Seconds for batches of 1,000, each of other queries."""
    client = Client(port)
    asked = queries(1000 * rounds)
    found = []
    for number in range(rounds):
        request = post("/v1/querybatch", {"queries": asked[number * 1000 : number * 1000 + 1000]})
        begun = time.perf_counter()
        client.send(request)
        client.receive()
        found.append(time.perf_counter() - begun)
    return found


def p(values: Sequence[float], share: float) -> float:
    """A quantile."""
    return statistics.quantiles(values, n=1000)[int(share * 1000) - 1]


def measure(folder: Path, seconds: float) -> None:
    """Print every figure."""
    asked = [post("/v1/query", one) for one in queries(8192)]
    command = [sys.executable, "-m", "firstlight", "serve-public", str(folder)]
    with server(command, "/v1/openapi.json") as real:
        print(f"start-up to the first answer   {real.start_seconds:8.2f} s")
        print(f"memory after the start         {real.memory() / 2**20:8.0f} MiB")
        client = Client(real.port)
        sizes, cold = [], []
        for request in asked[:4096]:
            begun = time.perf_counter()
            client.send(request)
            sizes.append(len(client.receive()))
            cold.append(time.perf_counter() - begun)
        print(f"first time, packages unread    {p(cold, 0.5) * 1000:8.2f} ms p50")
        print(f"                               {p(cold, 0.95) * 1000:8.2f} ms p95")
        size = int(statistics.mean(sizes))
        print(f"mean answer                    {size:8} bytes")
        found = latencies(real.port, asked, 500, seconds)
        for share in (0.5, 0.95, 0.99):
            print(f"500 a second, p{share * 100:<3.0f}            {p(found, share) * 1000:8.2f} ms")
        for name, value in (
            ("first", batch(real.port, 1)[0]),
            ("median", p(batch(real.port, 9), 0.5)),
        ):
            print(f"batch of 1,000, {name:<14} {value * 1000:8.1f} ms")
        total = throughput(real.port, asked, seconds)
        print(f"queries                        {total:8.0f} a second")
        print(f"memory afterwards              {real.memory() / 2**20:8.0f} MiB")
    same = [sys.executable, __file__, "--constant"]
    with server(same, "/v1/openapi.json", **{_ANSWER: str(size)}) as plain:
        noise = latencies(plain.port, asked, 500, seconds)
        constant_total = throughput(plain.port, asked, seconds)
    print(f"constant at 500 a second, p95    {p(noise, 0.95) * 1000:8.2f} ms")
    print(f"constant answer of that size   {constant_total:8.0f} a second")
    print(f"queries / constant             {total / constant_total:8.2f}")


def main() -> None:
    """Make the records, start the servers, measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--ranges", type=int, default=RANGES)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--constant", action="store_true", help="be the server to compare with")
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    if given.constant:
        run("osv:constant", address="127.0.0.1", port=given.port, processes=1, tls=None)
        return
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "osv").mkdir()
        count = write_records(folder / "osv/all.jsonl", given.ranges)
        size = (folder / "osv/all.jsonl").stat().st_size
        print(f"records                        {count:8} with {given.ranges} ranges")
        print(f"file                           {size / 2**20:8.0f} MiB")
        measure(folder, given.seconds)


if __name__ == "__main__":
    main()
