"""Lines of text as JSON, for the pipe between a reader and who asked it."""

from typing import Final

from pydantic import TypeAdapter

from geoagent_graph.protocols import TextLine

TEXT_LINES: Final = TypeAdapter(list[TextLine])
