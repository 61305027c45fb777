"""Lines of text in a photo, with script and language: RapidOCR, and Tesseract where it cannot read."""

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.perception.language import language_of
from geoagent_graph.perception.rapid_ocr import RapidEngine, TextBox
from geoagent_graph.perception.script import script_of
from geoagent_graph.protocols import TextLine
from geoagent_graph.settings import Settings
from geoagent_graph.types import Box

READABLE_CONFIDENCE = 0.6  # below this the text is more likely wrong than right


class SignReader:
    """Reads signs, a `TextReader`; cheap to build, models load on first use, thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self._rapid = RapidEngine(settings.threads)

    def read(self, pixels: NDArray[np.uint8]) -> list[TextLine]:
        """Return the lines of text in an RGB photo, shape [height, width, 3], top to bottom.

        Raises:
            ToolError: a recogniser's models are missing or damaged, or it failed.
        """
        height, width = pixels.shape[:2]
        return [_line(box, width, height) for box in self._rapid.boxes(pixels)]


def _line(box: TextBox, width: int, height: int) -> TextLine:
    language, language_confidence = language_of(box.text)
    return TextLine(
        text=box.text,
        box=_share(box.corners, width, height),
        confidence=min(1.0, max(0.0, box.confidence)),
        script=script_of(box.text),
        language=language,
        language_confidence=language_confidence,
        recogniser="rapidocr",
        readable=bool(box.text) and box.confidence >= READABLE_CONFIDENCE,
    )


def _share(corners: NDArray[np.float32], width: int, height: int) -> Box:
    """Return the upright box around four corners as shares of the photo."""
    shares = np.clip(corners.astype(np.float64) / (width, height), 0.0, 1.0)
    (left, top), (right, bottom) = shares.min(axis=0).tolist(), shares.max(axis=0).tolist()
    return Box(left=left, top=top, right=right, bottom=bottom)
