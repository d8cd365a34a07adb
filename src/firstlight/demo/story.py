"""The tour itself: everything through the HTTP API, as each person would do it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from firstlight.core.kernel.errors import Unavailable
from firstlight.demo.reports import DemoReport

Tell = Callable[[str, str], None]
"""called with the name of a step and what happened"""

_PATIENCE_SECONDS = 240.0
_PAUSE_SECONDS = 0.2
_VALIDATED = frozenset({"reproduced", "not-reproduced", "flaky", "not-tried"})


class TourStuck(Unavailable):
    """The tour cannot go on."""

    code = "demo.stuck"
    next_step = "See the log in the demo's folder; `firstlight doctor` names missing parts."


@dataclass(frozen=True, kw_only=True)
class Toured:
    """What the tour left behind."""

    case: str
    """number of the case"""
    advisory: str
    """identifier of the advisory"""
    ledger: Mapping[str, Any]
    """the exported ledger"""


@dataclass(kw_only=True)
class Visitor:
    """Somebody with a token, at the API's door."""

    url: str
    token: str
    _client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        """Open the connection."""
        headers = {"Authorization": f"Bearer {self.token}"}
        self._client = httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=60)

    def ask(self, method: str, path: str, **parts: Any) -> Any:  # noqa: ANN401 # any JSON
        """The answer's JSON.

        Raises:
            TourStuck: the answer is a problem.
        """
        answer = self._client.request(method, path, **parts)
        if answer.is_error:
            raise TourStuck(f"{method} {path}: {answer.status_code} {answer.text[:400]}")
        return answer.json()

    def version_of(self, path: str) -> str:
        """The ETag of a thing, to name in If-Match."""
        return str(self._client.get(path).headers.get("ETag", ""))

    def wait(self, path: str, until: Callable[[Any], bool]) -> Any:  # noqa: ANN401 # any JSON
        """Ask again until the answer is as wanted.

        Raises:
            TourStuck: it was not in four minutes.
        """
        end = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < end:
            answer = self.ask("GET", path)
            if until(answer):
                return answer
            time.sleep(_PAUSE_SECONDS)
        raise TourStuck(f"{path} is not ready after {_PATIENCE_SECONDS:.0f} seconds")


def tour(
    finders: Mapping[str, Visitor],
    coordinator: Visitor,
    reports: Sequence[DemoReport],
    diff: str,
    tell: Tell,
) -> Toured:
    """Walk the whole way.

    Args:
        finders: by name of their organisation
        coordinator: who leads the case
        reports: what the finders send, the two true ones first
        diff: the proposed patch
        tell: hears of every step

    Raises:
        TourStuck: a step failed.
    """
    sent = [_send(finders[report.finder], report, tell) for report in reports]
    for report, receipt in zip(reports, sent, strict=True):
        path = f"/reports/{receipt['finding']}"
        shown = finders[report.finder].wait(path, lambda one: one["state"] in _VALIDATED)
        tell("Validation", f"{receipt['case']} {shown['state']}: {shown['state_reason']}")
    number = _case_of(coordinator, sent[0])
    _explain(coordinator, number, sent[1], tell)
    _prioritise(coordinator, number, tell)
    _patch(coordinator, number, diff, tell)
    advisory = _publish(coordinator, number, tell)
    return Toured(case=number, advisory=advisory, ledger=coordinator.ask("GET", "/ledger/export"))


def _send(finder: Visitor, report: DemoReport, tell: Tell) -> Any:  # noqa: ANN401 # any JSON
    answer = finder.ask(
        "POST",
        "/reports",
        content=report.document,
        headers={"Content-Type": "application/json"},
    )
    receipt = answer["receipts"][0]
    missing = ", ".join(item["name"] for item in receipt["missing"]) or "nothing"
    tell("Intake", f"{receipt['case']} from {report.finder}: {report.what}. Missing: {missing}.")
    return receipt


def _case_of(coordinator: Visitor, receipt: Mapping[str, Any]) -> str:
    finding = coordinator.ask("GET", f"/reports/{receipt['finding']}")
    return str(coordinator.ask("GET", f"/cases/{finding['case']}")["number"])


def _explain(coordinator: Visitor, number: str, second: Mapping[str, Any], tell: Tell) -> None:
    if number != _case_of(coordinator, second):
        raise TourStuck("the two true reports were not grouped into one case")
    answer = coordinator.ask("GET", f"/cases/{number}/duplicates")
    for reason in answer["reasons"]:
        tell("Duplicates", f"{number}: {reason['sentence']}")


def _prioritise(coordinator: Visitor, number: str, tell: Tell) -> None:
    answers = {
        "automatable": "Yes",
        "technical_impact": "Partial",
        "report_public": "Yes",
        "supplier_contacted": "Yes",
        "report_credibility": "Credible",
    }
    reason = "The flaw has been public since 2023; a parser can be reached by any sender."
    coordinator.ask(
        "POST", f"/cases/{number}/assessment", json={"answers": answers, "reason": reason}
    )
    priority = coordinator.ask("GET", f"/cases/{number}/priority")
    due = priority["bod_26_04"]
    within = f"{due['within_days']} days" if due["within_days"] else "the next upgrade"
    assumed = ", ".join(one["name"] for one in due["decision"]["assumed"]) or "nothing"
    tell("Priority", f"BOD 26-04: fix within {within}; assumed: {assumed}.")
    tell("Priority", f"KEV: {priority['kev']['state']}; EPSS: {priority['epss']['state']}.")


def _patch(coordinator: Visitor, number: str, diff: str, tell: Tell) -> None:
    patch = coordinator.ask("POST", f"/cases/{number}/patches", json={"diff": diff})["id"]
    patches = coordinator.wait(
        f"/cases/{number}/patches",
        lambda answer: all(one["state"] != "proposed" for one in answer["items"]),
    )
    state = next(one["state"] for one in patches["items"] if one["id"] == patch)
    evidence = coordinator.ask("GET", f"/cases/{number}/evidence")["items"]
    checked = next(one for one in reversed(evidence) if one["patch"] == patch)
    for check in checked["body"]["checks"]:
        tell("Patch", f"{check['check']}: {check['answer']}. {check['detail']}")
    if state != "verified":
        raise TourStuck(f"the patch is {state}: {checked['summary']}")


def _publish(coordinator: Visitor, number: str, tell: Tell) -> str:
    identifier = str(coordinator.ask("POST", f"/cases/{number}/advisory")["id"])
    path = f"/advisories/{identifier}"
    go_live = datetime.now(UTC).isoformat(timespec="seconds")
    coordinator.ask(
        "POST",
        f"{path}/approval",
        json={"go_live": go_live},
        headers={"If-Match": coordinator.version_of(path)},
    )
    tell("Advisory", f"{number} approved, go-live {go_live}.")
    coordinator.wait(path, lambda one: one["state"] == "published")
    tell("Advisory", f"{number} is public as CSAF 2.0 and OSV, signed.")
    return identifier
