"""Deny by default: every operation, walked by nobody and every role, against the access table."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from tests.adapters.api.conftest import Installation

from firstlight.core.kernel.parties import Role
from firstlight.usecases.access.table import TABLE, Action, Reach

ROLES = [role for role in Role if role is not Role.SYSTEM]
ID = "0" * 26
VALUES = {
    "case": "FL-2026-0001",
    "finding": f"fnd_{ID}",
    "advisory": f"adv_{ID}",
    "job": f"job_{ID}",
    "name": "kev",
    "section": "2(d)",
    "review": "FR-2026-0001",
    "artefact": f"art_{ID}",
    "grant": f"grt_{ID}",
    "use": f"use_{ID}",
    "part": "request",
    "document": f"doc_{ID}",
    "download": f"dld_{ID}",
    "code": "FLM-0000-0000-0000-0000",
    "webhook": "desk",
    "partner": f"prt_{ID}",
    "observation": f"obs_{ID}",
    "office": f"org_{ID}",
    "number": "1",
    "cut": "public",
    "offer": f"ofr_{ID}",
    "tool_request": f"req_{ID}",
    "measurement": f"mea_{ID}",
    "task": "one",
    "batch": f"bat_{ID}",
    "candidate": f"can_{ID}",
    "verdict": f"gvd_{ID}",
}
OPEN = {"readHealth", "readReadiness", "readReportSchema", "readDescription"}
OPEN |= {"listStandardTerms", "listCriteria", "listReviewKeys"}
LOCAL = {"readMetrics"}
ACTIONS = {
    "listVerdicts": Action.GUARD_READ,
    "readVerdict": Action.GUARD_READ,
    "readVerdictText": Action.GUARD_OPEN,
    "releaseText": Action.GUARD_DECIDE,
    "refuseText": Action.GUARD_DECIDE,
    "submitReport": Action.FINDING_SUBMIT,
    "listReports": Action.FINDING_READ,
    "readReport": Action.FINDING_READ,
    "readDocument": Action.FINDING_READ,
    "relayReport": Action.FINDING_READ,
    "validateReport": Action.FINDING_VALIDATE,
    "openImport": Action.FINDING_IMPORT,
    "sendImportBytes": Action.FINDING_IMPORT,
    "closeImport": Action.FINDING_IMPORT,
    "cancelImport": Action.FINDING_IMPORT,
    "listImports": Action.FINDING_READ,
    "readImport": Action.FINDING_READ,
    "listImportFaults": Action.FINDING_READ,
    "listCandidates": Action.FINDING_READ,
    "readCandidate": Action.FINDING_READ,
    "readCandidateDocument": Action.FINDING_READ,
    "promoteCandidate": Action.FINDING_IMPORT,
    "listCases": Action.CASE_READ,
    "readCase": Action.CASE_READ,
    "listEvidence": Action.EVIDENCE_READ,
    "readPriority": Action.CASE_READ,
    "assessCase": Action.CASE_MOVE,
    "explainDuplicates": Action.EVIDENCE_READ,
    "decideDuplicate": Action.DUPLICATE_DECIDE,
    "undoDuplicate": Action.DUPLICATE_DECIDE,
    "addMaintainer": Action.CASE_PARTY,
    "moveCase": Action.CASE_MOVE,
    "proposePatch": Action.PATCH_PROPOSE,
    "listPatches": Action.PATCH_READ,
    "draftAdvisory": Action.ADVISORY_WRITE,
    "listAdvisories": Action.ADVISORY_READ,
    "readAdvisory": Action.ADVISORY_READ,
    "editAdvisory": Action.ADVISORY_WRITE,
    "approveAdvisory": Action.ADVISORY_APPROVE,
    "returnAdvisory": Action.ADVISORY_WRITE,
    "withdrawAdvisory": Action.ADVISORY_WRITE,
    "readCsaf": Action.ADVISORY_READ,
    "readOsv": Action.ADVISORY_READ,
    "readLedger": Action.LEDGER_READ,
    "exportLedger": Action.LEDGER_READ,
    "listSources": Action.SOURCE_READ,
    "readSource": Action.SOURCE_READ,
    "loadSource": Action.SOURCE_LOAD,
    "listDirectives": Action.DIRECTIVE_READ,
    "readDirective": Action.DIRECTIVE_READ,
    "recordEvidence": Action.DIRECTIVE_RECORD,
    "setDirectiveAside": Action.DIRECTIVE_RECORD,
    "withdrawEvidence": Action.DIRECTIVE_RECORD,
    "uploadDocument": Action.DOCUMENT_WRITE,
    "listDocuments": Action.DOWNLOAD_READ,
    "listCopies": Action.DOWNLOAD_READ,
    "listOwnDocuments": Action.DOCUMENT_READ,
    "askCopy": Action.DOCUMENT_READ,
    "readCopy": Action.DOCUMENT_READ,
    "traceMark": Action.DOWNLOAD_READ,
    "readNotices": Action.NOTICE_MANAGE,
    "setMail": Action.NOTICE_MANAGE,
    "putWebhook": Action.NOTICE_MANAGE,
    "removeWebhook": Action.NOTICE_MANAGE,
    "moveWebhook": Action.NOTICE_MANAGE,
    "testWebhook": Action.NOTICE_MANAGE,
    "listReviews": Action.REVIEW_READ,
    "readReview": Action.REVIEW_READ,
    "listAcceptances": Action.REVIEW_READ,
    "readAct": Action.REVIEW_READ,
    "listOffices": Action.REVIEW_READ,
    "readGrant": Action.REVIEW_READ,
    "listGrants": Action.REVIEW_READ,
    "listPartners": Action.REVIEW_READ,
    "listObservations": Action.REVIEW_READ,
    "listReceipts": Action.REVIEW_READ,
    "readReceipt": Action.REVIEW_READ,
    "openReview": Action.REVIEW_ARRANGE,
    "askCoverage": Action.REVIEW_ARRANGE,
    "changePlan": Action.REVIEW_ARRANGE,
    "setHold": Action.REVIEW_ARRANGE,
    "shareAssessment": Action.REVIEW_ARRANGE,
    "addArtefact": Action.REVIEW_ARRANGE,
    "removeArtefact": Action.REVIEW_ARRANGE,
    "setTerms": Action.REVIEW_ARRANGE,
    "setWindow": Action.REVIEW_ARRANGE,
    "stopWindows": Action.REVIEW_ARRANGE,
    "prepareExtension": Action.REVIEW_ARRANGE,
    "extendWindow": Action.REVIEW_ARRANGE,
    "decideOffice": Action.REVIEW_ARRANGE,
    "respondToObservation": Action.REVIEW_ARRANGE,
    "requestReview": Action.REVIEW_ASK,
    "listRequests": Action.REVIEW_ASK,
    "leaveReview": Action.REVIEW_ASK,
    "answerCoverage": Action.REVIEW_ANSWER,
    "listTerms": Action.REVIEW_ACCEPT,
    "acceptTerms": Action.REVIEW_ACCEPT,
    "giveGrant": Action.REVIEW_GRANT,
    "revokeGrant": Action.REVIEW_GRANT,
    "suspendGrant": Action.REVIEW_SUSPEND,
    "restoreGrant": Action.REVIEW_SUSPEND,
    "readMe": Action.GRANT_READ,
    "listOwnGrants": Action.GRANT_READ,
    "proposePartner": Action.REVIEW_SELECT,
    "decidePartner": Action.REVIEW_SELECT,
    "listCounterparts": Action.REVIEW_SELECT,
    "listPartnerships": Action.REVIEW_APPEAL,
    "readPartner": Action.REVIEW_APPEAL,
    "appealRefusal": Action.REVIEW_APPEAL,
    "writeObservation": Action.REVIEW_ADVISE,
    "rewordObservation": Action.REVIEW_ADVISE,
    "listOwnObservations": Action.REVIEW_ADVISE,
    "launchModel": Action.REVIEW_END,
    "withdrawModel": Action.REVIEW_END,
    "closeReview": Action.REVIEW_END,
    "listAssessments": Action.ASSESSMENT_READ,
    "readReviewReport": Action.REPORT_READ,
    "listPublicReports": Action.REPORT_READ,
    "listOversight": Action.REPORT_READ,
    "readWaiting": Action.REPORT_READ,
    "listOffers": Action.TOOL_READ,
    "publishOffer": Action.TOOL_OFFER,
    "readOffer": Action.TOOL_READ,
    "withdrawOffer": Action.TOOL_OFFER,
    "readEligibility": Action.TOOL_READ,
    "readAnswerTimes": Action.TOOL_READ,
    "askForTool": Action.REQUEST_MAKE,
    "listToolRequests": Action.REQUEST_READ,
    "readToolRequest": Action.REQUEST_READ,
    "answerToolRequest": Action.REQUEST_DECIDE,
    "appealToolRequest": Action.REQUEST_MAKE,
    "takeBackToolRequest": Action.REQUEST_MAKE,
    "readToolTerms": Action.REQUEST_READ,
    "acceptToolTerms": Action.TOOL_USE,
    "useTool": Action.TOOL_USE,
    "listToolUses": Action.REQUEST_READ,
    "revokeToolGrant": Action.REQUEST_DECIDE,
    "returnToolGrant": Action.TOOL_USE,
    "readParticipants": Action.PARTICIPANT_READ,
    "enterRegister": Action.PARTICIPANT_LIST,
    "leaveRegister": Action.PARTICIPANT_LIST,
    "listMeasurements": Action.MEASUREMENT_READ,
    "readMeasurement": Action.MEASUREMENT_READ,
    "readMeasuredTask": Action.MEASUREMENT_EVIDENCE,
    "readStatement": Action.MEASUREMENT_READ,
    "readMeasurementReport": Action.MEASUREMENT_READ,
    "compareMeasurements": Action.MEASUREMENT_READ,
    "listJobs": Action.JOB_READ,
    "retryJob": Action.JOB_RETRY,
    "readMetrics": Action.JOB_READ,
    "readUse": Action.USE_READ,
    "listUses": Action.USE_READ,
    "readUseContent": Action.USE_CONTENT,
    "haltEverything": Action.REVIEW_GRANT,
    "resumeEverything": Action.REVIEW_GRANT,
    "revokeEverything": Action.REVIEW_GRANT,
    "readEndpoint": Action.USE_READ,
    "setEndpoint": Action.REVIEW_ARRANGE,
    "listSecondedGrants": Action.REVIEW_PRESENT,
    "readAccess": Action.REVIEW_PRESENT,
    "makeGrantKey": Action.REVIEW_USE,
    "beginPresence": Action.REVIEW_PRESENT,
    "endPresence": Action.REVIEW_PRESENT,
}
"""written out by hand on purpose: a gate that changes by accident must fail here"""


def operations() -> Iterator[tuple[str, str, str]]:
    """Identifier, method and a concrete path of every operation in the description."""
    from firstlight.adapters.api.app import openapi  # noqa: PLC0415  # needs Django

    for path, methods in openapi()["paths"].items():
        for method, operation in methods.items():
            yield (
                operation["operationId"],
                method.upper(),
                path.removeprefix("/api/v1").format(**VALUES),
            )


def test_every_operation_is_in_the_matrix() -> None:
    """No operation exists that the matrix below does not know, and the other way round."""
    assert {name for name, _, _ in operations()} == set(ACTIONS) | OPEN


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.value)
def test_the_gate_is_the_access_table(on_sqlite: Installation, role: Role) -> None:
    """A role passes exactly the gates of the actions that the table gives it."""
    caller = on_sqlite.caller(role)
    wrong = []
    for name, method, path in operations():
        # From afar, so that being on the same machine opens nothing.
        response = caller.call(method, path, b"{}", REMOTE_ADDR="203.0.113.7")
        code = (
            json.loads(response.content)["code"]
            if "problem" in response.headers.get("Content-Type", "")
            else ""
        )
        stopped = code in {"access.not_signed_in", "access.refused"}
        row = TABLE[role].get(ACTIONS[name]) if name in ACTIONS else None
        admitted = name in OPEN or (row is not None and row.reach is not Reach.NOTHING)
        if stopped is admitted:
            wrong.append(f"{role.value} {method} {path}: {response.status_code} {code}")
    assert wrong == []


@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.PENDING])
def test_who_is_not_vetted_sees_no_more_than_the_public(
    on_sqlite: Installation, role: Role
) -> None:
    """They report, read what is public, and nothing else."""
    caller = on_sqlite.caller(role)
    reached = {
        name
        for name, method, path in operations()
        if caller.call(method, path, b"{}", REMOTE_ADDR="203.0.113.7").status_code not in {401, 403}
    }
    reading = {"listAdvisories", "readAdvisory", "readCsaf", "readOsv"}
    reading |= {"listDirectives", "readDirective"}
    reading |= {"readReviewReport", "listPublicReports", "listOversight"}
    reading |= {"readWaiting"}
    reading |= {"listOffers", "readOffer", "readEligibility", "readAnswerTimes"}
    reading |= {"readParticipants"}
    assert reached == OPEN | reading | {"submitReport"}


def test_metrics_open_to_the_same_machine_only(on_sqlite: Installation) -> None:
    """Loopback without a token, but not when a proxy on loopback speaks for somebody else."""
    stranger = on_sqlite.caller(Role.ANONYMOUS)
    here = stranger.get("/metrics", REMOTE_ADDR="127.0.0.1")
    assert here.status_code == 200
    assert b'firstlight_jobs{state="waiting"} 0' in here.content
    for header in ("Forwarded", "X-Forwarded-For", "Via"):
        through = stranger.get("/metrics", REMOTE_ADDR="127.0.0.1", headers={header: "x"})
        assert through.status_code == 401
    assert stranger.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 401
    auditor = on_sqlite.caller(Role.AUDITOR)
    assert auditor.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 200
