"""The tools a model may use before it names candidates, chosen through the field `action`."""

import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import Field, ValidationError

from geoagent_graph.call_log import log_call
from geoagent_graph.call_threads import run_tool
from geoagent_graph.errors import InputError, ToolError
from geoagent_graph.policies.model.chat import Picture
from geoagent_graph.policies.model.photos import PhotoPrinter
from geoagent_graph.policies.model.prompts import reference_lines
from geoagent_graph.policies.model.reference_photos import ReferencePhotos
from geoagent_graph.policies.model.replies import ReplyError
from geoagent_graph.protocols import (
    RETRIEVER_MAX_SIDE_PX,
    EvidenceModel,
    Geocoder,
    Retriever,
    Situation,
)
from geoagent_graph.settings import DEFAULT_TOOL_SECONDS
from geoagent_graph.types import Box, FrozenModel, Place, Reference, ToolCall
from geoagent_graph.validation_words import validation_words

if TYPE_CHECKING:
    from collections.abc import Mapping

Action = Literal["propose", "zoom", "retrieve", "reverse_geocode", "verify", "answer"]
Percent = Annotated[float, Field(ge=0.0, le=100.0, allow_inf_nan=False)]
MAX_SHOWN_REFERENCES = 2
MAX_FOUND_REFERENCES = 5


class ZoomArguments(FrozenModel):
    """A part of the photo in percent of its width and height."""

    left: Percent
    top: Percent
    right: Percent
    bottom: Percent


class PointArguments(FrozenModel):
    """A point on the map."""

    lat_deg: Annotated[float, Field(ge=-90.0, le=90.0, allow_inf_nan=False)]
    lon_deg: Annotated[float, Field(ge=-180.0, le=180.0, allow_inf_nan=False)]


class NameArguments(FrozenModel):
    """A name to look up."""

    name: Annotated[str, Field(min_length=1, max_length=200)]


_FORMS: Final[dict[Action, type[FrozenModel]]] = {
    "zoom": ZoomArguments,
    "reverse_geocode": PointArguments,
    "verify": NameArguments,
}


