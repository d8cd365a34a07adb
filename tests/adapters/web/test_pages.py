"""Pages: headers, forms that carry their secret, hostile text shown as text, errors with a code."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.browser.world import DIFF, World

from firstlight.adapters.vault.keys import ed25519_verifier
from firstlight.core.kernel.bundle import verify_bundle
from firstlight.core.kernel.parties import Role
from firstlight.usecases.accounts.port import ANONYMOUS_REPORT, SIGN_IN_BY_EMAIL
from firstlight.usecases.ledger.export import ORIGIN

Enter = Callable[[str], Client]


@pytest.mark.parametrize("where", ["/", "/nowhere/", "/cases/", "/static/firstlight/style.css"])
def test_every_answer_has_the_headers(stranger: Client, where: str) -> None:
    """Pages, redirects, errors and files alike."""
    headers = stranger.get(where).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "data:" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_pages_are_not_kept_and_files_are(stranger: Client) -> None:
    """A shared computer's back button shows nothing; the style sheet is asked for by its tag."""
    assert stranger.get("/").headers["Cache-Control"] == "no-store"
    file = stranger.get("/static/firstlight/style.css")
    assert "max-age" in file.headers["Cache-Control"]
    again = stranger.get("/static/firstlight/style.css", headers={"If-None-Match": file["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "name", ["../django_settings.py", "firstlight/../../apps.py", "admin/css/base.css", "x"]
)
def test_only_listed_files_are_served(stranger: Client, name: str) -> None:
    """No path leads out, and what the libraries ship besides stays inside."""
    assert stranger.get(f"/static/{name}").status_code == 404


def test_cookies_are_closed_to_scripts_and_other_sites(signed_in: Enter) -> None:
    """HttpOnly, SameSite; `__Host-` and Secure come with https."""
    cookie = signed_in("lead").cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert settings.CSRF_COOKIE_HTTPONLY


@pytest.mark.parametrize("where", ["/reports/new/", "/account/request/", "/account/login/"])
def test_a_form_without_its_secret_is_refused(world: World, where: str) -> None:
    """With a page that says what to do; nothing is stored."""
    assert world.case
    response = Client(SERVER_NAME="localhost", enforce_csrf_checks=True).post(where, {"title": "x"})
    assert response.status_code == 403
    assert "access.csrf" in response.content.decode()


def test_what_strangers_write_is_shown_as_text(world: World, signed_in: Enter) -> None:
    """Markup of a hostile report is escaped on every page that shows it, and escapes are gone."""
    lead = world.actor("lead", Role.COORDINATOR)
    rows = world.queries.findings(lead, case=None, cursor=None, limit=50).rows
    hostile = next(row for row in rows if "owned" in row.title)
    client = signed_in("lead")
    for where in (
        "/",
        "/reports/",
        "/cases/",
        f"/reports/{hostile.id}/",
        f"/cases/{hostile.case_number}/",
    ):
        page = client.get(where).content.decode()
        assert "<script>document" not in page
        assert "<img src=x" not in page
        assert "\x1b" not in page
        assert "&lt;script&gt;document" in page, where


def test_a_raw_document_is_a_download_that_no_browser_runs(world: World, signed_in: Enter) -> None:
    """Byte for byte what was sent, as an attachment of no type."""
    response = signed_in("finder").get(f"/reports/{world.report}/document/")
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert b"Reads past the end" in response.content


def test_an_error_has_a_code_a_sentence_and_a_next_step(stranger: Client) -> None:
    """404 as an example."""
    page = stranger.get("/nowhere/").content.decode()
    assert "state.missing" in page
    assert "There is no page at this address." in page
    assert "Check the identifier" in page


def test_an_anonymous_report_gets_a_receipt_with_the_checklist(stranger: Client) -> None:
    """Title alone is enough; five items are asked for."""
    page = stranger.post("/reports/new/", {"title": "It crashes"}).content.decode()
    assert "Received, thank you" in page
    assert "FL-" in page
    for item in ("Description", "Trigger", "Severity", "Proof", "Patch", "Tests"):
        assert f"<b>{item}</b>" in page


def test_a_whole_report_through_the_form_is_complete(world: World, signed_in: Enter) -> None:
    """Every field reaches the stored report."""
    fields = {
        "title": "A whole report",
        "description": "Two\r\nlines.",
        "trigger": "Open it.",
        "impact": "A crash.",
        "product.purl": "pkg:pypi/example",
        "product.versions": "1.0, 1.1",
        "severity.label": "high",
        "cwe": "CWE-79",
        "root_cause.path": "a.py",
        "root_cause.line": "7",
        "circumstances.exploited": "no",
        "circumstances.shared_with": "nobody",
        "provenance.ai_used": "yes",
        "contact.name": "Sam Finder",
        "contact.credit": "1",
        "proof": SimpleUploadedFile("proof.bin", b"\x00\xff"),
        "patch": SimpleUploadedFile("fix.diff", DIFF.encode()),
        "test": SimpleUploadedFile("test.py", b"assert False"),
    }
    page = signed_in("finder").post("/reports/new/", fields).content.decode()
    assert "It is complete" in page
    lead = world.actor("lead", Role.COORDINATOR)
    rows = world.queries.findings(lead, case=None, cursor=None, limit=50).rows
    found = next(row for row in rows if row.title == "A whole report")
    report = world.queries.finding(lead, found.id).report
    assert report.description == "Two\nlines."
    assert list(report.product.versions) == ["1.0", "1.1"]
    assert (report.root_cause.line, report.proofs[0].data) == (7, b"\x00\xff")
    assert (report.contact.credit, report.contact.share_with_maintainer) == (True, False)
    assert report.provenance.ai_used.value == "yes"


def test_a_file_is_the_report(stranger: Client) -> None:
    """The other fields are then not looked at."""
    document = SimpleUploadedFile("r.json", b'{"title": "From a file"}')
    page = stranger.post("/reports/new/", {"document": document, "title": "x"}).content.decode()
    assert "From a file" in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"document": SimpleUploadedFile("r.json", b"\xff\xfe")}, "input."),
        ({"document": SimpleUploadedFile("r.json", b'{"title": 1, "title": 2}')}, "input."),
        ({"document": SimpleUploadedFile("r.json", b"[" * 5000)}, "input."),
        ({"title": "x", "patch": SimpleUploadedFile("p", b"\xff")}, "input.bad_encoding"),
        ({"title": "x", "root_cause.line": "seven"}, "input.invalid"),
        ({"title": "x", "cwe": "CWE-x"}, "input.against_schema"),
        ({}, "input."),
    ],
    ids=["not-utf8", "twice", "deep", "patch-not-utf8", "line", "cwe", "empty"],
)
def test_a_report_that_cannot_be_read_is_told_why(
    world: World, signed_in: Enter, fields: dict[str, object], said: str
) -> None:
    """The form comes back with the code; nothing is stored."""
    lead = world.actor("lead", Role.COORDINATOR)
    before = world.queries.findings(lead, case=None, cursor=None, limit=200).rows
    response = signed_in("finder").post("/reports/new/", fields)
    assert response.status_code == 400
    assert f"<code>{said}" in response.content.decode()
    assert len(world.queries.findings(lead, case=None, cursor=None, limit=200).rows) == len(before)


