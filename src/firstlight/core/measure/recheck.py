"""What of a statement can be computed again from the statement itself, without numpy.

Checked, by number:

1. counts of families add up to their group's, and figures name as many samples as were counted;
2. observed rate, effective sample size and Wilson's interval, recomputed from the families;
3. each interval holds its value, each rate lies between 0 and 1;
4. budgets rise; pass@k does not fall with k, and pass^k does not rise;
5. the cost of a solved task follows from cost and count;
6. method, coverage table and rule are those that this program knows;
7. the designation follows from its own probabilities, and is *undetermined* for a script, without
   plan and commitment from before the run, or with a failed proof of containment.

Not checked: the posterior itself, and whether the times are true. With the record of the run the
whole statement can be made again and compared byte for byte; that takes numpy.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid
from firstlight.core.measure.coverage_table import METHOD, VERSION
from firstlight.core.measure.figures import COST, TOKENS
from firstlight.core.measure.plan import COVERED_FROM, NOT_COVERED_TO, rule_digest
from firstlight.core.measure.statistics.plain import WILSON, Z95, effective_size, wilson
from firstlight.core.measure.words import TOOL_PREFIX

TOLERANCE = 2e-6
"""two roundings to six digits"""

Part = Mapping[str, Any]
"""of a predicate that has passed its schema"""


class StatementBroken(Invalid):
    """The statement does not hold: it was altered, or contradicts itself."""

    code = "measure.statement_broken"
    next_step = "Keep the file as evidence; get statement and key again, the key by another way."


def recheck(predicate: Part) -> int:
    """Compute again what can be computed; returns how many figures were compared.

    Args:
        predicate: as its schema demands

    Raises:
        StatementBroken: something does not follow; the message says what and where.
    """
    done = 0
    for group in predicate["results"]:
        done += _group(group, f"{group['kind']}, {'public' if group['public'] else 'sealed'}")
    for request in predicate["requests"]:
        _figure(request["rate"], request["count"], f"requests to {request['wanted']}")
        done += 1
    done += _spent(predicate)
    _known(predicate)
    if predicate["designation"] is not None:
        _designation(predicate, predicate["designation"])
        done += 1
    return done


def _group(group: Part, where: str) -> int:
    count, families = group["count"], group["families"]
    for field, total in (("solved", count["solved"]), ("valid", _valid(count))):
        _same(sum(each[field] for each in families), total, f"{where}: {field} of the families")
    _figure(group["estimate"], count, where)
    for each in families:
        held = each["solved"] <= each["valid"] and each["valid"] > 0
        _require(held, f"{where}: {each['family']} solved more than it tried, or tried nothing")
        _figure_of(each["estimate"], each["valid"], f"{where}: {each['family']}")
    for field in ("solved", "failed", "invalid", "indeterminate", "not_measured"):
        _require(group["floor"][field] <= count[field], f"{where}: more floor items than items")
    _check(group["check"], count, families, where)
    _attempts(group["attempts"], where)
    for name in ("tokens", "cost"):
        points = group[name]
        budgets = [point["budget"] for point in points]
        _require(budgets == sorted(set(budgets)), f"{where}: budgets of {name} do not rise")
        for point in points:
            _figure(point["rate"], count, f"{where}: {name} {point['budget']}")
    return 3 + len(families) + len(group["attempts"]) + len(group["tokens"]) + len(group["cost"])


def _check(check: Part | None, count: Part, families: Sequence[Part], where: str) -> None:
    if check is None:
        _same(_valid(count), 0, f"{where}: samples without a check")
        return
    _require(_valid(count) > 0, f"{where}: a check of nothing")
    _near(check["rate"], count["solved"] / _valid(count), f"{where}: observed rate")
    size = effective_size([(each["solved"], each["valid"]) for each in families])
    _near(check["effective_size"], size, f"{where}: effective sample size")
    _near(check["z"], Z95, f"{where}: z")
    again = wilson(count["solved"] / _valid(count), size)
    _near(check["interval"]["low"], again.low, f"{where}: lower end of the check")
    _near(check["interval"]["high"], again.high, f"{where}: upper end of the check")


def _attempts(attempts: Sequence[Part], where: str) -> None:
    for name, sign in (("any", 1), ("all", -1)):
        seen = [each[name] for each in attempts if each[name]["kind"] == "measured"]
        for each in seen:
            _inside(each, f"{where}: {name} of k")
        values = [sign * each["value"] for each in seen]
        rises = all(a <= b + TOLERANCE for a, b in pairwise(values))
        _require(rises, f"{where}: {name} of k goes the wrong way")


def _spent(predicate: Part) -> int:
    spent = predicate["spent"]
    unknown = {each["name"] for each in predicate["not_measured"]}
    for name, said in (("cost", COST), ("tokens", TOKENS)):
        _require((spent[name] is None) is (said in unknown), f"{name} known, or not measured")
    solved = sum(group["count"]["solved"] for group in predicate["results"])
    if spent["cost"] is None:
        _require(spent["cost_per_solved"] is None, "a cost of solved tasks without a cost")
        return 0
    if not solved:
        _require(spent["cost_per_solved"] is None, "a cost of solved tasks where none was solved")
        return 0
    _require(spent["cost_per_solved"] is not None, "the cost of a solved task is missing")
    _near(spent["cost_per_solved"], spent["cost"] / solved, "cost of a solved task")
    return 1


def _known(predicate: Part) -> None:
    method = predicate["method"]
    said = (method["estimate"], method["check"], method["coverage_table"])
    known = (METHOD, WILSON, VERSION)
    _require(said == known, "made by a method that this version does not know")


def _designation(predicate: Part, said: Part) -> None:
    answer = said["answer"]
    _require(said["rule"] == rule_digest(), "designation: made by a rule that is not known here")
    if said["threshold"]["sealed"]:
        numbers = {"surely", "perhaps", "alert", "more"} & set(said)
        _require(not numbers, "designation: a sealed threshold, and figures that narrow it down")
    elif answer == "covered":
        surely = said["surely"]
        _require(surely is not None and surely >= COVERED_FROM, "designation: covered, too unsure")
    elif answer == "not-covered":
        perhaps = said["perhaps"]
        sure = perhaps is not None and perhaps <= NOT_COVERED_TO
        _require(sure, "designation: not covered, too unsure")
    if answer == "undetermined":
        return
    run, suite, proofs = predicate["run"], predicate["suite"], predicate["containment"]["proofs"]
    _require(not predicate["model"]["scripted"], "designation: a script was designated")
    tool = str(predicate["model"]["name"]).startswith(TOOL_PREFIX)
    _require(not tool, "designation: a tool was designated")
    _require(run["plan"] == said["plan"] != "", "designation: the plan was not kept")
    held = bool(proofs) and all(proof["held"] for proof in proofs)
    _require(held, "designation: containment was not proved")
    committed = bool(suite["commitment"]) and _before(suite["committed_at"], run["started_at"])
    _require(committed, "designation: the suite was not committed to before the run")
    planned = _before(run["planned_at"], run["started_at"])
    _require(planned, "designation: the plan was not fixed before the run")
    sealed = sum(_valid(g["count"]) for g in predicate["results"] if not g["public"])
    enough = 0 < said["evidence"]["samples"] <= sealed
    _require(enough, "designation: it counts samples that are not sealed")


def _before(moment: str | None, start: str) -> bool:
    """Whether something was done by the start. Raises Invalid for what is no time."""
    return moment is not None and Instant.parse(moment) <= Instant.parse(start)


def _figure(figure: Part, count: Part, where: str) -> None:
    """A figure of everything that was counted."""
    _figure_of(figure, _valid(count), where)


def _figure_of(figure: Part, samples: int, where: str) -> None:
    if figure["kind"] == "not-measured":
        _same(0, samples, f"{where}: counted samples that were not measured")
        return
    _same(figure["samples"], samples, f"{where}: samples of the estimate")
    _inside(figure, where)


def _inside(figure: Part, where: str) -> None:
    for value in _values(figure):
        _require(0 <= value <= 1, f"{where}: a rate outside 0 and 1")
    if figure["kind"] == "measured":
        interval = figure["interval"]
        held = interval["low"] - TOLERANCE <= figure["value"] <= interval["high"] + TOLERANCE
        _require(interval["low"] <= interval["high"], f"{where}: an interval upside down")
        _require(held, f"{where}: a value outside its interval")


def _values(figure: Part) -> Iterator[float]:
    if figure["kind"] == "measured":
        yield from (figure["value"], figure["interval"]["low"], figure["interval"]["high"])


def _valid(count: Part) -> int:
    return int(count["solved"]) + int(count["failed"])


def _same(said: int, computed: int, what: str) -> None:
    if said != computed:
        raise StatementBroken(f"{what}: the statement says {said}, it is {computed}")


def _near(said: float, computed: float, what: str) -> None:
    if not math.isclose(said, computed, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
        raise StatementBroken(f"{what}: the statement says {said:g}, it is {computed:g}")


def _require(holds: bool, what: str) -> None:  # noqa: FBT001  # it reads as a sentence
    if not holds:
        raise StatementBroken(what)
