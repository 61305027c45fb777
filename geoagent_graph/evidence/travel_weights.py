"""The weights of a trip: how the places of its photos hang together."""

from dataclasses import dataclass
from typing import Any, Self

from geoagent_graph.evidence.parameter_group import Group


@dataclass(frozen=True, slots=True)
class TravelMode:
    """A way to move: its share, its speed, how long it takes to begin, how far a trip goes so."""

    weight: float
    speed_km_h: float
    rest_hours: float
    widest_km: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelWeights(Group):
    """How the places of two photos of one trip hang together; see `evidence.trip.travel_prior`."""

    start_km: float  # two photos of one minute may stand for towns this far apart
    reach_km: float
    reach_km_h: float
    border_hours: float  # what a clock that shows local time may jump by at a border
    look_alikes_shared: float  # from which share on a photo looks like an earlier one
    bad_fit: float  # decimal logarithm; photos that fit together worse are worth a warning
    max_imbalance: float  # of a travel factor; more is worth a warning
    on_foot: TravelMode
    over_land: TravelMode
    by_air: TravelMode

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Self:
        """Return the group with its ways to move."""
        values: dict[str, Any] = {
            name: TravelMode(**value) if isinstance(value, dict) else value
            for name, value in stored["values"].items()
        }
        return cls(how=stored["how"], **values)

    @property
    def modes(self) -> tuple[TravelMode, ...]:
        """The ways to move; their shares sum to 1."""
        return self.on_foot, self.over_land, self.by_air
