"""A recogniser of a script that reads what it is told."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from PIL.Image import Image

from geoagent_graph.perception.script import letter_script
from geoagent_graph.perception.tesseract import ScriptReading


@dataclass(frozen=True)
class FixedRecogniser:
    """A `ScriptReader` that reads the same text in every line; `asked` keeps the scripts."""

    text: str
    script: str
    asked: list[str] = field(default_factory=list)
    confidence: float = 0.95

    @property
    def scripts(self) -> tuple[str, ...]:
        """The one script it reads."""
        return (self.script,)

    def read(self, strips: Iterable[Image], script: str) -> ScriptReading:
        """Return the text."""
        del strips
        self.asked.append(script)
        letters = sum(letter_script(character) == script for character in self.text)
        return ScriptReading(self.text, self.confidence, script, letters, recogniser="fixed")
