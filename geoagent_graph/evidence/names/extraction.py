"""Names of towns, regions and countries in lines of text, as `place_name` clues."""

import re
from collections.abc import Sequence

from geoagent_graph.evidence.clue_ids import clue_from_line
from geoagent_graph.evidence.language.street_words import is_street_word, words_in
from geoagent_graph.evidence.names.abroad import abroad_lines, embassy_clues, start_of_twins
from geoagent_graph.evidence.names.context import STRENGTH, Context, context_of, name_before_figure
from geoagent_graph.evidence.names.distances import with_distance_beside
from geoagent_graph.evidence.names.likelihood import SIGNPOST
from geoagent_graph.evidence.names.misreadings import misreadings, other_marks, with_lost_letter
from geoagent_graph.evidence.names.name_candidates import NameCandidate, name_candidates
from geoagent_graph.evidence.names.running_text import is_sentence
from geoagent_graph.evidence.names.states import state_behind
from geoagent_graph.evidence.names.trades import names_trade
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.phones.extraction import is_contact
from geoagent_graph.evidence.tables import word_list
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.evidence.viewer_text import lines_to_viewer, same_block
from geoagent_graph.geo.names import fold
from geoagent_graph.types import Clue

SOURCE = "place_names"
MAX_NAMES = 24
MAX_LINES = 80
_MIN_LETTERS = 4
_MIN_LISTED_LETTERS = 3  # of a place in a list
_MIN_FUZZY_LETTERS = 7
_MIN_FUZZY_POPULATION = 20_000
_MIN_LOWER_CASE_POPULATION = 50_000
_MIN_LOST_POPULATION = 200_000
_MIN_LISTED_POPULATION = 10_000
_MIN_SHARE_OF_LARGEST = 0.1
_HOW = {
    "towards": "on a direction sign",
    "trade": "as the name of a business",
    "to_reader": "in words to the reader",
}
_LARGE_FIGURE = re.compile(r"\d{4}")
_LAST_CASED = "\u058f"  # Latin, Greek, Cyrillic and Armenian letters end here


def place_name_clues(lines: Sequence[Clue], town_table: TownTable) -> list[Clue]:
    """Return one clue per distinct name, from its strongest context, at most `MAX_NAMES`.

    Attributes: `name` as written, `normalized` the folded name, `context` (see `name_context`),
    `distance_km` on direction signs, `misread` where a letter was mended: "mark" where only its
    mark was, else "letter"; `lower_case` "1".
    """
    best: dict[str, Clue] = {}
    addressed, abroad = lines_to_viewer(lines[:MAX_LINES]), abroad_lines(lines[:MAX_LINES])
    listed = _lists_towns(lines[:MAX_LINES], town_table)
    for number, line in enumerate(lines[:MAX_LINES]):
        neighbours = None
        if line.id not in addressed:
            heading = _heading_of_list(lines, number, town_table)
            neighbours = [*_neighbour_lines(lines, number), *heading]
        kind = abroad.get(line.id)
        if kind == "embassy":
            continue  # see `embassy_clues`
        line = with_distance_beside(line, lines[:MAX_LINES])
        for clue in _names_of_line(line, neighbours, town_table, listed=listed):
            if kind == "twins" and line.text.find(clue.attributes["name"]) >= start_of_twins(
                line.text
            ):
                clue = _place_abroad(clue)
            key = clue.attributes["normalized"]
            if key not in best or _rank_of_clue(clue) < _rank_of_clue(best[key]):
                best[key] = clue
    _mark_signpost(best, town_table)
    embassies = embassy_clues([line for line in lines[:MAX_LINES] if line.id not in addressed])
    return [*sorted(best.values(), key=_rank_of_clue)[:MAX_NAMES], *embassies]


def _mark_signpost(found: dict[str, Clue], town_table: TownTable) -> None:
    """Mark the names with distances where one is so far off that no road leads there.

    Long roads are within a country.
    """
    distances = {
        key: float(clue.attributes["distance_km"])
        for key, clue in found.items()
        if "distance_km" in clue.attributes
    }
    numbers, farthest = parameters().names, max(distances.values(), default=0.0)
    if farthest <= numbers.far_from_km:
        return
    if farthest <= numbers.longest_road_km and _are_in_one_country(list(distances), town_table):
        return
    for key in distances:
        attributes = {**found[key].attributes, SIGNPOST: "1"}
        found[key] = found[key].model_copy(update={"attributes": attributes})


