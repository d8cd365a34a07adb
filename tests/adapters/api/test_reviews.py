"""A review over HTTP: the whole way, and what goes wrong on it."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.adapters.api.conftest import Caller, Installation
from tests.adapters.api.reviews import (
    ENDPOINT,
    OBSERVATION,
    OPENING,
    PLAN,
    Desk,
    later,
)
from tests.adapters.api.test_errors import problem
from tests.adapters.api.test_story import good

from firstlight.adapters.vault.acts import check_act
from firstlight.adapters.vault.receipt import check_receipt
from firstlight.core.kernel.parties import Role

UNLISTED = {name: value for name, value in PLAN.items() if name != "listed"}


def keys(desk: Desk) -> dict[str, bytes]:
    """The installation's public keys, as anyone reads them."""
    found = good(desk.made.caller(Role.ANONYMOUS).get("/reviews/keys"))["items"]
    return {key["purpose"]: bytes.fromhex(key["public_key"]) for key in found}


def test_from_the_request_to_the_receipt(installation: Installation) -> None:
    """On both databases: an office asks, the developer opens, people look, and it ends."""
    desk = Desk(installation)
    developer, reviewer = desk.developer, desk.reviewer
    asked = {
        "developer": str(developer.actor.organisation),
        "name": "model-x",
        "version": "1.0",
        "words": "We would like to look at it.",
    }
    review = good(reviewer.post("/reviews/requests", asked), 201)["subject"]
    assert good(reviewer.get("/reviews/requests"))["items"][0]["state"] == "asking"
    problem(reviewer.get(f"/reviews/{review}"), 404, "state.missing")
    opened, grant = desk.running()
    assert opened["id"] == review, "what the office asked for becomes the same review"
    assert good(reviewer.get(f"/reviews/{opened['number']}"))["windows"] == opened["windows"]
    mine = good(reviewer.get("/reviews/grants"))["items"][0]
    assert (mine["grant"]["id"], mine["accepted"]) == (grant["id"], True)
    observed = good(reviewer.post(f"/reviews/{review}/observations", OBSERVATION), 201)
    place = f"/reviews/{review}/observations/{observed['id']}"
    good(reviewer.post(f"{place}/wordings", OBSERVATION | {"title": "It names flaws"}))
    said = {"wording": 2, "text": "It will be mended before the release."}
    answered = good(developer.post(f"{place}/responses", said))
    assert [each["wording"] for each in answered["responses"]] == [2]
    launched = {"to": "public", "keeps_access": False}
    after = good(developer.post(f"/reviews/{review}/launch", launched))
    assert (after["state"], after["releases"][0]["before_window_ended"]) == ("launched", True)
    closed = good(developer.post(f"/reviews/{review}/close"))
    assert closed == good(developer.post(f"/reviews/{review}/close")), "a second close is the same"
    envelope = developer.get(f"/reviews/{review}/receipts/1")
    assert envelope.headers["Content-Type"] == "application/vnd.dsse.envelope.v1+json"
    told = check_receipt(envelope.content, keys(desk)["receipt"])
    assert (told["number"], told["claim"]) == (opened["number"], told["claim"])
    stranger = installation.caller(Role.ANONYMOUS)
    public = good(stranger.get("/reviews/reports/public"))["items"]
    assert public == [good(stranger.get(f"/reviews/{review}/reports/public"))]
    assert public[0]["observations_answered_count"] == 1
    assert OBSERVATION["text"] not in json.dumps(public)


def test_asking_only_whether_a_model_is_covered(installation: Installation) -> None:
    """The question, the answer, shared with researchers when both sides say so; then nothing."""
    desk = Desk(installation)
    body = {
        "name": "Model X",
        "version": "1.0",
        "size": "small",
        "text": "It writes exploits for known flaws.",
        "office": str(desk.reviewer.actor.organisation),
    }
    asked = good(desk.developer.post("/reviews/questions", body), 201)
    assert asked["state"] == "asked"
    said = {"determination": "covered", "statement": "statement 7", "for_researchers": True}
    answered = good(desk.reviewer.post(f"/reviews/{asked['id']}/answer", said))
    assert answered["state"] == "answered"
    researcher = installation.caller(Role.RESEARCHER)
    assert good(researcher.get("/reviews/assessments"))["items"] == []
    good(desk.developer.post(f"/reviews/{asked['id']}/questions/1/sharing"))
    (shared,) = good(researcher.get("/reviews/assessments"))["items"]
    assert (shared["statement"], "question" in shared, "by" in shared) == (
        "statement 7",
        False,
        False,
    )
    (own,) = good(desk.developer.get("/reviews/assessments"))["items"]
    assert own["question"] == body["text"]
    waiting = {row["size"]: row for row in good(researcher.get("/reviews/waiting"))["items"]}
    assert (waiting["small"]["answered"], waiting["large"]["answered"]) == (1, 0)
    problem(
        desk.developer.post(f"/reviews/{asked['id']}/artefacts", ENDPOINT),
        409,
        "state.move_not_allowed",
    )


