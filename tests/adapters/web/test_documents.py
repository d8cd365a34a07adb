"""The pages of sealed documents: upload, marked copies, who had what, keeping, tracing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.browser.sealed_world import CARD, Sealed, add_review
from tests.browser.world import World

from firstlight.adapters.vault.marks import find_mark
from firstlight.adapters.web.services import services
from firstlight.usecases.reviews import arranging, ending

Enter = Callable[[str], Client]


@pytest.fixture(scope="module")
def sealed(world: World) -> Sealed:
    """One review for all tests that change nothing that others look at."""
    return add_review(world)


def page_of(sealed: Sealed, rest: str = "") -> str:
    """The developer's page."""
    return f"/reviews/{sealed.review.number}/documents/{rest}"


def file(content: bytes, name: str, kind: str = "application/octet-stream") -> SimpleUploadedFile:
    """As a browser sends it."""
    return SimpleUploadedFile(name, content, content_type=kind)


def body(client: Client, where: str) -> bytes:
    """Ask for a copy and follow to its bytes."""
    asked = client.post(where)
    assert asked.status_code == 302, asked.content[:400]
    got = client.get(asked.headers["Location"])
    assert got.status_code == 200
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["Cache-Control"] == "no-store"
    return bytes(got.content)


def test_from_the_upload_to_a_marked_copy(signed_in: Enter, sealed: Sealed) -> None:
    """The developer uploads and reads it back as it was; the reader gets a marked one."""
    developer, reader = signed_in("devel"), signed_in("reader")
    data = {"artefact": str(sealed.card.id), "file": file(b"%% second\n\ntext", "card.txt")}
    sent = developer.post(page_of(sealed, "new/"), data, follow=True)
    assert "Version 2 of card.txt is sealed." in sent.content.decode()
    own = body(developer, f"/documents/{sealed.document.id}/copy/")
    assert own == CARD
    listed = reader.get("/my-access/documents/").content.decode()
    assert "The system card, version 2" in listed
    assert "open to you" in listed
    copy = body(reader, f"/documents/{sealed.document.id}/copy/").decode()
    assert "What was measured" in copy
    assert "Copy for Kim Reader" in copy
    (code,) = find_mark(copy)
    shown = developer.get(page_of(sealed), {"code": code}).content.decode()
    assert "Kim Reader, Example reader" in shown
    assert "This code stands in the copy for" in shown
    none = developer.get(page_of(sealed), {"code": "FLM-0000-0000-0000-0000"}).content.decode()
    assert "No copy of your documents carries this code." in none


def test_what_cannot_be_marked_is_refused_with_what_can(signed_in: Enter, sealed: Sealed) -> None:
    """The page comes back with a sentence; nothing is stored."""
    developer = signed_in("devel")
    before = len(services().documents.documents(sealed.developer, sealed.review.id))
    for content, name in ((b"PK", "log.eval"), (b"\xff", "a.txt"), (b"", "a.md")):
        data = {"artefact": str(sealed.logs.id), "file": file(content, name)}
        refused = developer.post(page_of(sealed, "new/"), data)
        assert refused.status_code == 400
        assert 'role="alert"' in refused.content.decode()
    assert "Upload it as PDF" in _refused(developer, sealed)
    assert developer.post(page_of(sealed, "new/"), {}).status_code == 400
    assert len(services().documents.documents(sealed.developer, sealed.review.id)) == before


def _refused(developer: Client, sealed: Sealed) -> str:
    data = {"artefact": str(sealed.logs.id), "file": file(b"PK", "log.eval")}
    return developer.post(page_of(sealed, "new/"), data).content.decode()


@pytest.mark.parametrize("who", ["reader", "stranger", "finder", "lead", "auditor"])
def test_the_page_is_the_developers(signed_in: Enter, sealed: Sealed, who: str) -> None:
    """Nobody else sees what is uploaded or who read it, or uploads anything."""
    client = signed_in(who)
    assert client.get(page_of(sealed)).status_code in {403, 404}
    data = {"artefact": str(sealed.card.id), "file": file(CARD, "a.md")}
    assert client.post(page_of(sealed, "new/"), data).status_code in {403, 404}
    keeping = client.post(page_of(sealed, "keeping/"), {"retention_days": "0"})
    assert keeping.status_code in {403, 404}
    if who != "reader":
        asked = client.post(f"/documents/{sealed.document.id}/copy/")
        assert asked.status_code in {403, 404}


def test_a_copy_is_its_askers(signed_in: Enter, sealed: Sealed) -> None:
    """Its address opens nothing for anybody else."""
    asked = signed_in("reader").post(f"/documents/{sealed.document.id}/copy/")
    place = asked.headers["Location"]
    assert signed_in("stranger").get(place).status_code == 404
    assert signed_in("devel").get(place).status_code == 404


def test_why_not_now_is_said(world: World, signed_in: Enter) -> None:
    """A document behind a stopped window is listed, without a button and with the reason."""
    other = add_review(world, "Model Y")
    arranging.stop_window(world.context, other.developer, other.review.id)
    page = signed_in("reader").get("/my-access/documents/").content.decode()
    assert "The window has ended." in page
    asked = signed_in("reader").post(f"/documents/{other.document.id}/copy/")
    assert asked.status_code == 403
    assert "the window has ended" in asked.content.decode()


def test_retention_hold_and_the_end(world: World, signed_in: Enter) -> None:
    """The page says what holds; after the destruction it says what that means."""
    one, developer = add_review(world, "Model Z"), signed_in("devel")
    keep = f"/reviews/{one.review.number}/plan/keep/"
    held = {"retention_days": "0", "hold": "yes", "legal_hold": "A court asks"}
    assert developer.post(keep, held).status_code == 302
    said = developer.get(page_of(one)).content.decode()
    assert "not while the hold stands" in said
    assert "A court asks" in said
    ending.close(world.context, services().desk.vault, one.developer, one.review.id)
    assert "sealed" in developer.get(page_of(one)).content.decode()
    for wrong in ({"retention_days": "x", "hold": "no"}, {"retention_days": "1", "hold": "yes"}):
        assert developer.post(keep, wrong).status_code in {400, 422}
    assert developer.post(keep, {"retention_days": "0", "hold": "no"}).status_code == 302
    assert "A court asks" not in developer.get(page_of(one)).content.decode()
    ending.finish_closing(world.context, services().desk.vault, one.review.id)
    page = developer.get(page_of(one)).content.decode()
    assert "The keys were destroyed" in page
    assert "key destroyed" in page
    assert developer.post(keep, {"retention_days": "9", "hold": "no"}).status_code == 409


@contextmanager
def _bound(size: int) -> Iterator[None]:
    from django.test import override_settings  # noqa: PLC0415  # one place

    with override_settings(FILE_UPLOAD_MAX_MEMORY_SIZE=size):
        yield


def test_no_upload_touches_a_disk(
    signed_in: Enter, sealed: Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file above the bound is refused, where Django alone would write it out in clear."""
    import tempfile  # noqa: PLC0415  # one place

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file was made")

    developer = signed_in("devel")
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    with _bound(1000):
        data = {"artefact": str(sealed.logs.id), "file": file(b"x" * 2000, "a.md")}
        assert developer.post(page_of(sealed, "new/"), data).status_code == 400
    data = {"artefact": str(sealed.logs.id), "file": file(b"x" * 3_000_000, "a.md")}
    assert developer.post(page_of(sealed, "new/"), data).status_code == 302
