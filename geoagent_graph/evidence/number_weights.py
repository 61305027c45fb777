"""The weights of numbers in context: roads, dates and hours of opening."""

from dataclasses import dataclass

from geoagent_graph.evidence.parameter_group import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadWeights(Group):
    """Numbers of roads; the forms have their own weights."""

    road_alone: float  # P(it is a road) where nothing else on the sign says so
    road_on_sign: float
    later_power: float  # what each road after the first adds
    clear_elsewhere: float  # forms seen elsewhere less often are roads among other words too
    european_other: float  # the country is of the European network, but not on this road
    european_elsewhere: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarWeights(Group):
    """Dates and opening hours."""

    day_names_elsewhere: float  # P(names of days or months of a language | another)
    hour_form_elsewhere: float  # P(hours written with a letter | a language that does not)
    other_separator: float  # P(a date written so | another sign between its parts is usual)
    other_order: float  # ... another order of day, month and year is usual
