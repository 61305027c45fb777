"""The weight of what lies outside an area that a person has drawn or named."""

from dataclasses import dataclass

from geoagent_graph.evidence.parameter_group import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaWeights(Group):
    """Areas that a person has drawn or named; see `evidence.sources.search_area`."""

    outside_log: float  # natural log of P(a person looks there | the photo lies outside)
