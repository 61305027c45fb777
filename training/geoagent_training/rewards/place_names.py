"""Names of places as answers write them: without the generic words, in pieces, compared."""

import re
from typing import Final

from geoagent_graph.geo.names import fold, variants

Fields = tuple[str, str, str]
"""Country, region and specific location; empty where nothing is said."""

_GENERIC: Final = frozenset(
    {
        "city", "town", "village", "municipality", "metropolitan", "area", "greater", "downtown",
        "district", "province", "region", "state", "county", "prefecture", "oblast", "krai",
        "department", "departement", "governorate", "voivodeship", "canton", "emirate", "parish",
        "territory", "division", "capital", "autonomous", "community", "federal", "republic",
        "sheng", "shi", "zizhiqu", "rajons", "rayon", "rayonu", "apskritis", "novads", "okrug",
        "avtonomnyy", "respublika", "opstina", "muhafazat", "shabiyat", "baladiyat", "mintaqat",
        "changwat", "raionul", "marz", "provincia", "provincie", "urban", "rural", "suburb",
        "near", "old", "centre", "center", "central", "of", "the",
    }
)  # fmt: skip
_PARENTHESES: Final = re.compile(r"\([^()]{0,80}\)")
_PIECES: Final = re.compile(r"[,，、/]")
_SEVERAL: Final = re.compile(
    r"\s*(?:[,，、/|&+]|\band\b|\bund\b|\bet\b|\by\b|和|及)\s*", re.IGNORECASE
)


def keys_of(name: str) -> tuple[str, ...]:
    """Return the folded spellings under which a name may be known, best first."""
    found = list(variants(name))
    plain = _PARENTHESES.sub(" ", name)
    if plain != name:
        found += variants(plain)
    bare = without_generic(fold(plain))
    if bare:
        found.append(bare)
    return tuple(dict.fromkeys(key for key in found if key))


def without_generic(folded: str) -> str:
    """Return a folded name without generic words at its ends; empty if nothing else is left."""
    words = folded.split(" ")
    while words and words[-1] in _GENERIC:
        words.pop()
    while words and words[0] in _GENERIC:
        words.pop(0)
    return " ".join(words)


def pieces_of(name: str) -> tuple[str, ...]:
    """Return the parts of an address, most specific first; empty for a name without commas."""
    parts = [part.strip() for part in _PIECES.split(name)]
    return tuple(part for part in parts if part) if len(parts) > 1 else ()


def items_of(name: str) -> tuple[str, ...]:
    """Return the items of "A, B and C"; empty for a single name."""
    parts = [part for part in _SEVERAL.split(name) if part]
    return tuple(parts) if len(parts) > 1 else ()
