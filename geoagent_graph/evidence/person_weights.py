"""The weights of what a person says of a photo."""

from dataclasses import dataclass

from geoagent_graph.evidence.parameter_group import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonWeights(Group):
    """Areas and places by a person; see the sources `search_area` and `named_place`."""

    outside_log: float  # natural log of P(a person looks there | the photo lies outside)
    named_false: float  # of places that a person recognises, how many are another
    context_false: float  # of places named in what is known of a photo, how many are not its own
