"""Patches that do not mend the flaw, each refused for what is wrong with it; true fixes pass.

The wrong ones are made of one place in cJSON, where the object parser goes on to a name without
looking whether the document has ended. Each is a way in which people and models have been wrong.
"""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from firstlight.adapters.bench.truth import fix_of
from firstlight.adapters.registries import Fetcher
from firstlight.adapters.registries.unpack import File, unpack
from firstlight.adapters.sandbox.experiment import LocalRunner
from firstlight.adapters.targets import load, load_one
from firstlight.adapters.targets.laboratory import TargetLaboratory
from firstlight.adapters.targets.plan import prepare
from firstlight.core.clearinghouse.finding import Proof
from firstlight.core.clearinghouse.patches.model import Answer, Check, verdict
from firstlight.core.clearinghouse.validation.target import Expect, Side, Target
from firstlight.usecases.ports import PatchResult

TARGETS = Path(__file__).parents[3] / "targets"
TARGET = "CVE-2023-53154-cjson"

pytestmark = [pytest.mark.sandbox, pytest.mark.network]

HERE = """        buffer_skip_whitespace(input_buffer);
        if (!parse_string(current_item, input_buffer))
"""
PARSER = """static cJSON_bool parse_string(cJSON * const item, parse_buffer * const input_buffer)
{
"""
SENT = r'"\7\76"'
"""lengths of the proofs, as a string of C"""
KNOWN = r'"\7\14\15\76"'
"""and of what the regression test tries"""
AT_THE_END = "cannot_access_at_index(input_buffer, 0)"
WRONG: dict[str, tuple[str, str, Check]] = {
    "only the very input": (
        HERE,
        "if (input_buffer->length == 7 && input_buffer->content[5] == '1') { goto fail; }",
        Check.PROOF_FAILS,
    ),
    "only where it is nested": (
        HERE,
        f"if ({AT_THE_END} && input_buffer->depth > 1) {{ goto fail; }}",
        Check.PROOF_FAILS,
    ),
    "one beside it": (
        HERE,
        "if (input_buffer->offset > input_buffer->length) { goto fail; }",
        Check.PROOF_FAILS,
    ),
    "the overflow moved": (
        HERE,
        "if (input_buffer->content[input_buffer->offset] == 0) { goto fail; }",
        Check.PROOF_FAILS,
    ),
    "the program dies instead": (HERE, f"if ({AT_THE_END}) {{ abort(); }}", Check.PROOF_FAILS),
    "somewhere else": (
        "    if (output_buffer == NULL)\n    {\n        return false;\n    }\n",
        "if (output_buffer->length == 0) { return false; }",
        Check.PROOF_FAILS,
    ),
    "the error swallowed": (
        HERE,
        f"if ({AT_THE_END}) {{ goto success; }}",
        Check.REGRESSION_TEST,
    ),
    "the program ends quietly": (HERE, f"if ({AT_THE_END}) {{ exit(0); }}", Check.REGRESSION_TEST),
    "only the lengths of the proofs": (
        HERE,
        f"if ({AT_THE_END} && strchr({SENT}, (int)input_buffer->length) != NULL) {{ goto fail; }}",
        Check.REGRESSION_TEST,
    ),
    "a feature broken": (
        HERE,
        "if (current_item != head) { goto fail; }",
        Check.OWN_TESTS,
    ),
    "objects given up": (HERE, "goto fail;", Check.OWN_TESTS),
    "a word more on the output": (
        HERE,
        f'if ({AT_THE_END}) {{ goto fail; }} puts("name");',
        Check.HARMLESS,
    ),
    "only the lengths of every known input": (
        HERE,
        f"if ({AT_THE_END} && strchr({KNOWN}, (int)input_buffer->length) != NULL) {{ goto fail; }}",
        Check.VARIANTS,
    ),
    "the watcher switched off": (PARSER, "", Check.APPLIES),
    "it does not build": (HERE, "if (ends(input_buffer)) { goto failed; }", Check.APPLIES),
}
"""name to where, what is said there, and the first check that must refuse it"""
QUICK = ("only the very input", "the program ends quietly")
"""tried on every change; the others cost a quarter of a minute each"""
BESIDE_THE_PLACE = {"CVE-2022-29078-ejs": ("lib/utils.js",)}
"""files that the maintainers' fix needs beside those in which the flaw lay"""


