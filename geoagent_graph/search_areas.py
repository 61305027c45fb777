"""Where a person says that a photo lies: a circle, an outline on the map, or countries."""

import json
import re
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal

from pydantic import Field, TypeAdapter, ValidationError, field_validator, model_validator

from geoagent_graph.errors import InputError
from geoagent_graph.positions.forms import parse_position
from geoagent_graph.types import Clue, CountryCode, FrozenModel, LatDeg, LonDeg, clue_id
from geoagent_graph.validation_words import validation_words

AREA_KIND: Final = "search_area"
"""The kind of clue that says where a person looks."""
PERSON: Final = "person"
"""The source of clues that a person has added."""
MAX_OUTLINE_POINTS: Final = 5000
MAX_COUNTRIES: Final = 60
_IS_DECIMAL: Final = re.compile(r"[-+0-9., eE]*")
_MIN_RING_POINTS: Final = 4  # a triangle and its first corner again

Longitude = Annotated[float, Field(ge=-180.0, le=180.0, allow_inf_nan=False)]
Position = tuple[Longitude, LatDeg]
Ring = Annotated[tuple[Position, ...], Field(min_length=_MIN_RING_POINTS)]


class SearchCircle(FrozenModel):
    """A circle on the map outside of which nothing comes into question any more.

    In place of `lat_deg` and `lon_deg` a `position` may be given, in any form that is read: degrees
    and minutes, MGRS, a plus code, geo:, the link of a map.
    """

    kind: Literal["map_region"] = "map_region"
    lat_deg: LatDeg
    lon_deg: LonDeg
    radius_km: Annotated[float, Field(ge=1.0, le=20100.0, allow_inf_nan=False)]

    @model_validator(mode="before")
    @classmethod
    def _read_position(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "position" not in value:
            return value
        rest = {key: item for key, item in value.items() if key != "position"}
        if "lat_deg" in rest or "lon_deg" in rest:
            raise ValueError("give a position or lat_deg and lon_deg, not both")
        try:
            lat_deg, lon_deg = parse_position(str(value["position"]))
        except InputError as error:
            raise ValueError(f"position {error}") from error
        return {**rest, "lat_deg": lat_deg, "lon_deg": lon_deg}

    @property
    def words(self) -> str:
        """The area in words for people."""
        return f"within {self.radius_km:g} km of {self.lat_deg:.4f}, {self.lon_deg:.4f}"


class SearchOutline(FrozenModel):
    """Polygons on the map outside of which nothing comes into question any more.

    `polygons` are those of a GeoJSON MultiPolygon, `[lon, lat]`: of each the outer ring, then its
    holes. In their place GeoJSON of a Polygon, MultiPolygon or Feature may be given as `geojson`.
    """

    kind: Literal["map_outline"] = "map_outline"
    polygons: Annotated[tuple[tuple[Ring, ...], ...], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _read_geojson(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "geojson" not in value:
            return value
        rest = {key: item for key, item in value.items() if key != "geojson"}
        return {**rest, "polygons": polygons_in(value["geojson"])}

    @field_validator("polygons")
    @classmethod
    def _check_size(cls, polygons: tuple[tuple[Ring, ...], ...]) -> tuple[tuple[Ring, ...], ...]:
        points = sum(len(ring) for polygon in polygons for ring in polygon)
        if points > MAX_OUTLINE_POINTS:
            raise ValueError(f"has {points:,} points, at most {MAX_OUTLINE_POINTS:,} are taken")
        if not all(polygons):
            raise ValueError("holds a polygon without a ring")
        return polygons

    @property
    def words(self) -> str:
        """The area in words for people."""
        outer = [point for polygon in self.polygons for point in polygon[0]]
        west, east = min(lon for lon, _ in outer), max(lon for lon, _ in outer)
        south, north = min(lat for _, lat in outer), max(lat for _, lat in outer)
        corners = sum(len(polygon[0]) - 1 for polygon in self.polygons)
        return (
            f"inside an outline of {corners} corners between {south:.4f}, {west:.4f} and "
            f"{north:.4f}, {east:.4f}"
        )


class SearchCountries(FrozenModel):
    """Countries outside of which nothing comes into question any more, by ISO 3166-1 code."""

    kind: Literal["map_countries"] = "map_countries"
    countries: Annotated[tuple[CountryCode, ...], Field(min_length=1, max_length=MAX_COUNTRIES)]

    @property
    def words(self) -> str:
        """The area in words for people."""
        return f"in {', '.join(self.countries)}"


SearchArea = SearchCircle | SearchOutline | SearchCountries
AnySearchArea = Annotated[SearchArea, Field(discriminator="kind")]
_AREA: TypeAdapter[SearchArea] = TypeAdapter(AnySearchArea)


def circle_from(words: str) -> SearchCircle:
    """Return the circle that "LAT,LON,KM" stands for, or a position in another form and ",KM".

    Raises:
        InputError: it is none; the message says what is wrong.
    """
    position, _, radius = words.rpartition(",")
    try:
        radius_km = float(radius)
        if _IS_DECIMAL.fullmatch(words):
            lat_deg, lon_deg = (float(part) for part in position.split(","))
    except ValueError as error:
        raise InputError("give a circle as LAT,LON,KM, as in 41.55,-8.42,40") from error
    if not _IS_DECIMAL.fullmatch(words):
        lat_deg, lon_deg = parse_position(position)
    given = {"lat_deg": lat_deg, "lon_deg": lon_deg, "radius_km": radius_km}
    try:
        return SearchCircle.model_validate(given)
    except ValidationError as error:
        raise InputError(validation_words(error, "circle")) from error


def area_clue(area: SearchArea, words: str | None = None) -> Clue:
    """Return an area as a clue of a person; `words` say it better than its own."""
    content = area.model_dump_json()
    return Clue(
        id=clue_id(AREA_KIND, content),
        kind=AREA_KIND,
        text=f"a person looks only {words or area.words}",
        source=PERSON,
        attributes={"area": content},
    )


def areas_in(clues: Iterable[Clue]) -> list[SearchArea]:
    """Return the areas that clues speak of; one that cannot be read is none."""
    found = []
    for clue in clues:
        if clue.kind != AREA_KIND:
            continue
        try:
            found.append(_AREA.validate_python(json.loads(clue.attributes["area"])))
        except (KeyError, ValueError, ValidationError):
            continue  # a clue of a plug-in, or of a state that was written by hand
    return found


def polygons_in(geojson: object) -> list[Any]:
    """Return the coordinates of all polygons of a GeoJSON geometry, Feature or FeatureCollection.

    Raises:
        ValueError: it holds no polygon.
    """
    if isinstance(geojson, dict):
        kind = geojson.get("type")
        if kind == "Feature":
            return polygons_in(geojson.get("geometry"))
        if kind == "FeatureCollection" and isinstance(geojson.get("features"), list):
            return [polygon for one in geojson["features"] for polygon in polygons_in(one)]
        coordinates = geojson.get("coordinates")
        if kind == "Polygon" and isinstance(coordinates, list):
            return [_flat_rings(coordinates)]
        if kind == "MultiPolygon" and isinstance(coordinates, list):
            return [_flat_rings(polygon) for polygon in coordinates]
    raise ValueError("is no GeoJSON Polygon, MultiPolygon or Feature of one")


def _flat_rings(rings: object) -> object:
    """Return rings without the heights that GeoJSON allows in a position."""
    if not isinstance(rings, list) or not all(isinstance(ring, list) for ring in rings):
        return rings
    return [
        [point[:2] if isinstance(point, list) and len(point) == 3 else point for point in ring]
        for ring in rings
    ]