def test_what_was_written_stays_in_the_form(stranger: Client) -> None:
    """Nobody types a description twice because of a wrong number."""
    fields = {"title": "Kept", "description": "Kept too", "cwe": "CWE-x"}
    page = stranger.post("/reports/new/", fields).content.decode()
    assert 'value="Kept"' in page
    assert "Kept too</textarea>" in page


def test_anonymous_reports_are_braked(world: World) -> None:
    """With the seconds to wait; signed-in people are not hit by strangers."""
    assert world.case
    client = Client(SERVER_NAME="localhost", REMOTE_ADDR="198.51.100.9")
    for _ in range(ANONYMOUS_REPORT.count):
        assert client.post("/reports/new/", {"title": "again"}).status_code == 200
    response = client.post("/reports/new/", {"title": "again"})
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0


def test_guessing_passwords_is_braked(world: World) -> None:
    """By account, whatever the address they come from."""
    assert world.case
    statuses = [
        Client(SERVER_NAME="localhost", REMOTE_ADDR=f"203.0.113.{number}")
        .post("/account/login/", {"login": "asker@example.org", "password": "wrong"})
        .status_code
        for number in range(SIGN_IN_BY_EMAIL.count + 1)
    ]
    assert statuses[-1] == 429
    assert statuses[0] == 200


