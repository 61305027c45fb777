"""What is said of text that was found and not read: why, and what to install."""

import importlib.util
from collections.abc import Collection, Sequence

from geoagent_graph.perception.rapid_ocr import TextBox
from geoagent_graph.perception.script import script_of
from geoagent_graph.perception.script_search import MIN_PROBE_HEIGHT_PX, box_aspect
from geoagent_graph.perception.tesseract import MODELS

# Set by hand, and counted by `benchmarks/check_unread.py`: it is said of 15 of 16 sign photos in
# other scripts and of none of 387 photos of places and of Latin signs. Fences and windows look less
# like text than words do, and are seldom long.
MIN_WRITING_SCORE = 0.81  # of the detector
MIN_WRITING_ASPECT = 1.5
MIN_LONG_WRITING_SCORE = 0.75  # of a line that is longer
MIN_LONG_WRITING_ASPECT = 2.5
MAX_DOUBTFUL_CONFIDENCE = 0.7  # a reading up to here is of another script as likely as not
MAX_NAMED_PACKAGES = 11
USUAL_SCRIPTS = (
    "Arab", "Armn", "Beng", "Cyrl", "Deva", "Geor", "Grek", "Hang", "Hebr", "Taml", "Thai",
)  # fmt: skip


def is_writing(box: TextBox) -> bool:
    """Return whether a box that was read badly is text all the same, and no fence or window."""
    aspect, height = box_aspect(box), min(box.crop.shape[:2])
    plain = box.score >= MIN_WRITING_SCORE and aspect >= MIN_WRITING_ASPECT
    long = box.score >= MIN_LONG_WRITING_SCORE and aspect >= MIN_LONG_WRITING_ASPECT
    return (plain or long) and height >= MIN_PROBE_HEIGHT_PX


def unread_note(text: str, readable_scripts: Collection[str]) -> str:
    """Return what to say of text in a script that is not read here, with what to install.

    `text` is what RapidOCR made of it: a letter of Greek or Cyrillic in it names the script.
    """
    guess = script_of(text)
    if guess in MODELS and guess not in readable_scripts:
        return f"text here in {MODELS[guess]} letters, which I cannot read: {_advice([guess])}"
    missing = [script for script in USUAL_SCRIPTS if script not in readable_scripts]
    missing = missing or [script for script in MODELS if script not in readable_scripts]
    if not missing:
        return "text here that I cannot read, in a script that no recogniser knows"
    return f"text here in a script that I cannot read: {_advice(missing)}"


def left_out_note(count: int) -> str:
    """Return what to say of the lines for which a photo was too full of text."""
    lines = "1 smaller line" if count == 1 else f"{count} smaller lines"
    return f"the photo is full of text: {lines} of it left unread"


def _advice(scripts: Sequence[str]) -> str:
    """Return which packages read the scripts: Debian's, and ours where it is missing."""
    names = [f"tesseract-ocr-script-{script.lower()}" for script in scripts[:MAX_NAMED_PACKAGES]]
    listed = names[0] if len(names) == 1 else f"package of its script ({', '.join(names)})"
    package = "" if importlib.util.find_spec("tesserocr") else " and `geoagent-graph[ocr]`"
    return f"install Debian's {listed}{package}, or pull a model (`geoagent weights list`)"
