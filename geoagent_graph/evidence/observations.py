"""What was observed of one photo, as the sources of evidence get it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from geoagent_graph.evidence.overlays import OverlayKind, overlay_kinds
from geoagent_graph.evidence.viewer_text import lines_to_viewer
from geoagent_graph.types import Clue, Reference


@dataclass(frozen=True, eq=False)
class TextLines:
    """The lines of text of a photo; `every` one, whoever it is addressed to."""

    every: tuple[Clue, ...] = ()

    @cached_property
    def overlays(self) -> dict[str, OverlayKind]:
        """The lines that are laid over the picture, by id, with what they are."""
        return overlay_kinds(self.every)

    @cached_property
    def in_scene(self) -> tuple[Clue, ...]:
        """The lines that are not laid over the picture."""
        return tuple(line for line in self.every if line.id not in self.overlays)

    @cached_property
    def to_viewer(self) -> frozenset[str]:
        """The ids of the lines in the scene that are addressed to whoever looks at the photo."""
        return lines_to_viewer(self.in_scene)

    @cached_property
    def on_signs(self) -> tuple[Clue, ...]:
        """The lines in the scene that are not addressed to the viewer of the photo.

        Numbers and addresses in words to the viewer are no more a sign of a place than names are.
        """
        return tuple(line for line in self.in_scene if line.id not in self.to_viewer)


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """The clues of a photo and the reference photos that look like it.

    While clues are extracted, `clues` holds what perception found and what the sources before this
    one have found.
    """

    clues: tuple[Clue, ...]
    references: tuple[Reference, ...] = ()
    lines: TextLines = field(default_factory=TextLines)

    @classmethod
    def of(cls, clues: Iterable[Clue], references: Sequence[Reference] = ()) -> "Observations":
        """Return observations with their lines of text."""
        every = tuple(clues)
        lines = TextLines(tuple(clue for clue in every if clue.kind == "text"))
        return cls(every, tuple(references), lines)

    def with_clues(self, found: Iterable[Clue]) -> "Observations":
        """Return the observations and what a source has found in them."""
        return replace(self, clues=(*self.clues, *found))

    def of_kind(self, kind: str, *attributes: str) -> list[Clue]:
        """Return the clues of one kind that have all these attributes."""
        return [
            clue
            for clue in self.clues
            if clue.kind == kind and all(name in clue.attributes for name in attributes)
        ]
