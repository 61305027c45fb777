"""Generic loops over the sources of evidence: what they find, and what that says."""

from collections.abc import Sequence

from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.types import Clue


def extract_clues(
    clues: Sequence[Clue], town_table: TownTable, sources: Sequence[Source]
) -> list[Clue]:
    """Return the clues that the sources find in those of perception, in the sources' order.

    The same find in two lines gives one clue.
    """
    observations = Observations.of(clues)
    found: list[Clue] = []
    for source in sources:
        if source.extract is not None:
            new = list(source.extract(observations, town_table))
            found += new
            observations = observations.with_clues(new)
    return list({clue.id: clue for clue in found}.values())


def weigh_observations(
    observations: Observations, town_table: TownTable, sources: Sequence[Source]
) -> list[Likelihood]:
    """Return what the sources say, independent given the town, in the sources' order."""
    found: list[Likelihood] = []
    silent: set[str] = set()
    for source in sources:
        if source.likelihood is None or source.name in silent:
            continue
        said = source.likelihood(observations, town_table)
        spoken = [] if said is None else [said] if isinstance(said, Likelihood) else list(said)
        if spoken:
            silent |= set(source.silences)
        found += spoken
    return found
