"""Lines of text in a photo with script and language: RapidOCR, then the other recognisers."""

from contextlib import AbstractContextManager

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.perception.arena_session import keep_arena
from geoagent_graph.perception.language import language_of
from geoagent_graph.perception.letter_rows import (
    join_spaced_letters,
    read_groups,
    read_standing,
)
from geoagent_graph.perception.rapid_ocr import TextBox, shared_engine
from geoagent_graph.perception.script import script_of
from geoagent_graph.perception.script_readers import ScriptReader, open_script_readers
from geoagent_graph.perception.script_search import ScriptSearch
from geoagent_graph.perception.tesseract import ScriptReading
from geoagent_graph.perception.unread import (
    MAX_DOUBTFUL_CONFIDENCE,
    is_writing,
    left_out_note,
    unread_note,
)
from geoagent_graph.protocols import TextLine
from geoagent_graph.settings import Settings
from geoagent_graph.types import Box

MIN_READABLE_CONFIDENCE = 0.6  # below this the text is more likely wrong than right


class SignReader:
    """Reads signs, a `TextReader`; cheap to build, models load on first use, thread-safe."""

    def __init__(self, settings: Settings, readers: ScriptReader | None = None) -> None:
        """Make a reader; `readers` reads further scripts, None takes those of the settings.

        Raises:
            InputError: the settings name a reader of scripts that is not installed or is broken.
            StorageError: the pins of the weights are damaged.
        """
        self._rapid = shared_engine(settings.threads)
        self._readers = open_script_readers(settings) if readers is None else readers
        self._search = ScriptSearch(self._readers)

    @property
    def scripts(self) -> tuple[str, ...]:
        """ISO 15924 codes of the scripts that are read besides Latin, Chinese and Japanese."""
        return self._search.scripts

    def keep_memory(self) -> AbstractContextManager[None]:
        """Return what surrounds many photos: memory goes from one to the next."""
        return keep_arena()

    def keep_models(self) -> None:
        """Load the models of all scripts now and keep them, some 20 MB each: for forks to share."""
        keep = getattr(self._readers, "keep_models", None)
        if keep is not None:
            keep()

    def read(self, pixels: NDArray[np.uint8]) -> list[TextLine]:
        """Return the lines of text in an RGB photo, shape [height, width, 3], top to bottom.

        Where a photo was too full of text the last one says so, for the whole photo.

        Raises:
            ToolError: a recogniser's models are missing or damaged, or it failed.
        """
        height, width = pixels.shape[:2]
        found = self._rapid.boxes(pixels)
        boxes = read_groups(found.boxes, pixels, self._rapid.read)
        boxes = read_standing(boxes, pixels, self._rapid.read)
        again = self._search.read_again(pixels, boxes)
        lines = [
            self._make_line(box, again.get(index), (width, height))
            for index, box in enumerate(boxes)
        ]
        return [*lines, _left_out_line(found.left_out)] if found.left_out else lines

    def _make_line(
        self, box: TextBox, again: ScriptReading | None, size: tuple[int, int]
    ) -> TextLine:
        text, confidence = (again.text, again.confidence) if again else (box.text, box.confidence)
        if not text:
            confidence = 0.0
        text = join_spaced_letters(text)
        note = ""
        if again is None and confidence <= MAX_DOUBTFUL_CONFIDENCE and is_writing(box):
            note = unread_note(text, self.scripts)
        language, language_confidence = language_of(text)
        return TextLine(
            text=text,
            box=_box_shares(box.corners, *size),
            confidence=min(1.0, max(0.0, confidence)),
            script=script_of(text),
            language=language,
            language_confidence=language_confidence,
            recogniser=f"{again.recogniser}:{again.script}" if again else "rapidocr",
            readable=bool(text) and confidence >= MIN_READABLE_CONFIDENCE,
            unread=note,
        )


def open_text_reader(settings: Settings) -> SignReader:
    """Return the default `TextReader`; nothing is loaded before its first photo.

    Raises:
        InputError: the settings name a reader of scripts that is not installed or is broken.
        StorageError: the pins of the weights are damaged.
    """
    return SignReader(settings)


def _left_out_line(count: int) -> TextLine:
    return TextLine(
        text="",
        box=Box(left=0.0, top=0.0, right=1.0, bottom=1.0),
        confidence=0.0,
        script=None,
        language=None,
        language_confidence=0.0,
        recogniser="rapidocr",
        readable=False,
        unread=left_out_note(count),
    )


def _box_shares(corners: NDArray[np.float32], width: int, height: int) -> Box:
    """Return the upright box around four corners as shares of the photo."""
    shares = np.clip(corners.astype(np.float64) / (width, height), 0.0, 1.0)
    (left, top), (right, bottom) = shares.min(axis=0).tolist(), shares.max(axis=0).tolist()
    return Box(left=left, top=top, right=right, bottom=bottom)