def test_an_extension_is_a_signed_act(installation: Installation) -> None:
    """Signed by the installation, and by the developer's own key where it keeps one."""
    desk = Desk(installation)
    review = desk.running(days=10)[0]["id"]
    good(desk.change(review, "windows/extension", {"audience": "offices", "days": 5}))
    place = f"/reviews/{review}/windows/extension"
    asked = good(desk.developer.get(f"{place}?audience=offices&days=3"))
    own = Ed25519PrivateKey.generate()
    body = {
        "audience": "offices",
        "days": 3,
        "own": {
            "public_key": own.public_key().public_bytes_raw().hex(),
            "signature": own.sign(bytes.fromhex(asked["to_sign"])).hex(),
        },
    }
    after = good(desk.change(review, "windows/extension", body))
    assert [act["own_key"] != "" for act in after["acts"]] == [False, True]
    assert after["windows"][0]["end"] == asked["statement"]["end"]
    both = desk.developer.get(f"/reviews/{review}/acts/2").content
    theirs = own.public_key().public_bytes_raw()
    assert check_act(both, keys(desk)["act"], theirs) == asked["statement"]
    replayed = desk.change(review, "windows/extension", body)
    problem(replayed, 400, "review.wrong_signature")
    wrong = body | {"days": 4}
    problem(desk.change(review, "windows/extension", wrong), 400, "review.wrong_signature")
    too_long = desk.change(review, "windows/extension", {"audience": "offices", "days": 13})
    problem(too_long, 409, "review.thirty_days_used")
    with installation.context.storage.begin() as work:
        entries = work.ledger.entries(review, 0, 100)
    noted = [each.entry.facts["act_digest"] for each in entries if "act" in each.entry.facts]
    assert noted == [act["digest"] for act in after["acts"]]


def test_a_halt_has_a_reason_and_a_way_back(on_sqlite: Installation) -> None:
    """The developer reads both at once; without words there is no halt; it is lifted with words."""
    desk = Desk(on_sqlite)
    _, grant = desk.running()
    place = f"/reviews/grants/{grant['id']}"
    problem(
        desk.reviewer.post(f"{place}/suspension", {"reason": " ", "conditions": "none"}),
        400,
        "review.unwritten",
    )
    said = {"reason": "An odd pattern.", "conditions": "The office has looked at the log."}
    good(desk.reviewer.post(f"{place}/suspension", said))
    (halt,) = good(desk.developer.get(place))["suspensions"]
    assert (halt["reason"], halt["conditions"]) == (said["reason"], said["conditions"])
    assert halt["by"] == str(desk.reviewer.actor.person)
    problem(
        desk.developer.post(f"{place}/restoration", {"note": "I say so"}), 403, "access.refused"
    )
    restored = good(desk.reviewer.post(f"{place}/restoration", {"note": "The log is clean."}))
    assert restored["state"] == "active"
    assert good(desk.developer.post(f"{place}/revocation", {}))["state"] == "revoked"
    problem(desk.developer.post(f"{place}/revocation", {}), 409, "state.move_not_allowed")


