"""Where a person says that the sun stood, with the time: how high it stands there in each town."""

import numpy as np

from geoagent_graph.errors import InputError
from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.sun.clock import TimeSpan, time_of_photo
from geoagent_graph.evidence.sun.reading import SunReading, read_sun
from geoagent_graph.evidence.sun.town_likelihood import town_log_likelihood
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.sun_marks import SUN_KIND, sun_statements_in
from geoagent_graph.translation import mark


def _weigh_sun(observations: Observations, town_table: TownTable) -> Likelihood | None:
    """Return what the last mark says; None without one or without a time."""
    said = sun_statements_in(observations.clues)
    if not said:
        return None
    clue, statement, photo = said[-1]
    span = time_of_photo(statement.time, observations.clues)
    if span is None:
        return None
    try:
        reading = read_sun(statement, photo)
    except InputError:
        return None  # it was checked when it was marked; other weights may refuse it now
    return Likelihood(
        source=SUN_KIND,
        description=_description(reading, span),
        clue_ids=(clue.id,),
        country=np.zeros(len(town_table.codes)),
        towns=np.arange(len(town_table)),
        town_log=town_log_likelihood(reading, span, town_table),
    )


def _description(reading: SunReading, span: TimeSpan) -> str:
    said_by = ", as its file claims" if span.is_of_file else ""
    clock = "" if span.is_utc else " in local time"
    return f"the sun stood {reading.words} at {span.words}{clock}{said_by}"


SOURCE = Source(
    name=SUN_KIND,
    kind=SUN_KIND,
    label=mark("Where the sun stood"),
    check="the sun's position after Meeus, checked against JPL's DE421; the errors of marks set by "
    "hand, checked on drawn scenes by `benchmarks/sun.py`",
    likelihood=_weigh_sun,
)
