"""What the file of a photo says about itself."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class NamedLocation:
    """The place that a file names, by IPTC or XMP; None where it does not."""

    sublocation: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None
    country_code: str | None = None

    def __bool__(self) -> bool:
        return any((self.sublocation, self.city, self.region, self.country, self.country_code))


MAX_APART_DEG: Final = 0.01
"""Positions of one photo that differ by more, about a kilometre, are two claims."""


@dataclass(frozen=True, slots=True)
class FileClaims:
    """What the file says about itself; None where it says nothing. Never trusted silently.

    `error_m` is the standard deviation of the position across the ground, in metres, as the file
    states it or its digits imply it. `void`: the receiver had no fix and repeats an earlier place.
    `age_seconds`: how long before the photo the position was measured. `location` is what the file
    says in words. `focal_35mm_mm` is the focal length as on a full frame.
    """

    lat_deg: float | None
    lon_deg: float | None
    taken_at: str | None
    utc_offset: str | None
    camera: str | None
    software: str | None
    problems: tuple[str, ...] = ()
    error_m: float | None = None
    void: bool = False
    age_seconds: float | None = None
    location: NamedLocation | None = None
    focal_35mm_mm: float | None = None

    def completed_by(self, beside: "FileClaims") -> "FileClaims":
        """Return these claims, and those of the XMP file beside the photo where there are none."""
        problems = self.problems + beside.problems
        if self.lat_deg is None:
            place = beside
        else:
            place = self
            if self._is_apart_from(beside):
                problems += (
                    "The positions in the photo and in the XMP file beside it differ; "
                    "the photo's was taken.",
                )
        time = self if self.taken_at is not None else beside
        return FileClaims(
            lat_deg=place.lat_deg,
            lon_deg=place.lon_deg,
            taken_at=time.taken_at,
            utc_offset=time.utc_offset,
            camera=self.camera or beside.camera,
            software=self.software or beside.software,
            problems=problems,
            error_m=place.error_m,
            void=place.void,
            age_seconds=place.age_seconds,
            location=self.location or beside.location,
            focal_35mm_mm=self.focal_35mm_mm or beside.focal_35mm_mm,
        )

    def _is_apart_from(self, other: "FileClaims") -> bool:
        if None in (self.lat_deg, self.lon_deg, other.lat_deg, other.lon_deg):
            return False
        north = float(self.lat_deg or 0.0) - float(other.lat_deg or 0.0)
        east = float(self.lon_deg or 0.0) - float(other.lon_deg or 0.0)
        return max(abs(north), abs((east + 180.0) % 360.0 - 180.0)) > MAX_APART_DEG
