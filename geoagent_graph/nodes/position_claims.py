"""What is to be said of a position that a file claims: what speaks against it, what lies around."""

import asyncio
import math
from collections.abc import Sequence

from geoagent_graph.geo.position_spread import countries_within
from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.geo.surroundings import BORDER_ERROR_KM
from geoagent_graph.nodes.recording import Recorder
from geoagent_graph.number_words import JOINT_SOURCE, distance
from geoagent_graph.protocols import GeocodedPoint, PointEstimate
from geoagent_graph.search_areas import AREA_KIND
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import CONTINENTS, Clue, Evidence, Place

MIN_AWAY_KM = 1.0
MIN_GAIN_LOG = 0.7
"""What is twice as likely at the answer as at the position is a reason for it."""
MIN_OTHER_COUNTRY_LOG = 4.0
"""What is 50 times likelier in some country than at the position is a sign of another country."""
MAX_REASONS = 2
MIN_FAR_TOWN_KM = 25.0
MAX_BORDER_RADIUS_KM = 100.0


async def position_warnings(
    clues: Sequence[Clue],
    within: Place | None,
    answer: PointEstimate,
    tools: Toolbox,
    recorder: Recorder,
) -> list[str]:
    """Return what a reader must know of each position that the file claims.

    Only what was seen speaks against it, never where people live: a claim that the answer does not
    follow for another reason is not said to be contradicted.

    Args:
        clues: everything that was observed.
        within: the place that is claimed.
        answer: the best point.
        tools: the tools of the run.
        recorder: of the step.
    """
    warnings = []
    for clue in clues:
        if clue.kind != "exif_position":
            continue
        claim = (float(clue.attributes["lat_deg"]), float(clue.attributes["lon_deg"]))
        point = await recorder.call(
            "geocoder.reverse",
            {"lat_deg": claim[0], "lon_deg": claim[1]},
            lambda found: f"{found.city}, {found.country}",
            tools.geocoder.reverse,
            *claim,
        )
        place = _place_of_claim(claim, point)
        away_km = float(distance_km(*claim, answer.lat_deg, answer.lon_deg))
        if away_km > max(answer.radius_km, MIN_AWAY_KM):
            against = await asyncio.to_thread(reasons_for_elsewhere, place, within, clues, tools)
            warnings.append(_elsewhere_words(clue, point, away_km, against))
            continue
        against = await asyncio.to_thread(signs_of_other_countries, place, clues, tools)
        if against:
            said = "; ".join(against)
            warnings.append(f"{clue.text}: what else was found speaks against it: {said}")
        if point is not None:
            warnings += await asyncio.to_thread(_surroundings, clue, claim, point, answer, tools)
    return warnings


def _elsewhere_words(
    clue: Clue, point: GeocodedPoint | None, away_km: float, against: Sequence[str]
) -> str:
    named = f" ({point.city}, {point.country})" if point is not None else ""
    said = f"{clue.text}{named}, {away_km:.0f} km from the answer"
    if against:
        return f"{said}: what the photo shows says otherwise: {'; '.join(against)}"
    return f"{said}, though nothing that the photo shows speaks against it"


def reasons_for_elsewhere(
    place: Place | None, within: Place | None, clues: Sequence[Clue], tools: Toolbox
) -> list[str]:
    """Return what makes the answer likelier than the claimed place, the strongest first."""
    if place is None:
        return []
    here, there = _score_without_claim(place, clues, tools), {}
    if within is not None:
        there = _score_without_claim(within, clues, tools)
    gains = {
        source: (there[source].log_lr if source in there else 0.0) - line.log_lr
        for source, line in here.items()
    }
    ranked = sorted(gains, key=lambda source: -gains[source])
    return [
        (there if source in there else here)[source].reason
        for source in ranked[:MAX_REASONS]
        if gains[source] >= MIN_GAIN_LOG
    ]


def signs_of_other_countries(
    place: Place | None, clues: Sequence[Clue], tools: Toolbox
) -> list[str]:
    """Return what was seen that speaks against the claimed place and clearly for another country.

    Against it is what is less likely there than anywhere. English is that in most of the world and
    a sign of no country: there must be one where it is much likelier.
    """
    if place is None:
        return []
    against = {
        source: line
        for source, line in _score_without_claim(place, clues, tools).items()
        if line.log_lr < 0.0
    }
    if not against:
        return []
    best = dict.fromkeys(against, -math.inf)
    for country in tools.geocoder.countries():
        for source, line in _score_without_claim(country, clues, tools).items():
            if source in best:
                best[source] = max(best[source], line.log_lr)
    ranked = sorted(against.values(), key=lambda line: line.log_lr)
    return [
        line.reason for line in ranked if best[line.source] - line.log_lr >= MIN_OTHER_COUNTRY_LOG
    ][:MAX_REASONS]


def _score_without_claim(
    place: Place, clues: Sequence[Clue], tools: Toolbox
) -> dict[str, Evidence]:
    """Return what each source but the file says of a place, against the world.

    Similar photos do not count: they were searched inside what was accepted. Nor does where a
    person looks: the photo does not show it.
    """
    shown = [clue for clue in clues if clue.kind not in ("exif_position", AREA_KIND)]
    if not shown:
        return {}
    lines = tools.evidence.score(place, None, shown, ())
    return {line.source: line for line in lines if line.source != JOINT_SOURCE}


def _place_of_claim(claim: tuple[float, float], point: GeocodedPoint | None) -> Place | None:
    """Return the town of the claim as a place; None where the geocoder knows none."""
    if point is None or point.continent_code not in CONTINENTS or not point.country_code:
        return None
    return Place(
        id=f"geonames:{point.geonames_id}",
        level="city",
        name=point.city or point.country,
        continent_code=point.continent_code,
        country_code=point.country_code,
        country=point.country,
        city=point.city,
        lat_deg=claim[0],
        lon_deg=claim[1],
    )


def _surroundings(
    clue: Clue,
    claim: tuple[float, float],
    point: GeocodedPoint,
    answer: PointEstimate,
    tools: Toolbox,
) -> list[str]:
    """Return that a border is within the error, or the nearest town far away, where it is so."""
    said = []
    reach_km = max(answer.radius_km, BORDER_ERROR_KM)
    if reach_km <= MAX_BORDER_RADIUS_KM:
        others = countries_within(tools.geocoder, point, *claim, reach_km)
        if others:
            whose = "position" if reach_km > BORDER_ERROR_KM else "map"
            said.append(
                f"{clue.text}: the border with {' and '.join(others)} is within "
                f"{distance(reach_km)}, no more than the error of the {whose}: it may be another "
                f"country than {point.country}"
            )
    if point.distance_km > MIN_FAR_TOWN_KM:
        sea = "at sea or in the wild, " if point.country_source == "nearest_town" else ""
        said.append(
            f"{clue.text}: {sea}{distance(point.distance_km)} from the nearest town, {point.city}"
        )
    return said
