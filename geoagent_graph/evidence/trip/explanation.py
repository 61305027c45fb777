"""A joint posterior as people read it: candidates, what each neighbour adds, what changed."""

import numpy as np

from geoagent_graph.evidence.cities import city_masses
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.support import has_support, position_lies_in
from geoagent_graph.evidence.towns import Floats, Indices
from geoagent_graph.evidence.trip.trip import Trip
from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.number_words import MIN_ABS_LOG_LR, distance, percent
from geoagent_graph.trip_types import JoinedPhoto, PhotoEvidence, Taken
from geoagent_graph.types import (
    AnswerPlace,
    ClaimLevel,
    Evidence,
    Hypothesis,
    Level,
    Place,
)

_MAX_LISTED = 12
_MIN_LISTED = 0.002
_MAX_LOG = 60.0
_MIN_CHANGE = 0.005
_MAX_SAME_PLACE_KM = 10.0


def describe_photo(model: BayesEvidence, trip: Trip, row: int) -> JoinedPhoto:
    """Return what one photo's place is together with the others."""
    photo, together = trip.photos[row], trip.together[row]
    levels: dict[Level, tuple[Hypothesis, ...]] = {}
    claimed: Hypothesis | None = None
    level: ClaimLevel = "none"
    going_down = True
    for name, places in _rank_places(model, trip, row):
        levels[name] = tuple(_hypothesis_of_place(model, trip, row, place) for place in places)
        going_down = (
            going_down and bool(levels[name]) and _is_claimed(model, photo, levels[name][0])
        )
        if going_down:
            claimed, level = levels[name][0], name
    inside = model.town_mask(claimed.place if claimed else None) & model.allowed_towns(
        photo.ruled_out
    )
    probability = np.where(inside, together, 0.0)
    weighed = model.weigh(photo.clues, photo.references)
    point = model.point_of(weighed, probability, inside, photo.ruled_out)
    return JoinedPhoto(
        place=AnswerPlace.of(claimed.place if claimed else None),
        lat_deg=point.lat_deg,
        lon_deg=point.lon_deg,
        radius_km=point.radius_km,
        level=level,
        alone=claimed.prior if claimed else 0.0,
        together=claimed.probability if claimed else 0.0,
        levels=levels,
        because=tuple(_reasons_for_change(levels[level][0])) if level != "none" else (),
        taken=photo.taken,
    )


def contradiction_words(model: BayesEvidence, trip: Trip) -> str:
    """Return why no way through the photos' places has any probability."""
    stations = [
        f"{trip.photos[index].name} ({_time_words(trip.photos[index].taken)}) near "
        f"{_likeliest_town(model, trip.alone[index]).name}"
        for index in trip.chain
    ]
    return (
        "no way from place to place is possible at these times: "
        + ", then ".join(stations)
        + ". A time is wrong, or a photo is not of this trip. Each photo keeps its own places."
    )


def _rank_places(model: BayesEvidence, trip: Trip, row: int) -> list[tuple[Level, list[Place]]]:
    """Return the likeliest places of each level: all continents, countries, towns of the first."""
    town_table, together = model.town_table, trip.together[row]
    gazetteer = town_table.gazetteer
    by_country = np.bincount(town_table.country, together, len(town_table.codes)).astype(np.float64)
    names, numbers = np.unique(town_table.continents, return_inverse=True)
    by_continent = np.bincount(numbers, by_country, len(names)).astype(np.float64)
    continents = [gazetteer.continent_place(str(names[i])) for i in _top_rows(by_continent)]
    countries = [gazetteer.country_place(town_table.codes[i]) for i in _top_rows(by_country)]
    cities = model.cities.of(int(np.argmax(by_country)))
    towns = []
    for city in _top_rows(city_masses(cities, together)):
        rows = cities.towns_of(city)
        towns.append(gazetteer.place(int(rows[np.argmax(together[rows])])))
    return [("continent", continents), ("country", countries), ("city", towns)]


def _top_rows(mass: Floats) -> list[int]:
    order = np.argsort(-mass, kind="stable")[:_MAX_LISTED]
    found: list[int] = [int(i) for i in order if mass[i] >= _MIN_LISTED]
    return found or [int(order[0])]


def _hypothesis_of_place(model: BayesEvidence, trip: Trip, row: int, place: Place) -> Hypothesis:
    inside = np.flatnonzero(model.town_mask(place))
    alone = min(1.0, float(trip.alone[row][inside].sum()))
    together = min(1.0, float(trip.together[row][inside].sum()))
    return Hypothesis(
        level=place.level,
        place=place,
        prior=alone,
        probability=together,
        reason=f"{percent(alone)} by this photo alone, {percent(together)} together",
        evidence=tuple(_evidence_of_neighbours(model, trip, row, place, inside)),
    )


