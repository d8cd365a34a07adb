"""What the order forbids, what it leaves open, and what the press says differently."""

from __future__ import annotations

from firstlight.core.directives.model import OpenQuestion, PressDifference, Prohibition

_NO_PERMISSION = (
    "The access table has no action that could grant, refuse or condition it, for any role; a test"
    " walks the table."
)
_TABLE = ("usecases/access/rules.py", "usecases/access/table.py")

PROHIBITIONS: tuple[Prohibition, ...] = (
    Prohibition(
        key="no-licence",
        paragraph="3(c)",
        text="No step of the program is a licence to develop, publish, release or distribute.",
        kept=_NO_PERMISSION,
        places=_TABLE,
    ),
    Prohibition(
        key="no-preclearance",
        paragraph="3(c)",
        text="No step of the program clears a model before its developer may go on.",
        kept=_NO_PERMISSION,
        places=_TABLE,
    ),
    Prohibition(
        key="no-permit",
        paragraph="3(c)",
        text="No state of the program is a permit, and none has to be reached before a release.",
        kept=_NO_PERMISSION,
        places=_TABLE,
    ),
    Prohibition(
        key="no-right",
        paragraph="5(c)",
        text="No entry of this register says that somebody has a right or has broken a law.",
        kept="A state compares days and recorded evidence; it is no finding of law, and the page"
        " says so.",
        places=("core/directives/status.py",),
    ),
)

OPEN_QUESTIONS: tuple[OpenQuestion, ...] = (
    OpenQuestion(
        key="capabilities",
        paragraphs=("3(a)",),
        question="Which capabilities count as advanced, and how are they defined?",
        handled="The office that sets a threshold writes them into its version; Firstlight ships"
        " none.",
    ),
    OpenQuestion(
        key="size",
        paragraphs=("3(a)",),
        question="Does computing power or size count, or only what was measured?",
        handled="Firstlight counts what was measured and holds no figure of computing power.",
    ),
    OpenQuestion(
        key="clock",
        paragraphs=("3(b)(ii)",),
        question="When do the days of access start to run?",
        handled="The developer chooses the start and the length of the window, and what it is"
        " counted to; the choice is to be recorded with the engagement.",
    ),
    OpenQuestion(
        key="extension",
        paragraphs=("3(b)(ii)",),
        question="May access be made longer, and by whom?",
        handled="By the developer's act alone, and never beyond 30 days in all for one model.",
    ),
    OpenQuestion(
        key="early-release",
        paragraphs=("3(b)(ii)", "3(c)"),
        question="What follows when a developer releases before the window ends?",
        handled="Nothing is in the way: the developer alone decides; an early release is a fact"
        " of the record and no fault.",
    ),
    OpenQuestion(
        key="appeal",
        paragraphs=("3(b)(iii)",),
        question="Who answers somebody who was not chosen as a trusted partner?",
        handled="A refusal carries a reason; an appeal is to be recorded, answered and dated.",
    ),
    OpenQuestion(
        key="retention",
        paragraphs=("3(b)(ii)",),
        question="How long may what was seen be kept, and when is it deleted?",
        handled="The developer's terms say so for each engagement; there is no silent default.",
    ),
    OpenQuestion(
        key="incidents",
        paragraphs=("3(b)(ii)",),
        question="Must anybody report an incident, to whom and how soon?",
        handled="The terms of an engagement may say so; Firstlight adds no duty of its own.",
    ),
    OpenQuestion(
        key="liability",
        paragraphs=("3(b)(ii)", "5(c)"),
        question="Who answers for harm done with or by the access?",
        handled="Firstlight holds no answer; the terms of an engagement may.",
    ),
    OpenQuestion(
        key="open-weights",
        paragraphs=("3(b)",),
        question="What holds for a model whose weights are published and cannot be recalled?",
        handled="The developer states the form of release; the window is the same.",
    ),
    OpenQuestion(
        key="public-account",
        paragraphs=("3(a)", "3(b)"),
        question="What is told to the public or to Congress?",
        handled="The developer and the office choose what leaves the record; nothing leaves by"
        " itself.",
    ),
)

PRESS: tuple[PressDifference, ...] = (
    PressDifference(
        key="review-before-release",
        paragraphs=("3(b)(ii)",),
        reported="Models are reviewed or tested by the government before public release.",
        order="The order speaks of access, and counts the 30 days to the release to other trusted"
        " partners.",
        handled="Either can be what a window is counted to; the developer chooses, and the choice"
        " is to be recorded.",
    ),
    PressDifference(
        key="caisi",
        paragraphs=("3(a)",),
        reported="The Center for AI Standards and Innovation (CAISI) does the testing.",
        order="The order names NIST, as one of those consulted. CAISI runs the older voluntary"
        " agreements, with more than 40 evaluations, often with safeguards reduced.",
        handled="Either office can take part.",
    ),
)
