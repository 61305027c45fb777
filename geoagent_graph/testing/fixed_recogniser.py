"""A recogniser of a script that reads what it is told."""

from dataclasses import dataclass, field

from geoagent_graph.perception.recogniser import LineImage, ScriptReading
from geoagent_graph.perception.script import letter_script


@dataclass(frozen=True)
class FixedRecogniser:
    """A `ScriptRecogniser` that reads the same text in every line; `asked` keeps the scripts."""

    text: str
    script: str
    asked: list[str] = field(default_factory=list)
    confidence: float = 0.95
    name: str = "fixed"

    @property
    def scripts(self) -> tuple[str, ...]:
        """The one script it reads."""
        return (self.script,)

    def read(self, line: LineImage, script: str) -> ScriptReading:
        """Return the text."""
        del line
        self.asked.append(script)
        letters = sum(letter_script(character) == script for character in self.text)
        return ScriptReading(self.text, self.confidence, script, letters)
