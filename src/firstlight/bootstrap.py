"""The composition root: opens every adapter once and hands the ports to the front doors.

Nothing is opened on import. `open_firstlight` needs Django; what can do without (a runner, target
checks) is opened by functions of its own, so that a runner holds neither database nor secrets.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from firstlight.adapters.bench.behaviours.endpoint import BOUNDS as ENDPOINT_BOUNDS
from firstlight.adapters.bench.bench import Guard, LocalBench
from firstlight.adapters.bench.containment.live import LiveContainment
from firstlight.adapters.bench.containment.prover import Outside
from firstlight.adapters.bench.loader import load_suites
from firstlight.adapters.bench.planted.reading import Planted
from firstlight.adapters.bench.sealed.folder import SealedSuite, SuiteNotCommitted
from firstlight.adapters.bench.sealed.memory import MEMORY_BYTES, memory_folder
from firstlight.adapters.bench.sealed.running import SealedRun
from firstlight.adapters.formats.csaf_advisory import Publisher
from firstlight.adapters.formats.detect import read_any
from firstlight.adapters.formats.measure_record import read_record
from firstlight.adapters.machine import SystemClock, SystemMint
from firstlight.adapters.outgoing import AllowedHost, OutgoingBounds, OutgoingClient
from firstlight.adapters.publication.indexing import ZoneIndexer
from firstlight.adapters.publication.kept import KeptSignatures
from firstlight.adapters.publication.render import Renderer
from firstlight.adapters.publication.zone import FolderZone
from firstlight.adapters.registries.addresses import RegistryUnknown, configured
from firstlight.adapters.registries.fetcher import Fetcher
from firstlight.adapters.runner.child import RunnerChild
from firstlight.adapters.runner.client import HttpRunner
from firstlight.adapters.sandbox.arena import Arena
from firstlight.adapters.targets.laboratory import TargetLaboratory
from firstlight.adapters.targets.loader import load_all
from firstlight.adapters.vault.copies import MarkedCopies
from firstlight.adapters.vault.guarded import secrets_of
from firstlight.adapters.vault.keys import KeyFolder
from firstlight.adapters.vault.openpgp import OpenPgpKey
from firstlight.adapters.vault.sealed import EngagementVault
from firstlight.core.clearinghouse.finding import Report
from firstlight.core.clearinghouse.validation.target import PlantedFiles, Source, Target
from firstlight.core.guard.material import own_keys
from firstlight.core.kernel.errors import Missing, Refused, RunnerLost
from firstlight.core.measure.task import Suite
from firstlight.settings import Settings, load
from firstlight.usecases.context import Context
from firstlight.usecases.documents.desk import Desk
from firstlight.usecases.guard.gate import Gate
from firstlight.usecases.ports import Experiment, ExperimentResult, Runner

if TYPE_CHECKING:
    from firstlight.adapters.identity.store import DjangoAccounts
    from firstlight.adapters.storage.document_queries import (
        DjangoDocumentQueries,
        DjangoNoticeQueries,
    )
    from firstlight.adapters.storage.flood_queries import DjangoFloodQueries
    from firstlight.adapters.storage.guard_queries import DjangoGuardQueries
    from firstlight.adapters.storage.measurement_queries import DjangoMeasurementQueries
    from firstlight.adapters.storage.queries import DjangoQueries
    from firstlight.adapters.storage.review_overviews import DjangoReviewOverviews
    from firstlight.adapters.storage.tool_queries import DjangoToolQueries
    from firstlight.adapters.storage.use_queries import DjangoUseQueries
    from firstlight.usecases.ports import JobQueue
    from firstlight.usecases.ports.guard import Directory

_TARGETS = Path(__file__).parent / "targets"
"""where a wheel holds them"""
_WEBHOOK_BOUNDS = OutgoingBounds(total_seconds=15, idle_seconds=10)
_CHECKOUT_TARGETS = Path(__file__).parents[2] / "targets"
_SUITES = Path(__file__).parent / "suites"
_CHECKOUT_SUITES = Path(__file__).parents[2] / "suites"


@dataclass(frozen=True, kw_only=True)
class Firstlight:
    """Everything that is open."""

    settings: Settings
    context: Context
    queries: DjangoQueries
    reviews: DjangoReviewOverviews
    documents: DjangoDocumentQueries
    notices: DjangoNoticeQueries
    tools: DjangoToolQueries
    accounts: DjangoAccounts
    vault: EngagementVault
    desk: Desk
    webhooks: OutgoingClient
    jobs: JobQueue
    render: Renderer
    uses: DjangoUseQueries
    measurements: DjangoMeasurementQueries
    floods: DjangoFloodQueries
    verdicts: DjangoGuardQueries


class _NoRunner:
    """Stands where no runner is started: in the web process, which never runs anything."""

    def perform(self, experiment: Experiment) -> ExperimentResult:
        """Raises RunnerLost always: a worker has the runner."""
        raise RunnerLost("this process runs nothing untrusted", trials=len(experiment.trials))


def targets() -> Sequence[Target]:
    """The shipped targets, from the checkout or from the installed package."""
    return load_all(_CHECKOUT_TARGETS if _CHECKOUT_TARGETS.is_dir() else _TARGETS)


def suites() -> Sequence[Suite]:
    """The shipped suites of tasks, from the checkout or from the installed package."""
    known = {target.id: target for target in targets()}
    return load_suites(suites_folder(), known)


def suites_folder() -> Path:
    """Where the shipped suites are, a folder each."""
    return _CHECKOUT_SUITES if _CHECKOUT_SUITES.is_dir() else _SUITES


def bench(
    settings: Settings, runner: Runner | None = None, guard: Guard | None = None
) -> LocalBench:
    """A bench; arenas are made on this machine, and without a runner no target is run."""
    return LocalBench(targets(), runner or _NoRunner(), fetch_with(settings).fetch, Arena, guard)


class Contained(NamedTuple):
    """A bench whose samples are watched, and what watches them."""

    bench: LocalBench
    containment: LiveContainment


@contextmanager
def open_contained(settings: Settings) -> Iterator[Contained]:
    """A bench under containment, in a process that leads one run and starts nothing else.

    Processes of a runner on another machine cannot be seen; probes, decoys and counts still are.
    """
    child = None if settings.runner_url else RunnerChild(settings.cache / "builds", places=2)
    with child or nullcontext():
        runner = child.runner() if child else HttpRunner(settings.runner_url, settings.runner_token)
        containment = _containment(settings, runner, child)
        yield Contained(bench(settings, runner, containment.guard), containment)


def _containment(settings: Settings, runner: Runner, child: RunnerChild | None) -> LiveContainment:
    """What watches a runner, which is a child of this process or on another machine."""

    def roots() -> Sequence[int]:
        """The child, and this process, below which arenas are made."""
        pid = child.pid if child else None
        return [os.getpid(), *([pid] if pid else [])]

    return LiveContainment.of_runner(
        runner,
        folder=settings.data / "measurements",
        roots=roots,
        outside=lambda: outside(settings),
        clock=SystemClock(),
    )


def committed_suite(settings: Settings, folder: Path) -> SealedSuite:
    """A sealed suite that may be run.

    Raises:
        SuiteNotCommitted: nobody could tell later that its tasks were fixed before.
        Missing, SealedSuiteInvalid: there is none in this folder, or it is damaged.
    """
    suite = SealedSuite(folder, suite_vault(settings))
    if suite.committed_at is None:
        raise SuiteNotCommitted(f"{suite.manifest.suite} {suite.manifest.version}: not committed")
    return suite


@contextmanager
def open_sealed(settings: Settings, run: SealedRun) -> Iterator[Contained]:
    """A bench for the tasks of a sealed suite, on a tmpfs that is gone afterwards.

    Raises:
        NoMemoryFolder: there is no tmpfs to build on.
        Refused: a runner on another machine is set, whose disk cannot be looked at.
    """
    if settings.runner_url:
        raise Refused(
            "A sealed suite is not sent to a runner on another machine.",
            hint="Unset FIRSTLIGHT_RUNNER_URL for this run; its tasks stay in memory here.",
        )
    with (
        memory_folder(Path(settings.memory_folder)) as memory,
        RunnerChild(memory, places=2, cache_bytes=MEMORY_BYTES) as child,
    ):
        runner = child.runner()
        containment = _containment(settings, runner, child)
        made = LocalBench(run.targets, runner, run.fetch, Arena, containment.guard)
        yield Contained(made, containment)


@contextmanager
def prove_planted(settings: Settings, planted: Sequence[Planted]) -> Iterator[LocalBench]:
    """A bench for the gates of tasks that are not sealed yet, on a tmpfs. Raises NoMemoryFolder."""
    sources = {digest: data for one in planted for digest, data in one.sources.items()}

    def fetch(source: Source) -> bytes:
        if not isinstance(source, PlantedFiles) or source.sha256 not in sources:
            raise Missing("only planted programs are here")
        return sources[source.sha256]

    with (
        memory_folder(Path(settings.memory_folder)) as memory,
        RunnerChild(memory, places=settings.workers, cache_bytes=MEMORY_BYTES) as child,
    ):
        yield LocalBench([one.target for one in planted], child.runner(), fetch, Arena)


def endpoint_client() -> OutgoingClient:
    """Reaches no host before one is named; for the endpoints of models."""
    return OutgoingClient((), bounds=ENDPOINT_BOUNDS)


def suite_vault(settings: Settings) -> EngagementVault:
    """Keys of sealed suites, apart from those of engagements."""
    return EngagementVault(settings.suite_keys, store="the folder of suite keys")


def outside(settings: Settings) -> Outside:
    """What a sandbox must not reach, as far as this machine knows it."""
    mirrors: list[str] = []
    at = configured()
    for ask in (at.pypi, lambda: [at.npm()], at.debian):
        # A machine without one of the clients has none of its mirrors configured either.
        with suppress(RegistryUnknown):
            mirrors += [url.partition(" ")[0] for url in ask()]
    return Outside.of_this_machine(mirrors, [str(settings.data), str(settings.keys)])


def fetch_with(settings: Settings) -> Fetcher:
    """Fetches pinned releases into the cache."""
    return Fetcher(settings.cache / "downloads")


@contextmanager
def open_runner(settings: Settings) -> Iterator[Runner]:
    """The runner that the settings name, or a child process on loopback while the block lasts."""
    if settings.runner_url:
        yield HttpRunner(settings.runner_url, settings.runner_token)
        return
    with RunnerChild(settings.cache / "builds", places=settings.workers) as child:
        yield child.runner()


def open_firstlight(settings: Settings | None = None, runner: Runner | None = None) -> Firstlight:
    """Open storage, identity, vault and jobs.

    Args:
        settings: from the environment when left out
        runner: for processes that do jobs; without it nothing untrusted can be run
    """
    settings = settings or load()
    set_up_django()
    from firstlight.adapters.identity.store import DjangoAccounts  # noqa: PLC0415 # needs Django
    from firstlight.adapters.jobs.queues import job_queue  # noqa: PLC0415 # likewise
    from firstlight.adapters.storage.document_queries import (  # noqa: PLC0415 # likewise
        DjangoDocumentQueries,
        DjangoNoticeQueries,
    )
    from firstlight.adapters.storage.flood_queries import DjangoFloodQueries  # noqa: PLC0415
    from firstlight.adapters.storage.guard_queries import DjangoGuardQueries  # noqa: PLC0415
    from firstlight.adapters.storage.measurement_queries import (  # noqa: PLC0415 # likewise
        DjangoMeasurementQueries,
    )
    from firstlight.adapters.storage.queries import DjangoQueries  # noqa: PLC0415 # likewise
    from firstlight.adapters.storage.review_overviews import (  # noqa: PLC0415 # likewise
        DjangoReviewOverviews,
    )
    from firstlight.adapters.storage.tool_queries import DjangoToolQueries  # noqa: PLC0415
    from firstlight.adapters.storage.unit import DjangoStorage  # noqa: PLC0415 # likewise
    from firstlight.adapters.storage.use_queries import DjangoUseQueries  # noqa: PLC0415

    keys = KeyFolder(settings.keys)
    fetcher = fetch_with(settings)

    def fetch(source: Source) -> bytes:
        return fetcher.fetch(source)

    publisher = publisher_of(settings)
    document_key = OpenPgpKey(settings.keys, openpgp_user(settings))
    indexer = ZoneIndexer(
        publisher=publisher,
        url=settings.public_url,
        contact=settings.security_contact,
        key=document_key,
        clock=SystemClock(),
    )
    context = Context(
        storage=DjangoStorage(),
        clock=SystemClock(),
        mint=SystemMint(),
        signer=keys,
        laboratory=TargetLaboratory(targets, runner or _NoRunner(), fetch),
        zone=FolderZone(settings.public_zone, indexer),
        gate=gate_of(settings, DjangoAccounts()),
    )
    accounts, vault = DjangoAccounts(), EngagementVault(settings.sealed_keys)
    return Firstlight(
        settings=settings,
        context=context,
        queries=DjangoQueries(),
        reviews=DjangoReviewOverviews(),
        documents=DjangoDocumentQueries(),
        notices=DjangoNoticeQueries(),
        tools=DjangoToolQueries(),
        accounts=accounts,
        vault=vault,
        desk=Desk(vault=vault, marker=MarkedCopies(settings.reader_marks), accounts=accounts),
        webhooks=webhook_client(settings),
        jobs=job_queue(),
        render=Renderer(
            signer=keys,
            publisher=publisher,
            signature=KeptSignatures(document_key, settings.signatures),
        ),
        uses=DjangoUseQueries(),
        measurements=DjangoMeasurementQueries(),
        floods=DjangoFloodQueries(),
        verdicts=DjangoGuardQueries(),
    )


def gate_of(settings: Settings, directory: Directory) -> Gate:
    """The outbound guard's parts."""
    contact = settings.security_contact.removeprefix("mailto:").lower()
    secret_settings = (settings.database_url, settings.runner_token, settings.mail_url)
    lines = settings.canaries.read_text().splitlines() if settings.canaries.is_file() else ()
    return Gate(
        vault=EngagementVault(settings.guard_keys, store="the folder of the guard's keys"),
        directory=directory,
        own_keys=own_keys(secrets_of(settings.keys, secret_settings)),
        contacts=frozenset({contact} - {""}),
        canaries=tuple(line.strip() for line in lines if line.strip()),
    )


