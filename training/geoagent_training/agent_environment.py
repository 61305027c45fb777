"""The agent graph's own tools as a TRL environment: the policy learns with what it will use.

Every tool is the graph's `ActionTools`; here they only get names, types and descriptions that TRL
turns into schemas. Tokens a tool returns are no part of the loss: TRL masks them.
"""

import hashlib
import io
from collections import OrderedDict
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import PhotoError
from geoagent_graph.geo.geocoder import open_geocoder
from geoagent_graph.policies.served.actions import Action, ActionTools, Observation
from geoagent_graph.policies.served.photos import PhotoPrinter
from geoagent_graph.policies.served.prompts import tool_result
from geoagent_graph.policies.served.replies import ReplyError
from geoagent_graph.protocols import OpenedPhoto, Situation
from geoagent_graph.settings import load_settings
from geoagent_graph.types import ImageRef

_KEPT_PHOTOS: Final = 512
_TOOL_PIXELS: Final = 100_352  # 128 image tokens of Qwen's vision tower


class TrainingPhotos:
    """Photos of the current rollouts, by content; implements the graph's `ImageStore`."""

    def __init__(self) -> None:
        self._pixels: OrderedDict[str, NDArray[np.uint8]] = OrderedDict()

    def put(self, picture: Any) -> ImageRef:
        """Keep a PIL picture and return its reference."""
        pixels = np.asarray(picture.convert("RGB"))
        digest = "sha256:" + hashlib.sha256(pixels.tobytes()).hexdigest()
        self._pixels[digest] = pixels
        while len(self._pixels) > _KEPT_PHOTOS:
            self._pixels.popitem(last=False)
        height, width = pixels.shape[:2]
        return ImageRef(sha256=digest, width=width, height=height, name="photo", format="PNG")

    def open(self, source: Path | bytes, name: str | None = None) -> OpenedPhoto:
        """Keep a photo from a file or from bytes.

        Raises:
            PhotoError: it does not decode.
        """
        from PIL import Image

        try:
            with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as picture:
                return OpenedPhoto(self.put(picture))
        except (OSError, ValueError, SyntaxError) as error:
            raise PhotoError(f"{name or source!r}: not a photo: {error}") from error

    def pixels(self, image: ImageRef, max_side: int | None = None) -> NDArray[np.uint8]:
        """Return a photo as RGB, at most `max_side` long."""
        from PIL import Image

        pixels = self._pixels[image.sha256]
        if max_side is None or max(pixels.shape[:2]) <= max_side:
            return pixels
        picture = Image.fromarray(pixels)
        picture.thumbnail((max_side, max_side))
        return np.asarray(picture)

    def original(self, image: ImageRef) -> bytes:
        """Return a photo as PNG."""
        from PIL import Image

        buffer = io.BytesIO()
        Image.fromarray(self._pixels[image.sha256]).save(buffer, "PNG")
        return buffer.getvalue()


@cache
def training_photos() -> TrainingPhotos:
    """Return the photos of this process."""
    return TrainingPhotos()


_given: list[ActionTools] = []


def use_action_tools(tools: ActionTools) -> None:
    """Let the environments of this process use these tools, with a reference index, say."""
    _given[:] = [tools]


def action_tools() -> ActionTools:
    """Return the tools of this process: offline geocoder and photo, unless others are set."""
    if not _given:
        photos = training_photos()
        printer = PhotoPrinter(photos, _TOOL_PIXELS)
        _given.append(ActionTools(photos, printer, open_geocoder(load_settings())))
    return _given[0]


def observation_blocks(action: Action, found: Observation) -> list[dict[str, Any]]:
    """Return what a tool found as message content: pictures, then the words the graph uses."""
    from PIL import Image

    pictures = [
        {"type": "image", "image": Image.open(io.BytesIO(picture.jpeg)).convert("RGB")}
        for picture in found.pictures
    ]
    return [*pictures, {"type": "text", "text": tool_result(action, found.text)}]


class PhotoEnvironment:
    """One rollout: a photo, and the tools that look closer. TRL makes a tool of each method."""

    def reset(self, image: Any = None, **_row: Any) -> None:
        """Take the photo of a data set row."""
        self._photo = training_photos().put(image)
        self._calls: list[str] = []

    async def retrieve(self) -> list[dict[str, Any]]:
        """See the reference photos that look most alike."""
        return await self._run("retrieve", {})

    async def reverse_geocode(self, lat_deg: float, lon_deg: float) -> list[dict[str, Any]]:
        """Learn what lies at a point.

        Args:
            lat_deg: Latitude in degrees, -90 to 90.
            lon_deg: Longitude in degrees, -180 to 180.
        """
        return await self._run("reverse_geocode", {"lat_deg": lat_deg, "lon_deg": lon_deg})

    async def verify(self, name: str) -> list[dict[str, Any]]:
        """Learn which places bear a name.

        Args:
            name: The name to look up.
        """
        return await self._run("verify", {"name": name})

    async def zoom(
        self, left: float, top: float, right: float, bottom: float
    ) -> list[dict[str, Any]]:
        """See a part of the photo at full resolution.

        Args:
            left: Left edge in percent of the width.
            top: Upper edge in percent of the height.
            right: Right edge in percent of the width.
            bottom: Lower edge in percent of the height.
        """
        part = {"left": left, "top": top, "right": right, "bottom": bottom}
        return await self._run("zoom", part)

    async def _run(self, action: Action, arguments: dict[str, Any]) -> list[dict[str, Any]]:
        tools = action_tools()
        self._calls.append(action)
        try:
            checked = tools.checked(action, arguments)
        except ReplyError as error:
            return observation_blocks(action, Observation(f"failed: {error}"))
        situation = Situation(self._photo, "country", None, (), (), frozenset(), 0, 1)
        return observation_blocks(action, await tools.run(action, checked, situation))


def tool_schemas() -> list[dict[str, Any]]:
    """Return the schemas of the tools in the order TRL lists them, for transcripts."""
    from transformers.utils import get_json_schema

    names = sorted(n for n in vars(PhotoEnvironment) if n[0] != "_" and n != "reset")
    environment = PhotoEnvironment()
    return [get_json_schema(getattr(environment, name)) for name in names]
