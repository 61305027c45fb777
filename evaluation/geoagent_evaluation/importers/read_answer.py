"""The answer in any value of somebody's record: numbers, lists, GeoJSON, JSON replies, words."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final

from geoagent_evaluation.datasets.degrees import NoDegrees, read_degrees
from geoagent_evaluation.importers.answer import MAX_CANDIDATES, Answer, Point, failure
from geoagent_evaluation.importers.key_names import (
    ANSWERS,
    IDENTIFIERS,
    MAYBE_ANSWERS,
    POINTS,
    PROBABILITIES,
    QUESTIONS,
    plain_keys,
    plain_pair,
    predicted_pair,
)
from geoagent_evaluation.importers.place_text import (
    is_refusal,
    is_unknown,
    place_of_fields,
    place_of_text,
)
from geoagent_evaluation.importers.point_text import find_point, read_angle
from geoagent_evaluation.importers.reply import answer_part, find_object

MAX_DEPTH: Final = 8
NOTHING: Final = Answer()


def read_answer(value: Any, depth: int = 0) -> Answer:
    """Return what a value answers; an answer that says nothing where it says nothing."""
    if depth > MAX_DEPTH:
        return failure("is nested too deeply")
    if isinstance(value, str):
        return _answer_of_text(value, depth)
    if isinstance(value, Mapping):
        return _answer_of_mapping(value, depth)
    if isinstance(value, list | tuple):
        return _answer_of_list(value, depth)
    return NOTHING


def _answer_of_mapping(value: Mapping[str, Any], depth: int) -> Answer:
    """Return the answer of a record.

    Where a reply lies in it, plain `lat` and `lon` beside the reply are taken for the truth and are
    never read in its stead.
    """
    plain = plain_keys(value)
    pair = predicted_pair(plain)
    if pair is not None:
        return _answer_of_pair(pair, plain)
    if value.get("type") in {"Feature", "Point", "FeatureCollection"}:
        return _answer_of_geojson(plain, depth)
    if any(name in plain for name in ANSWERS):
        return _first_answer([plain.get(name) for name in ANSWERS], depth)
    return _answer_at_this_level(plain, depth)


def _answer_at_this_level(plain: Mapping[str, Any], depth: int) -> Answer:
    pair = plain_pair(plain)
    at_point = _answer_of_pair(pair, plain) if pair is not None else NOTHING
    if at_point.points or at_point.problem:
        return at_point
    answer = _first_answer([plain.get(name) for name in POINTS], depth)
    if answer.points:
        return answer
    address = plain.get("address")
    place = place_of_fields(plain_keys(address) if isinstance(address, Mapping) else plain)
    if place:
        return Answer(place=place)
    if answer.says_something or answer.problem:
        return answer
    if pair is not None or any(name in plain for name in ("city", "country", *POINTS)):
        return Answer(abstained=True)  # it has a field for its answer, and states nothing there
    texts = [plain.get(name) for name in MAYBE_ANSWERS]
    return _first_answer(texts if depth else [*texts, _longest_text(plain)], depth)


def _longest_text(plain: Mapping[str, Any]) -> str | None:
    """Return the longest text under a key that is neither a question nor an identifier."""
    passed_over = QUESTIONS.union(IDENTIFIERS)
    texts = [
        value for key, value in plain.items() if isinstance(value, str) and key not in passed_over
    ]
    return max(texts, key=len, default=None)


def _first_answer(values: Sequence[Any], depth: int) -> Answer:
    """Return the first point, else the first place, else the first refusal, else a problem."""
    answers = [read_answer(value, depth + 1) for value in values if value is not None]
    for wanted in ("points", "place", "abstained", "problem"):
        found = next((one for one in answers if getattr(one, wanted)), None)
        if found is not None:
            return found
    return NOTHING


def _answer_of_pair(pair: tuple[Any, Any], plain: Mapping[str, Any]) -> Answer:
    """Return the answer of two numbers, or of two lists of numbers (samples, or the best ones)."""
    probabilities = next((plain[name] for name in PROBABILITIES if name in plain), None)
    lat, lon = pair
    if not (isinstance(lat, list) and isinstance(lon, list)):
        lat, lon, probabilities = [lat], [lon], [probabilities]
    if len(lat) != len(lon):
        return failure(f"has {len(lat)} latitudes and {len(lon)} longitudes")
    given = probabilities if isinstance(probabilities, list) else []
    try:
        points = tuple(_points(lat[:MAX_CANDIDATES], lon[:MAX_CANDIDATES], given))
    except NoDegrees as error:
        return failure(str(error))
    return Answer(points=points) if points else Answer(abstained=True)


def _points(lat: Sequence[Any], lon: Sequence[Any], given: Sequence[Any]) -> Iterator[Point]:
    for a, o, probability in zip_longest(lat, lon, given[: len(lat)]):
        lat_deg, lon_deg = _degrees(a), _degrees(o)
        if lat_deg is not None and lon_deg is not None:
            yield Point(lat_deg, lon_deg, _share(probability))


def _degrees(value: Any) -> float | None:
    """Return a number of degrees, also of "48.85° N"; None where it says that it is not known."""
    if isinstance(value, str):
        if is_unknown(value):
            return None
        angle = read_angle(value)
        if angle is not None:
            return angle
    return read_degrees(value)


def _share(value: Any) -> float | None:
    """Return a probability between 0 and 1; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = (
            float(value)
            if not isinstance(value, str)
            else float(value.strip(" %")) / (100 if value.strip().endswith("%") else 1)
        )
    except ValueError:
        return None
    return number if 0 <= number <= 1 else None


