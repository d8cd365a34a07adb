"""Index findings by what they share, so that nothing is ever compared pair by pair.

Every key collects the findings that hold it; the findings of one key are all evidence for one
another. Root causes need one step more, because some are vague: a bare file name may be any of
two files, an unknown weakness any weakness. A vague one joins a precise one only where there is
exactly one that it can be; otherwise it would tie together flaws that are known to differ.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.dedupe.reasons import Rule
from firstlight.core.clearinghouse.dedupe.text import ALIKE, bands, share, sketch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firstlight.core.clearinghouse.dedupe.facets import CrashSignature, Facets, RootCause
    from firstlight.core.clearinghouse.dedupe.weakness import WeaknessClass

_MEETING = 50
"""texts of one band that are compared with each other; boilerplate meets by the thousand"""


@dataclass(frozen=True, kw_only=True)
class Shared:
    """Findings that one key brings together."""

    rule: Rule
    """what kind of evidence"""
    key: tuple[str, ...]
    """what is shared; also the order in which evidence of a rule is weighed"""
    holders: tuple[tuple[str, str], ...]
    """finding and what of it matched, sorted, each finding once"""


def shared_evidence(facets: Sequence[Facets]) -> list[Shared]:
    """All evidence in a set of findings, strongest first; the order of `facets` has no effect."""
    index: dict[tuple[Rule, tuple[str, ...]], dict[str, str]] = defaultdict(dict)
    places: dict[tuple[str, str, str], list[tuple[str, RootCause]]] = defaultdict(list)
    for one in facets:
        for name in one.identifiers:
            index[Rule.IDENTIFIER, (name,)][one.finding] = name
        for signature in one.signatures:
            _index_crash(index, one, signature)
        for fix in one.fixes if one.package else ():
            index[Rule.FIX, (one.package or "", fix)][one.finding] = fix
        if one.package and one.words:
            words = tuple(sorted(one.words))
            index[Rule.LIKE_WORDS, (one.package, *words)][one.finding] = ", ".join(words)
        for cause in one.root_causes:
            if one.package:
                name = cause.file.rpartition("/")[2]
                places[one.package, name, cause.function].append((one.finding, cause))
    found = [
        Shared(rule=rule, key=key, holders=tuple(sorted(holders.items())))
        for (rule, key), holders in index.items()
        if len(holders) > 1
    ]
    for place, holders in places.items():
        if len({finding for finding, _ in holders}) > 1:
            found.extend(_place_evidence(place, holders))
    found.extend(_text_evidence(facets))
    order = {rule: at for at, rule in enumerate(Rule)}
    return sorted(found, key=lambda shared: (order[shared.rule], shared.key))


def _index_crash(
    index: dict[tuple[Rule, tuple[str, ...]], dict[str, str]],
    one: Facets,
    signature: CrashSignature,
) -> None:
    told = f"{signature.family} at {' < '.join(signature.lines)}"
    if one.package and signature.telling:
        index[Rule.CRASH, (one.package, signature.family, *signature.lines)][one.finding] = (
            f"{told} in {one.package}"
        )
    # Another package may hold a copy of the same code, and none may have been named.
    where = one.package or "an unknown package"
    if signature.telling or one.package:
        key = signature.lines if signature.telling else (one.package or "", *signature.lines)
        index[Rule.LIKE_CRASH, key][one.finding] = f"{told} in {where}"


def _text_evidence(facets: Sequence[Facets]) -> Iterable[Shared]:
    """Pairs that meet in a band of the index, each compared phrase by phrase."""
    met: dict[int, list[str]] = defaultdict(list)
    phrases = {one.finding: one.phrases for one in facets if one.phrases}
    for finding in sorted(phrases):
        for band in bands(sketch(phrases[finding])):
            met[band].append(finding)
    pairs = {pair for together in met.values() for pair in combinations(together[:_MEETING], 2)}
    for left, right in sorted(pairs):
        alike = share(phrases[left], phrases[right])
        if alike >= ALIKE:
            told = f"{round(100 * alike)} of 100 phrases"
            # The more they share, the earlier the pair is weighed.
            key = (f"{1 - alike:.6f}", left, right)
            yield Shared(rule=Rule.LIKE_TEXT, key=key, holders=((left, told), (right, told)))


def _told(package: str, cause: RootCause) -> str:
    weakness = " or ".join(sorted(cause.weakness)) or "weakness not given"
    return f"{cause.function} of {cause.file} in {package} ({weakness})"


def _place_evidence(
    place: tuple[str, str, str], holders: Sequence[tuple[str, RootCause]]
) -> Iterable[Shared]:
    """Evidence among findings that name the same function of a file of the same name."""
    paths = _resolved_paths({cause.file for _, cause in holders})
    by_path: dict[str, list[tuple[str, RootCause]]] = defaultdict(list)
    for finding, cause in holders:
        path = paths[cause.file]
        if path is not None:
            by_path[path].append((finding, cause))
    for path, here in by_path.items():
        for kind, joined in _by_weakness(here).items():
            yield _shared(Rule.ROOT_CAUSE, (*place, path, kind), place[0], joined)
    yield _shared(Rule.LIKE_PLACE, place, place[0], holders)


def _shared(
    rule: Rule,
    key: tuple[str, ...],
    package: str,
    holders: Iterable[tuple[str, RootCause]],
) -> Shared:
    told: dict[str, str] = {}
    for finding, cause in holders:
        text = _told(package, cause)
        told[finding] = min(told.get(finding, text), text)
    return Shared(rule=rule, key=key, holders=tuple(sorted(told.items())))


def _resolved_paths(paths: set[str]) -> dict[str, str | None]:
    """Each path with the one longest path that it is the end of; None when there are several."""
    inner = {end for path in paths for end in _ends(path)}
    fulls: dict[str, list[str]] = {path: [] for path in paths}
    for full in sorted(paths - inner):
        for end in (full, *_ends(full)):
            if end in fulls:
                fulls[end].append(full)
    return {path: full[0] if len(full) == 1 else None for path, full in fulls.items()}


def _ends(path: str) -> list[str]:
    """What is left of a path without its first folder, its first two, and so on."""
    parts = path.split("/")
    return ["/".join(parts[at:]) for at in range(1, len(parts))]


def _by_weakness(
    holders: Sequence[tuple[str, RootCause]],
) -> dict[str, list[tuple[str, RootCause]]]:
    """Findings at one place by what kind of flaw they can be, vague ones only where it is clear."""
    exact = {next(iter(c.weakness)) for _, c in holders if len(c.weakness) == 1}
    kinds: dict[str, list[tuple[str, RootCause]]] = defaultdict(list)
    common = _common({c.weakness for _, c in holders if c.weakness})
    for finding, cause in holders:
        if exact:
            possible = exact & cause.weakness if cause.weakness else exact
            if len(possible) == 1:
                kinds[next(iter(possible))].append((finding, cause))
        elif common:
            kinds["any"].append((finding, cause))
        elif cause.weakness:
            kinds["/".join(sorted(cause.weakness))].append((finding, cause))
    return kinds


def _common(sets: set[frozenset[WeaknessClass]]) -> bool:
    """True when one class is possible for all, or nothing is known of any."""
    return not sets or bool(frozenset.intersection(*sets))
