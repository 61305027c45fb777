"""Pages of others that show a place: they are opened by a person, and asked nothing before."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class WayOut:
    """A page of somebody else: a person opens it, nothing is asked of it before."""

    title: str
    url: str


def ways_out(lat_deg: float, lon_deg: float) -> tuple[WayOut, ...]:
    """Return pages of others that show what lies at a point."""
    point = f"{lat_deg:.6f},{lon_deg:.6f}"
    maps = "https://www.google.com/maps/@?api=1&map_action="
    osm = f"https://www.openstreetmap.org/?mlat={lat_deg:.6f}&mlon={lon_deg:.6f}"
    return (
        WayOut("OpenStreetMap", f"{osm}#map=16/{lat_deg:.5f}/{lon_deg:.5f}"),
        WayOut("Google Maps", f"https://www.google.com/maps/search/?api=1&query={point}"),
        WayOut("Street View", f"{maps}pano&viewpoint={point}"),
        WayOut("Satellite", f"{maps}map&center={point}&zoom=17&basemap=satellite"),
        WayOut(
            "Mapillary",
            f"https://www.mapillary.com/app/?lat={lat_deg:.6f}&lng={lon_deg:.6f}&z=17",
        ),
    )


IMAGE_SEARCHES: Final = (
    WayOut("Google Lens", "https://lens.google.com/"),
    WayOut("Bing Visual Search", "https://www.bing.com/visualsearch"),
    WayOut("Yandex Images", "https://yandex.com/images/"),
    WayOut("TinEye", "https://tineye.com/"),
)
"""Pages where a person may drop the photo themselves; it is sent to none of them from here."""
