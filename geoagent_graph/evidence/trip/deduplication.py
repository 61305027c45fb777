"""What several photos of a trip show alike counts once: one sign in two frames is one sign."""

from collections.abc import Sequence
from dataclasses import replace

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.source import Source
from geoagent_graph.trip_types import PhotoEvidence

_CLAIMED_BY_FILES = frozenset({"exif_position", "exif_other", "file_place"})
# A word for street or a language is shown by many signs; a whole line, a name, a number by one.
_ONE_SIGN_OF_TOOLS = frozenset({"text"})


def deduplicate_photos(
    photos: Sequence[PhotoEvidence], sources: Sequence[Source]
) -> tuple[list[PhotoEvidence], list[str]]:
    """Return photos without what an earlier one of them shows, and a warning for each.

    Readings of one sign share their mistakes, and so do look-alikes of two frames of one scene:
    taken as independent they would make a trip far too sure. What is left out of a photo reaches it
    through its neighbour. The judgements of its own run rest on all of it and are left out as well.
    """
    of_one_sign = _ONE_SIGN_OF_TOOLS | {source.kind for source in sources if source.of_one_sign}
    least_shared = parameters().travel.look_alikes_shared
    kept, warnings = [], []
    shown: set[tuple[str, str]] = set()
    similar: set[str] = set()
    for photo in photos:
        again = [clue for clue in photo.clues if (clue.kind, clue.text.casefold()) in shown]
        same_sign = any(clue.kind in of_one_sign for clue in again)
        fresh = [
            clue
            for clue in photo.clues
            if clue.kind in _CLAIMED_BY_FILES or not same_sign or clue not in again
        ]
        ids = {reference.id for reference in photo.references}
        looks_alike = bool(ids) and len(ids & similar) > least_shared * len(ids)
        shown |= {(clue.kind, clue.text.casefold()) for clue in photo.clues}
        similar |= ids
        if len(fresh) == len(photo.clues) and not looks_alike:
            kept.append(photo)
            continue
        references = () if looks_alike else photo.references
        kept.append(replace(photo, clues=fresh, references=references, levels={}))
        warnings.append(f"{photo.name} shows what another photo shows too: that counts once")
    return kept, warnings
