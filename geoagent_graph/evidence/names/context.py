"""What surrounds a name on a sign: a town sign, a restaurant, a street, a direction, a sentence."""

import re
from typing import Literal

from geoagent_graph.evidence.brands import brand_table
from geoagent_graph.evidence.language.menus import names_dish
from geoagent_graph.evidence.language.street_words import words_in
from geoagent_graph.evidence.names.abroad import is_ship_name, names_ship
from geoagent_graph.evidence.names.address import is_in_address
from geoagent_graph.evidence.names.name_candidates import NameCandidate
from geoagent_graph.evidence.names.name_words import other_use
from geoagent_graph.evidence.names.running_text import everyday_words, is_genitive, is_sentence
from geoagent_graph.evidence.names.trades import names_trade, public_words, shop_brands
from geoagent_graph.evidence.phones.extraction import is_contact
from geoagent_graph.evidence.tables import word_list
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.geo.names import fold

Context = Literal[
    "address",  # beside a postal code or a state: where the sign stands, most likely
    "contact",  # beside a telephone number: where the sign stands, unless it is a business
    "town_sign",  # with words of welcome, of a town hall, of a station
    "plain",  # a name by itself
    "among",  # beside words that say nothing of places
    "towards",  # a direction sign
    "street",  # a street named after a town
    "beside_trade",  # the next line names a business, or is a word or two of no known use
    "trade",  # a business that bears the name
    "sentence",  # running text
    "ordinary",  # an everyday word or a brand that is also a town
    "origin",  # "made in ..."
    "abroad",  # of an embassy, or a twin town: where the sign does not stand
    "to_reader",  # words to whoever looks at the photo
]
STRENGTH: tuple[Context, ...] = (
    "address", "contact", "town_sign", "plain", "towards", "among", "street", "beside_trade",
    "trade", "sentence", "ordinary", "origin", "abroad", "to_reader",
)  # fmt: skip
"""Strongest first: of two readings of one name the stronger counts."""

_FIGURE = r"(?<![\d.,/:-])(\d{1,3}(?:[., ]\d{3}|\d{1,2}|[.,]\d)?)"
_UNIT = r"\s*(km|mi|miles|км|χλμ|公里|กม)\b\.?"
_WITH_UNIT_AFTER = re.compile(rf"{_FIGURE}{_UNIT}", re.IGNORECASE)
_WITH_UNIT_BEFORE = re.compile(rf"{_FIGURE}{_UNIT}\W*", re.IGNORECASE)
_BARE = re.compile(rf"{_FIGURE}\s*[→←↑↓⇒⇐]?\s*")
_NAME_AND_FIGURE = re.compile(
    r"(\D{3,40}?)[\s.…·–-]+(?:\d{1,3}|\d{1,2}[.,\u202f ]?\d{3})\s*[→←↑↓]?"
)
_ARROWS = re.compile(r"[→←↑↓⇒⇐➔➜►◄▲]")
_LOVE = re.compile(
    r"(?:i|we|ich|wir|yo|eu|io|ja|я|j['’])\s*(?:\W+|love|heart|liebe|lieben|amo|aime|kocham|люблю)?\s*",
    re.IGNORECASE,
)  # a heart is read as a letter or two, or not at all
_SHIRT_NUMBER = re.compile(r"\d{1,2}")
_COMPANY = frozenset({"and", "co", "company", "cie", "inc", "ltd", "gmbh", "ag", "sa", "spa", "ab"})
_PRICE_FROM = re.compile(
    r"(?:(?:schon|już|déjà|nu|only) )?(?:ab|dès|à partir de|desde|a partir de|da|a partire da|from|"
    r"od|vanaf|fra|från|alkaen|de la|от|від|από)\s+[€£$]?\s?\d",
    re.IGNORECASE,
)
_KM_PER_MILE = 1.609
_MIN_TOWN_POPULATION = 20_000
_MAX_UNKNOWN_WORDS = 2
_UNSPACED_FROM = "\u0e00"


