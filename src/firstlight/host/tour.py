"""The guided tour on this machine: a fresh installation, a running portal, the whole main job."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx

from firstlight.adapters.cli.host import Demo, Tell
from firstlight.adapters.cli.verify import verify_export
from firstlight.bootstrap import Firstlight, open_firstlight, targets
from firstlight.core.clearinghouse.validation.target import Target
from firstlight.core.kernel.canonical import canonical
from firstlight.core.kernel.errors import Unavailable
from firstlight.core.kernel.parties import SYSTEM, OrganisationKind, Role
from firstlight.demo.endpoint import scripted_endpoint
from firstlight.demo.reports import reports
from firstlight.demo.story import Toured, TourStuck, Visitor, tour
from firstlight.host.database import migrate
from firstlight.host.people import People
from firstlight.host.tour_measure import walk_measurements
from firstlight.host.tour_review import DEVELOPER, HOSTS, start_gateway, walk_review
from firstlight.settings import Settings, load
from firstlight.usecases.accounts.people import add_organisation, add_person

LOOPBACK = "127.0.0.1"
FOLDER = "tour"
"""below the data folder; everything in it but the cache is removed when a tour starts"""
FINDERS = ("Northern Fuzzing Lab", "Harbour Security", "Quick Scan Service")
ADMINISTRATOR = "administrator@firstlight.example"
COORDINATOR = "coordinator@firstlight.example"
_START_SECONDS = 150.0
_KEPT = ("cache",)
"""of an earlier tour: downloads and builds, so that the second one is quick and works offline"""
_TRACE = """==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000017
READ of size 1 at 0x602000000017 thread T0
    #0 0x55d0 in parse_string /src/cjson-1.7.15/cJSON.c:782
    #1 0x55d1 in parse_object /src/cjson-1.7.15/cJSON.c:1661
    #2 0x55d2 in parse_value /src/cjson-1.7.15/cJSON.c:1361
"""


class PortTaken(Unavailable):
    """Something else listens at the portal's address."""

    code = "demo.port_taken"
    next_step = "Stop it, or choose another: FIRSTLIGHT_BASE_URL=http://127.0.0.1:8700 make demo"


def set_apart(settings: Settings) -> Settings:
    """Settings of an installation of the tour's own, which never touches the real one's data.

    The environment is changed too, because Django and the child processes read it.
    """
    for name in ("DATABASE_URL", "FIRSTLIGHT_RUNNER_URL", "FIRSTLIGHT_RUNNER_TOKEN"):
        os.environ.pop(name, None)
    os.environ["FIRSTLIGHT_DATA"] = str(settings.data / FOLDER)
    os.environ["FIRSTLIGHT_PUBLISHER_NAME"] = "Firstlight demonstration"
    os.environ["FIRSTLIGHT_GATEWAY_HOSTS"] = HOSTS
    if "FIRSTLIGHT_GATEWAY_URL" not in os.environ:
        os.environ["FIRSTLIGHT_GATEWAY_URL"] = f"http://localhost:{_port_near(settings)}"
    return load()


def _port_near(settings: Settings) -> int:
    """Two above the portal's, as in a real installation; another one when that is taken."""
    for port in ((httpx.URL(settings.base_url).port or 8600) + 2, 0):
        try:
            with socket.create_server((LOOPBACK, port)) as probe:
                return int(probe.getsockname()[1])
        except (OSError, OverflowError):
            continue
    raise PortTaken("no port is free for the gateway")