def publisher_of(settings: Settings) -> Publisher:
    """Who stands behind the advisories of this installation."""
    return Publisher(
        name=settings.publisher_name,
        namespace=settings.publisher_namespace,
        contact=settings.security_contact,
        advisories_url=f"{settings.public_url}/csaf" if settings.public_url else "",
        osv_prefix=settings.osv_prefix,
    )


def openpgp_user(settings: Settings) -> str:
    """How a new OpenPGP certificate names the publisher."""
    scheme, _, address = settings.security_contact.partition(":")
    name = settings.publisher_name
    return f"{name} <{address}>" if scheme == "mailto" else name


def webhook_client(settings: Settings) -> OutgoingClient:
    """Sends to the hosts that the settings allow, and waits for none of them for long."""
    allowed = [AllowedHost(host=host) for host in settings.allow_hosts]
    return OutgoingClient(allowed, bounds=_WEBHOOK_BOUNDS)


def configure_doors(opened: Firstlight) -> None:
    """Give the portal and the API their parts."""
    from firstlight.adapters.api import services as api  # noqa: PLC0415 # needs Django
    from firstlight.adapters.identity.brake import DatabaseBrake, address_of  # noqa: PLC0415
    from firstlight.adapters.identity.door import DjangoDoor  # noqa: PLC0415
    from firstlight.adapters.identity.resolve import resolve  # noqa: PLC0415
    from firstlight.adapters.web import services as web  # noqa: PLC0415

    settings = opened.settings

    def read_report(document: bytes) -> Sequence[Report]:
        return read_any(document, None)[1]

    brake = DatabaseBrake()
    web.configure(
        web.Services(
            context=opened.context,
            queries=opened.queries,
            overviews=opened.reviews,
            tools=opened.tools,
            accounts=opened.accounts,
            brake=brake,
            door=DjangoDoor(),
            jobs=opened.jobs,
            read_report=read_report,
            render=opened.render,
            uses=opened.uses,
            measurements=opened.measurements,
            read_record=read_record,
            vault=opened.vault,
            gateway_url=settings.gateway_url,
            base_url=settings.base_url,
            page_size=settings.page_size,
            upload_bytes=settings.upload_bytes,
            security_contact=settings.security_contact,
            reviews=opened.reviews,
            documents=opened.documents,
            notices=opened.notices,
            desk=opened.desk,
            verdicts=opened.verdicts,
            may_reach=opened.webhooks.may_reach,
        )
    )
    api.configure(
        api.Services(
            context=opened.context,
            queries=opened.queries,
            tools=opened.tools,
            accounts=opened.accounts,
            resolve=resolve,
            address_of=address_of,
            brake=brake,
            read_any=read_any,
            render=opened.render,
            jobs=opened.jobs,
            uses=opened.uses,
            measurements=opened.measurements,
            floods=opened.floods,
            read_record=read_record,
            vault=opened.vault,
            gateway_url=settings.gateway_url,
            base_url=settings.base_url,
            limits=api.Limits(document_bytes=settings.upload_bytes, page=settings.page_size),
            reviews=opened.reviews,
            documents=opened.documents,
            notices=opened.notices,
            desk=opened.desk,
            verdicts=opened.verdicts,
            may_reach=opened.webhooks.may_reach,
        )
    )


def set_up_django() -> None:
    """Load Django's apps once."""
    import django  # noqa: PLC0415 # only who needs it pays for it
    from django.apps import apps  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "firstlight.django_settings")
    if not apps.ready:
        django.setup()
