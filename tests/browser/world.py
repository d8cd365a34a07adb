"""An installation with people, reports and a case, served over real HTTP in this process.

Storage, accounts, keys, ledger, templates and sessions are the real ones. Only the laboratory is
scripted: it answers in the shape of the real one, and says so in the containment level.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.browser.review_world import populate_review
from tests.browser.tool_world import populate_tools
from tests.outbound import make_gate
from tests.review_parts import review_parts
from tests.usecases.laboratory import ScriptedLaboratory
from tests.usecases.measurements.runs import begun_in, ended_in

from firstlight.adapters.formats.csaf_advisory import Publisher
from firstlight.adapters.formats.detect import read_any
from firstlight.adapters.machine import SystemClock, SystemMint
from firstlight.adapters.publication.render import Renderer
from firstlight.adapters.publication.zone import FolderZone
from firstlight.adapters.vault.keys import KeyFolder
from firstlight.adapters.vault.sealed import EngagementVault
from firstlight.core.clearinghouse.finding import Proof, Report
from firstlight.core.kernel.canonical import canonical
from firstlight.core.kernel.ids import AdvisoryId, CaseId, FindingId, OrganisationId, PersonId
from firstlight.core.kernel.parties import SYSTEM, Actor, OrganisationKind, Role
from firstlight.usecases.accounts.entry import make_sign_in_link
from firstlight.usecases.accounts.people import (
    AccountRequest,
    add_organisation,
    add_person,
    create_administrator,
    request_account,
)
from firstlight.usecases.advisories.prepare import approve_advisory, draft_advisory
from firstlight.usecases.advisories.publish import publish_due
from firstlight.usecases.cases.priority import assess
from firstlight.usecases.context import Context
from firstlight.usecases.findings.submit import submit
from firstlight.usecases.guard.messages import let_out
from firstlight.usecases.patches.propose import propose_patch
from firstlight.usecases.ports import JobQueue, Message, PatchResult, ValidationResult

if TYPE_CHECKING:
    from firstlight.adapters.storage.queries import DjangoQueries
    from firstlight.adapters.storage.review_overviews import DjangoReviewOverviews

PACKAGE = "pkg:deb/debian/cjson"
TARGET = "scripted"
DIFF = """--- a/cJSON.c
+++ b/cJSON.c
@@ -1658,7 +1658,7 @@ static cJSON_bool parse_object(cJSON *item, parse_buffer *input_buffer)
         current_item->string = current_item->valuestring;
         current_item->valuestring = NULL;
         current_item->type = 0;
-        if (cannot_access_at_index(input_buffer, 0))
+        if (cannot_access_at_index(input_buffer, 0) || (buffer_at_offset(input_buffer)[0] != ':'))
         {
             goto fail; /* invalid object: good */
         }
"""
HOSTILE = '<script>document.title="owned"</script><img src=x onerror=alert(1)>"\'\x1b[31m'
"""markup and a terminal escape, for every field that a stranger fills"""


class PortalLaboratory(ScriptedLaboratory):
    """Answers with a body of the real laboratory's shape."""

    def validate(self, package: str, proofs: Sequence[Proof]) -> ValidationResult:
        """The script's outcome with three runs on each side."""
        found = super().validate(package, proofs)
        if not found.target:
            return found
        shown = bool(found.crash)
        body: dict[str, Any] = {
            "target": TARGET,
            "title": "A scripted target",
            "versions": {"vulnerable": "1.7.15-1", "fixed": "1.7.15-2"},
            "sides": [_side("vulnerable", shown=shown, report=found.crash), _side("fixed")],
        }
        return ValidationResult(
            target=found.target, outcome=found.outcome, crash=found.crash, body=body, level="full"
        )

    def verify_patch(self, target: str, proofs: Sequence[Proof], diff: str) -> PatchResult:
        """The script's checks, with sentences."""
        found = super().verify_patch(target, proofs, diff)
        return PatchResult(target=target, checks=found.checks, body={}, level="full")


def _side(name: str, *, shown: bool = False, report: str = "") -> dict[str, Any]:
    why = "AddressSanitizer: heap-buffer-overflow" if shown else "It ended with exit code 0."
    run = {"proof": "1-input", "shown": shown, "why": why, "seconds": 0.041, "report": report}
    return {
        "side": name,
        "level": "full",
        "notes": [],
        "environment": {"compiler": "gcc 12.2.0", "flags": "-fsanitize=address"},
        "cached": False,
        "seconds": 0.12,
        "runs": [run, run, run],
        "tests": {},
        "failed": "",
        "log": "",
    }


