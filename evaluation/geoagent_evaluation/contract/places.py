"""Which places points lie in: the seam through which a gazetteer is asked, if there is one."""

from dataclasses import dataclass
from typing import Protocol

from geoagent_evaluation.contract.tables import Floats, Words


@dataclass(frozen=True, slots=True)
class PlaceCodes:
    """The places of points, [n] each; None where a point lies in none."""

    country: Words  # ISO 3166-1 alpha-2
    region: Words  # ISO 3166-2
    city: Words  # GeoNames id
    continent: Words | None = None  # AF, AN, AS, EU, NA, OC, SA; None is that of the country


class Places(Protocol):
    """Something that knows the places of points: by polygons, or by the nearest town."""

    def codes(self, lat_deg: Floats, lon_deg: Floats, /) -> PlaceCodes:
        """Return the places of points, one per row; a point may be NaN, which lies nowhere."""
        ...
