"""What a developer changed of the terms is shown whole, whatever it wrote."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.core.review import review_samples as made

from firstlight.adapters.web.reviews.terms_diff import changed
from firstlight.core.review.standard_terms import NEWEST, standard
from firstlight.core.review.terms import Heading, OutOfPurpose, Terms, write

texts = st.lists(
    st.sampled_from(["--- a", "+++ b", "@@ -1 +1 @@", "-- c", "++ d", "words", ""]), min_size=1
).map("\n".join)


def terms(changes: dict[Heading, str], excluded: list[OutOfPurpose]) -> Terms:
    """With these changes."""
    return write(
        (), standard(NEWEST), changes=changes, excluded=excluded, by=made.LEAD, now=made.START
    )


@given(
    st.dictionaries(st.sampled_from(Heading), texts.filter(str.strip)),
    st.lists(st.sampled_from(OutOfPurpose), unique=True),
)
def test_both_texts_can_be_read_from_it(
    changes: dict[Heading, str], excluded: list[OutOfPurpose]
) -> None:
    """Kept and added lines are what holds, kept and removed the standard; nothing is hidden."""
    new, old = terms(changes, excluded), standard(NEWEST)
    found = {one.name: one.lines for one in changed(new, old)}
    for heading in Heading:
        lines = found.pop(heading.value, None)
        if lines is None:
            assert new.texts[heading].splitlines() == old.texts[heading].splitlines()
            continue
        holds = [line.text for line in lines if line.kind != "del"]
        was = [line.text for line in lines if line.kind != "add"]
        assert holds == new.texts[heading].splitlines()
        assert was == old.texts[heading].splitlines()
    named = found.pop("out-of-purpose", ())
    gone = {line.text for line in named if line.kind == "del"}
    assert gone == {use.value for use in OutOfPurpose} - {use.value for use in excluded}
    assert found == {}
