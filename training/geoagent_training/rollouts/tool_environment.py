"""The agent graph's own tools as a TRL environment: the policy learns with what it will use.

Every tool is the graph's `ActionTools`; here they only get names, types and descriptions that TRL
turns into schemas. Tokens a tool returns are no part of the loss: TRL masks them.
"""

import io
from typing import Any

from geoagent_graph.policies.model.actions import Action, Observation
from geoagent_graph.policies.model.prompts import tool_result
from geoagent_graph.policies.model.replies import ReplyError
from geoagent_graph.protocols import Photo, Situation
from geoagent_training.rollouts.photos import training_photos
from geoagent_training.rollouts.tools import agent_tools


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
        photos = training_photos()
        self._photo = Photo(photos.put(image), photos)

    async def retrieve(self) -> list[dict[str, Any]]:
        """See the reference photos that look most alike."""
        return await self._run_action("retrieve", {})

    async def reverse_geocode(self, lat_deg: float, lon_deg: float) -> list[dict[str, Any]]:
        """Learn what lies at a point.

        Args:
            lat_deg: Latitude in degrees, -90 to 90.
            lon_deg: Longitude in degrees, -180 to 180.
        """
        return await self._run_action("reverse_geocode", {"lat_deg": lat_deg, "lon_deg": lon_deg})

    async def verify(self, name: str) -> list[dict[str, Any]]:
        """Learn which places bear a name.

        Args:
            name: The name to look up.
        """
        return await self._run_action("verify", {"name": name})

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
        return await self._run_action("zoom", part)

    async def _run_action(self, action: Action, arguments: dict[str, Any]) -> list[dict[str, Any]]:
        tools = agent_tools().actions
        try:
            checked = tools.check_arguments(action, arguments)
        except ReplyError as error:
            return observation_blocks(action, Observation(f"failed: {error}"))
        situation = Situation(self._photo, "country", None, (), (), frozenset(), 0, 1)
        return observation_blocks(action, await tools.run(action, checked, situation))
