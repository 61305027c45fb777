"""Names of towns, regions and countries in lines of text, as `place_name` clues."""

from collections.abc import Sequence

from geoagent_graph.evidence.clue_making import drawn_clue
from geoagent_graph.evidence.leaves import Leaves
from geoagent_graph.evidence.misreadings import misreadings
from geoagent_graph.evidence.name_context import STRENGTH, context_of
from geoagent_graph.evidence.spans import Span, spans
from geoagent_graph.evidence.street_words import is_street_word
from geoagent_graph.evidence.tables import word_list
from geoagent_graph.types import Clue

SOURCE = "place_names"
MAX_NAMES = 24
MAX_LINES = 80
_LEAST_LETTERS = 4
_LEAST_FUZZY_LETTERS = 7
_LEAST_FUZZY_POPULATION = 20_000


def place_name_clues(lines: Sequence[Clue], leaves: Leaves) -> list[Clue]:
    """Return one clue per distinct name, from its strongest context, at most `MAX_NAMES`.

    Attributes: `name` as written, `normalized` the folded name, `context` (see `name_context`),
    `distance_km` on direction signs, `misread` "1" where one letter was mended.
    """
    best: dict[str, Clue] = {}
    for number, line in enumerate(lines[:MAX_LINES]):
        neighbours = _neighbours(lines, number)
        for clue in _names_of_line(line, neighbours, leaves):
            key = clue.attributes["normalized"]
            if key not in best or _rank(clue) < _rank(best[key]):
                best[key] = clue
    return sorted(best.values(), key=_rank)[:MAX_NAMES]


def is_name(key: str, leaves: Leaves) -> bool:
    """Say whether a folded text is the name of a town, a region or a country."""
    return bool(
        len(leaves.gazetteer.matches(key))
        or key in leaves.regions
        or leaves.gazetteer.country_matches(key)
    )


def _names_of_line(line: Clue, neighbours: list[str], leaves: Leaves) -> list[Clue]:
    found: list[Clue] = []
    taken: list[Span] = []
    for span in sorted(spans(line.text), key=lambda span: (-span.words, -len(span.text))):
        if any(span.start < other.end and other.start < span.end for other in taken):
            continue
        if not _worth_a_look(span) or not is_name(span.key, leaves):
            continue
        taken.append(span)
        found.append(_clue(line, span, span.key, neighbours))
    if not found:
        found += _misread_names(line, neighbours, leaves)
    return found


def _misread_names(line: Clue, neighbours: list[str], leaves: Leaves) -> list[Clue]:
    for span in spans(line.text):
        if span.words > 2 or len(span.key) < _LEAST_FUZZY_LETTERS or not span.key.isascii():
            continue
        if set(span.key.split()) & (word_list("ordinary") | word_list("trade")):
            continue
        for key in misreadings(span.key):
            towns = leaves.gazetteer.matches(key)
            if len(towns) and leaves.population[towns[0]] >= _LEAST_FUZZY_POPULATION:
                return [_clue(line, span, key, neighbours, misread=True)]
    return []


def _worth_a_look(span: Span) -> bool:
    """Keep out what is no name: a function word, a short word in lower case, a single letter."""
    if not span.key.isascii():
        return len(span.key) >= 2
    if len(span.key) < _LEAST_LETTERS:
        return span.text.isupper() and span.key in ("usa", "uae", "uk")
    if is_street_word(span.key):
        return False
    if span.words == 1 and span.text.islower():
        return span.key not in word_list("ordinary") and len(span.key) > _LEAST_LETTERS
    return span.key not in word_list("sentence") and span.key not in word_list("trade")


def _clue(
    line: Clue, span: Span, key: str, neighbours: list[str], *, misread: bool = False
) -> Clue:
    context, distance_km = context_of(line.text, span, neighbours)
    attributes = {"name": span.text, "normalized": key, "context": context}
    if distance_km is not None:
        attributes["distance_km"] = f"{distance_km:g}"
    if misread:
        attributes["misread"] = "1"
    if span.text.islower() and span.key.isascii():
        attributes["lower_case"] = "1"
    how = {"towards": "on a direction sign", "trade": "as the name of a business"}.get(context, "")
    text = f"“{span.text}” {how}".strip()
    return drawn_clue("place_name", text, line, SOURCE, attributes)


def _neighbours(lines: Sequence[Clue], number: int) -> list[str]:
    """Return the lines right above and below, where they belong to the same sign."""
    here = lines[number].box
    found = []
    for other in (number - 1, number + 1):
        if not 0 <= other < len(lines):
            continue
        there = lines[other].box
        if here is None or there is None:
            found.append(lines[other].text)
            continue
        gap = max(here.top, there.top) - min(here.bottom, there.bottom)
        height = max(here.bottom - here.top, there.bottom - there.top)
        beside = min(here.right, there.right) > max(here.left, there.left)
        if beside and gap < 1.2 * height:
            found.append(lines[other].text)
    return found


def _rank(clue: Clue) -> tuple[int, int, int]:
    context = STRENGTH.index(clue.attributes["context"])
    return "misread" in clue.attributes, context, -len(clue.attributes["normalized"])