def _evidence_of_neighbours(
    model: BayesEvidence, trip: Trip, row: int, place: Place, inside: Indices
) -> list[Evidence]:
    """Return what each neighbour in the tree says of a place, against the world."""
    said = []
    alone, place_of = trip.alone[row], trip.places.place_of
    held = float(alone[inside].sum())
    for (other, to), message in sorted(trip.tree.messages.items()):
        if to != row or held <= 0.0 or not np.isfinite(trip.log_fit):
            continue
        here = float((alone[inside] * message[place_of[inside]]).sum()) / held
        whole = float(trip.places.sum_by_place(alone) @ message)
        log_lr = float(np.log(max(here, 1e-300)) - np.log(max(whole, 1e-300)))
        log_lr = max(-_MAX_LOG, min(_MAX_LOG, log_lr))
        if abs(log_lr) >= MIN_ABS_LOG_LR:
            reason = _neighbour_words(model, trip, row, other, place, log_lr > 0)
            said.append(Evidence(place_id=place.id, source="trip", log_lr=log_lr, reason=reason))
    return said


def _neighbour_words(
    model: BayesEvidence, trip: Trip, row: int, other: int, place: Place, speaks_for: bool
) -> str:
    if other >= len(trip.photos):
        where = "around here" if speaks_for else "elsewhere"
        return f"the other photos of the trip are most likely {where}"
    town = _likeliest_town(model, trip.together[other])
    inside = np.flatnonzero(model.town_mask(town))
    alone, together = (
        percent(min(1.0, float(rows[other][inside].sum()))) for rows in (trip.alone, trip.together)
    )
    where = _where_of_town(town, place)
    when = _gap_words(trip.photos[row].taken, trip.photos[other].taken)
    return (
        f"{trip.photos[other].name}{when}, is most likely {where} "
        f"({town.name}: {alone} alone, {together} together)"
    )


def _where_of_town(town: Place, place: Place) -> str:
    if place.level == "continent":
        return "here" if town.continent_code == place.continent_code else "elsewhere"
    if place.level == "country":
        return "here" if town.country_code == place.country_code else "elsewhere"
    away_km = float(distance_km(place.lat_deg, place.lon_deg, town.lat_deg, town.lon_deg))
    return f"{distance(away_km)} from here" if away_km >= _MAX_SAME_PLACE_KM else "here"


def _gap_words(here: Taken | None, there: Taken | None) -> str:
    if here is None or there is None or here.clock != there.clock:
        return ""
    if here.utc_s is not None and there.utc_s is not None:
        seconds = there.utc_s - here.utc_s
    else:
        seconds = there.clock_s - here.clock_s
    side = "earlier" if seconds < 0 else "later"
    return (
        f", taken {_duration_words(abs(seconds))} {side}" if seconds else ", taken at the same time"
    )


def _duration_words(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 120 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:.0f} days"


def _time_words(taken: Taken | None) -> str:
    return taken.text if taken else "no time"


def _likeliest_town(model: BayesEvidence, probability: Floats) -> Place:
    """Return the likeliest town of the likeliest city of the likeliest town's country."""
    country = int(model.town_table.country[int(np.argmax(probability))])
    cities = model.cities.of(country)
    rows = cities.towns_of(int(np.argmax(city_masses(cities, probability))))
    return model.town_table.gazetteer.place(int(rows[np.argmax(probability[rows])]))


def _is_claimed(model: BayesEvidence, photo: PhotoEvidence, best: Hypothesis) -> bool:
    """Return whether a level's likeliest place is likely enough to be claimed.

    The thresholds are those of the evidence policy. A town needs more than its share of the people
    of its country, as there, or a position in the file.
    """
    if best.probability < parameters().thresholds.of_level(best.level):
        return False
    if best.level != "city":
        return True
    country = model.town_table.gazetteer.country_place(best.place.country_code or "")
    inside, whole = model.town_mask(best.place), model.town_mask(country)
    share = float(model.prior[inside].sum() / model.prior[whole].sum())
    if has_support(share, best.probability):
        return True
    posterior = model.weigh(photo.clues, photo.references).posterior
    return position_lies_in(posterior, model.region(best.place))


def _reasons_for_change(best: Hypothesis) -> list[str]:
    name = best.place.name
    if abs(best.probability - best.prior) < _MIN_CHANGE:
        return [f"{name}: {percent(best.probability)}, which the other photos do not change"]
    said = f"{name}: {percent(best.prior)} alone, {percent(best.probability)} together"
    ranked = sorted(best.evidence, key=lambda item: -abs(item.log_lr))
    wanted = best.probability > best.prior
    reasons = [item.reason for item in ranked if (item.log_lr > 0) == wanted]
    if not reasons:
        return [said]
    return [f"{said}, because {reasons[0]}", *(f"and because {reason}" for reason in reasons[1:2])]