def test_a_partner_is_refused_and_appeals(on_sqlite: Installation) -> None:
    """The reason is told to the partner, the appeal is answered, the partner reads its terms."""
    desk = Desk(on_sqlite)
    review = desk.running()[0]["id"]
    partner = desk.proposed(review)["id"]
    place = f"/reviews/partners/{partner}"
    problem(desk.partner.get(f"/reviews/{review}/terms"), 404, "state.missing")
    refusal = {"move": "refuse"}
    problem(desk.reviewer.post(f"{place}/decisions", refusal), 400, "review.unwritten")
    good(desk.reviewer.post(f"{place}/decisions", refusal | {"reason": "Nobody at night."}))
    (mine,) = good(desk.partner.get("/reviews/partnerships"))["items"]
    assert mine["partner"]["decisions"][0]["reason"] == "Nobody at night."
    good(desk.partner.post(f"{place}/appeals", {"text": "There is somebody now."}))
    agreed = good(
        desk.reviewer.post(f"{place}/decisions", {"move": "grant-appeal", "reason": "Checked."})
    )
    assert (agreed["state"], agreed["appeals"][0]["granted"]) == ("agreed", True)
    desk.accept(review, desk.partner)
    good(desk.partner.post(f"/reviews/{review}/observations", OBSERVATION), 201)
    good(desk.reviewer.post(f"/reviews/{review}/observations", OBSERVATION), 201)
    own = good(desk.partner.get(f"/reviews/{review}/observations/own"))["items"]
    assert [each["organisation"] for each in own] == [str(desk.partner.actor.organisation)]
    problem(desk.partner.get(f"/reviews/{review}/observations"), 403, "access.refused")


def test_one_key_has_one_effect(installation: Installation) -> None:
    """An observation that is sent twice under one key is one observation."""
    desk = Desk(installation)
    review = desk.running()[0]["id"]
    answers = [
        desk.reviewer.post(
            f"/reviews/{review}/observations", OBSERVATION, headers={"Idempotency-Key": "k"}
        )
        for _ in range(2)
    ]
    assert answers[0].content == answers[1].content
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert len(good(desk.developer.get(f"/reviews/{review}/observations"))["items"]) == 1


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("plan", {"plan": PLAN}),
        ("hold", {"retention_days": 3, "legal_hold": ""}),
        ("terms", {}),
        ("windows", {"audience": "partners", "days": 3, "early": True}),
        ("windows/extension", {"audience": "offices", "days": 1}),
    ],
)
def test_a_change_names_what_was_seen(
    on_sqlite: Installation, what: str, body: dict[str, object]
) -> None:
    """Without If-Match 428, with an old one 412, with the present one it is done."""
    desk = Desk(on_sqlite)
    review = desk.running()[0]["id"]
    place, old = f"/reviews/{review}/{what}", desk.seen(review)
    problem(desk.developer.post(place, body), 428, "request.precondition_required")
    good(desk.change(review, "hold", {"retention_days": 7, "legal_hold": ""}))
    late = desk.developer.post(place, body, headers=old)
    problem(late, 412, "request.precondition_failed")
    good(desk.change(review, what, body))


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("launch", {"to": "public", "keeps_access": True}),
        ("withdrawal", {}),
        ("close", None),
        ("windows/stop", {}),
    ],
)
def test_what_a_developer_can_always_do_needs_no_precondition(
    on_sqlite: Installation, what: str, body: object
) -> None:
    """Launch, withdraw, close, stop: whatever changed meanwhile, and whatever tag is sent."""
    desk = Desk(on_sqlite)
    review = desk.running()[0]["id"]
    old = desk.seen(review)
    good(desk.change(review, "hold", {"retention_days": 7, "legal_hold": ""}))
    good(desk.developer.post(f"/reviews/{review}/{what}", body, headers=old))


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"plan": PLAN | {"anchor": "someday"}}, 422, "request.not_as_described"),
        (
            {"plan": {k: v for k, v in PLAN.items() if k != "listed"}},
            422,
            "request.not_as_described",
        ),
        ({"plan": PLAN | {"retention_days": "7"}}, 422, "request.not_as_described"),
        ({"plan": PLAN | {"partner_release": 0}}, 422, "request.not_as_described"),
        ({"name": "   "}, 400, "review.unwritten"),
        ({"marking": "TLP:GREEN"}, 400, "input.invalid"),
        ({"verdict": "yes"}, 422, "request.not_as_described"),
    ],
)
def test_what_opens_no_review(
    on_sqlite: Installation, changed: dict[str, object], status: int, code: str
) -> None:
    """Each wrong in one way; the developer's choices have no silent default; nothing is kept."""
    desk = Desk(on_sqlite)
    problem(desk.developer.post("/reviews", OPENING | changed), status, code)
    assert good(desk.developer.get("/reviews"))["items"] == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_strangers_are_not_told_that_a_review_exists(on_sqlite: Installation, role: Role) -> None:
    """Another organisation of any role gets for a real review what it gets for none."""
    desk = Desk(on_sqlite)
    review, grant = desk.running()
    partner = desk.proposed(review["id"])["id"]
    stranger = on_sqlite.newcomer(role)
    from tests.adapters.api.test_gates import VALUES, operations  # noqa: PLC0415  # one place

    real = {
        VALUES["review"]: review["number"],
        VALUES["grant"]: grant["id"],
        VALUES["partner"]: partner,
    }
    told = []
    for name, method, path in operations():
        if "/reviews/" not in path or name in {"listOversight", "readReviewReport"}:
            continue
        there = path
        for none, one in real.items():
            there = there.replace(none, one)
        absent = path.replace(VALUES["review"], "FR-1999-0001")
        answers = [stranger.call(method, each, _body(name)) for each in (there, absent)]
        if answers[0].status_code != answers[1].status_code or answers[0].status_code in {500, 409}:
            told.append(f"{name}: {[each.status_code for each in answers]}")
    assert told == []


