"""Executive Order 14409 of 2026-06-02 (91 FR 34565): eight dated duties, three standing rules.

In our own words; the paragraph beside each row is the order's. Due days are computed from the day
of signing and never written down.
"""

from __future__ import annotations

from datetime import date

from firstlight.core.directives.model import Duty, Instrument, Part

SIGNED = date(2026, 6, 2)
KEY = "EO-14409"

ORDER = Instrument(
    key=KEY,
    title="Promoting Advanced Artificial Intelligence Innovation and Security",
    issuer="President of the United States",
    signed=SIGNED,
    published=date(2026, 6, 5),
    reference="Executive Order 14409, 91 FR 34565",
)

_CISA = "Cybersecurity and Infrastructure Security Agency"
_NCD = "National Cyber Director"
_NSA = "National Security Agency"
_OMB = "Office of Management and Budget"
_TREASURY = "Department of the Treasury"
_TOGETHER = (_TREASURY, _NSA, _CISA)


def _duty(
    paragraph: str,
    text: str,
    *,
    days: int | None,
    lead: tuple[str, ...] = (),
    consulted: tuple[str, ...] = (),
    parts: tuple[Part, ...] = (),
) -> Duty:
    return Duty(
        key=paragraph,
        instrument=KEY,
        paragraph=paragraph,
        lead=lead,
        consulted=consulted,
        text=text,
        starts=SIGNED,
        days=days,
        parts=parts,
    )


DUTIES: tuple[Duty, ...] = (
    _duty(
        "2(a)",
        "Put the cyber defence of national security systems first.",
        days=30,
        lead=("Committee on National Security Systems",),
    ),
    _duty(
        "2(b)",
        "Put the cyber defence of the department's own systems first.",
        days=30,
        lead=("Secretary of War",),
    ),
    _duty(
        "2(c)",
        "Issue directives and guidance for civilian defence and for access to defensive tools.",
        days=30,
        lead=(f"Department of Homeland Security through the {_CISA}",),
        consulted=(_OMB, "national security adviser", _NCD),
        parts=(
            Part(paragraph="2(c)(i)", text="The defence of civilian federal systems."),
            Part(paragraph="2(c)(ii)", text="Programmes for defensive tools that use AI."),
            Part(
                paragraph="2(c)(iii)",
                text="Access to tools, covered models included, for agencies, State and local"
                " authorities, and operators such as rural hospitals, community banks and"
                " utilities.",
            ),
        ),
    ),
    _duty(
        "2(d)",
        "Form the voluntary AI cybersecurity clearinghouse: coordinate and deconflict scanning,"
        " discover and validate flaws, coordinate and rank their repair and the distribution of"
        " patches.",
        days=30,
        lead=(_TREASURY,),
        consulted=(_NCD, _NSA, _CISA),
    ),
    _duty(
        "2(e)",
        "Determine whether grant programmes can pay for finding flaws with AI.",
        days=30,
        lead=(_OMB,),
        consulted=(_NCD, _CISA),
    ),
    _duty(
        "2(f)",
        "Widen the hiring and placing of cyber specialists through Tech Force.",
        days=60,
        lead=("Office of Personnel Management",),
    ),
    _duty(
        "3(a)",
        "Set up a classified process that measures advanced cyber capabilities, and the threshold"
        " for a covered frontier model; share assessments with developers and researchers as"
        " appropriate. The Director of the NSA determines, in consultation.",
        days=60,
        lead=_TOGETHER,
        consulted=(
            f"Chief of Staff through the {_NCD}",
            "Assistant to the President for Science and Technology",
            "National Institute of Standards and Technology",
        ),
    ),
    _duty(
        "3(b)",
        "Set up a voluntary framework in which developers open models before release.",
        days=60,
        lead=_TOGETHER,
        consulted=("AI developers",),
        parts=(
            Part(
                paragraph="3(b)(i)",
                text="A developer may ask whether a model under development is covered.",
            ),
            Part(
                paragraph="3(b)(ii)",
                text="Access for up to 30 days before release to other trusted partners, under"
                " requirements of confidentiality, cybersecurity, insider risk, intellectual"
                " property, use and nondisclosure.",
            ),
            Part(
                paragraph="3(b)(iii)",
                text="Developer and government select trusted partners together.",
            ),
        ),
    ),
    _duty(
        "3(c)",
        "Nothing here may be read as a licence, preclearance or permit for developing, publishing,"
        " releasing or distributing a model.",
        days=None,
    ),
    _duty(
        "4",
        "Put 18 U.S.C. 1028, 1030 and 1343 first against unauthorised access with the help of AI.",
        days=None,
        lead=("Attorney General",),
    ),
    _duty("5(c)", "The order gives nobody a right that a court would enforce.", days=None),
)