def context_of(
    line: str,
    span: NameCandidate,
    neighbours: list[str],
    *,
    listed: bool = False,
    town_table: TownTable | None = None,
) -> tuple[Context, float | None]:
    """Return the context of a name in a line, and the distance in km a direction sign gives.

    `listed`: other lines of the photo are a town with a bare figure too, so figures are distances.
    """
    before, after = line[: span.start], line[span.end :]
    rest = fold(f"{before} {after}").split()
    others = [word for word in rest if not word.isdigit()]
    plain = _plain_context(line, span, rest, others, town_table)
    if plain != "plain":
        return plain, None
    if not others and any(_is_maker(neighbour, town_table) for neighbour in neighbours):
        return "origin", None  # "Barilla / Parma": advertised with where the maker is at home
    if _has_tourist_words(line, span):
        return "plain", None
    if _is_in_running_text(line, span, rest, neighbours):
        return "sentence", None
    distance = _distance_km(before, after, listed=listed)
    if distance is not None and len(others) <= 3:
        return "towards", distance
    if _ARROWS.search(line):
        return "towards", None
    # "Welcome to Springfield" points to no other place
    if word_list("towards") & set(others) and not _has_town_words(line, span):
        return "towards", None
    return _context_of_sign(line, span, neighbours, town_table), None


def _context_of_sign(
    line: str, span: NameCandidate, neighbours: list[str], town_table: TownTable | None
) -> Context:
    """Return the context of a name in a line that is no direction, by what stands beside both."""
    before, after = line[: span.start], line[span.end :]
    rest = fold(f"{before} {after}").split()
    beside = _context_beside(neighbours)
    if beside is not None:
        return beside
    if is_contact(after) or (not rest and any(is_contact(text) for text in neighbours)):
        return "contact"
    if _names_a_town(line, span, neighbours):
        return "town_sign"
    if not rest and _is_beside_unknown(neighbours, town_table):
        return "beside_trade"
    others = [word for word in rest if not word.isdigit()]
    return "among" if _is_among_words(line, span, others) else "plain"


def _context_beside(neighbours: list[str]) -> Context | None:
    """Return what the lines beside a name make of it: the port of a ship, a business's town."""
    if any(names_ship(neighbour) for neighbour in neighbours):
        return "trade"
    return "beside_trade" if any(map(_is_of_business, neighbours)) else None


def _plain_context(
    line: str,
    span: NameCandidate,
    rest: list[str],
    others: list[str],
    town_table: TownTable | None,
) -> Context:
    if any(phrase in fold(line) for phrase in word_list("made_in")):
        return "origin"
    if is_in_address(line, span, town_table):
        return "address"
    if names_dish(line):
        return "origin"  # "Bún bò Huế": where the dish is from
    if span.key in word_list("ordinary") or span.key in word_list("brands"):
        return "ordinary"
    # one connecting word is no sentence: "Welcome to Springfield"
    running = sum(word in word_list("sentence") for word in others)
    if running >= 2 and len(others) >= 3:
        return "sentence"
    if _LOVE.fullmatch(line[: span.start]):
        return "trade"  # shirts and bags for visitors are carried home
    if is_ship_name(line[: span.start]) and not line[span.end :].strip():
        return "trade"
    if names_trade(line.replace(span.text, " ")) and not _has_tourist_words(line, span):
        return "trade"
    if word_list("street_kinds") & set(rest) or any(
        word.startswith("-") for word in words_in(line)
    ):
        return "street"
    return "plain"


def _is_in_running_text(
    line: str, span: NameCandidate, rest: list[str], neighbours: list[str]
) -> bool:
    """Say whether everyday words stand beside a name, or a sentence right above or below it."""
    before, after = line[: span.start], line[span.end :]
    if _names_a_town(line, span, neighbours) or is_contact(after):
        return False
    if rest:
        running = everyday_words(f"{before} {after}")
        return bool(running) and not (is_genitive(before) and not after.strip())
    return any(is_sentence(text) and not is_contact(text) for text in neighbours)


def _names_a_town(line: str, span: NameCandidate, neighbours: list[str]) -> bool:
    """Say whether words for town, welcome or station stand beside a name, or alone on a line by it.

    In scripts without spaces they may be the end of the very name: 東京駅.
    """
    words = word_list("town_signs")
    return _has_town_words(line, span) or any(fold(neighbour) in words for neighbour in neighbours)


def _has_town_words(line: str, span: NameCandidate) -> bool:
    words = word_list("town_signs")
    rest = f" {fold(f'{line[: span.start]} {line[span.end :]}')} "
    if any(f" {word} " in rest for word in words if word.isascii() or word < "\u0e00"):
        return True
    return any(rest.strip().startswith(word) for word in words if word >= "\u0e00")


