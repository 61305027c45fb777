"""The seam for scripts that RapidOCR does not read: who implements it is asked for such lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from geoagent_graph.errors import InputError
from geoagent_graph.perception.line_image import line_strips
from geoagent_graph.plugins import open_plugin
from geoagent_graph.settings import Settings


@dataclass(frozen=True, slots=True)
class ScriptReading:
    """What one recogniser made of one line; `letters` counts those of its script."""

    text: str
    confidence: float
    script: str
    letters: int


@dataclass(frozen=True)
class LineImage:
    """One line of text for a recogniser: where it stands in the RGB photo, and its upright crop.

    `corners` [4, 2] as x, y, clockwise from the line's top left; `crop` is RGB, [height, width, 3].
    """

    pixels: NDArray[np.uint8]
    corners: NDArray[np.float32]
    crop: NDArray[np.uint8]

    @cached_property
    def strips(self) -> Sequence[Image.Image]:
        """Dark letters on light, gray, some 50 pixels high: two ways to clean the line."""
        return line_strips(self.pixels, self.corners)


class ScriptRecogniser(Protocol):
    """Reads single lines in some scripts; safe to share between threads, loads on first use."""

    @property
    def name(self) -> str:
        """What an answer calls it, `tesseract` say."""
        ...

    @property
    def scripts(self) -> tuple[str, ...]:
        """ISO 15924 codes of the scripts it reads here and now, those of most signs first."""
        ...

    def read(self, line: LineImage, script: str) -> ScriptReading:
        """Return what a line says if it is written in one of its scripts.

        Raises:
            ToolError: its model cannot be loaded.
        """
        ...


def open_recognisers(settings: Settings) -> list[ScriptRecogniser]:
    """Return the recognisers that the settings name, of the group `geoagent_graph.recognisers`.

    A plug-in names a function that gets the settings and returns its `ScriptRecogniser`.

    Raises:
        InputError: there is none of that name, it fails, or it lacks what the protocol asks.
    """
    names = settings.recognisers.replace(",", " ").split()
    opened = []
    for name in names:
        recogniser = open_plugin("geoagent_graph.recognisers", name, settings)
        require_recogniser(recogniser, name)
        opened.append(recogniser)
    return opened


def require_recogniser(recogniser: object, name: str) -> None:
    """Refuse what is no recogniser.

    Raises:
        InputError: it lacks a part of the protocol; the message names it.
    """
    lacking = [part for part in ("name", "scripts", "read") if not hasattr(recogniser, part)]
    if lacking:
        raise InputError(f"{name}: no recogniser of scripts: it has no `{lacking[0]}`")


def best_reading(readings: Sequence[ScriptReading]) -> ScriptReading | None:
    """Return the reading that most likely used the right script, or None when none is any good."""
    good = [reading for reading in readings if is_convincing(reading)]
    return max(good, key=lambda reading: (_strength_of(reading), reading.letters), default=None)


def is_convincing(reading: ScriptReading) -> bool:
    """Return whether the model read letters of its own script, and with some confidence."""
    signs = sum(character.isalpha() for character in reading.text)
    return reading.letters >= 2 and reading.letters >= 0.6 * signs and reading.confidence >= 0.5


def _strength_of(reading: ScriptReading) -> float:
    """Return the confidence, less for a word so short that any model finds something like it."""
    return reading.confidence - (0.15 if reading.letters < 4 else 0.0)