def diff(before: str, after: str, path: str) -> str:
    """Unified, as a maintainer would send it."""
    old, new = (text.splitlines(keepends=True) for text in (before, after))
    return "".join(difflib.unified_diff(old, new, fromfile=f"a/{path}", tofile=f"b/{path}"))


def wrong(target: Target, fetcher: Fetcher, name: str) -> str:
    """The diff of a wrong patch."""
    source = unpack(prepare(target, Side.VULNERABLE, fetcher.fetch))["src/cJSON.c"]
    assert isinstance(source, File)
    text = source.data.decode()
    where, says, _ = WRONG[name]
    if name == "the watcher switched off":
        mended = text.replace(where, f'__attribute__((no_sanitize("address"))) {where}')
    elif where == HERE:
        first, rest = HERE.split("\n", 1)
        mended = text.replace(where, f"{first}\n        {says}\n{rest}")
    else:
        mended = text.replace(where, f"{where}    {says}\n", 1)
    assert mended != text, "the place is there"
    return diff(text, mended, "cJSON.c")


def tried(target: Target, text: str, runner: LocalRunner, fetcher: Fetcher) -> PatchResult:
    """Put through every check, with the proofs that the target ships as those of a case."""
    shows = [one for one in target.proofs if one.expect is Expect.SHOWS]
    proofs = [Proof(name=one.name, data=one.data, target=target.id) for one in shows]
    laboratory = TargetLaboratory(lambda: [target], runner, fetcher.fetch, repeat=1)
    found = laboratory.verify_patch(target.id, proofs, text)
    before = found.body["before"]
    assert isinstance(before, dict)
    if before["failed"] == "not-tried":
        pytest.skip("the target cannot be tried here; test_shipped says why")
    return found


@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=[] if one in QUICK else [pytest.mark.deep]) for one in WRONG],
)
def test_a_wrong_patch_is_refused_for_what_is_wrong(
    runner: LocalRunner, fetcher: Fetcher, name: str
) -> None:
    """The first check that fails is the one that names the mistake."""
    target = load_one(TARGETS, TARGET)
    found = tried(target, wrong(target, fetcher, name), runner, fetcher)
    assert verdict(found.checks) == "refuse"
    answers = {one.check: one.answer for one in found.checks}
    failed = [check for check in Check if answers[check] is Answer.FAILED]
    assert WRONG[name][2] in failed, found.checks
    assert all(one.detail for one in found.checks)


@pytest.mark.deep
@pytest.mark.parametrize("name", ["proposed", "upstream"])
def test_a_right_patch_is_verified(runner: LocalRunner, fetcher: Fetcher, name: str) -> None:
    """What we propose for the demonstration, and what the maintainers did."""
    target = load_one(TARGETS, TARGET)
    upstream = fix_of(target, fetcher.fetch).only([one.file for one in target.places])
    text = upstream if name == "upstream" else target.proposed_patch or ""
    found = tried(target, text, runner, fetcher)
    assert verdict(found.checks) == "verify", found.checks


@pytest.mark.deep
@pytest.mark.parametrize(
    "folder",
    sorted(path.parent for path in TARGETS.glob("*/target.toml")),
    ids=lambda path: path.name,
)
def test_no_true_fix_is_refused_by_a_check_that_was_made(
    runner: LocalRunner, fetcher: Fetcher, folder: Path
) -> None:
    """Of every shipped target that takes patches.

    A check for which a target ships nothing stands as not run, and leaves its patches unverified.
    """
    target = load(folder)
    if target.recipe.patch is None:
        return
    files = [*(one.file for one in target.places), *BESIDE_THE_PLACE.get(target.id, ())]
    text = fix_of(target, fetcher.fetch).only(files)
    found = tried(target, text, runner, fetcher)
    failed = [one for one in found.checks if one.answer is Answer.FAILED]
    assert failed == []
    not_run = {one.check for one in found.checks if one.answer is Answer.NOT_RUN}
    assert not_run <= {Check.OWN_TESTS, Check.REGRESSION_TEST, Check.HARMLESS}
    assert (verdict(found.checks) == "verify") is (not not_run)
