"""`Machine`: the command line's `Host` on this computer. Each method opens what it needs, late."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from firstlight.adapters.cli.host import (
    AnswerJudged,
    Archive,
    Check,
    Demo,
    EscapePlayed,
    Link,
    OrganisationShown,
    OsvImported,
    ProofShown,
    SourceLoaded,
    TargetChecked,
    TargetShown,
    TaskChecked,
    TaskShown,
    Tell,
    TokenMade,
    TokenShown,
)
from firstlight.core.kernel.errors import Conflict, Missing
from firstlight.settings import Settings, load

if TYPE_CHECKING:
    from firstlight.adapters.cli.host_behaviours import Behaviours
    from firstlight.adapters.cli.host_measure import Logs, Runs
    from firstlight.adapters.cli.host_sealed import SealedSuites
    from firstlight.bootstrap import Firstlight
    from firstlight.core.measure.task import Task
    from firstlight.host.people import People
    from firstlight.usecases.ports import Signer

_IN_A_BACKUP = (
    "the database, with every report as it arrived",
    "not the keys: copy their folder to an offline medium",
    "not the keys of sealed documents: without them the documents in it stay sealed",
    "not the keys of sealed suites: copy their folder to where secrets are kept",
    "not the public zone: `firstlight publish` writes it again",
)
_LOOK_SECONDS = 0.5
"""between two looks at the portal"""


class Machine:
    """This computer, with its settings, database and keys."""

    def __init__(self) -> None:
        """Nothing is opened yet."""
        self._portal: subprocess.Popen[bytes] | None = None
        self._beside = ExitStack()
        """what else of the tour runs on"""

    @cached_property
    def _settings(self) -> Settings:
        return load()

    @cached_property
    def _opened(self) -> Firstlight:
        from firstlight.bootstrap import open_firstlight  # noqa: PLC0415 # needs Django

        return open_firstlight(self._settings)

    @cached_property
    def _people(self) -> People:
        from firstlight.host.people import People  # noqa: PLC0415 # needs Django

        return People(self._opened)

    def serve(self, *, address: str, port: int, processes: int, worker: bool, tell: Tell) -> None:
        """Run the portal and the API until a signal ends it."""
        from firstlight.host import serving  # noqa: PLC0415 # only here
        from firstlight.host.database import clear_expired  # noqa: PLC0415 # needs Django

        self.migrate(tell)
        clear_expired()
        tell(f"Portal and API at http://{address}:{port}; Ctrl-C stops it.")
        serving.serve(
            self._settings, address=address, port=port, processes=processes, worker=worker
        )

    def work(self, *, concurrency: int, tell: Tell) -> None:
        """Do jobs until a signal ends it."""
        from firstlight.host import serving  # noqa: PLC0415 # only here

        tell(f"Working on up to {concurrency} jobs at a time; Ctrl-C stops it.")
        stop = serving.stop_on_signals()
        serving.work(self._settings, concurrency=concurrency, stop=stop)

    def run_runner(self, *, address: str, port: int, places: int, tell: Tell) -> None:
        """Serve a runner."""
        from firstlight.host import serving  # noqa: PLC0415 # only here

        tell(f"Runner at http://{address}:{port} with {places} places; Ctrl-C stops it.")
        serving.run_runner(self._settings, address=address, port=port, places=places)

    def run_gateway(self, *, address: str, port: int, processes: int, tell: Tell) -> None:
        """Stand between reviewers and endpoints until a signal ends it. Raises BadSetting."""
        from firstlight.adapters.gateway import serve_gateway  # noqa: PLC0415 # only here
        from firstlight.host.gateway import allowed_hosts  # noqa: PLC0415 # likewise

        hosts = allowed_hosts(self._settings.gateway_hosts)
        tell(f"Gateway at http://{address}:{port} to {len(hosts)} hosts; Ctrl-C stops it.")
        serve_gateway(
            "firstlight.host.gateway:make", address=address, port=port, processes=processes
        )

    def serve_public(
        self,
        folder: Path | None,
        *,
        address: str,
        port: int,
        processes: int,
        tls: tuple[Path, Path] | None,
        tell: Tell,
    ) -> None:
        """Serve a public zone until a signal ends it."""
        from firstlight.adapters.public.serving import serve_public  # noqa: PLC0415 # only here

        zone = folder or self._settings.public_zone
        scheme = "https" if tls else "http"
        tell(f"Public zone {zone} at {scheme}://{address}:{port}; Ctrl-C stops it.")
        serve_public(zone, address=address, port=port, processes=processes, tls=tls)

    def migrate(self, tell: Tell) -> None:
        """Bring the database to this version's tables."""
        from firstlight.host.database import migrate  # noqa: PLC0415 # needs Django

        applied = migrate()
        tell(f"Applied {applied} migrations." if applied else "The database is up to date.")

    def backup(self, path: Path) -> Archive:
        """Write a consistent copy of the database; never the keys."""
        from firstlight.adapters.storage.backup import backup  # noqa: PLC0415 # needs Django

        self._opened  # noqa: B018 # Django must be set up
        if path.exists():
            raise Conflict(f"{path} exists", hint="Name a new file; a backup replaces none.")
        backup(path)
        return Archive(path=path, size=path.stat().st_size, contents=_IN_A_BACKUP)

    def restore(self, path: Path, *, force: bool) -> Archive:
        """Read a backup back."""
        from firstlight.adapters.storage.backup import restore  # noqa: PLC0415 # needs Django
        from firstlight.host.database import migrate  # noqa: PLC0415 # likewise

        self._opened  # noqa: B018 # Django must be set up
        restore(path, overwrite=force)
        migrate()
        return Archive(path=path, size=path.stat().st_size, contents=_IN_A_BACKUP)

    def doctor(self) -> Sequence[Check]:
        """Look at everything that is needed."""
        from firstlight.host.checks import look  # noqa: PLC0415 # only here

        return look(self._settings)

    def create_administrator(
        self, *, email: str, name: str, organisation: str, coordinator: bool
    ) -> Link:
        """Make an administrator and their first way in."""
        from firstlight.host.database import migrate  # noqa: PLC0415 # needs Django

        migrate()
        return self._people.create_administrator(
            email=email, name=name, organisation=organisation, coordinator=coordinator
        )

    def sign_in_link(self, email: str, *, reason: str) -> Link:
        """A way in for somebody who was recognised by other means."""
        return self._people.sign_in_link(email, reason=reason)

    def break_glass(self, email: str) -> Link:
        """A way in for an administrator; loud in the ledger."""
        return self._people.break_glass(email)

    def organisations(self) -> Sequence[OrganisationShown]:
        """All, those that wait first."""
        return self._people.organisations()

    def vet_organisation(self, organisation: str, *, refuse: bool) -> OrganisationShown:
        """Let an organisation in, or refuse it."""
        return self._people.vet(organisation, refuse=refuse)

    def create_token(
        self, *, email: str, role: str, name: str, scopes: Sequence[str], days: int
    ) -> TokenMade:
        """A token for this person, acting in `role`."""
        return self._people.create_token(
            email=email, role=role, name=name, scopes=scopes, days=days
        )

    def tokens(self, email: str) -> Sequence[TokenShown]:
        """A person's tokens, newest first."""
        return self._people.tokens(email)

    def revoke_token(self, email: str, token: str) -> None:
        """Stop a token for good."""
        self._people.revoke_token(email, token)

    def targets(self) -> Sequence[TargetShown]:
        """Those that are shipped."""
        from firstlight.bootstrap import targets  # noqa: PLC0415 # reads every file

        return [
            TargetShown(
                id=one.id,
                ecosystem=one.ecosystem.value,
                package=one.package.to_string(),
                vulnerable=one.vulnerable.version,
                fixed=one.fixed.version,
                identifiers=(one.cve,),
            )
            for one in targets()
        ]

    def check_targets(
        self, ids: Sequence[str], *, repeat: int, progress: Callable[[str, str], None]
    ) -> Sequence[TargetChecked]:
        """Build and run targets, all when `ids` is empty. Raises Missing."""
        from firstlight.adapters.targets.check import check  # noqa: PLC0415 # only here
        from firstlight.bootstrap import fetch_with, open_runner, targets  # noqa: PLC0415

        shipped = {target.id: target for target in targets()}
        unknown = [name for name in ids if name not in shipped]
        if unknown:
            raise Missing(f"there is no target {unknown[0][:80]!r}", hint="firstlight target list")
        fetch = fetch_with(self._settings).fetch
        with open_runner(self._settings) as runner:
            return [
                TargetChecked(
                    id=done.target.id, ok=done.ok, seconds=done.seconds, problems=done.problems
                )
                for done in (
                    check(shipped[name], runner, fetch, repeat=repeat, progress=progress)
                    for name in (ids or shipped)
                )
            ]

    def tasks(self) -> Sequence[TaskShown]:
        """Those of the shipped suites."""
        from firstlight.bootstrap import suites  # noqa: PLC0415 # reads every file

        return [
            TaskShown(
                suite=suite.id,
                id=task.id,
                kind=task.kind.value,
                given=task.given.value,
                family=task.family,
                ecosystem=task.ecosystem,
                cwe=task.cwe,
                minutes=task.human.minutes,
                resists_tools=task.resists_tools,
                title=task.title,
            )
            for suite in suites()
            for task in suite.tasks
        ]

    def task_told(self, task: str) -> str:
        """What an agent is told at the start of this task. Raises Missing."""
        from firstlight.bootstrap import bench  # noqa: PLC0415 # reads every file

        return bench(self._settings).told(_task(task))

    def judge_answer(self, task: str, answer: bytes) -> AnswerJudged:
        """What the verifier of this task says of an answer. Raises Missing."""
        from firstlight.bootstrap import bench, open_runner  # noqa: PLC0415 # reads every file
        from firstlight.usecases.ports.bench import Transcript  # noqa: PLC0415

        asked = _task(task)
        with open_runner(self._settings) as runner:
            found = bench(self._settings, runner).verify(asked, Transcript(answer=answer))
        return AnswerJudged(
            task=task,
            outcome=found.kind,
            summary=found.evidence.summary,
            detections=[f"{one.trick}: {one.why}" for one in found.evidence.detections],
            level=found.evidence.level,
            facts=found.evidence.facts,
        )

    def check_tasks(
        self,
        ids: Sequence[str],
        *,
        kinds: Sequence[str],
        jobs: int,
        progress: Callable[[str, str], None],
    ) -> Sequence[TaskChecked]:
        """Try the gates of tasks, of all when `ids` is empty. Raises Missing."""
        from firstlight.adapters.bench.gates import check_all  # noqa: PLC0415 # only here
        from firstlight.bootstrap import bench, open_runner, suites  # noqa: PLC0415

        shipped = {task.id: task for suite in suites() for task in suite.tasks}
        unknown = [name for name in ids if name not in shipped]
        if unknown:
            raise Missing(f"there is no task {unknown[0][:80]!r}", hint="firstlight suite list")
        wanted = [
            task
            for name, task in shipped.items()
            if (not ids or name in ids) and (not kinds or task.kind in kinds)
        ]
        with open_runner(self._settings) as runner:
            found = check_all(wanted, bench(self._settings, runner), progress, jobs=jobs)
        return [
            TaskChecked(
                id=one.task.id,
                ok=not one.problems,
                seconds=one.seconds,
                gates={gate.solution: gate.outcome.kind for gate in one.gates},
                problems=one.problems,
            )
            for one in found
        ]

    def sealed_suites(self) -> SealedSuites:
        """Sealed suites, with the keys of this machine."""
        from firstlight.host.sealed import Suites  # noqa: PLC0415 # only here

        return Suites(self._settings, lambda: self._opened)

    def behaviours(self) -> Behaviours:
        """Behaviours, drafted and run through the one outgoing client."""
        from firstlight.host.behaviours import LocalBehaviours  # noqa: PLC0415 # only here

        return LocalBehaviours()

    def signer(self) -> Signer:
        """The keys of this machine."""
        from firstlight.adapters.vault.keys import KeyFolder  # noqa: PLC0415 # loads cryptography

        return KeyFolder(self._settings.keys)

    def drill(
        self, only: Sequence[str], *, progress: Callable[[EscapePlayed], None]
    ) -> Sequence[EscapePlayed]:
        """Play planted escapes, all when `only` is empty. Raises Missing."""
        from firstlight.host.containment import play  # noqa: PLC0415 # only here

        return play(only, progress)

    def prove_containment(self) -> ProofShown:
        """Try every way out of the sandbox that samples would get, now."""
        from firstlight.host.containment import prove  # noqa: PLC0415 # only here

        return prove(self._settings)

    def logs(self) -> Logs:
        """Reads logs of another engine."""
        from firstlight.host.evaluations import InspectLogs  # noqa: PLC0415 # only here

        return InspectLogs()

    def runs(self) -> Runs:
        """Leads runs of suites on this machine."""
        from firstlight.host.database import migrate  # noqa: PLC0415 # needs Django
        from firstlight.host.runs import LocalRuns  # noqa: PLC0415 # only here

        migrate()
        return LocalRuns(self._settings, self._opened)

    def load_source(self, kind: str, place: str) -> SourceLoaded:
        """Load `kev` or `epss` from a file or an https address that the settings allow."""
        from firstlight.host.sources import load_source  # noqa: PLC0415 # needs Django

        status = load_source(self._opened, kind, place)
        return SourceLoaded(
            name=status.name,
            version=status.version,
            dated=status.dated.isoformat(),
            count=status.count,
        )

    def import_osv(self, place: Path, *, source: str, licence: str, url: str) -> OsvImported:
        """Put OSV records of others into the public zone."""
        from firstlight.adapters.publication.importing import (  # noqa: PLC0415 # only here
            Origin,
            import_osv,
        )
        from firstlight.adapters.publication.zone import FolderZone  # noqa: PLC0415 # likewise

        made = import_osv(place, Origin(source=source, licence=licence, url=url))
        FolderZone(self._settings.public_zone).put_beside(made.files)
        return OsvImported(records=made.records, left_out=made.left_out, reasons=made.reasons)

    def rebuild_public_zone(self) -> int:
        """Write the public zone anew from every public advisory."""
        from firstlight.usecases.advisories.publish import rebuild_zone  # noqa: PLC0415

        return rebuild_zone(self._opened.context, self._opened.render)

    def demo(self, progress: Tell) -> Demo:
        """Run the guided tour; the portal runs on until `leave_demo`."""
        from firstlight.host.tour import run, set_apart  # noqa: PLC0415 # needs Django

        demo, self._portal = run(set_apart(self._settings), progress, self._beside)
        return demo

    def leave_demo(self, *, at_once: bool) -> None:
        """Stop the tour's portal: at once, or when a signal comes."""
        from firstlight.host.serving import stop_on_signals  # noqa: PLC0415 # only here

        portal, stop = self._portal, stop_on_signals()
        while not at_once and portal and portal.poll() is None and not stop.wait(_LOOK_SECONDS):
            pass
        self._beside.close()
        if portal:
            portal.terminate()
            portal.wait()


def _task(name: str) -> Task:
    from firstlight.bootstrap import suites  # noqa: PLC0415 # reads every file

    found = next((task for suite in suites() for task in suite.tasks if task.id == name), None)
    if found is None:
        raise Missing(f"there is no task {name[:80]!r}", hint="firstlight suite list")
    return found
