"""A policy as somebody else writes it: no base class, nothing of the project but its types."""

import asyncio

from geoagent_graph.types import Clue, Hypothesis, Verdict


class BrightPolicy:
    """Says Africa for a bright photo, Europe for a dark one, and nothing finer."""

    name = "bright"
    model = None

    def __init__(self, geocoder):
        self.geocoder = geocoder
        self.asked = []

    def identity(self):
        """Return what the decisions depend on."""
        return {"threshold": 128}

    async def draft(self, photo, clues):
        """Return how bright the photo is."""
        mean = await self._mean(photo)
        return [Clue(id="bright:0", kind="policy", text=f"brightness {mean:.0f}", source="bright")]

    async def propose(self, situation):
        """Return the two continents at the first level, nothing below."""
        mean = await self._mean(situation.photo)
        if situation.level != "continent":
            return []
        shares = {"AF": mean / 255, "EU": 1 - mean / 255}
        places = {place.continent_code: place for place in self.geocoder.continents()}
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

    async def judge(self, situation, candidates):
        """Accept the likelier one."""
        await self._mean(situation.photo)
        return Verdict(decision="accept", place_id=candidates[0].place.id, reason="light")

    async def aclose(self):
        """Keep nothing open."""

    async def _mean(self, photo):
        pixels = await asyncio.to_thread(photo.pixels, 64)
        self.asked.append(pixels.shape)
        return float(pixels.mean())


def open_bright(toolbox, options):
    """Return the policy, as an entry point names it."""
    return BrightPolicy(toolbox.geocoder)
