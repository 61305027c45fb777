"""A look straight down on a point: azimuthal equidistant, true from the centre to everywhere."""

import math
from dataclasses import dataclass

import numpy as np

from geoagent_graph.geo.sphere import EARTH_RADIUS_KM
from geoagent_graph.render.maps.svg_path import Frame, Points

WIDTH, HEIGHT = 600.0, 450.0


@dataclass(frozen=True, slots=True)
class Viewport:
    """A point to look down on, and how many kilometres fit between it and the upper edge."""

    lat_deg: float
    lon_deg: float
    half_height_km: float

    @property
    def units_per_km(self) -> float:
        """Units of the drawing per kilometre."""
        return HEIGHT / 2 / self.half_height_km

    def frame_km(self, margin: float) -> Frame:
        """Return the edges of the drawing and `margin` units around it, in the plane."""
        up = self.half_height_km + margin / self.units_per_km
        side = self.half_height_km * WIDTH / HEIGHT + margin / self.units_per_km
        return -side, -up, side, up

    def plane_km(self, degrees: Points) -> Points:
        """Return points of longitude and latitude as kilometres east and north of the centre.

        Direction and distance from the centre are true, at the poles and across the date line too.
        """
        lat, lon = np.radians(degrees[:, 1]), np.radians(degrees[:, 0] - self.lon_deg)
        lat0 = math.radians(self.lat_deg)
        east = np.cos(lat) * np.sin(lon)
        north = math.cos(lat0) * np.sin(lat) - math.sin(lat0) * np.cos(lat) * np.cos(lon)
        towards = math.sin(lat0) * np.sin(lat) + math.cos(lat0) * np.cos(lat) * np.cos(lon)
        length = np.hypot(east, north)
        distance_km = np.arctan2(length, towards) * EARTH_RADIUS_KM
        stretch = distance_km / np.where(length < 1e-12, 1.0, length)
        return np.column_stack([east * stretch, north * stretch])

    def to_drawing(self, plane_km: Points) -> Points:
        """Return kilometres east and north in the units of the drawing."""
        x = WIDTH / 2 + plane_km[:, 0] * self.units_per_km
        return np.column_stack([x, HEIGHT / 2 - plane_km[:, 1] * self.units_per_km])

    def point(self, lat_deg: float, lon_deg: float) -> tuple[float, float]:
        """Return where a point is drawn."""
        x, y = self.to_drawing(self.plane_km(np.array([[lon_deg, lat_deg]])))[0].tolist()
        return x, y


def is_in_frame(x: float, y: float) -> bool:
    """Return whether a drawn point lies inside the picture."""
    return 0.0 <= x <= WIDTH and 0.0 <= y <= HEIGHT
