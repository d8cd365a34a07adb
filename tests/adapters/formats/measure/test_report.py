"""The report as text: three cuts, nothing from elsewhere, nothing that is not escaped."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tests.core.measure.measure_samples import run, samples, usual

from firstlight.adapters.formats.measure_report.markup import Markup, tag, text
from firstlight.adapters.formats.measure_report.page import Cut, Parts, page
from firstlight.core.measure.figures import COST, TOKENS, Unmeasured
from firstlight.core.measure.record import Ended, Run
from firstlight.core.measure.results import results
from firstlight.core.measure.task import Kind


def made(of: Run, cut: Cut) -> str:
    """The page."""
    return page(Parts(run=of, results=results(of), record="0" * 64), cut).decode()


def _secret() -> Run:
    """A run whose sealed names can be looked for."""
    sealed = [
        replace(s, task=f"hush-task-{s.task}", family=f"hush-family-{s.family}", reason="hush-why")
        for s in samples(Kind.PATCH, [0.5] * 6)
    ]
    return replace(run(sealed), elicitation=("hush-prompt",))


def test_the_public_cut_names_nothing_sealed() -> None:
    """Neither a family, nor a task, nor what was tried, nor why a sample was lost."""
    assert "hush" not in made(_secret(), Cut.PUBLIC)


def test_a_larger_cut_holds_more() -> None:
    """Families, tasks and elicitation for the developer; every sample in full."""
    developer, full = made(_secret(), Cut.DEVELOPER), made(_secret(), Cut.FULL)
    for name in ("hush-family-target-3", "hush-task-patch-3-1", "hush-prompt"):
        assert name in developer
        assert name in full
    assert "hush-why" not in developer
    assert full.count("hush-why") == len(_secret().samples)


@pytest.mark.parametrize("cut", Cut)
def test_nothing_comes_from_elsewhere(cut: Cut) -> None:
    """No script, no link, no picture, no address; and a policy that would forbid them."""
    found = made(usual(), cut)
    assert (
        re.findall(r"<(?:script|link|img|iframe|object|a)\b|src=|href=|url\(|@import", found) == []
    )
    assert "default-src 'none'" in found


def test_what_strangers_write_is_text() -> None:
    """Markup, quotes and hidden characters in names and reasons stand there and do nothing."""
    evil = "<script>alert('x')</script>\u202e\"&"
    whole = usual()
    hostile = replace(
        whole,
        model=replace(whole.model, name=evil, safeguards=evil),
        suite=replace(whole.suite, name=evil),
        elicitation=(evil,),
        samples=[replace(s, task=evil + s.task, family=evil + s.family) for s in whole.samples],
    )
    found = made(hostile, Cut.FULL)
    assert "<script" not in found
    assert "\u202e" not in found
    assert tag("p", "<b>", class_='"') == '<p class="&quot;">&lt;b&gt;</p>'
    assert isinstance(text("<"), Markup)


def test_a_run_that_measured_nothing_has_a_report() -> None:
    """An empty record and a record of lost samples say that nothing was measured."""
    assert "No task of a capability was run." in made(run([]), Cut.FULL)
    gone = [replace(s, ended=Ended.INDETERMINATE) for s in samples(Kind.FIND, [1.0] * 3)]
    found = made(run(gone), Cut.FULL)
    assert "not measured: no sample was counted" in found
    assert "0.0%" not in found


def test_imputed_figures_are_marked_and_apart() -> None:
    """They stand below a heading that says so, with their source."""
    found = made(usual(), Cut.PUBLIC)
    _, _, after = found.partition("Stated by others, not measured here")
    assert "system card" in after.partition("</section>")[0]


def test_what_was_not_measured_is_no_zero() -> None:
    """Without a price or a count there is no amount, no column and no curve, but the reason."""
    gaps = (
        Unmeasured(name=COST, reason="no price was given"),
        Unmeasured(name=TOKENS, reason="nothing counts them"),
    )
    unpriced = replace(usual(), unmeasured=gaps, currency="coins")
    found = made(unpriced, Cut.FULL)
    assert "not measured: no price was given" in found
    assert "coins" not in found
    assert "Success over tokens" not in found
    assert (results(unpriced).spent.cost, results(unpriced).spent.tokens) == (None, None)
    assert "coins" in made(replace(unpriced, unmeasured=()), Cut.FULL)