def _are_in_one_country(keys: Sequence[str], town_table: TownTable) -> bool:
    """Say whether one country has a town of every name, of those that are not far smaller."""
    shared: set[int] | None = None
    for key in keys:
        towns = town_table.gazetteer.matches(key)
        people = town_table.population[towns]
        large = towns[people >= _MIN_SHARE_OF_LARGEST * people.max(initial=0.0)]
        countries = set(town_table.country[large].tolist())
        shared = countries if shared is None else shared & countries
    return bool(shared)


def _place_abroad(clue: Clue) -> Clue:
    attributes = {
        name: value for name, value in clue.attributes.items() if name not in ("distance_km",)
    }
    attributes |= {"context": "abroad", "abroad": "twins"}
    return clue.model_copy(update={"attributes": attributes})


def is_name(key: str, town_table: TownTable) -> bool:
    """Say whether a folded text is the name of a town, a region or a country."""
    return bool(
        len(town_table.gazetteer.matches(key))
        or key in town_table.regions
        or town_table.gazetteer.country_matches(key)
    )


def _names_of_line(
    line: Clue, neighbours: list[str] | None, town_table: TownTable, *, listed: bool
) -> list[Clue]:
    found: list[Clue] = []
    taken: list[NameCandidate] = []
    phrases = [f" {phrase} " for phrase in words_in(line.text) if " " in phrase]
    for span in sorted(name_candidates(line.text), key=lambda span: (-span.words, -len(span.text))):
        if any(span.start < other.end and other.start < span.end for other in taken):
            continue
        if not _is_worth_a_look(span) or not is_name(span.key, town_table):
            continue
        # a word of "speed limit" is no name, nor is a word in lower case among capitals
        if any(f" {span.key} " in phrase for phrase in phrases):
            continue
        if _is_lower_case(span) and not _may_be_lower_case(span, line.text, town_table):
            continue
        taken.append(span)
        found.append(
            _name_clue(line, span, span.key, neighbours, town_table=town_table, listed=listed)
        )
    if not found:
        found += _names_mended(line, neighbours, town_table)
    return found


def _names_mended(line: Clue, neighbours: list[str] | None, town_table: TownTable) -> list[Clue]:
    known = word_list("ordinary") | word_list("trade") | word_list("sentence")
    candidates = [
        span
        for span in name_candidates(line.text)
        if span.words <= 2
        and not _is_lower_case(span)
        and not set(span.key.split()) & known
        and not is_street_word(span.key)
    ]
    for span in candidates:
        for key in other_marks(span.text) if len(span.key) >= _MIN_LETTERS else ():
            if _largest_population(key, town_table) >= _MIN_FUZZY_POPULATION:
                return [_name_clue(line, span, key, neighbours, misread="mark")]
    for span in candidates:
        if not span.key.isascii():
            continue
        keys = misreadings(span.key) if len(span.key) >= _MIN_FUZZY_LETTERS else []
        key = max(keys, key=lambda key: _largest_population(key, town_table), default="")
        if key and _largest_population(key, town_table) >= _MIN_FUZZY_POPULATION:
            return [_name_clue(line, span, key, neighbours, misread="letter")]
        # letters in capitals without a vowel abbreviate something
        keys = [] if span.text.isupper() or span.words > 1 else with_lost_letter(span.key)
        key = max(keys, key=lambda key: _largest_population(key, town_table), default="")
        if key and _largest_population(key, town_table) >= _MIN_LOST_POPULATION:
            return [_name_clue(line, span, key, neighbours, misread="letter")]
    return []


def _lists_towns(lines: Sequence[Clue], town_table: TownTable) -> bool:
    """Say whether two lines are a known town with a bare figure, as on a direction sign.

    Figures of four digits may be postal codes, save behind towns of several countries.
    """
    everyday = word_list("ordinary") | word_list("trade") | word_list("sentence")
    towns = {
        key
        for line in lines
        if (key := name_before_figure(line.text)) and key not in everyday
        if not is_street_word(key)
        and _largest_population(key, town_table) >= _MIN_LISTED_POPULATION
    }
    countries = {int(town_table.country[town_table.gazetteer.matches(key)[0]]) for key in towns}
    large = any(_LARGE_FIGURE.search(line.text) for line in lines)
    return len(towns) >= 2 and (len(countries) >= 2 or not large)


