"""The options that say where the sun stood in a photo, of `geoagent sun` and `add-clue`.

The options are the fields of `SunFlags`. A command that takes them has a parameter `sun: SunFlags`
and is decorated with `takes_sun_flags`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from pydantic import ValidationError

from geoagent_graph.cli.flag_groups import CommandT, takes_flags
from geoagent_graph.cli.known import read_numbers
from geoagent_graph.errors import InputError
from geoagent_graph.validation_words import validation_words

if TYPE_CHECKING:
    from geoagent_graph.sun_marks import SunStatement

SHADOW_OPTION: Final = "--shadow"
_MARKS: Final = ("foot x", "foot y", "top x", "top y", "tip x", "tip y")
_HORIZON: Final = ("x1", "y1", "x2", "y2")
_FIELDS: Final = {
    "foot": SHADOW_OPTION,
    "top": SHADOW_OPTION,
    "tip": SHADOW_OPTION,
    "horizon": "--horizon",
    "focal_35mm_mm": "--focal",
    "camera_bearing_deg": "--bearing",
    "elevation_deg": "--sun-height",
    "azimuth_deg": "--sun-bearing",
    "error_deg": "--sun-error",
    "side": "--sun-side",
    "time": "--time",
}


@dataclass(frozen=True, slots=True)
class SunFlags:
    """A marked shadow, or where the sun stood, as given; None is not given."""

    shadow: Annotated[
        str | None,
        typer.Option(
            metavar="FX,FY,TX,TY,SX,SY",
            help="An upright thing and its shadow: its foot, its top, and the shadow's tip; shares "
            "of width and height from the top left, 0 to 1.",
        ),
    ] = None
    horizon: Annotated[
        str | None,
        typer.Option(
            metavar="X,Y,X,Y", help="Two points of the horizon; else the camera was held level."
        ),
    ] = None
    focal: Annotated[
        float | None,
        typer.Option(
            metavar="MM", help="Focal length, 35 mm equivalent; else the file's, else a guess."
        ),
    ] = None
    bearing: Annotated[
        float | None,
        typer.Option(metavar="DEG", help="Where the camera looked, from true north over east."),
    ] = None
    sun_height: Annotated[
        float | None,
        typer.Option(
            metavar="DEG", help="In place of marks: how high the sun stood above the horizon."
        ),
    ] = None
    sun_bearing: Annotated[
        float | None,
        typer.Option(metavar="DEG", help="In place of marks: where it stood, from true north."),
    ] = None
    sun_side: Annotated[
        str | None,
        typer.Option(
            metavar="SIDE", help="In place of marks: that it stood in the `north` or the `south`."
        ),
    ] = None
    sun_error: Annotated[
        float | None,
        typer.Option(
            metavar="DEG", help="Standard deviation of the sun's height and bearing; else 3."
        ),
    ] = None

    def statement(self, time: str | None) -> "SunStatement | None":
        """Return what the options say of the sun; None where none is given.

        Raises:
            InputError: they cannot be read, or do not belong together.
        """
        marks = {"--horizon": self.horizon, "--focal": self.focal, "--bearing": self.bearing}
        angles = {
            "--sun-height": self.sun_height,
            "--sun-bearing": self.sun_bearing,
            "--sun-side": self.sun_side,
            "--sun-error": self.sun_error,
        }
        if self.shadow is not None:
            _refuse_given(angles, f"says what {SHADOW_OPTION} says; give one of them")
            return _checked_statement({**self._marks_json(), "time": time})
        _refuse_given(marks, f"belongs to a shadow; give {SHADOW_OPTION}")
        if all(value is None for value in angles.values()):
            return None
        return _checked_statement({**self._angles_json(), "time": time})

    def _marks_json(self) -> dict[str, Any]:
        numbers = _read_in_order(SHADOW_OPTION, self.shadow or "", _MARKS)
        foot, top, tip = (
            {"x": numbers[place], "y": numbers[place + 1]} for place in range(0, 6, 2)
        )
        given: dict[str, Any] = {"kind": "sun_shadow", "foot": foot, "top": top, "tip": tip}
        given |= {"focal_35mm_mm": self.focal, "camera_bearing_deg": self.bearing}
        if self.horizon is not None:
            ends = _read_in_order("--horizon", self.horizon, _HORIZON)
            given["horizon"] = [{"x": ends[0], "y": ends[1]}, {"x": ends[2], "y": ends[3]}]
        return given

    def _angles_json(self) -> dict[str, Any]:
        error = {} if self.sun_error is None else {"error_deg": self.sun_error}
        return {
            "kind": "sun_position",
            "elevation_deg": self.sun_height,
            "azimuth_deg": self.sun_bearing,
            "side": self.sun_side,
            **error,
        }


def takes_sun_flags(command: CommandT) -> CommandT:
    """Return the command with the fields of `SunFlags` as options in place of `sun`."""
    return takes_flags(SunFlags, "sun")(command)


def _read_in_order(option: str, given: str, names: tuple[str, ...]) -> list[float]:
    """Return the numbers of an option in their order."""
    return list(read_numbers(option, given, names).values())


def _refuse_given(options: Mapping[str, object], why: str) -> None:
    for option, value in options.items():
        if value is not None:
            raise InputError(f"{option}: {why}")


def _checked_statement(given: dict[str, Any]) -> "SunStatement":
    from geoagent_graph.sun_marks import SunPosition, SunShadow

    form = SunShadow if given["kind"] == SunShadow.model_fields["kind"].default else SunPosition
    try:
        return form.model_validate(given)
    except ValidationError as error:
        words = validation_words(error, "the sun")
        field, colon, rest = words.partition(":")
        name, *inner = field.split(".")
        option = " ".join([_FIELDS.get(name, name), *([name] if inner else [])])
        raise InputError(f"{option}{colon}{rest}") from error
