"""Where the sun stood, measured in a photo or said by a person."""

from dataclasses import dataclass
from typing import Literal

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.sun.shadow_geometry import MeasuredShadow, measure_shadow
from geoagent_graph.sun_marks import MarkedPhoto, SunPosition, SunShadow, SunStatement


@dataclass(frozen=True, slots=True)
class SunReading:
    """Height and bearing of the sun in degrees, each with its standard deviation.

    None is not known. `covariance` is that of the two errors, in square degrees. `relative_deg` is
    how far right of the camera's axis the sun stood, negative for left of it. `assumptions` say
    what the figures rest on.
    """

    elevation_deg: float | None = None
    elevation_error_deg: float = 0.0
    azimuth_deg: float | None = None
    azimuth_error_deg: float = 0.0
    covariance: float = 0.0
    side: Literal["north", "south"] | None = None
    relative_deg: float | None = None
    relative_error_deg: float = 0.0
    assumptions: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The reading in words for people."""
        parts = []
        if self.elevation_deg is not None:
            parts.append(f"{self.elevation_deg:.0f}° ± {self.elevation_error_deg:.0f}° high")
        if self.azimuth_deg is not None:
            parts.append(f"at a bearing of {self.azimuth_deg:.0f}° ± {self.azimuth_error_deg:.0f}°")
        elif self.relative_deg is not None:
            parts.append(relative_words(self.relative_deg, self.relative_error_deg))
        if self.side is not None:
            parts.append(f"in the {self.side}")
        return " and ".join(parts)


def relative_words(relative_deg: float, error_deg: float) -> str:
    """Return a bearing from the camera's axis in words."""
    side = "right" if relative_deg > 0 else "left"
    return f"{abs(relative_deg):.0f}° ± {error_deg:.0f}° to the {side} of where the camera looks"


def read_sun(said: SunStatement, photo: MarkedPhoto) -> SunReading:
    """Return where the sun stood.

    Raises:
        InputError: the marks fit no upright thing with a shadow on the ground.
    """
    if isinstance(said, SunPosition):
        return SunReading(
            elevation_deg=said.elevation_deg,
            elevation_error_deg=said.error_deg,
            azimuth_deg=said.azimuth_deg,
            azimuth_error_deg=said.error_deg,
            side=said.side,
        )
    return _with_bearing(measure_shadow(said, photo), said)


def _with_bearing(shadow: MeasuredShadow, said: SunShadow) -> SunReading:
    """Return a measured shadow, with the sun's bearing where the camera's is known."""
    bearing = said.camera_bearing_deg
    azimuth = None if bearing is None else (bearing + shadow.relative_deg) % 360.0
    error = (shadow.relative_error_deg**2 + parameters().sun.bearing_deg ** 2) ** 0.5
    return SunReading(
        elevation_deg=shadow.elevation_deg,
        elevation_error_deg=shadow.elevation_error_deg,
        azimuth_deg=azimuth,
        azimuth_error_deg=error,
        covariance=shadow.covariance,
        relative_deg=shadow.relative_deg,
        relative_error_deg=shadow.relative_error_deg,
        assumptions=shadow.assumptions,
    )
