"""What the order forbids, what it leaves open, and what the press says differently.

Each row names the modules that keep it. They are named, not imported: contexts do not know each
other. Tests prove that the modules exist.
"""

from __future__ import annotations

from firstlight.core.directives.model import OpenQuestion, PressDifference, Prohibition

_ENGAGEMENT = "core/review/engagement.py"
_PLAN = "core/review/model.py"
_WINDOW = "core/review/window.py"
_TERMS = "core/review/terms.py"
_PARTNERS = "core/review/partners.py"
_NO_PERMISSION = (
    "The moves of an engagement leave launch, withdrawal and close to the developer alone, from"
    " every state; the access table has no action that grants or withholds a permission."
)
_MOVES_AND_TABLE = (_ENGAGEMENT, "usecases/access/rules.py", "usecases/access/table.py")

PROHIBITIONS: tuple[Prohibition, ...] = (
    Prohibition(
        key="no-licence",
        paragraph="3(c)",
        text="No step of the program is a licence to develop, publish, release or distribute.",
        kept=_NO_PERMISSION,
        places=_MOVES_AND_TABLE,
    ),
    Prohibition(
        key="no-preclearance",
        paragraph="3(c)",
        text="No step of the program clears a model before its developer may go on.",
        kept=_NO_PERMISSION,
        places=_MOVES_AND_TABLE,
    ),
    Prohibition(
        key="no-permit",
        paragraph="3(c)",
        text="No state of the program is a permit, and none has to be reached before a release.",
        kept="A launch is a fact that the developer records; no state and no field of an engagement"
        " says whether it may.",
        places=_MOVES_AND_TABLE,
    ),
    Prohibition(
        key="thirty-days",
        paragraph="3(b)(ii)",
        text="Offices never get more than 30 days of one model.",
        kept="Days are counted over all engagements, extensions and re-openings of the same model,"
        " and every use compares the time.",
        places=(_WINDOW,),
    ),
    Prohibition(
        key="no-right",
        paragraph="5(c)",
        text="No entry of this register says that somebody has a right or has broken a law.",
        kept="A state compares days with recorded evidence; it is no finding of law.",
        places=("core/directives/status.py",),
    ),
)

OPEN_QUESTIONS: tuple[OpenQuestion, ...] = (
    OpenQuestion(
        key="capabilities",
        paragraphs=("3(a)",),
        question="Which capabilities count as advanced, and how are they defined?",
        handled="The office that sets a threshold defines them. Firstlight ships no definition.",
    ),
    OpenQuestion(
        key="size",
        paragraphs=("3(a)",),
        question="Does computing power or size count, or only what was measured?",
        handled="Firstlight asks for no figure of computing power and decides nothing by size; a"
        " developer's own size is kept for figures on waiting times alone.",
        places=(_PLAN,),
    ),
    OpenQuestion(
        key="clock",
        paragraphs=("3(b)(ii)",),
        question="When do the days of access start to run?",
        handled="The developer sets the window, and says before which release it lies: the one to"
        " other trusted partners, or the public one. There is no default.",
        places=(_PLAN, _WINDOW),
    ),
    OpenQuestion(
        key="extension",
        paragraphs=("3(b)(ii)",),
        question="May access be made longer, and by whom?",
        handled="By the developer alone, and never beyond 30 days in all for one model.",
        places=(_WINDOW,),
    ),
    OpenQuestion(
        key="early-release",
        paragraphs=("3(b)(ii)", "3(c)"),
        question="What follows when a developer releases before the window ends?",
        handled="Nothing is in its way. The record says that a window was still running, as a fact"
        " and no fault.",
        places=(_ENGAGEMENT,),
    ),
    OpenQuestion(
        key="appeal",
        paragraphs=("3(b)(iii)",),
        question="Who answers somebody who was not chosen as a trusted partner?",
        handled="A refusal carries a reason; an appeal is recorded, answered and dated.",
        places=(_PARTNERS,),
    ),
    OpenQuestion(
        key="retention",
        paragraphs=("3(b)(ii)",),
        question="How long may what was seen be kept, and when is it deleted?",
        handled="The developer names the days when it opens an engagement; a legal hold needs a"
        " reason. There is no default.",
        places=(_PLAN,),
    ),
    OpenQuestion(
        key="incidents",
        paragraphs=("3(b)(ii)",),
        question="Must anybody report an incident, to whom and how soon?",
        handled="The terms of an engagement may say so, under cybersecurity; Firstlight adds no"
        " duty of its own.",
        places=(_TERMS,),
    ),
    OpenQuestion(
        key="liability",
        paragraphs=("3(b)(ii)", "5(c)"),
        question="Who answers for harm done with or by the access?",
        handled="Firstlight holds no answer; the terms of an engagement may.",
        places=(_TERMS,),
    ),
    OpenQuestion(
        key="open-weights",
        paragraphs=("3(b)",),
        question="What holds for a model whose weights are published and cannot be recalled?",
        handled="The developer states the form of release; the window is the same, and the record"
        " says what can be undone and what cannot.",
        places=(_PLAN,),
    ),
    OpenQuestion(
        key="public-account",
        paragraphs=("3(a)", "3(b)"),
        question="What is told to the public or to Congress?",
        handled="The developer says whether it and its model may be named in public; reports are"
        " cut for their readers from one record.",
        places=(_PLAN, "core/review/closing.py"),
    ),
)

PRESS: tuple[PressDifference, ...] = (
    PressDifference(
        key="review-before-release",
        paragraphs=("3(b)(ii)",),
        reported="Models are reviewed or tested by the government before public release.",
        order="The order speaks of access, and counts the 30 days to the release to other trusted"
        " partners.",
        handled="A window can lie before either release; the developer chooses, and the choice is"
        " recorded.",
        places=(_PLAN,),
    ),
    PressDifference(
        key="caisi",
        paragraphs=("3(a)",),
        reported="The Center for AI Standards and Innovation (CAISI) does the testing.",
        order="The order names NIST, as one of those consulted. CAISI runs the older voluntary"
        " agreements, with more than 40 evaluations, often with safeguards reduced.",
        handled="Any office that the developer accepts can take part in an engagement.",
        places=("core/review/offices.py",),
    ),
)
