"""Choices that forms offer: each with a sentence that says what it means. None is made beforehand.

The order leaves open when the clock starts, how long things are kept and who is told. The form asks
the developer each of these outright, and says which paragraph leaves it open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firstlight.core.kernel.marking import Marking
from firstlight.core.review.artefacts import ArtefactKind, Dialect, Safeguards
from firstlight.core.review.coverage import Determination
from firstlight.core.review.engagement import ReleaseTo
from firstlight.core.review.grants import Purpose
from firstlight.core.review.model import UNDO, Anchor, DeveloperSize, ReleaseForm
from firstlight.core.review.terms import OutOfPurpose


@dataclass(frozen=True, kw_only=True)
class Option:
    """One possibility."""

    value: str
    label: str
    help: str = ""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A question with its possibilities."""

    name: str
    question: str
    why: str
    options: Sequence[Option]


def _yes_no(name: str, question: str, why: str, yes: str, no: str) -> Choice:
    options = (Option(value="yes", label="Yes", help=yes), Option(value="no", label="No", help=no))
    return Choice(name=name, question=question, why=why, options=options)


SIZE = Choice(
    name="size",
    question="How many people work for you?",
    why="For one figure only: how long small and large developers wait for an answer. The path is "
    "the same for all.",
    options=(
        Option(value=DeveloperSize.SMALL, label="Fewer than 50"),
        Option(value=DeveloperSize.MEDIUM, label="50 to 499"),
        Option(value=DeveloperSize.LARGE, label="500 or more"),
    ),
)
RELEASE_FORM = Choice(
    name="release_form",
    question="How will the model be released?",
    why="The window is the same for each. The report says what can and cannot be undone.",
    options=(
        Option(
            value=ReleaseForm.API,
            label="Behind an endpoint that you run",
            help=UNDO[ReleaseForm.API].can,
        ),
        Option(
            value=ReleaseForm.OPEN_WEIGHTS,
            label="As open weights",
            help=UNDO[ReleaseForm.OPEN_WEIGHTS].cannot,
        ),
        Option(
            value=ReleaseForm.LIMITED,
            label="To chosen customers only",
            help=UNDO[ReleaseForm.LIMITED].can,
        ),
    ),
)
ANCHOR = Choice(
    name="anchor",
    question="Before which release do the days of access lie?",
    why="The order counts to the release to other trusted partners; reports of it speak of the "
    "public release. You choose, and the choice is on record.",
    options=(
        Option(
            value=Anchor.PARTNERS,
            label="Before you release it to other trusted partners",
            help="As section 3(b)(ii) of the order reads.",
        ),
        Option(value=Anchor.PUBLIC, label="Before the public release", help="As reports tell it."),
    ),
)
LEGAL_HOLD = _yes_no(
    "hold",
    "Does a law forbid you to destroy documents at the end?",
    "A legal hold keeps the keys until you lift it. The receipt says so.",
    "Say below which law, and why.",
    "Their keys are destroyed when the time that you set above is over.",
)
KEEPS_CONTENT = _yes_no(
    "keeps_content",
    "Shall requests and answers at the endpoint be kept?",
    "Each use is on record in any case: who, when, how much, and digests of what was sent.",
    "They are kept sealed; only you can open them, until the end.",
    "Nothing of their content is kept, only digests.",
)
LISTED = _yes_no(
    "listed",
    "May the public register and the public report name you and the model?",
    "You can change this at any time.",
    "Name, model, size and dates are public; nothing else is.",
    "The public report counts this review without a name.",
)
MARKING = Choice(
    name="marking",
    question="Who may know of this review?",
    why="No laxer marking is possible.",
    options=(
        Option(
            value=Marking.AMBER_STRICT,
            label="Those who take part, and the auditor (TLP:AMBER+STRICT)",
            help="The auditor sees steps, times and reasons, not what is shown or observed.",
        ),
        Option(
            value=Marking.RED,
            label="Only those who take part (TLP:RED)",
            help="Not the auditor either.",
        ),
    ),
)
PLAN = (SIZE, RELEASE_FORM, ANCHOR, KEEPS_CONTENT, LISTED, MARKING)
"""radio questions of the form that opens an engagement, beside its dates and times of keeping"""

