"""The questions that the tables ask, with their values from the least to the most urgent.

Keys, names and versions are those of the published decision points (CERTCC/SSVC, data folder,
MIT-style licence of the Software Engineering Institute); questions and meanings are in our words.
"""

from __future__ import annotations

from firstlight.core.clearinghouse.priority.decision import Point, Value


def _value(key: str, name: str, meaning: str, *aliases: str) -> Value:
    return Value(key=key, name=name, meaning=meaning, aliases=aliases)


IN_KEV = Point(
    namespace="cisa",
    key="KEV",
    version="1.0.0",
    name="In KEV",
    question="Is the flaw in CISA's catalogue of known exploited vulnerabilities?",
    values=(
        _value("N", "No", "The catalogue does not list it."),
        _value("Y", "Yes", "The catalogue lists it."),
    ),
)

PUBLICLY_EXPOSED = Point(
    namespace="cisa",
    key="PE",
    version="1.0.0",
    name="Publicly Exposed",
    question="Can anyone on a public network reach the asset without being trusted first?",
    values=(
        _value("N", "No", "Strangers on public networks cannot reach it, wherever it stands."),
        _value("Y", "Yes", "Strangers on public networks can reach it, wherever it stands."),
    ),
)

AUTOMATABLE = Point(
    namespace="ssvc",
    key="A",
    version="2.0.0",
    name="Automatable",
    question="Can an attacker reliably script everything from finding targets to exploiting them?",
    values=(
        _value("N", "No", "At least one of the steps up to exploitation needs a person."),
        _value("Y", "Yes", "Reconnaissance, weaponisation, delivery and exploitation all script."),
    ),
)

TECHNICAL_IMPACT = Point(
    namespace="ssvc",
    key="TI",
    version="1.0.0",
    name="Technical Impact",
    question="How much control over the vulnerable software does the attacker gain?",
    values=(
        _value("P", "Partial", "Limited control or disclosure, or total control only by luck."),
        _value("T", "Total", "Full control of the software, or disclosure of all it holds."),
    ),
)

EXPLOITATION = Point(
    namespace="ssvc",
    key="E",
    version="1.1.0",
    name="Exploitation",
    question="What is known today about exploitation of the flaw?",
    values=(
        _value("N", "None", "No sign of use in attacks and no public proof of concept."),
        _value("P", "Public PoC", "A proof of concept is public, or the method is known.", "poc"),
        _value("A", "Active", "Credible evidence that real attackers use it."),
    ),
)

VALUE_DENSITY = Point(
    namespace="ssvc",
    key="VD",
    version="1.0.0",
    name="Value Density",
    question="How much does one successful attack give to the attacker?",
    values=(
        _value("D", "Diffuse", "Each vulnerable system holds little."),
        _value("C", "Concentrated", "Each vulnerable system holds much, as servers usually do."),
    ),
)

UTILITY = Point(
    namespace="ssvc",
    key="U",
    version="1.0.1",
    name="Utility",
    question="How useful is an exploit to an attacker?",
    values=(
        _value("L", "Laborious", "Work for each target, little gained from each."),
        _value("E", "Efficient", "Either scripted or much gained, not both."),
        _value("S", "Super Effective", "Scripted, and much gained from each target."),
    ),
)

SAFETY_IMPACT = Point(
    namespace="ssvc",
    key="SI",
    version="2.0.1",
    name="Safety Impact",
    question="What harm can come to people, their surroundings or their livelihood?",
    values=(
        _value("N", "Negligible", "Minor injuries or losses at worst; operators cope easily."),
        _value("M", "Marginal", "Major injuries, ruinous losses, or a safety margin used up."),
        _value("R", "Critical", "A death, or parts of a physical system break."),
        _value("C", "Catastrophic", "Several deaths, or the whole physical system is lost."),
    ),
)

PUBLIC_SAFETY_IMPACT = Point(
    namespace="ssvc",
    key="PSI",
    version="2.0.1",
    name="Public Safety Impact",
    question="Is the safety of the public concerned, in coarse terms?",
    values=(
        _value("M", "Minimal", "The safety impact is negligible."),
        _value("S", "Significant", "The safety impact is marginal or worse."),
    ),
)