def _has_tourist_words(line: str, span: NameCandidate) -> bool:
    """Say whether the line is of the tourist office of a town: "Tourist Information Whitby"."""
    rest = f" {fold(f'{line[: span.start]} {line[span.end :]}')} "
    return any(
        f" {phrase} " in rest if phrase < _UNSPACED_FROM else phrase in rest
        for phrase in word_list("tourist_offices")
    )


def _is_among_words(line: str, span: NameCandidate, others: list[str]) -> bool:
    """Say whether most of the line's other words have nothing to do with places.

    Words in capitals by themselves may be more names; "Stadt", "Welcome to" belong to a name.
    """
    known = {part for word in words_in(line) for part in word.strip("-").split()}
    known |= word_list("sentence") | set(span.key.split())
    strange = [word for word in others if word not in known and len(word) > 2]
    return len(strange) >= 1 and not line[span.end :].lstrip().startswith((",", "(", "/"))


def _is_beside_unknown(neighbours: list[str], town_table: TownTable | None) -> bool:
    """Say whether beside a name's own line is one of letters of no known use.

    It may be a maker or an article, and the name that of its city or of a brand.
    """
    return town_table is not None and any(_is_unknown(text, town_table) for text in neighbours)


def _is_unknown(text: str, town_table: TownTable) -> bool:
    """Say whether a line is a word or two that are no words of streets or towns, and no place."""
    words = fold(text).split()
    if not 1 <= len(words) <= _MAX_UNKNOWN_WORDS or not all(word.isalpha() for word in words):
        return False
    known = word_list("town_signs") | word_list("institutions") | word_list("street_kinds")
    known |= word_list("towards") | public_words()
    if words_in(text) or known & {*words, " ".join(words)} or max(words) >= _UNSPACED_FROM:
        return False
    gazetteer = town_table.gazetteer
    return not any(
        len(gazetteer.matches(key)) or key in town_table.regions or gazetteer.country_matches(key)
        for key in (*words, " ".join(words))
    )


def _is_of_business(text: str) -> bool:
    """Say whether a line beside a name makes it a business's, a maker's or a team's."""
    if _PRICE_FROM.match(text.strip()):
        return True  # a journey is advertised
    return names_trade(text) or _is_brand(text) or _SHIRT_NUMBER.fullmatch(text.strip()) is not None


def _is_maker(text: str, town_table: TownTable | None) -> bool:
    """Say whether a whole line is a brand of goods or shops, and no word or larger town as well.

    "Tiffany & Co." is a maker, whatever Tiffany is.
    """
    words = fold(text).split()
    own = [word for word in words if word not in _COMPANY]
    key, name = " ".join(words), " ".join(own)
    brands = (word_list("brands"), shop_brands(), brand_table().rows)
    if not any(key in known or name in known for known in brands):
        return False
    if own != words:
        return True
    if town_table is not None:
        towns = town_table.gazetteer.matches(key)
        if len(towns) and town_table.population[towns[0]] >= _MIN_TOWN_POPULATION:
            return False
    return not other_use(key).word_class


def _is_brand(text: str) -> bool:
    """Say whether a whole line is a brand: the city under it is where its maker is at home."""
    key = fold(text)
    return key in word_list("brands") or key in shop_brands() or other_use(key).is_brand


def name_before_figure(line: str) -> str:
    """Return the folded text before a bare figure at the end of a line, of thousands at most.

    "Lyon 120", "Quito 4.700"; else "".
    """
    match = _NAME_AND_FIGURE.fullmatch(line.strip())
    return fold(match[1]) if match else ""


def _distance_km(before: str, after: str, *, listed: bool) -> float | None:
    """Return the distance of a direction sign.

    A figure without a unit may be anything: an age, a price, a house number. It is a distance in km
    where it ends the line and towns with figures are listed.
    """
    after = after.lstrip(" .:…–-\t")
    match = _WITH_UNIT_AFTER.match(after) or _WITH_UNIT_BEFORE.fullmatch(before.strip())
    if match:
        value = _km_of(match[1])
        return value * _KM_PER_MILE if match[2].lower().startswith("mi") else value
    bare = _BARE.fullmatch(after)
    if bare is None or before.strip() or not listed:
        return None
    value = _km_of(bare[1])
    return value if value >= 2 else None


def _km_of(figure: str) -> float:
    """Return a distance: "2,5" is less than three, "16.950" and "16 950" are thousands."""
    if re.fullmatch(r"\d{1,3}[., ]\d{3}", figure):
        return float(re.sub(r"[., ]", "", figure))
    return float(figure.replace(",", "."))