@dataclass(kw_only=True)
class World:
    """What a test holds in its hands."""

    url: str
    context: Context
    accounts: Any
    queries: DjangoQueries
    reviews: DjangoReviewOverviews
    vault: EngagementVault
    jobs: JobQueue
    render: Renderer
    people: dict[str, PersonId] = field(default_factory=dict)
    homes: dict[str, OrganisationId] = field(default_factory=dict)
    case: str = ""
    """number of the case with the whole story"""
    report: str = ""
    advisory: str = ""
    """published"""
    draft: str = ""
    review: str = ""
    """number of the review in full course"""
    engagement: str = ""
    """its identifier"""
    closed_review: str = ""
    grant: str = ""
    """the reviewer's, halted"""
    observation: str = ""
    partners: dict[str, str] = field(default_factory=dict)
    """name of the organisation to the identifier of its part"""
    offer: str = ""
    """of a defensive tool"""
    request: str = ""
    """for it, and granted"""
    run: str = ""
    """of a suite, ended; of nobody's review"""
    other_run: str = ""
    """of the same suite"""
    open_run: str = ""
    """that goes on"""
    verdict: str = ""
    """of the outbound guard, about a text that waits"""

    def actor(self, name: str, role: Role) -> Actor:
        """One of the people, in one of their roles."""
        return Actor(role=role, person=self.people[name], organisation=self.homes[name])

    def link_for(self, name: str) -> str:
        """The whole address of a fresh one-time link."""
        made = make_sign_in_link(
            self.context, self.accounts, SYSTEM, self.people[name], reason="a test"
        )
        return self.url + made.path


def populate(world: World) -> None:
    """People of every role, four reports, one case from top to bottom, and one more for others."""
    _people(world)
    lead, finder = world.actor("lead", Role.COORDINATOR), world.actor("finder", Role.FINDER)
    other = world.actor("other", Role.FINDER)
    first = _send(world, finder, "crash:parse_string", "Reads past the end of an object key")
    _send(world, other, "crash:parse_string", "Heap overflow while parsing a JSON object")
    _send(world, finder, "nothing", "A flaw that is not there")
    _send(world, finder, "", HOSTILE, hostile=True)
    world.report = str(first)
    case = world.queries.finding(lead, first).case
    world.case = world.queries.case(lead, case).number
    answers = {"automatable": "Yes", "technical_impact": "Partial", "report_public": "Yes"}
    assess(world.context, lead, case, answers, "A parser can be reached by any sender.")
    _patch(world, lead, case, DIFF)
    world.draft = str(_advise(world, lead, case))
    public = _send(world, finder, "crash:print_number", "Writes past a number's buffer")
    world.advisory = str(_advise(world, lead, world.queries.finding(lead, public).case))
    _publish(world, lead, AdvisoryId(world.advisory))
    populate_review(world)
    populate_tools(world, HOSTILE)
    world.run = str(ended_in(world.context).id)
    world.other_run = str(ended_in(world.context).id)
    world.open_run = str(begun_in(world.context).id)
    world.verdict = hold_text(world)


MARKUP = "<script>document.title='held'</script>"
"""in a held text; the titles of reports are blocked"""


def hold_text(world: World, key: str = "one") -> str:
    """A mail that waits for a person, in strange words; its verdict."""
    body = f"The password: a1b2c3! It is for finder@elsewhere.example.\n{MARKUP}"
    mail = Message(kind="mail", to="nobody@example.net", subject="News", body=body, key=key)
    assert let_out(world.context, mail) is None
    with world.context.storage.begin() as work:
        kept = work.guard.newest_of(f"mail {key}")
    assert kept is not None
    return str(kept.id)


def _people(world: World) -> None:
    context, accounts = world.context, world.accounts
    both = (Role.COORDINATOR, Role.ADMINISTRATOR)
    lead = create_administrator(
        context,
        accounts,
        name="Robin Lead",
        email="lead@example.org",
        organisation="Example clearinghouse",
        roles=both,
    )
    world.people["lead"] = lead.id
    world.homes["lead"] = accounts.memberships(lead.id)[0].organisation
    for name, kind, role in (
        ("finder", OrganisationKind.FINDER, Role.FINDER),
        ("other", OrganisationKind.FINDER, Role.FINDER),
        ("maintainer", OrganisationKind.MAINTAINER, Role.MAINTAINER),
        ("operator", OrganisationKind.OPERATOR, Role.OPERATOR),
        ("auditor", OrganisationKind.AUDITOR, Role.AUDITOR),
    ):
        home = add_organisation(context, accounts, SYSTEM, name=f"Example {name}", kind=kind)
        person = add_person(
            context,
            accounts,
            SYSTEM,
            name=f"Sam {name.title()}",
            email=f"{name}@example.org",
            organisation=home.id,
            role=role,
        )
        world.people[name], world.homes[name] = person.id, home.id
    asked = AccountRequest(
        name="Alex Asker",
        email="asker@example.org",
        password="three unusual words",
        organisation=f"Example {HOSTILE[:40]}".replace("\x1b", ""),
        kind=OrganisationKind.FINDER,
        purpose="We fuzz parsers. Our key is on our project page.",
    )
    request_account(context, accounts, asked)
    asker = accounts.person_by_email("asker@example.org")
    world.people["asker"] = asker.id