def _body(name: str) -> object:
    """A good body of each operation, so that only access can refuse it."""
    bodies: dict[str, object] = {
        "changePlan": {"plan": PLAN},
        "setHold": {"retention_days": 1, "legal_hold": ""},
        "answerCoverage": {"determination": "covered", "statement": "s"},
        "launchModel": {"to": "public", "keeps_access": False},
        "addArtefact": ENDPOINT,
        "acceptTerms": {"digest": "0" * 64},
        "setWindow": {"audience": "offices", "days": 1},
        "extendWindow": {"audience": "offices", "days": 1},
        "decideOffice": {"move": "admit"},
        "suspendGrant": {"reason": "r", "conditions": "c"},
        "restoreGrant": {"note": "n"},
        "decidePartner": {"move": "agree"},
        "appealRefusal": {"text": "t"},
        "writeObservation": OBSERVATION,
        "rewordObservation": OBSERVATION,
        "respondToObservation": {"wording": 1, "text": "t"},
    }
    return bodies.get(name, {})


def test_lists_come_in_pieces(on_sqlite: Installation) -> None:
    """Every row once, whatever the size of a piece; a cursor from elsewhere is refused."""
    desk = Desk(on_sqlite)
    review = desk.running()[0]["id"]
    place = f"/reviews/{review}/observations"
    made = [good(desk.reviewer.post(place, OBSERVATION), 201)["id"] for _ in range(5)]
    for size in (1, 2, 5):
        seen: list[str] = []
        cursor = ""
        while True:
            response = desk.developer.get(f"{place}?limit={size}{cursor}")
            found = good(response)
            seen += [row["id"] for row in found["items"]]
            assert ("Link" in response.headers) == (found["next"] is not None)
            if found["next"] is None:
                break
            cursor = f"&cursor={found['next']}"
        assert seen == made[::-1]
    problem(desk.developer.get(f"{place}?cursor=x"), 400, "request.no_such_row")


def test_the_auditor_reads_steps_and_not_what_was_seen(on_sqlite: Installation) -> None:
    """The list without the model, the oversight cut; neither the internal one nor the review."""
    desk = Desk(on_sqlite)
    review = desk.running()[0]
    auditor = on_sqlite.caller(Role.AUDITOR)
    (row,) = good(auditor.get("/reviews/reports/oversight"))["items"]
    assert row["number"] == review["number"]
    assert "Model X" not in json.dumps(row)
    report = good(auditor.get(f"/reviews/{row['number']}/reports/oversight"))
    assert report["access"][0]["purpose"] == "safeguard-testing"
    assert "Model X" not in json.dumps(report)
    problem(auditor.get(f"/reviews/{row['review']}/reports/internal"), 404, "state.missing")
    problem(auditor.get(f"/reviews/{row['review']}"), 403, "access.refused")


def test_a_public_report_cannot_be_found_by_counting(on_sqlite: Installation) -> None:
    """By its number nobody outside learns that a review was closed."""
    desk = Desk(on_sqlite)
    review = desk.running()[0]
    good(desk.developer.post(f"/reviews/{review['id']}/close"))
    stranger = on_sqlite.caller(Role.ANONYMOUS)
    good(stranger.get(f"/reviews/{review['id']}/reports/public"))
    problem(stranger.get(f"/reviews/{review['number']}/reports/public"), 404, "state.missing")


def test_each_side_finds_whom_it_can_name(on_sqlite: Installation) -> None:
    """Vetted organisations of the other kinds, without their people; not one's own kind."""
    desk = Desk(on_sqlite)
    callers = (desk.developer, desk.reviewer, desk.partner)
    developer, office, partner = (str(caller.actor.organisation) for caller in callers)
    on_sqlite.newcomer(Role.PENDING)
    for caller, named in ((callers[0], {office, partner}), (callers[1], {developer, partner})):
        rows = good(caller.get("/reviews/organisations"))["items"]
        assert {row["organisation"] for row in rows} == named
        assert "Somebody" not in json.dumps(rows)
    problem(callers[2].get("/reviews/organisations"), 403, "access.refused")


