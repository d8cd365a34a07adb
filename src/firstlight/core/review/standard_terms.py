"""The standard texts, by version. A version that was ever used is never changed: add a new one."""

from __future__ import annotations

from collections.abc import Mapping

from firstlight.core.kernel.errors import Missing
from firstlight.core.review.terms import Heading, OutOfPurpose, StandardTerms

_FIRST = StandardTerms(
    version="1",
    texts={
        Heading.CONFIDENTIALITY: (
            "What the developer shows is confidential, and so is that it is shown.\n"
            "It is known only to people who are named in a grant, to the developer, and to the\n"
            "auditor as far as the record needs it.\n"
            "What was public before, or becomes public by the developer's act, is not confidential."
        ),
        Heading.CYBERSECURITY: (
            "Access is through the gateway, with a key that belongs to one grant.\n"
            "Keys are not shared, and are reported as lost within one hour of its being noticed.\n"
            "Systems that hold what was received are kept patched, and are not reachable from the\n"
            "internet."
        ),
        Heading.INSIDER_RISK: (
            "Access is personal. Each use is recorded with person, purpose and time, and the\n"
            "developer can read and verify that record.\n"
            "Where the developer asks for it, a second named person is present.\n"
            "Copies of documents carry a mark of their reader."
        ),
        Heading.INTELLECTUAL_PROPERTY: (
            "The model, its documents and its answers stay the developer's, as far as the law\n"
            "gives anyone rights in them. Access gives no licence.\n"
            "Observations may be used by the developer freely."
        ),
        Heading.USE: (
            "The access is for the purpose that the grant names, and for nothing else.\n"
            "For this purpose the developer does without those of its terms of service that\n"
            "forbid probing and tests of safeguards.\n"
            "Uses that are named as out of purpose are breaches of these terms."
        ),
        Heading.NONDISCLOSURE: (
            "Nothing that was seen is told outside the engagement before the developer has\n"
            "released it, or has agreed in writing.\n"
            "A duty under the law to tell is told to the developer first, where the law allows.\n"
            "Flaws in the software of others that are found on the way go to the clearinghouse."
        ),
    },
    excluded=tuple(OutOfPurpose),
)

STANDARD_TERMS: Mapping[str, StandardTerms] = {each.version: each for each in (_FIRST,)}
NEWEST = _FIRST.version


def standard(version: str) -> StandardTerms:
    """The standard text of a version. Raises Missing."""
    found = STANDARD_TERMS.get(version)
    if found is None:
        raise Missing(f"there are no standard terms of version {version[:40]!r}")
    return found