@dataclass(frozen=True, slots=True)
class Observation:
    """What a tool found: a text and pictures for the next turn."""

    text: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class ActionTools:
    """What a model's actions run on; an action whose tool is None is not offered."""

    printer: PhotoPrinter
    geocoder: Geocoder
    evidence: EvidenceModel | None = None
    retriever: Retriever | None = None
    reference_photos: ReferencePhotos | None = None
    countries_of: "Mapping[str, frozenset[str]] | None" = None
    tool_seconds: float = DEFAULT_TOOL_SECONDS

    def text_only(self) -> "TextTools":
        """Return the same tools without those that show a picture."""
        return TextTools(**{field.name: getattr(self, field.name) for field in fields(self)})

    def available_actions(self, *, vision: bool) -> tuple[Action, ...]:
        """Return the actions that can be carried out."""
        actions: list[Action] = ["propose"]
        if vision:
            actions.append("zoom")
        if self.retriever is not None:
            actions.append("retrieve")
        return (*actions, "reverse_geocode", "verify", "answer")

    async def run(
        self, action: Action, arguments: dict[str, Any], situation: Situation
    ) -> Observation:
        """Return what an action found; a tool that failed says so to the model."""
        work = self._work_of(action, arguments, situation)
        began = time.perf_counter()
        error: str | None = None
        try:
            found = await run_tool(f"policy.{action}", self.tool_seconds, work)
        except (ToolError, InputError) as failure:
            error = str(failure)
            found = Observation(f"failed: {error}")
        log_call(
            ToolCall(
                tool=f"policy.{action}",
                arguments=arguments,
                result=found.text[:200],
                seconds=time.perf_counter() - began,
                error=error,
            )
        )
        return found

    def check_arguments(self, action: Action, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments that the action takes.

        Raises:
            ReplyError: they have another form, or lie out of range.
        """
        form = _FORMS.get(action)
        if form is None:
            return {}
        taken = {name: arguments[name] for name in form.model_fields if name in arguments}
        try:
            return form.model_validate(taken).model_dump()
        except ValidationError as error:
            said = validation_words(error, "the arguments")
            raise ReplyError(f"{action}: {said}") from error

    def pictures_of(self, references: tuple[Reference, ...]) -> tuple[Picture, ...]:
        """Return the first reference photos that can be shown."""
        if self.reference_photos is None:
            return ()
        shown = references[:MAX_SHOWN_REFERENCES]
        pictures = [self.reference_photos.picture(item) for item in shown]
        return tuple(picture for picture in pictures if picture is not None)

    def _work_of(
        self, action: Action, arguments: dict[str, Any], situation: Situation
    ) -> Callable[[], Observation]:
        if action == "zoom":
            return lambda: self._zoom_in(ZoomArguments.model_validate(arguments), situation)
        if action == "reverse_geocode":
            return lambda: self._look_up_point(PointArguments.model_validate(arguments))
        if action == "verify":
            return lambda: self._look_up_name(
                NameArguments.model_validate(arguments).name, situation
            )
        return lambda: self._find_references(situation)

    def _zoom_in(self, part: ZoomArguments, situation: Situation) -> Observation:
        left, right = sorted((part.left / 100.0, part.right / 100.0))
        top, bottom = sorted((part.top / 100.0, part.bottom / 100.0))
        box = Box(left=left, top=top, right=right, bottom=bottom)
        picture = self.printer.picture(situation.photo, box)
        return Observation("the part of the photo, at full resolution", (picture,))

    def _look_up_point(self, point: PointArguments) -> Observation:
        lon_deg = point.lon_deg if point.lon_deg < 180.0 else -180.0
        found = self.geocoder.reverse(point.lat_deg, lon_deg)
        place = ", ".join(part for part in (found.city, found.region, found.country) if part)
        return Observation(f"{place} ({found.distance_km:.0f} km to the town)")

    def _look_up_name(self, name: str, situation: Situation) -> Observation:
        found = [named.place for named in self.geocoder.forward(name, 5)]
        if not found:
            return Observation("no such place")
        return Observation("\n".join(self._describe_place(place, situation) for place in found))

    def _describe_place(self, place: Place, situation: Situation) -> str:
        where = ", ".join(part for part in (place.name, place.region, place.country) if part)
        inside = situation.within is None or _lies_in(place, situation.within)
        if not inside or self.evidence is None or place.level != situation.level:
            return f"- {where}" if inside else f"- {where} (outside of the region)"
        lines = self.evidence.score(place, situation.within, situation.clues, situation.references)
        said = "; ".join(f"{'for' if e.log_lr > 0 else 'against'}: {e.reason[:80]}" for e in lines)
        return f"- {where}: {said}" if said else f"- {where}: no evidence"

    def _find_references(self, situation: Situation) -> Observation:
        if self.retriever is None:
            raise ToolError("there is no reference index")
        pixels = situation.photo.pixels(RETRIEVER_MAX_SIDE_PX)
        codes = self._country_codes(situation.within)
        found = tuple(self.retriever.search(pixels, MAX_FOUND_REFERENCES, codes))
        return Observation(reference_lines(found), self.pictures_of(found))

    def _country_codes(self, within: Place | None) -> frozenset[str] | None:
        if within is None:
            return None
        if within.country_code:
            return frozenset({within.country_code})
        return (self.countries_of or {}).get(within.continent_code)


def _lies_in(place: Place, within: Place) -> bool:
    if within.country_code is not None:
        return place.country_code == within.country_code
    return place.continent_code == within.continent_code


class TextTools(ActionTools):
    """Tools whose results are text, for a conversation that shows one picture, at its beginning."""

    def available_actions(self, *, vision: bool) -> tuple[Action, ...]:
        """Return the actions whose results are text."""
        actions = super().available_actions(vision=vision)
        return tuple(action for action in actions if action != "zoom")
