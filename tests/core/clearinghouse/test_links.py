"""Links between records of several publishers: laws."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.clearinghouse.distribution.links import Told, contradictions, link

names = st.sampled_from(["CVE-1", "CVE-2", "GHSA-1", "PYSEC-1", "FL-1", "FL-2"])
versions = st.dictionaries(
    st.sampled_from(["PyPI a", "npm b"]), st.frozensets(st.sampled_from(["1", "2"]))
)
told = st.builds(
    Told,
    id=names,
    aliases=st.frozensets(names, max_size=3),
    withdrawn=st.booleans(),
    fixed=versions,
    introduced=versions,
)


@given(told, told)
def test_a_link_goes_both_ways_and_has_reasons_that_hold(one: Told, other: Told) -> None:
    """It exists exactly where two records share a name, and each reason names one that they do."""
    there, back = link(one, other), link(other, one)
    shared = one.names & other.names
    assert (there is None) == (back is None)
    if one.id == other.id:
        assert there is None
    else:
        assert (there is not None) == bool(shared)
    if there is not None:
        assert there.because
        assert all(any(name in reason for name in shared) for reason in there.because)


@given(st.lists(told, max_size=5, unique_by=lambda one: one.id), st.randoms())
def test_contradictions_do_not_depend_on_the_order(records: list[Told], shuffled: object) -> None:
    """And each of them shows at least two different statements, word for word."""
    first = contradictions(records)
    shuffled.shuffle(records)  # type: ignore[attr-defined]
    assert contradictions(records) == first
    for one in first:
        assert len({tuple(said) for said in one.said.values()}) > 1


@given(told)
def test_nobody_contradicts_themselves(one: Told) -> None:
    """One record alone, or beside another that says the same, is no contradiction."""
    twin = Told(
        id="TWIN",
        aliases=one.aliases,
        withdrawn=one.withdrawn,
        fixed=one.fixed,
        introduced=one.introduced,
    )
    assert contradictions([one]) == []
    assert contradictions([one, twin]) == []
