"""What a person says of the sun in a photo: a marked shadow, or where the sun stood."""

import json
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from geoagent_graph.search_areas import PERSON
from geoagent_graph.types import Clue, FrozenModel, clue_id

SUN_KIND: Final = "sun"
"""The kind of clue of where the sun stood."""
FULL_FRAME_DIAGONAL_MM: Final = 43.2666
MIN_MARK_SHARE: Final = 0.005  # of the photo: shorter things cannot be measured
Share = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
AzimuthDeg = Annotated[float, Field(ge=0.0, le=360.0, allow_inf_nan=False)]
ErrorDeg = Annotated[float, Field(ge=0.1, le=45.0, allow_inf_nan=False)]
TimeWords = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
FocalMm = Annotated[float, Field(ge=4.0, le=3000.0, allow_inf_nan=False)]


class PhotoPoint(FrozenModel):
    """A point of the photo, as shares of its width and height from the top left corner."""

    x: Share
    y: Share


class SunShadow(FrozenModel):
    """An upright thing and its shadow on level ground, as a person marks them.

    `foot` is where the thing stands, `top` its upper end, `tip` where the shadow of that end falls.
    `horizon` are two points of the horizon; without it the camera is taken to be held level.
    `focal_35mm_mm` is the focal length as on a full frame (35 mm equivalent); else that of the
    file, else a guess. `camera_bearing_deg` is where the camera looked, from true north over east;
    without it only the height of the sun tells places apart. `time` is when it was taken: ISO 8601,
    with an offset or in the local time of the place, or two times with "/" between them.
    """

    kind: Literal["sun_shadow"] = "sun_shadow"
    foot: PhotoPoint
    top: PhotoPoint
    tip: PhotoPoint
    horizon: tuple[PhotoPoint, PhotoPoint] | None = None
    focal_35mm_mm: FocalMm | None = None
    camera_bearing_deg: AzimuthDeg | None = None
    time: TimeWords | None = None

    @model_validator(mode="after")
    def _check_lengths(self) -> "SunShadow":
        pairs = {"top": (self.foot, self.top), "tip": (self.foot, self.tip)}
        if self.horizon is not None:
            pairs["horizon"] = self.horizon
        for name, (one, other) in pairs.items():
            if max(abs(one.x - other.x), abs(one.y - other.y)) < MIN_MARK_SHARE:
                raise ValueError(f"the {name} lies on the point that it is measured from")
        return self


class SunPosition(FrozenModel):
    """Where the sun stood, as a person has found out: its height, its bearing, or one half of sky.

    `elevation_deg` is above the horizon, `azimuth_deg` from true north over east; `error_deg` is
    the standard deviation of both. `side` says that it stood in the north or in the south.
    """

    kind: Literal["sun_position"] = "sun_position"
    elevation_deg: Annotated[float, Field(ge=0.0, le=90.0, allow_inf_nan=False)] | None = None
    azimuth_deg: AzimuthDeg | None = None
    side: Literal["north", "south"] | None = None
    error_deg: ErrorDeg = 3.0
    time: TimeWords | None = None

    @model_validator(mode="after")
    def _check_content(self) -> "SunPosition":
        if self.elevation_deg is None and self.azimuth_deg is None and self.side is None:
            raise ValueError("says nothing: give elevation_deg, azimuth_deg or side")
        if self.azimuth_deg is not None and self.side is not None:
            raise ValueError("give azimuth_deg or side: one says what the other does")
        return self

    @property
    def words(self) -> str:
        """Where the sun stood, in words for people."""
        parts = [] if self.elevation_deg is None else [f"{self.elevation_deg:g}° high"]
        parts += [] if self.azimuth_deg is None else [f"at a bearing of {self.azimuth_deg:g}°"]
        parts += [] if self.side is None else [f"in the {self.side}"]
        return " and ".join(parts)


SunStatement = SunShadow | SunPosition
_STATEMENT: TypeAdapter[SunStatement] = TypeAdapter(
    Annotated[SunStatement, Field(discriminator="kind")]
)


class MarkedPhoto(FrozenModel):
    """What is known of the photo that a shadow was marked on.

    `width` and `height` are pixels; `focal_35mm_mm` is what its file says.
    """

    width: Annotated[int, Field(gt=0)]
    height: Annotated[int, Field(gt=0)]
    focal_35mm_mm: FocalMm | None = None


def sun_clue(said: SunStatement, photo: MarkedPhoto) -> Clue:
    """Return what a person says of the sun as a clue; the evidence measures the marks."""
    content, about = said.model_dump_json(exclude_none=True), photo.model_dump_json()
    if isinstance(said, SunShadow):
        text = "a person marks a shadow of the sun"
    else:
        text = f"a person says that the sun stood {said.words}"
    when = f" at {said.time}" if said.time else ""
    return Clue(
        id=clue_id(SUN_KIND, content, about),
        kind=SUN_KIND,
        text=text + when,
        source=PERSON,
        attributes={"said": content, "photo": about},
    )


def sun_statements_in(clues: Iterable[Clue]) -> list[tuple[Clue, SunStatement, MarkedPhoto]]:
    """Return what clues say of the sun; one that cannot be read says nothing."""
    found = []
    for clue in clues:
        if clue.kind != SUN_KIND:
            continue
        try:
            said: Any = json.loads(clue.attributes["said"])
            photo = MarkedPhoto.model_validate_json(clue.attributes["photo"])
            found.append((clue, _STATEMENT.validate_python(said), photo))
        except (KeyError, ValueError, ValidationError):
            continue  # a clue of a plug-in, or of a state that was written by hand
    return found
