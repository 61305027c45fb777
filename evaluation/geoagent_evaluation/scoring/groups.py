"""Groups of photos that figures are also given for."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from geoagent_evaluation.contract.tables import LEVELS, Ints, Words
from geoagent_evaluation.scoring.countries import continents_of, incomes_of
from geoagent_evaluation.scoring.rows import ScoredRows

GROUP_KINDS: Final = (
    "continent", "income", "country", "locatability", "permitted_level", "evidence", "level",
)  # fmt: skip
DEFAULT_KINDS: Final = ("continent", "income", "locatability", "evidence", "level")


def groups_of(rows: ScoredRows, kinds: Sequence[str]) -> Iterator[tuple[str, Ints]]:
    """Yield "kind=value" and the photos of each group, by kind and value; no group is empty.

    Continent, income group and country are those of the truth; `level` is what was claimed, and a
    photo is in one group for each kind of evidence that its prediction rests on.
    """
    for kind in kinds:
        if kind == "evidence":
            yield from _evidence_groups(rows)
        else:
            yield from _word_groups(kind, _words_of(rows, kind))


def _words_of(rows: ScoredRows, kind: str) -> Words:
    if kind == "level":
        claimed = np.where(rows.claims & ~rows.failed, rows.level, -1).tolist()
        return [LEVELS[place] if place >= 0 else None for place in claimed]
    if kind in {"locatability", "permitted_level"}:
        found: Words = getattr(rows.truth, kind)
        return found
    country = next(iter(rows.true.values())).country
    if kind == "country":
        return country
    return continents_of(country) if kind == "continent" else incomes_of(country)


def _word_groups(kind: str, words: Words) -> Iterator[tuple[str, Ints]]:
    values = sorted({word for word in words if word is not None})
    number = {value: index for index, value in enumerate(values)}
    places = np.array([-1 if word is None else number[word] for word in words], dtype=np.int64)
    for index, value in enumerate(values):
        yield f"{kind}={value}", np.flatnonzero(places == index)


def _evidence_groups(rows: ScoredRows) -> Iterator[tuple[str, Ints]]:
    members: dict[str, list[int]] = {}
    for index, kinds in enumerate(rows.evidence):
        for kind in kinds:
            members.setdefault(kind, []).append(index)
    for kind in sorted(members):
        yield f"evidence={kind}", np.array(members[kind], dtype=np.int64)
