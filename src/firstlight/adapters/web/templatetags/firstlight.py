"""Filters of the portal's templates. What returns markup escapes every value that it puts in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from firstlight.adapters.web.names import Known
from firstlight.adapters.web.wording import PLAIN
from firstlight.core.clearinghouse.dedupe.reasons import Reason
from firstlight.core.clearinghouse.finding import Report
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ledger import Entry

register = template.Library()

_SOMEBODY = "somebody"
"""when nothing is known of a label; a bare identifier tells a person nothing"""


@register.filter
def when(moment: Instant | datetime | None) -> SafeString | str:
    """A moment for people, with its zone, in a `<time>` for machines."""
    if moment is None:
        return ""
    utc = moment.utc if isinstance(moment, Instant) else moment
    words = f"{utc.day} {utc:%B %Y}, {utc:%H:%M} UTC"
    return format_html('<time datetime="{}">{}</time>', f"{utc:%Y-%m-%dT%H:%M:%SZ}", words)


@register.filter
def day(value: date | None) -> SafeString | str:
    """A day for people."""
    if value is None:
        return ""
    return format_html(
        '<time datetime="{}">{} {}</time>', value.isoformat(), value.day, f"{value:%B %Y}"
    )


@register.filter
def long(value: timedelta | None) -> str:
    """How long something took, in the unit that a person would say; empty for nothing."""
    if value is None:
        return ""
    seconds = value.total_seconds()
    for name, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            number = f"{seconds / length:.1f}".removesuffix(".0")
            return f"{number} {name}{'' if number == '1' else 's'}"
    return "less than a minute"


@register.filter
def words(value: object) -> str:
    """A stable name as words: `not-reproduced` becomes `not reproduced`."""
    return str(getattr(value, "value", value)).replace("-", " ").replace("_", " ")


@register.filter
def plain(value: object) -> str:
    """A stable name as a phrase that needs no documentation."""
    return PLAIN.get(str(getattr(value, "value", value)), words(value))


@register.filter
def tone(value: object) -> str:
    """The colour family of a state: good, bad, busy or quiet. Colour never stands alone."""
    return _TONES.get(str(getattr(value, "value", value)), "quiet")


_TONES = {
    **dict.fromkeys(
        (
            *("reproduced", "validated", "patched", "published", "verified", "passed"),
            *("approved", "met", "launched", "member", "agreed", "answered", "granted"),
            *("ended", "solved", "left", "released"),
        ),
        "good",
    ),
    **dict.fromkeys(
        ("not-reproduced", "refused", "failed", "withdrawn", "overdue", "stopped", "blocked"), "bad"
    ),
    **dict.fromkeys(
        (
            *("received", "open", "proposed", "draft", "flaky", "not-run", "met-late"),
            *("requested", "asked", "asking", "appealed", "running", "paused", "held"),
        ),
        "busy",
    ),
}


@register.filter
def flowing(text: str) -> str:
    """Text without the breaks that stand within its sentences; those after a full stop stay."""
    return re.sub(r"(?<![.:;])\n(?=\S)", " ", text)


@register.filter
def millionths(amount: int) -> str:
    """An amount that is kept in millionths, in its unit."""
    return f"{Decimal(amount) / 1_000_000:f}"


@register.filter
def pretty(value: object) -> str:
    """JSON for people."""
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, default=str)


@register.filter
def diff_lines(text: str) -> Iterator[tuple[str, str]]:
    """Lines of a unified diff with their kind: add, del, hunk, file or same."""
    for line in text.splitlines():
        if line.startswith(("+++", "---", "diff ", "index ")):
            yield "file", line
        elif line.startswith("@@"):
            yield "hunk", line
        elif line.startswith("+"):
            yield "add", line
        elif line.startswith("-"):
            yield "del", line
        else:
            yield "same", line


@register.filter
def look(held: object, key: object) -> object:
    """The value of `key` in a mapping, or the field of that name; empty when there is none."""
    name = str(key)
    if isinstance(held, Mapping):
        return held.get(name, "")
    return getattr(held, name, "")


@register.filter
def look_up(held: Mapping[object, object], key: object) -> object:
    """What stands under exactly this key; "somebody" when nothing does."""
    return held.get(key, _SOMEBODY)


@register.filter
def in_units(millionths: int) -> str:
    """An amount of money in its unit."""
    return f"{millionths / 1_000_000:g}"


@register.filter
def cut_words(text: str) -> list[str]:
    """The words of a literal, to loop over."""
    return text.split()


@register.filter
def because(reason: Reason) -> str:
    """What joined two reports, without their identifiers."""
    if reason.left_match == reason.right_match:
        return f"Both: {reason.left_match}." if reason.left_match else ""
    return f"The first: {reason.left_match}; the second: {reason.right_match}."


_KINDS = {
    "finder": "We find and report flaws",
    "maintainer": "We maintain or sell software",
    "operator": "We run systems that need the patches",
    "authority": "We are an authority of a State or a local government",
    "partner": "We are a trusted partner in a critical sector",
}


@register.filter
def kind_words(kind: object) -> str:
    """What an organisation says of itself."""
    name = str(getattr(kind, "value", kind))
    return _KINDS.get(name, name)


@register.filter
def texts(report: Report) -> list[tuple[str, str]]:
    """The long texts of a report that are not empty."""
    product, there = report.product, report.circumstances
    pairs = (
        ("Description", report.description),
        ("Trigger", report.trigger),
        ("Impact", report.impact),
        ("How it could be abused", report.exploit),
        ("Who is not affected", product.not_affected),
        ("Work-around", there.work_around),
        ("Disclosure plan", there.disclosure_plan),
    )
    return [(label, text) for label, text in pairs if text.strip()]


@register.filter
def named(report: Report) -> list[tuple[str, str]]:
    """The short facts of a report; what was not said is said to be so."""
    product, found, there, contact = (
        report.product,
        report.provenance,
        report.circumstances,
        report.contact,
    )
    place = report.root_cause
    where = ":".join(str(part) for part in (place.path, place.line, place.function) if part)
    pairs = (
        ("Package", product.purl or product.name),
        ("Affected versions", ", ".join(product.versions)),
        ("Last unaffected", product.last_unaffected),
        ("Fixed in", ", ".join(product.fixed)),
        ("Severity", report.severity.vector or report.severity.label),
        ("Weakness", ", ".join(report.cwe)),
        ("Names", ", ".join(report.identifiers)),
        ("Root cause", where),
        ("Exploited", there.exploited.value),
        ("Public", there.public.value),
        ("Shared with", ", ".join(there.shared_with)),
        ("Tool", found.tool),
        ("AI used", " ".join(part for part in (found.ai_used.value, found.ai_model) if part)),
        ("Earlier reporters", ", ".join(found.reporters)),
        ("Contact", " ".join(part for part in (contact.name, contact.email) if part)),
        ("Contact may go to the maintainer", "yes" if contact.share_with_maintainer else "no"),
        ("Credit", (contact.credit_name or contact.name or "yes") if contact.credit else "no"),
    )
    return [(label, text or "not said") for label, text in pairs]


@register.filter
def who(names: Mapping[str, Known] | str, label: object) -> SafeString:
    """Who it was, for this reader; the identifier beside the name where both may be seen."""
    known = names.get(str(label)) if isinstance(names, Mapping) else None
    if known is None:
        return format_html("{}", _SOMEBODY)
    if not known.label:
        return format_html("{}", known.words)
    return format_html('{} <span class="id">{}</span>', known.words, known.label)


@register.filter
def mentioned(names: Mapping[str, Known] | str, entry: Entry) -> list[Known]:
    """People and organisations that the facts of a ledger entry name by their identifiers."""
    if not isinstance(names, Mapping):
        return []
    told = [names.get(str(value)) for value in (entry.subject, *entry.facts.values())]
    return [known for known in told if known is not None and known.label]


_LABEL = re.compile(r"\b[a-z]{3}_[0-9a-z]{26}\b")
"""an identifier inside a sentence"""


@register.filter
def by_name(text: str, names: Mapping[str, Known] | str) -> str:
    """A sentence with the people and reports in it as this reader knows them."""
    if not isinstance(names, Mapping):
        return text

    def named(found: re.Match[str]) -> str:
        known = names.get(found.group())
        return known.words if known else found.group()

    return _LABEL.sub(named, text).rstrip(".")


@register.filter
def short(text: str) -> bool:
    """Whether a text is so short that it need not be folded."""
    return text.count("\n") <= _SHORT_LINES


_SHORT_LINES = 30


@register.filter
def count_shown(runs: object) -> int:
    """In how many runs the flaw showed."""
    listed = runs if isinstance(runs, list) else []
    return sum(bool(run.get("shown")) for run in listed if isinstance(run, Mapping))


@register.filter
def is_web(address: str) -> bool:
    """Whether an address may become a link; `javascript:` and the like may not."""
    return address.startswith(("https://", "http://"))
