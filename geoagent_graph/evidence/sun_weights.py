"""The weights of where the sun stood in a photo."""

from dataclasses import dataclass

from geoagent_graph.evidence.parameter_group import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class SunWeights(Group):
    """How well a shadow is measured, and how often it is none; see `evidence/sun/`.

    Errors are standard deviations.
    """

    mark_share: float  # error of a marked point, in diagonals of the photo
    horizon_share: float  # error of a marked point of the horizon, likewise
    level_deg: float  # how far a camera that is taken to be level is tilted up or down
    roll_deg: float  # how far it is tilted sideways
    lean_deg: float  # how far an upright thing leans, either way
    slope_deg: float  # how far the ground slopes, either way
    focal_error: float  # of a focal length that is known, as a share of it
    guessed_focal_mm: float  # where none is known, 35 mm equivalent
    guessed_focal_error: float
    bearing_deg: float  # error of where the camera looked
    moment_minutes: float  # a single time may be that much early or late
    false_said: float  # how often a mark, or its time, is wrong altogether
    false_file: float  # the same where the time is what the file claims
    false_side: float  # how often north and south are mistaken
    zone_hours: float  # error of a local time in a place whose zone is not known
