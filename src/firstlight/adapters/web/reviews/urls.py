"""Addresses of the review's pages. `PUBLIC` names those for strangers."""

from __future__ import annotations

from django.urls import URLPattern, path

from firstlight.adapters.web.reviews import (
    advising,
    arranging,
    ending,
    granting,
    lists,
    mine,
    opening,
    overview,
    partnering,
    public,
    record,
)

PUBLIC = frozenset(
    {
        "reviews",
        "review_rules",
        "review_waiting",
        "public_reviews",
        "public_reviews_file",
        "receipt_key",
    }
)
"""`reviews` tells a stranger what a review is"""

_FIXED = [
    path("reviews/", lists.reviews, name="reviews"),
    path("reviews/open/", opening.open_review, name="open_review"),
    path("reviews/ask/", opening.ask_coverage, name="ask_coverage"),
    path("reviews/request/", opening.request_review, name="request_review"),
    path("reviews/rules/", public.rules, name="review_rules"),
    path("reviews/waiting/", public.waiting, name="review_waiting"),
    path("reviews/public/", public.reports, name="public_reviews"),
    path("reviews/public.json", public.reports_file, name="public_reviews_file"),
    path("reviews/receipt.key", record.receipt_key, name="receipt_key"),
    path("reviews/oversight/", record.oversight, name="oversight_reviews"),
    path("reviews/oversight/<str:identifier>/", record.oversight_report, name="oversight_review"),
    path(
        "reviews/oversight/<str:identifier>/report.<str:kind>",
        record.oversight_report,
        name="oversight_file",
    ),
    path("reviews/requests/<str:identifier>/leave/", lists.take_back, name="leave_review"),
    path("reviews/grants/<str:identifier>/halt/", granting.halt, name="halt_grant"),
    path("reviews/grants/<str:identifier>/lift/", granting.lift, name="lift_grant"),
    path("reviews/partnerships/<str:identifier>/", partnering.partnership, name="partnership"),
    path(
        "reviews/partnerships/<str:identifier>/appeal/",
        partnering.own_appeal,
        name="appeal_partnership",
    ),
    path(
        "reviews/partnerships/<str:identifier>/advice/",
        partnering.own_observation,
        name="partner_advice",
    ),
    path("my-access/", mine.access, name="my_access"),
    path("my-access/terms/<str:number>/", mine.terms, name="my_terms"),
]

_OF_ONE = [
    path("", overview.overview, name="review"),
    path("plan/", opening.plan, name="review_plan"),
    path("plan/keep/", opening.keep, name="keep_review"),
    path("questions/", opening.questions, name="review_questions"),
    path("questions/answer/", opening.answer_question, name="answer_question"),
    path("questions/share/", opening.share_answer, name="share_answer"),
    path("artefacts/", arranging.artefacts, name="review_artefacts"),
    path("artefacts/<str:artefact>/remove/", arranging.remove_artefact, name="remove_artefact"),
    path("terms/", arranging.terms, name="review_terms"),
    path("terms/accept/", arranging.accept_terms, name="accept_terms"),
    path("windows/", arranging.windows, name="review_windows"),
    path("windows/extend/", arranging.extend_window, name="extend_window"),
    path("windows/stop/", arranging.stop_window, name="stop_window"),
    path("offices/", granting.decide_office, name="decide_office"),
    path("people/", granting.people, name="review_people"),
    path("people/<str:identifier>/", granting.grant, name="review_grant"),
    path("people/<str:identifier>/revoke/", granting.revoke, name="revoke_grant"),
    path("partners/", partnering.partners, name="review_partners"),
    path("partners/<str:identifier>/", partnering.decide, name="decide_partner"),
    path("partners/<str:identifier>/appeal/", partnering.appeal, name="appeal_partner"),
    path("advice/", advising.advice, name="review_advice"),
    path("advice/<str:identifier>/reword/", advising.reword, name="reword_advice"),
    path("advice/<str:identifier>/respond/", advising.respond, name="respond_advice"),
    path("history/", record.history, name="review_history"),
    path("record/", record.record, name="review_record"),
    path("record/receipt/<str:which>/", record.receipt, name="review_receipt"),
    path("record/act/<str:which>/", record.act, name="review_act"),
    path("record/<str:cut>/", record.report, name="review_report"),
    path("record/<str:cut>/report.<str:kind>", record.report_file, name="review_report_file"),
    path("launch/", ending.launch, name="launch_review"),
    path("withdraw/", ending.withdraw, name="withdraw_review"),
    path("close/", ending.close, name="close_review"),
]


def _below_one(pattern: URLPattern) -> URLPattern:
    return path(f"reviews/<str:number>/{pattern.pattern}", pattern.callback, name=pattern.name)


urlpatterns = [*_FIXED, *(_below_one(each) for each in _OF_ONE)]