def _answer_of_geojson(plain: Mapping[str, Any], depth: int) -> Answer:
    """Return the point of a feature: longitude comes first."""
    if plain.get("type") == "Feature":
        geometry = plain.get("geometry")
        return (
            _answer_of_geojson(plain_keys(geometry), depth)
            if isinstance(geometry, Mapping)
            else Answer(abstained=True)
        )
    if plain.get("type") == "FeatureCollection":
        return read_answer(plain.get("features"), depth + 1)
    pair = plain.get("coordinates")
    if not isinstance(pair, list) or len(pair) not in {2, 3}:
        return failure("its geometry is no point")
    return _answer_of_pair((pair[1], pair[0]), {})


def _answer_of_list(values: Sequence[Any], depth: int) -> Answer:
    """Return the answer of [lat, lon], of a list of those, or of the last message of a talk."""
    if len(values) in {2, 3} and not any(isinstance(one, Mapping | list | tuple) for one in values):
        numbers = [one for one in values if isinstance(one, int | float) or _is_number(one)]
        if len(numbers) == len(values):
            return _answer_of_pair(
                (values[0], values[1]), {"prob": values[2]} if values[2:] else {}
            )
    if values and all(isinstance(one, Mapping) and "role" in one for one in values):
        spoken = [one for one in values if one["role"] == "assistant"]
        return read_answer(spoken[-1].get("content"), depth + 1) if spoken else NOTHING
    if values and all(isinstance(one, Mapping) and one.get("type") == "text" for one in values):
        return read_answer("\n".join(str(one.get("text", "")) for one in values), depth + 1)
    return _merged([read_answer(one, depth + 1) for one in values[:MAX_CANDIDATES]])


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, str) and read_degrees(value) is not None
    except NoDegrees:
        return False


def _merged(answers: Sequence[Answer]) -> Answer:
    """Return several guesses as one answer: all points, or the first that says something."""
    points = tuple(point for one in answers for point in one.points)
    if points:
        return Answer(points=points[:MAX_CANDIDATES])
    return next((one for one in answers if one.says_something or one.problem), NOTHING)


def _answer_of_text(text: str, depth: int) -> Answer:
    part = answer_part(text)
    if not part:
        return NOTHING
    found = find_object(part) if "{" in part or "[" in part else None
    if found is not None:
        answer = read_answer(found, depth + 1)
        if answer.says_something or answer.problem:
            return answer
    point = find_point(part)
    if point is not None:
        return Answer(points=(point,))
    if is_refusal(part):
        return Answer(abstained=True)
    place = "" if found is not None else place_of_text(part)
    return Answer(place=place) if place else NOTHING