def test_a_password_alone_opens_nothing(world: World) -> None:
    """The session leads to the pages on which a passkey is added, and to no other."""
    from django.core.cache import cache  # noqa: PLC0415  # needs Django

    from firstlight.adapters.identity.models import CounterRow  # noqa: PLC0415

    cache.clear()
    CounterRow.objects.all().delete()
    assert world.case
    client = Client(SERVER_NAME="localhost")
    fields = {"login": "asker@example.org", "password": "three unusual words"}
    assert client.post("/account/login/", fields).status_code == 302
    response = client.get("/cases/")
    assert response.status_code == 403
    assert "access.second_factor_missing" in response.content.decode()
    assert client.get("/").status_code == 403
    assert client.get("/account/methods/").status_code == 200


def test_a_link_is_not_used_up_by_looking(world: World) -> None:
    """Programs that open every link of a mail do not spoil it."""
    where = world.link_for("finder").removeprefix("http://localhost")
    client = Client(SERVER_NAME="localhost")
    for _ in range(3):
        assert "works once" in client.get(where).content.decode()
    assert client.post(where).status_code == 302
    assert client.post(where).status_code == 401


def test_choosing_a_membership_changes_what_is_seen(world: World, signed_in: Enter) -> None:
    """An administrator sees no case; the same person as coordinator does."""
    client = signed_in("lead")
    from firstlight.adapters.identity.models import MembershipRow  # noqa: PLC0415  # needs Django

    rows = {
        row.role: row.pk for row in MembershipRow.objects.filter(person=str(world.people["lead"]))
    }
    client.post("/account/act-as/", {"membership": rows["administrator"]})
    assert client.get("/cases/").status_code == 403
    assert client.get("/organisations/").status_code == 200
    client.post("/account/act-as/", {"membership": rows["coordinator"]})
    assert client.get("/cases/").status_code == 200
    assert client.get("/organisations/").status_code == 403
    other = MembershipRow.objects.exclude(person=str(world.people["lead"])).first()
    assert other is not None
    assert client.post("/account/act-as/", {"membership": other.pk}).status_code == 404


def test_the_go_live_time_is_read_in_its_zone() -> None:
    """Nine in Berlin in summer is seven in UTC; a wrong zone or hour is refused."""
    from firstlight.adapters.web.advisories import moment_of  # noqa: PLC0415  # needs Django
    from firstlight.core.kernel.errors import Invalid  # noqa: PLC0415

    assert str(moment_of("2026-07-01T09:00", "Europe/Berlin")) == "2026-07-01T07:00:00Z"
    for text, zone in (("2026-07-01T09:00", "Mars/Base"), ("soon", "UTC"), ("", "UTC")):
        with pytest.raises(Invalid):
            moment_of(text, zone)


def test_nobody_approves_a_text_that_they_did_not_see(world: World, signed_in: Enter) -> None:
    """Two coordinators: the second one's form carries an old version."""
    client = signed_in("lead")
    edited = {
        "title": "T",
        "summary": "S",
        "details": "",
        "mitigation": "",
        "cvss": "",
        "version": "1",
    }
    assert client.post(f"/advisories/{world.draft}/edit/", edited).status_code == 302
    late = client.post(f"/advisories/{world.draft}/approve/", {"version": "1", "at_once": "1"})
    assert late.status_code == 409
    assert "state.conflict" in late.content.decode()


def test_the_export_of_the_ledger_verifies_offline(world: World, signed_in: Enter) -> None:
    """What the page hands out is what the offline check accepts."""
    public = world.context.signer.public_key("ledger")
    bundle = signed_in("lead").post("/ledger/export/").json()
    assert bundle["entries"]
    verify_bundle(bundle, name=ORIGIN, public_key=public, verify=ed25519_verifier(public))
