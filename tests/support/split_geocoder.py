"""A geocoder of two countries that meet at a meridian, for points near a border."""

from dataclasses import dataclass

from geoagent_graph.errors import ToolError
from geoagent_graph.protocols import GeocodedPoint
from geoagent_graph.testing import FixedGeocoder


@dataclass(frozen=True)
class SplitGeocoder(FixedGeocoder):
    """West of `border_deg` lies Porto in Portugal, east of it Madrid in Spain.

    The ids are those of the small gazetteer; `away_km` is how far every town is said to be.
    """

    border_deg: float = 0.0
    away_km: float = 1.0
    error: ToolError | None = None

    def reverse(self, lat_deg: float, lon_deg: float) -> GeocodedPoint:
        """Return the town of a point's side, or raise the error."""
        del lat_deg
        if self.error is not None:
            raise self.error
        if lon_deg < self.border_deg:
            return geocoded("PT", "Portugal", "Porto", 7, self.away_km)
        return geocoded("ES", "Spain", "Madrid", 3, self.away_km)


def geocoded(
    code: str, country: str, city: str, geonames_id: int, away_km: float = 1.0
) -> GeocodedPoint:
    """Return a point of Europe by its polygon."""
    return GeocodedPoint("EU", code, country, "", city, geonames_id, away_km, "polygon")
