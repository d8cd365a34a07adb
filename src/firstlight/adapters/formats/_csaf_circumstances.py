"""What a CSAF document says of a flaw out in the world: exploited, public, shared, planned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from firstlight.adapters.formats.reading import Intake, Node
from firstlight.core.clearinghouse.finding import Circumstances, Known

_EXPLOITED = re.compile(r"(?:publicl?y|actively) exploited", re.IGNORECASE)
_PUBLIC = re.compile(r"publicly known", re.IGNORECASE)
_WORK_AROUNDS = frozenset({"workaround", "mitigation"})
_HAPPENED = frozenset({"completed", "in_progress"})


@dataclass(frozen=True, kw_only=True)
class Coordination:
    """What the document as a whole says."""

    public: bool
    """it is marked TLP:CLEAR and final"""
    exploited: bool
    shared_with: Sequence[str]
    plans: str
    """the discoverer's plans and agreed embargoes"""


def coordination(document: Node, intake: Intake) -> Coordination:
    """Read it from the distribution, the involvements (2.0, VINCE) and the coordination record."""
    label = document.at("distribution", "tlp", "label").string()
    released = document.at("tracking", "status").string() == "final"
    embargoes = [action.get("summary").string() for action in _actions(document, "embargo")]
    plans = [*_plans(document), *embargoes]
    return Coordination(
        public=label in {"CLEAR", "WHITE"} and released,
        exploited=bool(_actions(document, "exploitation")),
        shared_with=_shared_with(document, intake),
        plans=intake.block("\n".join(plan for plan in plans if plan)),
    )


def circumstances(node: Node, whole: Coordination, intake: Intake) -> Circumstances:
    """Of one vulnerability. Only yes or unknown: a document that is silent says neither."""
    summaries = [item.get("summary").string() for item in node.get("references").items()]
    public = whole.public or any(map(_PUBLIC.match, summaries))
    exploited = (
        whole.exploited
        or bool(node.get("first_known_exploitation_dates").items())
        or any(map(_EXPLOITED.match, summaries))
        or _ssvc_active(node)
    )
    work_arounds = [
        remedy.get("details").string()
        for remedy in node.get("remediations").items()
        if remedy.get("category").string() in _WORK_AROUNDS
    ]
    date = node.get("disclosure_date").string()
    planned = f"Disclosure planned for {date[:40]}." if date else ""
    plans = [whole.plans, *_plans(node), planned]
    return Circumstances(
        exploited=Known.YES if exploited else Known.UNKNOWN,
        public=Known.YES if public else Known.UNKNOWN,
        shared_with=tuple(whole.shared_with),
        work_around=intake.block("\n\n".join(dict.fromkeys(work_arounds))),
        disclosure_plan=intake.block("\n".join(plan for plan in plans if plan)),
    )


def _plans(bearer: Node) -> list[str]:
    """The discoverer's open involvements."""
    return [
        item.get("summary").string().strip()
        for item in bearer.get("involvements").items()
        if (item.get("party").string(), item.get("status").string()) == ("discoverer", "open")
    ]


def _actions(document: Node, category: str) -> list[Node]:
    """Actions of CSAF 2.1's coordination record that have happened."""
    return [
        action
        for action in document.at("involvement", "actions").items()
        if action.get("category").string() == category
        and action.get("status").string() in _HAPPENED
    ]


def _shared_with(document: Node, intake: Intake) -> tuple[str, ...]:
    """Who was notified, by name."""
    names = {
        entity.get("entity_id").string(): entity.get("name").string()
        for entity in document.at("involvement", "entities").items()
    }
    notified = [
        names.get(reference.string(), "")
        for action in _actions(document, "notification")
        for reference in action.get("receiving_entity_refs").items()
    ]
    return intake.lines(notified)


def _ssvc_active(node: Node) -> bool:
    """Whether an SSVC selection says that exploitation is active (E:A)."""
    for metric in node.get("metrics").items():
        for selection in metric.at("content", "ssvc_v2", "selections").items():
            if selection.get("key").string() == "E" and any(
                value.get("key").string() == "A" for value in selection.get("values").items()
            ):
                return True
    return False
