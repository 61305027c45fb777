"""Prices and currency signs: as clues, and as a likelihood over countries.

Who uses a currency is CLDR's territory currencies; see `currency_likelihood`.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache

import numpy as np

from geoagent_graph.evidence.clue_ids import clue_from_line
from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.tables import table
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.translation import mark
from geoagent_graph.types import Clue

NAME = "currencies"
MAX_CURRENCIES = 3
_AMOUNT = r"\d{1,3}(?:[ .,']?\d{3})*(?:[.,]\d{1,2})?(?:,-)?"
_CENTS = re.compile(r"[.,]\d{1,2}(?:,-)?$|,-$")
_GROUPED = re.compile(r"\d{1,3}(?:[ .,']\d{3})+(?:\D|$)")
_HOURS = re.compile(
    r"(?<!\w)(?:Mo|Di|Mi|Do|Sa|So|(?i:Uhr|geöffnet|offen|ordination|\w*zeit(?:en)?|\w*stunden?))\b"
)  # days and words of German opening hours: Fr. is Friday there
_CARDS = re.compile(r"exchange|change|wechsel|cambio|обмен|döviz|kantor|sarraf", re.I)


def currency_clues(lines: Sequence[Clue]) -> list[Clue]:
    """Return one clue per distinct way of writing a currency; exchange offices are left out.

    Attributes: `sign` as in the table, `codes` ISO 4217 separated by commas.
    """
    found: dict[str, Clue] = {}
    text = " ".join(line.text for line in lines)
    if _CARDS.search(text):
        return []
    amounts = _amounts_of(lines)
    for line in lines:
        for sign, codes in _signs_of(line.text, amounts):
            attributes = {"sign": sign, "codes": ",".join(codes)}
            clue = clue_from_line("currency", f"prices in {sign}", line, NAME, attributes)
            found.setdefault(sign, clue)
    return list(found.values())[:MAX_CURRENCIES]


def currency_likelihood(clue: Clue, town_table: TownTable) -> Likelihood | None:
    """Return what one currency says; None when nobody uses it.

    L(country) = 1 where one of its currencies is used, else the share of prices in it elsewhere.
    """
    codes = set(clue.attributes["codes"].split(","))
    users = [
        town_table.number_of[code] for code in town_table.codes if codes & _currencies_of(code)
    ]
    if not users:
        return None
    abroad, least = table("currencies")["abroad"], parameters().currency.foreign
    elsewhere = max(abroad.get(code, least) for code in codes)
    country = np.full(len(town_table.codes), np.log(elsewhere))
    country[users] = 0.0
    for code, share in table("currencies")["rarely"].get(clue.attributes["sign"], {}).items():
        for number in users:
            if codes & _currencies_of(town_table.codes[number]) == {code}:
                country[number] = np.log(share)
    names = [town_table.gazetteer.countries[number].name for number in users[:3]]
    more = f" and {len(users) - 3} more" if len(users) > 3 else ""
    return Likelihood("currency", f"{clue.text}: {', '.join(names)}{more}", (clue.id,), country)


def _amounts_of(lines: Sequence[Clue]) -> dict[str, set[str]]:
    """Return the amounts that stand before or after each word of the photo."""
    amounts: defaultdict[str, set[str]] = defaultdict(set)
    for line in lines:
        for match in _price_pattern().finditer(line.text):
            amounts[_word_of(match)].add(_amount_of(match))
    if any(_HOURS.search(line.text) for line in lines):
        amounts["fr."] = set()  # Friday
    return amounts


def _word_of(match: re.Match[str]) -> str:
    return str(match["before"] or match["after"]).lower()


def _amount_of(match: re.Match[str]) -> str:
    return str(match["first"] or match["last"])


def _is_price(match: re.Match[str], amounts: dict[str, set[str]]) -> bool:
    """Say whether a word and a figure are a price: many words mean other things too."""
    known, word, amount = table("currencies"), _word_of(match), _amount_of(match)
    least = known["least_amounts"].get(word, 0)
    if least and float(re.sub(r"[^\d]", "", _CENTS.sub("", amount)) or 0) < least:
        return False
    if match["after"] or word not in known["doubtful_before"]["words"]:
        return True
    if word not in amounts or not amounts[word]:
        return False
    priced = bool(_CENTS.search(amount) or _GROUPED.match(amount))
    return priced or (len(amounts[word]) > 1 and " " in match[0])


def _signs_of(text: str, amounts: dict[str, set[str]]) -> list[tuple[str, list[str]]]:
    found = []
    known = table("currencies")
    for match in _price_pattern().finditer(text):
        written = _word_of(match)
        if written in known["words"] and _is_price(match, amounts):
            found.append((written, known["words"][written]))
    found += [(sign, codes) for sign, codes in known["signs"].items() if sign in text]
    prefixed = {sign for sign, _ in found}
    # "R$" is no "$"
    return [
        (sign, codes)
        for sign, codes in found
        if not any(sign != other and sign in other for other in prefixed)
    ]


@cache
def _price_pattern() -> re.Pattern[str]:
    words = sorted(table("currencies")["words"], key=len, reverse=True)
    names = "|".join(re.escape(word) for word in words)
    # letters of one or two are too common to stand before or after any number
    return re.compile(
        rf"(?<![\w$])(?P<before>{names})\.?\s?(?P<first>{_AMOUNT})(?![\w:]|\s?[–-]\s?\d|\s?Uhr)"
        rf"|(?<![\w.:/-])(?P<last>{_AMOUNT})\s?(?P<after>(?!(?:km|m|r|q|s)\b)(?:{names}))(?!\w)",
        re.IGNORECASE,
    )


@cache
def _currencies_of(code: str) -> frozenset[str]:
    from babel.numbers import get_territory_currencies

    return frozenset(get_territory_currencies(code))


def _extract_currencies(observations: Observations, town_table: TownTable) -> list[Clue]:
    del town_table
    return currency_clues(observations.lines.on_signs)


def _weigh_currencies(observations: Observations, town_table: TownTable) -> list[Likelihood]:
    found = observations.of_kind("currency", "codes")
    said = (currency_likelihood(clue, town_table) for clue in found)
    return [likelihood for likelihood in said if likelihood is not None]


SOURCE = Source(
    name=NAME,
    kind="currency",
    label=mark("Currency"),
    check="set by hand; checked on drawn signs and by the tests' signs with prices",
    extract=_extract_currencies,
    likelihood=_weigh_currencies,
)
