"""Every page of the portal. `PUBLIC` names those for strangers; a test walks the rest."""

from __future__ import annotations

from django.urls import path

from firstlight.adapters.web import (
    accounts,
    advisories,
    cases,
    directives,
    following,
    home,
    leading,
    reports,
    sources,
    static_files,
    watch,
    well_known,
)
from firstlight.adapters.web.reviews import urls as reviews

PUBLIC = frozenset(
    {
        "home",
        "new_report",
        "advisories",
        "advisory",
        "directives",
        "directive",
        "directives_calendar",
        "request_account",
        "lost_access",
        "sign_in_link",
        "static",
        "security_txt",
        *reviews.PUBLIC,
    }
)
"""`advisory` shows a stranger the published ones only"""

urlpatterns = [
    path("", home.home, name="home"),
    path(well_known.PATH, well_known.security_txt, name="security_txt"),
    path("static/<path:name>", static_files.static_file, name="static"),
    path("reports/", reports.reports, name="reports"),
    path("reports/new/", reports.new_report, name="new_report"),
    path("reports/<str:identifier>/", reports.report, name="report"),
    path("reports/<str:identifier>/document/", reports.document, name="report_document"),
    path("reports/<str:identifier>/validate/", reports.validate, name="validate_report"),
    path("reports/<str:identifier>/news/", following.report_news, name="report_news"),
    path("cases/", cases.cases, name="cases"),
    path("cases/<str:number>/", cases.case, name="case"),
    path("cases/<str:number>/answers/", cases.answer, name="answer_case"),
    path("cases/<str:number>/duplicates/", cases.duplicate, name="decide_duplicate"),
    path("cases/<str:number>/patches/", cases.patch, name="propose_patch"),
    path("cases/<str:number>/move/", leading.move, name="move_case"),
    path("cases/<str:number>/maintainers/", leading.bring_in, name="bring_in_maintainer"),
    path("cases/<str:number>/news/", following.case_news, name="case_news"),
    path("advisories/", advisories.advisories, name="advisories"),
    path("advisories/draft/<str:case>/", advisories.draft, name="draft_advisory"),
    path("advisories/<str:identifier>/", advisories.advisory, name="advisory"),
    path("advisories/<str:identifier>/edit/", advisories.edit, name="edit_advisory"),
    path("advisories/<str:identifier>/approve/", advisories.approve, name="approve_advisory"),
    path("advisories/<str:identifier>/move/", advisories.move, name="move_advisory"),
    path("directives/", directives.directives, name="directives"),
    path("directives.ics", directives.feed, name="directives_calendar"),
    path("directives/<str:section>/", directives.directive, name="directive"),
    path("directives/<str:section>/evidence/", directives.record, name="record_evidence"),
    path("directives/<str:section>/aside/", directives.aside, name="set_duty_aside"),
    path("directives/<str:section>/withdraw/", directives.withdraw, name="withdraw_evidence"),
    path("ledger/", watch.ledger, name="ledger"),
    path("ledger/export/", watch.export, name="export_ledger"),
    path("sources/", sources.sources, name="sources"),
    path("sources/<str:name>/", sources.load, name="load_source"),
    path("jobs/", watch.jobs, name="jobs"),
    path("jobs/<str:identifier>/retry/", watch.retry, name="retry_job"),
    path("organisations/", accounts.organisations, name="organisations"),
    path("organisations/<str:identifier>/decide/", accounts.vet, name="vet_organisation"),
    path("organisations/<str:identifier>/people/", accounts.people, name="organisation_people"),
    path("people/<str:identifier>/link/", accounts.make_link, name="make_link"),
    path("account/request/", accounts.ask, name="request_account"),
    path("account/lost/", accounts.lost, name="lost_access"),
    path("account/link/<str:secret>/", accounts.link, name="sign_in_link"),
    path("account/act-as/", accounts.act_as, name="act_as"),
    path("account/tokens/", accounts.tokens, name="tokens"),
    path("account/tokens/<str:identifier>/revoke/", accounts.revoke, name="revoke_token"),
    *reviews.urlpatterns,
]
