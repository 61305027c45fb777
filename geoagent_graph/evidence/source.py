"""The seam of the evidence: what one source finds in a photo and how it weighs towns.

A source is one file. Those that ship are in `geoagent_graph.evidence.sources`; `docs/extending.md`
shows how another package or a script adds one.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from geoagent_graph.errors import InputError
from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.types import Clue

Extract = Callable[[Observations, TownTable], Iterable[Clue]]
Weigh = Callable[[Observations, TownTable], Likelihood | Iterable[Likelihood] | None]
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KIND = re.compile(r"[a-z][a-z_]{0,39}")


@dataclass(frozen=True, slots=True)
class Source:
    """One source of evidence; what sees the same thing is one source.

    Sources are taken as independent given the town, so two that rest on the same observation would
    count it twice. No likelihood may be 0 anywhere: no observation makes a place impossible.
    """

    name: str
    """What switches it off: `without=("phones",)`."""

    kind: str
    """The kind of clue it finds or weighs, `[a-z_]`, at most 40 letters."""

    label: str
    """That kind in words for people: "Telephone number"."""

    check: str
    """How its weights were found and checked: "fitted on ...", or "set by hand; checked by ..."."""

    likelihood: Weigh | None
    """Returns log P(observation | town), one per observation that stands for itself, or None where
    nothing was observed; None for clues that another source weighs."""

    extract: Extract | None = None
    """Returns the clues in what was observed; None where a tool of perception finds them."""

    of_one_sign: bool = False
    """Whether the same clue in two photos of a trip is one sign, which counts once."""

    silences: tuple[str, ...] = ()
    """Names of sources that see the same thing, less well: where this one speaks, those
    that come after it in the list do not."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise InputError(f"{self.name!r} names no source: take letters a-z, digits and _")
        if not _KIND.fullmatch(self.kind):
            raise InputError(f"{self.name}: {self.kind!r} is no kind of clue: take letters a-z, _")
        if not self.label.strip() or not self.check.strip():
            raise InputError(f"{self.name}: a source needs a label and a check of its weights")