def _largest_population(key: str, town_table: TownTable) -> float:
    """Return the population of the largest town of a name; 0 without one."""
    towns = town_table.gazetteer.matches(key)
    return float(town_table.population[towns[0]]) if len(towns) else 0.0


def _is_lower_case(span: NameCandidate) -> bool:
    return span.text.islower() and span.text[0] <= _LAST_CASED


def _may_be_lower_case(span: NameCandidate, line: str, town_table: TownTable) -> bool:
    """Say whether letters without a capital may be a name: the whole line is, and it is known."""
    return (
        line.islower() and _largest_population(span.key, town_table) >= _MIN_LOWER_CASE_POPULATION
    )


def _is_worth_a_look(span: NameCandidate) -> bool:
    """Keep out what is no name: a function word, a short word in lower case, a single letter."""
    if not span.key.isascii():
        return len(span.key) >= 2
    if span.words > 1 and _is_street_by_kind(span.key):
        return False  # "Church Street" is in every town
    if len(span.key) < _MIN_LETTERS:
        return span.text.isupper() and span.key in ("usa", "uae", "uk")
    if is_street_word(span.key):
        return False
    if span.words == 1 and span.text.islower():
        return span.key not in word_list("ordinary") and len(span.key) > _MIN_LETTERS
    return span.key not in word_list("sentence") and span.key not in word_list("trade")


def _is_street_by_kind(key: str) -> bool:
    """Say whether a name is an everyday word and a kind of street, and no more."""
    *words, kind = key.split()
    everyday = word_list("ordinary") | word_list("trade") | word_list("street_kinds")
    return kind in word_list("street_kinds") and all(word in everyday for word in words)


def _name_clue(
    line: Clue,
    span: NameCandidate,
    key: str,
    neighbours: list[str] | None,
    *,
    town_table: TownTable | None = None,
    misread: str = "",
    listed: bool = False,
) -> Clue:
    """Return the clue of one name; without neighbours it stands in words to the viewer."""
    context: Context = "to_reader"
    distance_km = None
    if neighbours is not None:
        context, distance_km = context_of(
            line.text, span, neighbours, listed=listed, town_table=town_table
        )
    attributes = {"name": span.text, "normalized": key, "context": context}
    country = state_behind(line.text, town_table)[0] if context == "address" else ""
    if country:
        attributes["country_code"] = country
    if distance_km is not None:
        attributes["distance_km"] = f"{distance_km:g}"
    if misread:
        attributes["misread"] = misread
    if _is_lower_case(span):
        attributes["lower_case"] = "1"
    how = _HOW.get(context, "")
    text = f"“{span.text}” {how}".strip()
    return clue_from_line("place_name", text, line, SOURCE, attributes)


def _neighbour_lines(lines: Sequence[Clue], number: int) -> list[str]:
    """Return the lines right above and below, where they belong to the same sign.

    A telephone number is the last line of what it belongs to.
    """
    return [
        lines[other].text
        for other in (number - 1, number + 1)
        if 0 <= other < len(lines)
        and same_block(lines[number], lines[other])
        and (other > number or not is_contact(lines[other].text))
    ]


def _heading_of_list(lines: Sequence[Clue], number: int, town_table: TownTable) -> list[str]:
    """Return the line above the list of places that a line belongs to: "WORLD TOUR"; else nothing.

    It advertises places, or is running text. Dates beside the places make no difference.
    """
    first = number
    while first > 0 and same_block(lines[first], lines[first - 1]):
        above = lines[first - 1].text
        key = " ".join(word for word in fold(above).split() if word.isalpha())
        if len(key) < _MIN_LISTED_LETTERS or not is_name(key, town_table):
            return [above] if first < number and (names_trade(above) or is_sentence(above)) else []
        first -= 1
    return []


def _rank_of_clue(clue: Clue) -> tuple[int, int, int]:
    context = STRENGTH.index(clue.attributes["context"])
    return "misread" in clue.attributes, context, -len(clue.attributes["normalized"])
