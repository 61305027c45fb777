"""What lies at a point of the map, the point in other forms, and pages of others that show it."""

from typing import Annotated

from fastapi import APIRouter, Query

from geoagent_graph.positions.forms import MAX_CHARS, parse_position, position_forms
from geoagent_graph.positions.ways_out import IMAGE_SEARCHES, ways_out
from geoagent_graph.serve.problems import problem_responses
from geoagent_graph.serve.route_threads import run_for_route
from geoagent_graph.serve.schemas import Link, PointOnMap
from geoagent_graph.serve.service import TheService

router = APIRouter(prefix="/v1", tags=["map"], responses=problem_responses(422))


@router.get("/point", summary="What lies at a point, and ways out")
async def point(
    service: TheService,
    position: Annotated[
        str,
        Query(
            max_length=MAX_CHARS,
            description="41.55,-8.42, degrees and minutes, MGRS, geo:..., the link of a map.",
        ),
    ],
) -> PointOnMap:
    """The nearest town, the point in other forms, and links; nothing is asked of anybody."""
    lat_deg, lon_deg = parse_position(position)
    lon_deg = -180.0 if lon_deg == 180.0 else lon_deg  # one meridian
    found = await run_for_route(service.runner.tools.geocoder.reverse, lat_deg, lon_deg)
    forms = position_forms(lat_deg, lon_deg)
    return PointOnMap(
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        country=found.country,
        region=found.region,
        town=found.city,
        town_km=found.distance_km,
        decimal=forms.decimal,
        dms=forms.dms,
        mgrs=forms.mgrs,
        plus_code=forms.plus_code,
        geo_uri=forms.geo_uri,
        links=tuple(Link(title=way.title, url=way.url) for way in ways_out(lat_deg, lon_deg)),
        image_searches=tuple(Link(title=way.title, url=way.url) for way in IMAGE_SEARCHES),
    )
