"""A policy as somebody else writes it: no base class, nothing of the project but its types."""

import asyncio
from collections.abc import Sequence

from pydantic import JsonValue

from geoagent_graph.policies.options import PolicyOptions
from geoagent_graph.protocols import Geocoder, Photo, Situation
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Clue, Hypothesis, Place, Verdict


class BrightPolicy:
    """Says Africa for a bright photo, Europe for a dark one, and nothing finer."""

    name = "bright"
    model = None

    def __init__(self, geocoder: Geocoder) -> None:
        self.geocoder = geocoder
        self.asked: list[tuple[int, ...]] = []

    def identity(self) -> dict[str, JsonValue]:
        """Return what the decisions depend on."""
        return {"threshold": 128}

    async def draft(self, photo: Photo, clues: Sequence[Clue]) -> list[Clue]:
        """Return how bright the photo is."""
        mean = await self._mean(photo)
        return [Clue(id="bright:0", kind="policy", text=f"brightness {mean:.0f}", source="bright")]

    async def propose(self, situation: Situation) -> list[Hypothesis]:
        """Return the two continents at the first level, nothing below."""
        mean = await self._mean(situation.photo)
        if situation.level != "continent":
            return []
        shares = {"AF": mean / 255, "EU": 1 - mean / 255}
        places: dict[str, Place] = {
            place.continent_code: place for place in self.geocoder.continents()
        }
        return [
            Hypothesis(
                level="continent",
                place=places[code],
                prior=share,
                probability=share,
                reason="light",
            )
            for code, share in shares.items()
        ]

    async def judge(self, situation: Situation, candidates: Sequence[Hypothesis]) -> Verdict:
        """Accept the likelier one."""
        await self._mean(situation.photo)
        return Verdict(decision="accept", place_id=candidates[0].place.id, reason="light")

    async def aclose(self) -> None:
        """Keep nothing open."""

    async def _mean(self, photo: Photo) -> float:
        pixels = await asyncio.to_thread(photo.pixels, 64)
        self.asked.append(pixels.shape)
        return float(pixels.mean())


def open_bright(toolbox: Toolbox, options: PolicyOptions) -> BrightPolicy:
    """Return the policy, as an entry point names it."""
    return BrightPolicy(toolbox.geocoder)