def _send(
    world: World, actor: Actor, proof: str, title: str, *, hostile: bool = False
) -> FindingId:
    document: dict[str, Any] = {
        "title": title,
        "description": HOSTILE if hostile else "The parser reads one byte after the buffer.",
        "product": {"purl": PACKAGE, "versions": ["1.7.15-1"]},
        "severity": {"vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"},
        "cwe": ["CWE-125"],
        "contact": {"name": HOSTILE if hostile else "Sam Finder", "credit": True},
        "provenance": {"tool": HOSTILE if hostile else "a fuzzer 1.0", "ai_used": "yes"},
    }
    if proof:
        data = base64.b64encode(proof.encode()).decode()
        document["proofs"] = [{"name": "input.json", "data": data}]
        document["trigger"] = "Parse the attached document."
    raw = canonical(document)
    (receipt,) = submit(world.context, actor, read(raw), raw)
    work(world)
    return receipt.finding


def read(document: bytes) -> Sequence[Report]:
    """Any accepted format."""
    return read_any(document, None)[1]


def work(world: World) -> None:
    """Do every job that is due, as a worker would."""
    from firstlight.adapters.workers.handlers import handlers  # noqa: PLC0415  # needs Django

    world.jobs.drain(handlers(world.context, world.render))


def _patch(world: World, lead: Actor, case: CaseId, diff: str) -> None:
    propose_patch(world.context, lead, case, diff)
    work(world)


def _advise(world: World, lead: Actor, case: CaseId) -> AdvisoryId:
    return draft_advisory(world.context, lead, case).id


def _publish(world: World, lead: Actor, identifier: AdvisoryId) -> None:
    now = world.context.clock.now()
    version = world.queries.advisory(lead, identifier).version
    approve_advisory(world.context, lead, identifier, now, version=version)
    publish_due(world.context, world.render)
    assert world.queries.advisory(SYSTEM, identifier).state.value == "published"


@contextmanager
def serving(folder: Path, host: str = "localhost") -> Iterator[World]:
    """A populated installation on the database that `default` means, served until the end."""
    from django.conf import settings  # noqa: PLC0415  # needs Django, like the rest here
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler  # noqa: PLC0415
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415

    server = ThreadedWSGIServer((host, 0), _quiet(WSGIRequestHandler))
    server.set_app(get_wsgi_application())
    url = f"http://{host}:{server.server_port}"
    world = build(folder, url)
    settings.CSRF_TRUSTED_ORIGINS = [url]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield world
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _quiet(handler: type[Any]) -> type[Any]:
    class Quiet(handler):  # type: ignore[misc]  # Django's class, given at run time
        def log_message(self, *_parts: object) -> None:
            """Say nothing; the test speaks."""

    return Quiet


def build(folder: Path, url: str) -> World:
    """The parts, given to the portal, with people and reports inside."""
    from firstlight.adapters.identity.brake import DatabaseBrake  # noqa: PLC0415  # needs Django
    from firstlight.adapters.identity.door import DjangoDoor  # noqa: PLC0415
    from firstlight.adapters.identity.store import DjangoAccounts  # noqa: PLC0415
    from firstlight.adapters.jobs.queues import job_queue  # noqa: PLC0415
    from firstlight.adapters.storage.queries import DjangoQueries  # noqa: PLC0415
    from firstlight.adapters.storage.review_overviews import DjangoReviewOverviews  # noqa: PLC0415
    from firstlight.adapters.storage.tool_queries import DjangoToolQueries  # noqa: PLC0415
    from firstlight.adapters.storage.unit import DjangoStorage  # noqa: PLC0415
    from firstlight.adapters.storage.use_queries import DjangoUseQueries  # noqa: PLC0415
    from firstlight.adapters.web import services  # noqa: PLC0415

    keys = KeyFolder(folder / "keys")
    context = Context(
        storage=DjangoStorage(),
        clock=SystemClock(),
        mint=SystemMint(),
        signer=keys,
        laboratory=PortalLaboratory(),
        zone=FolderZone(folder / "public"),
        gate=make_gate(folder),
    )
    publisher = Publisher(name="Example", namespace="https://example.org")
    world = World(
        url=url,
        context=context,
        accounts=DjangoAccounts(),
        queries=DjangoQueries(),
        reviews=DjangoReviewOverviews(),
        vault=EngagementVault(folder / "sealed-keys"),
        jobs=job_queue(),
        render=Renderer(signer=keys, publisher=publisher, signature=lambda _: b""),
    )
    services.configure(
        services.Services(
            context=context,
            queries=world.queries,
            **review_parts(folder),
            overviews=world.reviews,
            tools=DjangoToolQueries(),
            accounts=world.accounts,
            brake=DatabaseBrake(),
            door=DjangoDoor(),
            jobs=world.jobs,
            read_report=read,
            render=world.render,
            uses=DjangoUseQueries(),
            vault=world.vault,
            gateway_url="http://gateway.example",
            base_url=url,
            security_contact="mailto:security@example.org",
        )
    )
    populate(world)
    return world
