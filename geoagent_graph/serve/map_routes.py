"""Routes behind the map: borders, towns, and the search for places by name."""

import gzip
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Header, Query, Response

from geoagent_graph.serve.problems import problem_responses
from geoagent_graph.serve.route_threads import run_for_route
from geoagent_graph.serve.schemas import (
    DrawnCountryList,
    FoundPlace,
    PlaceList,
    Town,
    TownList,
)
from geoagent_graph.serve.service import TheService

if TYPE_CHECKING:
    from geoagent_graph.geo.gazetteer import Gazetteer

router = APIRouter(prefix="/v1", tags=["map"])
Scale = Literal["110m", "50m", "10m"]
TOPOJSON = "application/json"


@router.get(
    "/map/world",
    summary="The countries",
    response_class=Response,
    responses={200: {"description": "TopoJSON", "content": {TOPOJSON: {}}}},
)
async def world(
    scale: Scale = "50m",
    if_none_match: Annotated[str | None, Header()] = None,
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    """Natural Earth's countries (public domain) as TopoJSON, object `countries`."""
    packed, tag = await run_for_route(_world_file, scale)
    headers = {"ETag": tag, "Cache-Control": "private, max-age=604800", "Vary": "Accept-Encoding"}
    if if_none_match == tag:
        return Response(status_code=304, headers=headers)
    if "gzip" in accept_encoding:
        return Response(
            packed, media_type=TOPOJSON, headers={**headers, "Content-Encoding": "gzip"}
        )
    plain = await run_for_route(gzip.decompress, packed)
    return Response(plain, media_type=TOPOJSON, headers=headers)


@router.get("/map/countries", summary="Which pieces of the map are which country's")
async def countries(service: TheService, response: Response) -> DrawnCountryList:
    """ISO 3166-1 codes and continents for the geometries of `/v1/map/world`."""
    from geoagent_graph.geo.territories import country_drawings

    response.headers["Cache-Control"] = "private, max-age=86400"
    continents = service.runner.tools.countries_of
    continent_of = {code: name for name, codes in continents.items() for code in codes}
    rows = await run_for_route(country_drawings)
    return DrawnCountryList.model_validate(
        {
            "countries": [
                {
                    "code": row.code,
                    "continent_code": continent_of.get(row.code),
                    "feature": row.feature,
                    "box_deg": row.box_deg,
                }
                for row in rows
            ]
        }
    )


@router.get("/map/towns", summary="The largest towns in a circle", responses=problem_responses(404))
async def towns(
    service: TheService,
    lat: Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)],
    lon: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)],
    radius_km: Annotated[float, Query(ge=0.1, le=20_100, allow_inf_nan=False)],
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> TownList:
    """The most populous towns of the gazetteer (GeoNames, CC BY 4.0) around a point."""
    gazetteer = service.gazetteer
    if gazetteer is None:
        return TownList(towns=())
    return TownList(
        towns=await run_for_route(_largest_towns, gazetteer, lat, lon, radius_km, limit)
    )


@router.get("/search", summary="Places by name")
async def search(
    service: TheService,
    q: Annotated[str, Query(min_length=1, max_length=100, pattern=r"\S")],
    limit: Annotated[int, Query(ge=1, le=20)] = 8,
) -> PlaceList:
    """The places that a name may mean, in any language and script, the likeliest first."""
    found = await run_for_route(service.runner.tools.geocoder.forward, q, limit)
    return PlaceList(
        places=tuple(
            FoundPlace(
                place=item.place,
                matched=item.matched,
                population=item.population,
                similarity=item.similarity,
            )
            for item in found
        )
    )


def _largest_towns(
    gazetteer: "Gazetteer", lat: float, lon: float, radius_km: float, limit: int
) -> tuple[Town, ...]:
    import numpy as np

    from geoagent_graph.geo.sphere import distance_km

    away = distance_km(lat, lon, gazetteer.lat_deg, gazetteer.lon_deg)
    inside = np.flatnonzero(away <= radius_km)
    largest = inside[np.argsort(-gazetteer.population[inside], kind="stable")[:limit]]
    return tuple(
        Town(
            name=gazetteer.name(row),
            lat_deg=float(gazetteer.lat_deg[row]),
            lon_deg=float(gazetteer.lon_deg[row]),
            population=int(gazetteer.population[row]),
        )
        for row in largest.tolist()
    )


@cache
def _world_file(scale: Scale) -> tuple[bytes, str]:
    folder = files("geoagent_graph") / "data" / "natural_earth"
    packed = (folder / f"countries-{scale}.json.gz").read_bytes()
    return packed, f'"{hashlib.sha256(packed).hexdigest()[:32]}"'
