"""The end of an engagement: one record, a receipt, and a report in three cuts.

- *internal*: everything, for the developer and the offices that took part;
- *oversight*: who had what and when, suspensions with their reasons, refusals and appeals; without
  what was observed, asked or shown, and without names of people;
- *public*: only the fields of `PUBLIC`, none of which holds words that a person wrote or an
  identifier; and those of `PUBLIC_IF_LISTED` when the developer chose to be listed.

The public cut is built from the list, not by leaving things out: a field that is added to the
record stays confidential until somebody adds it to the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from firstlight.core.kernel.canonical import Json, digest
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.parties import Role
from firstlight.core.review import answering
from firstlight.core.review.acts import SignedAct
from firstlight.core.review.artefacts import Artefact
from firstlight.core.review.coverage import cut_for
from firstlight.core.review.documents import Document, Download
from firstlight.core.review.engagement import Destroyed, Engagement, keys_due
from firstlight.core.review.grants import Grant, Suspension
from firstlight.core.review.model import UNDO
from firstlight.core.review.observations import Observation
from firstlight.core.review.offices import Office, OfficeState
from firstlight.core.review.partners import Partner, PartnerState
from firstlight.core.review.terms import Acceptance, Terms
from firstlight.core.review.using import Used
from firstlight.core.review.window import MOST_DAYS, Audience, Window, counted

RECEIPT_FORMAT = "firstlight-review-receipt-1"
REPORT_FORMAT = "firstlight-review-report-1"
_DAY = timedelta(days=1)
_CLAIM_DESTROYED = (
    "The named keys were destroyed in the named stores. Nothing is claimed of any other place, "
    "or about what people remember."
)
_CLAIM_KEPT = "Every grant has ended. The keys of sealed documents have not been destroyed yet."

PUBLIC = (
    "format",
    "year",
    "quarter",
    "release_form",
    "undo",
    "anchor",
    "developer_size",
    "days_of_access",
    "days_of_access_limit",
    "launched",
    "launched_before_window_ended",
    "withdrawn",
    "offices_count",
    "reviewers_count",
    "artefact_kinds",
    "endpoint_safeguards",
    "grants_count",
    "suspensions_count",
    "documents_count",
    "copies_count",
    "uses_count",
    "partners_count",
    "partner_sectors",
    "refusals_count",
    "appeals_count",
    "appeals_answered_count",
    "observations_count",
    "observations_answered_count",
    "questions_count",
    "questions_answered_count",
    "days_to_answer",
    "terms_standard",
    "terms_changed_headings_count",
    "out_of_purpose",
    "keys_destroyed",
    "legal_hold",
)
"""names of facts that anyone may read"""

PUBLIC_IF_LISTED = ("developer", "model", "model_version")
"""and of those that the developer may choose to add"""


@dataclass(frozen=True, kw_only=True)
class Record:
    """Everything about an engagement that its end puts together."""

    engagement: Engagement
    offices: Sequence[Office]
    partners: Sequence[Partner]
    grants: Sequence[Grant]
    acceptances: Sequence[Acceptance]
    observations: Sequence[Observation]
    documents: Sequence[Document] = ()
    """every version that was uploaded, oldest first"""
    downloads: Sequence[Download] = ()
    """every copy that was listed, oldest first"""
    used: Sequence[Used] = ()
    """what came of each grant of an endpoint that was used"""

    @property
    def destroyed(self) -> Destroyed | None:
        """None while retention or a legal hold keeps the keys."""
        return self.engagement.destroyed

    @property
    def keys_due(self) -> Instant | None:
        """When they may be destroyed; None under a legal hold."""
        return keys_due(self.engagement)

    @property
    def closed_at(self) -> Instant:
        """When it ended; of one that goes on, when it began."""
        return self.engagement.closed_at or self.engagement.opened_at


def receipt(record: Record) -> dict[str, Json]:
    """What the developer gets signed: who had what, when, and what was destroyed.

    Who had what is one list for each way of having it: grants say who might, downloads and uses who
    did. Each single use stands in the ledger.
    """
    engagement = record.engagement
    hold = engagement.plan.legal_hold if engagement.plan else ""
    return {
        "format": RECEIPT_FORMAT,
        "engagement": str(engagement.id),
        "number": engagement.number,
        "developer": str(engagement.model.developer),
        "model": engagement.model.name,
        "model_version": engagement.model.version,
        "closed_at": str(record.closed_at),
        "windows": [_window(each) for each in engagement.windows],
        "artefacts": [_artefact(each) for each in engagement.artefacts],
        "grants": [_grant(each) for each in record.grants],
        "documents": [_document(each) for each in record.documents],
        "downloads": [_download(each) for each in record.downloads],
        "uses": [_used(each) for each in record.used],
        "destroyed": record.destroyed.to_json() if record.destroyed else None,
        "keys_due": str(record.keys_due) if record.keys_due else None,
        "legal_hold": hold,
        "claim": _CLAIM_DESTROYED if record.destroyed else _CLAIM_KEPT,
    }


def internal(record: Record) -> dict[str, Json]:
    """All of it."""
    engagement = record.engagement
    return {
        **facts(record),
        "number": engagement.number,
        "opened_at": str(engagement.opened_at),
        "closed_at": str(record.closed_at),
        "withdrawn_because": engagement.withdrawn_because,
        "questions": [cut_for(Role.DEVELOPER, each) for each in engagement.questions],
        "artefacts": [_artefact(each) for each in engagement.artefacts],
        "windows": [_window(each) for each in engagement.windows],
        "acts": [_act(each) for each in engagement.acts],
        "terms": [
            {"number": each.number, "digest": each.digest, "texts": _texts(each)}
            for each in engagement.terms
        ],
        "accepted": [
            {"person": str(each.person), "number": each.number, "at": str(each.at)}
            for each in record.acceptances
        ],
        "offices": [
            {
                "office": str(each.organisation),
                "state": each.state.value,
                "since": str(each.since),
                "words": each.words,
            }
            for each in record.offices
        ],
        "grants": [_grant(each) for each in record.grants],
        "suspensions": [_suspension(one, named=True) for one in _suspensions(record)],
        "partners": [_partner(each, named=True) for each in record.partners],
        "observations": [_observation(each) for each in record.observations],
        "receipt": receipt(record),
    }


def oversight(record: Record) -> dict[str, Json]:
    """For those who check that the rules were kept: steps and reasons, not what was seen."""
    return {
        **{name: fact for name, fact in facts(record).items() if name not in PUBLIC_IF_LISTED},
        "number": record.engagement.number,
        "developer": str(record.engagement.model.developer),
        "opened_at": str(record.engagement.opened_at),
        "closed_at": str(record.closed_at),
        "windows": [_window(each) for each in record.engagement.windows],
        "offices": [
            {
                "office": str(each.organisation),
                "state": each.state.value,
                "since": str(each.since),
            }
            for each in record.offices
        ],
        "access": [
            {
                "organisation": str(each.organisation),
                "audience": each.audience.value,
                "purpose": each.purpose.value,
                "from": str(each.valid.start),
                "until": str(each.ended_at or each.valid.end),
                "two_person": bool(each.seconds),
            }
            for each in record.grants
        ],
        "copies": [
            {
                "organisation": str(each.organisation),
                "at": str(each.at),
                "marked": each.marked,
                "two_person": each.second is not None,
            }
            for each in record.downloads
        ],
        "suspensions": [_suspension(one, named=False) for one in _suspensions(record)],
        "partners": [_partner(each, named=False) for each in record.partners],
        "destroyed": record.destroyed.to_json() if record.destroyed else None,
        "keys_due": str(record.keys_due) if record.keys_due else None,
    }


def public(record: Record) -> dict[str, Json]:
    """For anyone: the listed fields, and no other."""
    plan = record.engagement.plan
    names = (*PUBLIC, *PUBLIC_IF_LISTED) if plan and plan.listed else PUBLIC
    known = facts(record)
    return {name: known[name] for name in names}


def facts(record: Record) -> dict[str, Json]:
    """The facts that lists choose from."""
    engagement, closed = record.engagement, record.closed_at.utc
    plan, grants = engagement.plan, record.grants
    answered = answering.of_questions(engagement.questions)
    terms = engagement.present_terms
    reviewers = {each.person for each in grants if each.audience is Audience.OFFICES}
    members = [each for each in record.offices if each.state is OfficeState.MEMBER]
    kinds = [each.kind.value for each in engagement.artefacts]
    safeguards = [each.safeguards.value for each in engagement.artefacts if each.safeguards]
    agreed = [each for each in record.partners if each.state is PartnerState.AGREED]
    moves = [each.move for partner in record.partners for each in partner.decisions]
    appeals = [each for partner in record.partners for each in partner.appeals]
    undo = UNDO[plan.release_form] if plan else None
    return {
        "format": REPORT_FORMAT,
        "year": closed.year,
        "quarter": (closed.month + 2) // 3,
        "developer": str(engagement.model.developer),
        "model": engagement.model.name,
        "model_version": engagement.model.version,
        "release_form": plan.release_form.value if plan else None,
        "undo": {"can": undo.can, "cannot": undo.cannot} if undo else None,
        "anchor": plan.anchor.value if plan else None,
        "developer_size": engagement.size.value if engagement.size else None,
        "days_of_access": round(counted(engagement.windows) / _DAY, 2),
        "days_of_access_limit": MOST_DAYS,
        "launched": sorted({each.to.value for each in engagement.releases}),
        "launched_before_window_ended": any(e.before_window_ended for e in engagement.releases),
        "withdrawn": engagement.withdrawn_at is not None,
        "offices_count": len(members),
        "reviewers_count": len(reviewers),
        "artefact_kinds": _tally(kinds),
        "endpoint_safeguards": _tally(safeguards),
        "grants_count": len(grants),
        "suspensions_count": len(_suspensions(record)),
        "partners_count": len(agreed),
        "partner_sectors": _tally([each.sector.value for each in agreed]),
        "refusals_count": sum(1 for each in moves if each == "refuse"),
        "appeals_count": len(appeals),
        "appeals_answered_count": sum(1 for each in appeals if each.answered_at),
        "documents_count": len(record.documents),
        "copies_count": len(record.downloads),
        "uses_count": sum(each.uses for each in record.used),
        "observations_count": len(record.observations),
        "observations_answered_count": sum(1 for each in record.observations if each.responses),
        "questions_count": len(engagement.questions),
        "questions_answered_count": len(answered),
        "days_to_answer": [round(each / _DAY, 2) for each in answered],
        "terms_standard": terms.standard if terms else None,
        "terms_changed_headings_count": len(terms.changed) if terms else 0,
        "out_of_purpose": [use.value for use in terms.excluded] if terms else [],
        "keys_destroyed": len(record.destroyed.keys) if record.destroyed else 0,
        "legal_hold": bool(plan and plan.legal_hold),
    }


def _tally(words: Sequence[str]) -> dict[str, Json]:
    return {word: words.count(word) for word in sorted(set(words))}


def _texts(terms: Terms) -> dict[str, Json]:
    return {heading.value: text for heading, text in terms.texts.items()}


def _window(window: Window) -> dict[str, Json]:
    return {
        "audience": window.audience.value,
        "start": str(window.period.start),
        "end": str(window.period.end),
        "planned_end": str(window.planned_end),
        "early": window.early,
    }


def _act(act: SignedAct) -> dict[str, Json]:
    return {
        "number": act.number,
        "act": act.kind.value,
        "at": str(act.at),
        "by": str(act.by),
        "digest": digest(act.envelope),
        "own_key": act.own_key,
    }


def _artefact(artefact: Artefact) -> dict[str, Json]:
    return {
        "artefact": str(artefact.id),
        "kind": artefact.kind.value,
        "name": artefact.name,
        "safeguards": artefact.safeguards.value if artefact.safeguards else None,
        "digest": artefact.digest,
    }


def _grant(grant: Grant) -> dict[str, Json]:
    return {
        "grant": str(grant.id),
        "person": str(grant.person),
        "organisation": str(grant.organisation),
        "audience": grant.audience.value,
        "artefact": str(grant.artefact),
        "purpose": grant.purpose.value,
        "from": str(grant.valid.start),
        "until": str(grant.valid.end),
        "ended_at": str(grant.ended_at) if grant.ended_at else None,
        "ended_because": grant.ended_because,
        "second_people": [str(each) for each in grant.seconds],
    }


def _document(document: Document) -> dict[str, Json]:
    return {
        "document": str(document.id),
        "artefact": str(document.artefact),
        "version": document.version,
        "name": document.name,
        "media_type": document.media_type,
        "size": document.size,
        "digest": document.digest,
        "sealed_with": document.sealed_with,
        "uploaded_at": str(document.uploaded_at),
    }


def _download(download: Download) -> dict[str, Json]:
    return {
        "download": str(download.id),
        "document": str(download.document),
        "grant": str(download.grant) if download.grant else None,
        "person": str(download.person),
        "organisation": str(download.organisation),
        "second_person": str(download.second) if download.second else None,
        "marked": download.marked,
        "at": str(download.at),
    }


def _used(used: Used) -> dict[str, Json]:
    return {
        "grant": str(used.grant),
        "uses": used.uses,
        "unfinished": used.unfinished,
        "tokens": used.tokens,
        "first": str(used.first),
        "last": str(used.last),
    }


def _suspensions(record: Record) -> list[Suspension]:
    return [each for grant in record.grants for each in grant.suspensions]


def _suspension(suspension: Suspension, *, named: bool) -> dict[str, Json]:
    shown: dict[str, Json] = {
        "organisation": str(suspension.organisation),
        "at": str(suspension.at),
        "reason": suspension.reason,
        "conditions": suspension.conditions,
        "lifted_at": str(suspension.lifted_at) if suspension.lifted_at else None,
        "lifted_note": suspension.lifted_note,
    }
    return shown | ({"by": str(suspension.by)} if named else {})


def _partner(partner: Partner, *, named: bool) -> dict[str, Json]:
    decisions: list[Json] = [
        {"move": each.move, "side": each.side.value, "at": str(each.at), "reason": each.reason}
        | ({"by": str(each.by)} if named else {})
        for each in partner.decisions
    ]
    appeals: list[Json] = [
        {
            "at": str(each.at),
            "text": each.text,
            "answer": each.answer,
            "answered_at": str(each.answered_at) if each.answered_at else None,
            "granted": each.granted,
        }
        for each in partner.appeals
    ]
    return {
        "organisation": str(partner.organisation),
        "sector": partner.sector.value,
        "state": partner.state.value,
        "criteria": partner.criteria,
        "meets": dict(partner.meets),
        "proposed_by": partner.proposed_by.value,
        "proposed_at": str(partner.proposed_at),
        "decisions": decisions,
        "appeals": appeals,
    }


def _observation(observation: Observation) -> dict[str, Json]:
    wordings: list[Json] = [
        {"number": e.number, "title": e.title, "text": e.text, "by": str(e.by), "at": str(e.at)}
        for e in observation.wordings
    ]
    responses: list[Json] = [
        {"wording": each.wording, "text": each.text, "by": str(each.by), "at": str(each.at)}
        for each in observation.responses
    ]
    return {
        "observation": str(observation.id),
        "organisation": str(observation.organisation),
        "wordings": wordings,
        "responses": responses,
    }