MISSION_IMPACT = Point(
    namespace="ssvc",
    key="MI",
    version="2.0.0",
    name="Mission Impact",
    question="What happens to the functions an organisation cannot do without?",
    values=(
        _value("D", "Degraded", "Nothing, or functions that are not essential get worse."),
        _value("MSC", "MEF Support Crippled", "What supports essential functions is crippled."),
        _value("MEF", "MEF Failure", "One essential function fails for too long."),
        _value("MF", "Mission Failure", "Several or all fail; the organisation fails its purpose."),
    ),
)

HUMAN_IMPACT = Point(
    namespace="ssvc",
    key="HI",
    version="2.0.2",
    name="Human Impact",
    question="How bad are harm to people and harm to the mission, taken together?",
    values=(
        _value("L", "Low", "Little harm to people, no essential function fails."),
        _value(
            "M",
            "Medium",
            "Little harm but a failed function, or critical harm and all functions kept.",
        ),
        _value("H", "High", "Critical harm together with crippled or failed functions."),
        _value("VH", "Very High", "Catastrophic harm, or the mission fails."),
    ),
)

MISSION_AND_WELL_BEING = Point(
    namespace="ssvc",
    key="MWI",
    version="1.0.0",
    name="Mission and Well-Being Impact",
    question="How much do essential functions and the public's well-being depend on the software?",
    values=(
        _value("L", "Low", "Little of either depends on it."),
        _value("M", "Medium", "It supports essential functions, or the harm is material."),
        _value("H", "High", "Essential functions are made of it, or the harm is irreversible."),
    ),
)

SYSTEM_EXPOSURE = Point(
    namespace="ssvc",
    key="EXP",
    version="1.0.1",
    name="System Exposure",
    question="How reachable is the vulnerable system for an attacker?",
    values=(
        _value("S", "Small", "A local program, or a network under tight control."),
        _value("C", "Controlled", "On a network, with restrictions that reliably stop attacks."),
        _value("O", "Open", "On the internet or another network nobody can restrict."),
    ),
)

REPORT_PUBLIC = Point(
    namespace="ssvc",
    key="RP",
    version="1.0.0",
    name="Report Public",
    question="Are workable details of the flaw public already?",
    values=(
        _value("Y", "Yes", "A public report exists."),
        _value("N", "No", "No public report exists."),
    ),
)

SUPPLIER_CONTACTED = Point(
    namespace="ssvc",
    key="SCON",
    version="1.0.0",
    name="Supplier Contacted",
    question="Did the reporter make an honest effort to reach the supplier by a good channel?",
    values=(
        _value("N", "No", "The supplier was not contacted."),
        _value("Y", "Yes", "The supplier was contacted."),
    ),
)

REPORT_CREDIBILITY = Point(
    namespace="ssvc",
    key="RC",
    version="1.0.0",
    name="Report Credibility",
    question="Is the report credible?",
    values=(
        _value("NC", "Not Credible", "There are good grounds against it."),
        _value("C", "Credible", "There are no good grounds against it."),
    ),
)

SUPPLIER_CARDINALITY = Point(
    namespace="ssvc",
    key="SC",
    version="1.0.0",
    name="Supplier Cardinality",
    question="How many suppliers must act on the flaw?",
    values=(
        _value("O", "One", "One supplier."),
        _value("M", "Multiple", "Several suppliers."),
    ),
)

SUPPLIER_ENGAGEMENT = Point(
    namespace="ssvc",
    key="SE",
    version="1.0.0",
    name="Supplier Engagement",
    question="Does the supplier answer and take part?",
    values=(
        _value("A", "Active", "The supplier answers and takes part."),
        _value("U", "Unresponsive", "The supplier does neither."),
    ),
)

SUPPLIER_INVOLVEMENT = Point(
    namespace="ssvc",
    key="SINV",
    version="1.0.0",
    name="Supplier Involvement",
    question="How far is the supplier with a fix?",
    values=(
        _value("FR", "Fix Ready", "A fix is there."),
        _value("C", "Cooperative", "The supplier works on a fix."),
        _value("UU", "Uncooperative/Unresponsive", "Silent, unwilling, or gone."),
    ),
)

PUBLIC_VALUE_ADDED = Point(
    namespace="ssvc",
    key="PVA",
    version="1.0.0",
    name="Public Value Added",
    question="What would a publication of ours add to what the public knows?",
    values=(
        _value("L", "Limited", "Little: what is public is good and widely available."),
        _value("A", "Ampliative", "Detail, correction or attention for what is public."),
        _value("P", "Precedence", "It would be the first publication, or come with the first."),
    ),
)