def start_over(settings: Settings) -> None:
    """Remove what an earlier tour left, except for the caches."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in settings.data.iterdir():
        if path.name not in _KEPT:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def run(
    settings: Settings, tell: Tell, until_left: ExitStack
) -> tuple[Demo, subprocess.Popen[bytes]]:
    """Walk the tour; the portal's process is returned running.

    Args:
        settings: of the tour's own installation
        tell: hears of every step
        until_left: closes what else runs on (the gateway, the scripted endpoint)

    Raises:
        PortTaken: the portal cannot listen.
        TourStuck: a step failed.
    """
    begun = time.monotonic()
    if _answers(settings.base_url):
        raise PortTaken(f"something already answers at {settings.base_url}")
    tell("Setting up a fresh installation")
    start_over(settings)
    migrate()
    opened = open_firstlight(settings)
    people = People(opened)
    _open_office(settings, opened, people)
    target = next(one for one in targets() if one.demo)
    tell(f"Starting the portal at {settings.base_url}")
    server = _start(settings)
    try:
        toured, steps = _walk(settings, opened, people, target, tell)
        look_at = _keep(settings, toured, tell)
        look_at += _walk_review(settings, opened, people, (steps, tell), until_left)
        look_at += _walk_measurements(settings, opened, (steps, tell))
    except BaseException:
        server.terminate()
        server.wait()
        until_left.close()
        raise
    seconds = time.monotonic() - begun
    link = people.sign_in_link(COORDINATOR, reason="guided tour")
    return Demo(steps=steps, look_at=look_at, link=link, seconds=seconds), server


def _open_office(settings: Settings, opened: Firstlight, people: People) -> None:
    """An administrator, who sees no case, and a coordinator, who leads them."""
    people.create_administrator(
        email=ADMINISTRATOR,
        name="Demo administrator",
        organisation=settings.publisher_name,
        coordinator=False,
    )
    office = opened.accounts.organisation_by_name(settings.publisher_name)
    if office is None:
        raise TourStuck("the coordinating organisation was not made")
    add_person(
        opened.context,
        opened.accounts,
        SYSTEM,
        name="Demo coordinator",
        email=COORDINATOR,
        organisation=office.organisation.id,
        role=Role.COORDINATOR,
    )


def _walk(
    settings: Settings, opened: Firstlight, people: People, target: Target, tell: Tell
) -> tuple[Toured, list[str]]:
    visitors = {name: _finder(settings, opened, people, name) for name in FINDERS}
    coordinator = _visitor(settings, people, COORDINATOR, Role.COORDINATOR)
    steps: list[str] = []

    def heard(step: str, what: str) -> None:
        steps.append(f"{step}: {what}")
        tell(steps[-1])

    proofs = {proof.name: proof.data for proof in target.proofs}
    toured = tour(
        visitors, coordinator, reports(proofs, _TRACE), target.proposed_patch or "", heard
    )
    return toured, steps


def _walk_review(
    settings: Settings,
    opened: Firstlight,
    people: People,
    heard: tuple[list[str], Tell],
    until_left: ExitStack,
) -> list[str]:
    """The second part; what there is to look at."""
    steps, tell = heard

    def hear(step: str, what: str) -> None:
        steps.append(f"{step}: {what}")
        tell(steps[-1])

    endpoint = until_left.enter_context(scripted_endpoint(settings.data / "endpoint-log.jsonl"))
    tell(f"Starting the gateway at {settings.gateway_url}, and a scripted endpoint (not a model)")
    until_left.enter_context(kept_running(start_gateway(settings)))
    shown = walk_review(settings, opened, people, endpoint, hear)
    developer = people.sign_in_link(DEVELOPER, reason="guided tour").url
    key = settings.public_zone / "keys" / "ledger.key"
    compare = f"firstlight ledger reconcile {shown.export} {endpoint.log} --key {key}"
    return [
        f"{settings.base_url}/reviews/{shown.number}/use/  the developer's view; in by {developer}",
        f"{shown.export}  compare: {compare}",
    ]


def _walk_measurements(
    settings: Settings, opened: Firstlight, heard: tuple[list[str], Tell]
) -> list[str]:
    """The third part; what there is to look at."""
    steps, tell = heard

    def hear(step: str, what: str) -> None:
        steps.append(f"{step}: {what}")
        tell(steps[-1])

    tell("Measuring a script and a tool (no models) on four public tasks, under containment")
    return walk_measurements(settings, opened, hear)


def _finder(settings: Settings, opened: Firstlight, people: People, name: str) -> Visitor:
    email = f"{name.partition(' ')[0].lower()}@finders.example"
    organisation = add_organisation(
        opened.context, opened.accounts, SYSTEM, name=name, kind=OrganisationKind.FINDER
    )
    add_person(
        opened.context,
        opened.accounts,
        SYSTEM,
        name=f"{name} (machine account)",
        email=email,
        organisation=organisation.id,
        role=Role.FINDER,
    )
    return _visitor(settings, people, email, Role.FINDER)


def _visitor(settings: Settings, people: People, email: str, role: Role) -> Visitor:
    made = people.create_token(email=email, role=role.value, name="guided tour", scopes=(), days=1)
    return Visitor(url=settings.base_url, token=made.secret)


def _keep(settings: Settings, toured: Toured, tell: Tell) -> list[str]:
    """Write the ledger's export and check it as a stranger would."""
    path = settings.data / "ledger-export.json"
    path.write_bytes(canonical(toured.ledger))
    key = str(toured.ledger["verifier_key"])
    key_file = settings.public_zone / "keys" / "ledger.key"
    proved = verify_export(path.read_bytes(), key)
    tell(f"Ledger: {proved.verified.entries} entries hold under the signed checkpoint, offline.")
    zone = sorted(str(one) for one in settings.public_zone.rglob("*.json"))
    return [
        f"{settings.base_url}/cases/{toured.case}/  the case, from top to bottom",
        *zone,
        f"{path}  check it: firstlight ledger verify {path} --key {key_file}",
    ]


def _start(settings: Settings) -> subprocess.Popen[bytes]:
    port = httpx.URL(settings.base_url).port or 80
    log = (settings.data / "server.log").open("ab")
    server = subprocess.Popen(
        [sys.executable, "-m", "firstlight", "serve", "--address", LOOPBACK, "--port", str(port)],
        stdout=log,
        stderr=log,
    )
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        if _answers(settings.base_url):
            return server
        time.sleep(0.1)
    server.terminate()
    server.wait()
    raise TourStuck("the portal did not start", hint=f"See {settings.data / 'server.log'}.")


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/v1/health", timeout=2).is_success
    except httpx.HTTPError:
        return False


@contextmanager
def kept_running(server: subprocess.Popen[bytes]) -> Iterator[None]:
    """Let the portal run until the block ends, then stop it."""
    try:
        yield
    finally:
        server.terminate()
        server.wait()
