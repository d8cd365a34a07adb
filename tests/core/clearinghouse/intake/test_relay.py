from dataclasses import replace

from hypothesis import given
from tests.adapters.formats.strategies import reports

from firstlight.adapters.formats.plain import read, write_plain
from firstlight.core.clearinghouse.finding import Contact, Format, Report
from firstlight.core.clearinghouse.intake.relay import relayed


@given(reports())
def test_nothing_is_taken_from_a_chain(report: Report) -> None:
    """Over two hops every earlier reporter and handle stands where it stood."""
    first = relayed(report, by="https://one.example", handles=["fnd_1"], with_contact=True)
    second = relayed(first, by="https://two.example", handles=["VU#1"], with_contact=True)
    before, after = report.provenance, second.provenance
    assert tuple(before.reporters) == after.reporters[: len(before.reporters)]
    assert after.reporters[-2:] == ("https://one.example", "https://two.example")
    assert (
        tuple(before.origin_references)
        == (after.origin_references[: len(before.origin_references)])
    )
    assert after.origin_references[-2:] == ("fnd_1", "VU#1")


@given(reports())
def test_all_else_goes_on_word_for_word(report: Report) -> None:
    """Written and read again by the next coordinator, only the two chains have grown."""
    handed = relayed(report, by="https://one.example", handles=["fnd_1"], with_contact=True)
    (got,) = read(write_plain(handed))
    assert replace(got, provenance=report.provenance, format=report.format) == report


@given(reports())
def test_relaying_twice_adds_nothing(report: Report) -> None:
    """Asked again, the answer is the same."""
    once = relayed(report, by="https://one.example", handles=["fnd_1"], with_contact=True)
    assert once == relayed(once, by="https://one.example", handles=["fnd_1"], with_contact=True)


def test_credit_travels_and_the_address_only_with_consent() -> None:
    """Whoever may not know whom to write to still knows whom to thank."""
    contact = Contact(name="Ada", email="ada@example.org", credit=True)
    report = Report(format=Format.PLAIN, title="A flaw", contact=contact)
    handed = relayed(report, by="https://one.example", handles=[], with_contact=False)
    assert handed.contact == Contact(credit=True, credit_name="Ada")
    silent = replace(report, contact=replace(contact, credit=False))
    handed = relayed(silent, by="https://one.example", handles=[], with_contact=False)
    assert handed.contact == Contact()