def test_offices_come_and_go(on_sqlite: Installation) -> None:
    """Declined, asked again, admitted, left, admitted, removed with its grants."""
    desk = Desk(on_sqlite)
    review = desk.opened()["id"]
    asked = {"name": "Model X", "version": "1.0", "words": "Please."}
    asked["developer"] = str(desk.developer.actor.organisation)
    office = f"/reviews/{review}/offices/{desk.reviewer.actor.organisation}"

    def move(name: str) -> str:
        (row,) = good(desk.developer.post(office, {"move": name}))["items"]
        return str(row["state"])

    good(desk.reviewer.post("/reviews/requests", asked), 201)
    assert move("decline") == "declined"
    good(desk.reviewer.post("/reviews/requests", asked), 201)
    assert move("admit") == "member"
    problem(desk.reviewer.post("/reviews/requests", asked), 409, "state.move_not_allowed")
    good(desk.reviewer.post(f"/reviews/{review}/departure", {"words": "Done."}))
    problem(desk.reviewer.get(f"/reviews/{review}"), 404, "state.missing")
    assert move("admit") == "member"
    assert move("remove") == "left"


def test_terms_show_what_was_changed(on_sqlite: Installation) -> None:
    """The developer's own words as a diff; who accepted the version before is asked again."""
    desk = Desk(on_sqlite)
    review = desk.running()[0]["id"]
    newest = good(desk.reviewer.get(f"/reviews/{review}/terms"))["items"][0]
    assert (newest["changed"], newest["changes"]) == ([], "")
    standard = good(on_sqlite.caller(Role.ANONYMOUS).get("/reviews/standard-terms"))
    assert newest["texts"] == standard["items"][-1]["texts"]
    body = {"changes": {"use": "Look only."}, "excluded": ["training"]}
    good(desk.change(review, "terms", body))
    changed = good(desk.reviewer.get(f"/reviews/{review}/terms"))["items"][0]
    assert "+Look only." in changed["changes"]
    assert "-procurement" in changed["changes"]
    mine = good(desk.reviewer.get("/reviews/grants"))["items"][0]
    assert (mine["accepted"], mine["terms"]["number"]) == (False, 2)
    stale = desk.reviewer.post(f"/reviews/{review}/acceptances", {"digest": newest["digest"]})
    problem(stale, 409, "state.conflict")
    desk.accept(review, desk.reviewer)
    accepted = good(desk.developer.get(f"/reviews/{review}/acceptances"))["items"]
    assert [row["number"] for row in accepted] == [2, 1]


def test_artefacts_are_listed_one_by_one(on_sqlite: Installation) -> None:
    """Weights by digest alone; what is taken back stays on the record."""
    desk = Desk(on_sqlite)
    review = desk.opened()["id"]
    place = f"/reviews/{review}/artefacts"
    weights = {"kind": "weights", "name": "The weights"}
    problem(desk.developer.post(place, weights), 400, "input.invalid")
    made = good(desk.developer.post(place, weights | {"digest": "ab" * 32}), 201)
    for _ in range(2):
        left = good(desk.developer.call("DELETE", f"{place}/{made['id']}"))
    assert left["artefacts"][0]["removed_at"] is not None
    grant = {
        "audience": "offices",
        "person": str(desk.reviewer.actor.person),
        "organisation": str(desk.reviewer.actor.organisation),
        "artefact": made["id"],
        "purpose": "safeguard-testing",
        "until": later(days=1),
    }
    desk.admit(review, desk.reviewer)
    problem(desk.developer.post(f"/reviews/{review}/grants", grant), 409, "state.conflict")


def test_a_token_with_few_scopes_does_little(on_sqlite: Installation) -> None:
    """A developer's token for reading launches nothing."""
    desk = Desk(on_sqlite)
    review = desk.opened()["id"]
    reader = Caller(headers={}, actor=desk.developer.actor)
    few = on_sqlite.newcomer(Role.DEVELOPER, frozenset({"review.read"}))
    reader.headers.update(few.headers)
    launched = {"to": "public", "keeps_access": False}
    problem(reader.post(f"/reviews/{review}/launch", launched), 403, "access.refused")