KIND = Choice(
    name="kind",
    question="What is it?",
    why="",
    options=(
        Option(
            value=ArtefactKind.ENDPOINT,
            label="An endpoint",
            help="An address that speaks to the model. People reach it through the gateway only.",
        ),
        Option(value=ArtefactKind.SYSTEM_CARD, label="A system card"),
        Option(value=ArtefactKind.EVALUATION_LOGS, label="Logs of your evaluations"),
        Option(
            value=ArtefactKind.WEIGHTS,
            label="Weights, by digest only",
            help="Weights never pass through this program. The digest says later which they were.",
        ),
    ),
)
SAFEGUARDS = Choice(
    name="safeguards",
    question="Which safeguards does the endpoint run with?",
    why="For an endpoint only.",
    options=(
        Option(value=Safeguards.SHIPPED, label="As users will get them"),
        Option(value=Safeguards.REDUCED, label="Fewer than users will get"),
        Option(value=Safeguards.OFF, label="None"),
    ),
)
DIALECTS = (
    Option(value=Dialect.OPENAI_CHAT, label="OpenAI chat completions"),
    Option(value=Dialect.OPENAI_RESPONSES, label="OpenAI responses"),
    Option(value=Dialect.ANTHROPIC_MESSAGES, label="Anthropic messages"),
)
PURPOSE = Choice(
    name="purpose",
    question="For which purpose?",
    why="Any other use breaks the terms.",
    options=(
        Option(
            value=Purpose.CAPABILITY_EVALUATION,
            label="Capability evaluation",
            help="Measuring what the model can do in cybersecurity.",
        ),
        Option(
            value=Purpose.SAFEGUARD_TESTING,
            label="Safeguard testing",
            help="Trying to get past its safeguards.",
        ),
        Option(
            value=Purpose.CONTAINMENT_TESTING,
            label="Containment testing",
            help="Trying whether it stays where it is run.",
        ),
        Option(
            value=Purpose.DEFENSIVE_USE,
            label="Defensive use",
            help="Finding and mending flaws in systems that a partner answers for.",
        ),
    ),
)
EXCLUDED = (
    Option(
        value=OutOfPurpose.PROCUREMENT,
        label="Procurement",
        help="Deciding about buying from the developer, or from its competitors.",
    ),
    Option(
        value=OutOfPurpose.EXPORT_CONTROL,
        label="Export control",
        help="Deciding about licences or controls on exports.",
    ),
    Option(
        value=OutOfPurpose.COMPETITION,
        label="Competition",
        help="Helping anyone who competes with the developer.",
    ),
    Option(
        value=OutOfPurpose.TRAINING,
        label="Training",
        help="Training or distilling another model.",
    ),
)
EARLY = _yes_no(
    "early",
    "May partners come in before the offices' window is over?",
    "For partners only; for offices say no. Without your yes, partners wait.",
    "Your yes is on record.",
    "They begin when the offices' window has ended.",
)
RELEASED_TO = Choice(
    name="to",
    question="To whom do you release it?",
    why="You tell; nobody is asked.",
    options=(
        Option(value=ReleaseTo.PARTNERS, label="To other trusted partners"),
        Option(value=ReleaseTo.PUBLIC, label="To the public"),
    ),
)
KEEPS_ACCESS = _yes_no(
    "keeps_access",
    "Shall running windows go on after the launch?",
    "Access after a launch is your own choice.",
    "Windows end when they would have ended anyway.",
    "Windows end now: the offices' at a release to partners, all at a public one.",
)
DETERMINATION = Choice(
    name="determination",
    question="What did you determine?",
    why="Nothing in this program depends on the answer.",
    options=(
        Option(value=Determination.COVERED, label="Covered", help="At or above the threshold."),
        Option(value=Determination.NOT_COVERED, label="Not covered", help="Below it."),
        Option(
            value=Determination.UNDETERMINED,
            label="Undetermined",
            help="The evidence is too thin to say.",
        ),
    ),
)
FOR_RESEARCHERS = _yes_no(
    "for_researchers",
    "Is it fit to be shared with researchers?",
    "It is shared only when the developer agrees, too. A classified one never is.",
    "The developer is asked.",
    "It stays with the developer and the offices.",
)
