"""A case as a story: seven steps, how far it has come, what comes next and whose turn it is.

Nothing is decided here. It reads the states that the core moved and says them in plain words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firstlight.core.clearinghouse.advisory.model import Advisory, AdvisoryState
from firstlight.core.clearinghouse.case import Case, CaseState, Evidence, EvidenceKind
from firstlight.core.clearinghouse.finding import FindingState
from firstlight.core.clearinghouse.patches.model import Patch, PatchState
from firstlight.usecases.queries.port import FindingRow


@dataclass(frozen=True, kw_only=True)
class Step:
    """One of the seven."""

    name: str
    done: bool
    note: str
    """a few words on where it stands"""
    anchor: str
    """the part of the page that tells it"""
    now: bool = False
    """the first step that is not done"""


@dataclass(frozen=True, kw_only=True)
class Story:
    """The whole case in brief."""

    steps: Sequence[Step]
    next: str
    """what happens next, in one sentence"""
    turn: str
    """whose turn it is; empty when nothing more is to be done"""

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(step.done for step in self.steps)


def tell(
    case: Case,
    findings: Sequence[FindingRow],
    evidence: Sequence[Evidence],
    patches: Sequence[Patch],
    advisory: Advisory | None,
) -> Story:
    """The story of a case from what its reader may see."""
    steps = _steps(case, findings, evidence, patches, advisory)
    current = next((index for index, step in enumerate(steps) if not step.done), None)
    if case.state in {CaseState.CLOSED, CaseState.MERGED}:
        current = None
    marked = [
        Step(name=s.name, done=s.done, note=s.note, anchor=s.anchor, now=index == current)
        for index, s in enumerate(steps)
    ]
    coming, turn = _next(case, findings, patches, advisory, steps)
    return Story(steps=marked, next=coming, turn=turn)


def _steps(
    case: Case,
    findings: Sequence[FindingRow],
    evidence: Sequence[Evidence],
    patches: Sequence[Patch],
    advisory: Advisory | None,
) -> list[Step]:
    shown = sum(row.state is FindingState.REPRODUCED for row in findings)
    waiting = any(row.state is FindingState.RECEIVED for row in findings)
    several = len(findings) > 1
    verified = any(patch.state is PatchState.VERIFIED for patch in patches)
    answered = any(item.kind is EvidenceKind.ASSESSMENT for item in evidence)
    public = advisory is not None and advisory.state is AdvisoryState.PUBLISHED
    count = f"{len(findings)} reports" if several else "1 report"
    reached = bool(shown) or case.state in {
        CaseState.VALIDATED,
        CaseState.PATCHED,
        CaseState.PUBLISHED,
    }
    return [
        Step(name="Reported", done=True, note=count, anchor="reports"),
        Step(
            name="Reproduced",
            done=reached,
            note=_reproduced(shown, len(findings), waiting=waiting),
            anchor="evidence",
        ),
        Step(
            name="Grouped",
            done=reached and not waiting,
            note="one flaw, several reports" if several else "no other report fits",
            anchor="reports",
        ),
        Step(
            name="Prioritised",
            done=answered or public,
            note="answered by a coordinator" if answered else "computed with assumptions",
            anchor="priority",
        ),
        Step(
            name="Patched",
            done=verified or public,
            note=_patched(patches, verified=verified, public=public),
            anchor="patch",
        ),
        Step(
            name="Advisory",
            done=advisory is not None
            and advisory.state in {AdvisoryState.APPROVED, AdvisoryState.PUBLISHED},
            note=advisory.state.value if advisory else "not drafted",
            anchor="advisory",
        ),
        Step(
            name="Published",
            done=public,
            note="in the public zone" if public else "not yet",
            anchor="advisory",
        ),
    ]


def _reproduced(shown: int, total: int, *, waiting: bool) -> str:
    if shown:
        return f"{shown} of {total}" if total > 1 else "on the vulnerable release only"
    return "being tried" if waiting else "not so far"


def _patched(patches: Sequence[Patch], *, verified: bool, public: bool) -> str:
    if verified:
        return "every check passed"
    if public:
        return "published without one"
    return "being checked" if any(p.state is PatchState.PROPOSED for p in patches) else "none yet"


def _next(
    case: Case,
    findings: Sequence[FindingRow],
    patches: Sequence[Patch],
    advisory: Advisory | None,
    steps: Sequence[Step],
) -> tuple[str, str]:
    """The sentence and whose turn: the first row whose condition holds."""
    state = advisory.state if advisory else None
    reproduced, patched = steps[1].done, steps[4].done
    running = any(row.state is FindingState.RECEIVED for row in findings)
    checking = any(patch.state is PatchState.PROPOSED for patch in patches)
    rows = (
        (
            case.state is CaseState.MERGED,
            "This is the same flaw as another case, which goes on.",
            "",
        ),
        (case.state is CaseState.CLOSED, "The case is closed; the reason is in the ledger.", ""),
        (
            state is AdvisoryState.PUBLISHED,
            "Everyone can read the advisory now. Nothing more is to be done.",
            "",
        ),
        (
            state is AdvisoryState.APPROVED,
            "The advisory goes live by itself at the time that was set.",
            "the program",
        ),
        (
            not reproduced and running,
            "The proof is being run on the vulnerable and on the fixed release.",
            "the program",
        ),
        (
            not reproduced,
            "The flaw has not been shown here. A proof that shows it is needed.",
            "the finder",
        ),
        (checking, "The proposed patch is being put through its checks.", "the program"),
        (
            state is AdvisoryState.DRAFT,
            "The draft is to be read, then approved with a go-live time.",
            "a coordinator",
        ),
        (patched, "An advisory is to be drafted from the case.", "a coordinator"),
    )
    proposal = ("A patch is to be proposed; it is checked here at once.", "the maintainer")
    return next(((text, turn) for holds, text, turn in rows if holds), proposal)
