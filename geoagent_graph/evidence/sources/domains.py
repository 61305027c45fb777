"""Internet domains and e-mail addresses: as clues, and as a likelihood over countries."""

import re
from collections.abc import Sequence

import numpy as np

from geoagent_graph.evidence.clue_ids import clue_from_line
from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.names.extraction import is_name
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.tables import table, word_list
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.geo.names import fold
from geoagent_graph.translation import mark
from geoagent_graph.types import Clue

NAME = "domains"
MAX_DOMAINS = 6
_MIN_NAME_LETTERS = 5
_MAX_SHORT_LABEL_LETTERS = 6
_MAX_SHORT_PATH_SIGNS = 12
_PATH = re.compile(rf"/[\w-]{{2,{_MAX_SHORT_PATH_SIGNS}}}(?![\w./-])")
_DOMAIN = re.compile(
    r"(?:(https?://|www\.|@)\s?)?((?:[^\W_][\w-]{0,62}\.){1,3}[^\W\d_]{2,12})(?![\w.])"
)


def domain_clues(lines: Sequence[Clue], town_table: TownTable) -> list[Clue]:
    """Return one clue per distinct domain, and the town names that stand in one.

    Attributes of a domain: `domain`, `top_level`, and `country_code` where it stands for one.
    """
    found: dict[str, Clue] = {}
    for line in lines:
        for match in _DOMAIN.finditer(line.text):
            domain = match[2].lower()
            top_level = domain.rsplit(".", 1)[1]
            country = _country_of_domain(top_level, town_table)
            if country is None or not _looks_meant(match[1] or "", match[2], country):
                continue
            attributes = {"domain": domain, "top_level": top_level}
            if country and not _is_short_link(domain, line.text[match.end() :]):
                attributes["country_code"] = country
            found.setdefault(
                domain, clue_from_line("domain", f"address {domain}", line, NAME, attributes)
            )
            for name in _names_in_domain(domain, town_table):
                found.setdefault(f"{domain} {name}", _clue_of_name(name, domain, line))
    return list(found.values())[: 2 * MAX_DOMAINS]


def domain_likelihood(clue: Clue, town_table: TownTable) -> Likelihood | None:
    """Return what one domain says; None for generic ones, also those of countries (.tv, .io)."""
    code, top_level = clue.attributes.get("country_code", ""), clue.attributes["top_level"]
    if code not in town_table.number_of or _is_used_worldwide(clue.attributes["domain"], top_level):
        return None
    country = np.full(len(town_table.codes), np.log(parameters().domain.foreign))
    country[town_table.number_of[code]] = 0.0
    name = town_table.gazetteer.countries[town_table.number_of[code]].name
    return Likelihood("domain", f"{clue.text}: .{top_level} is {name}", (clue.id,), country)


def _is_used_worldwide(domain: str, top_level: str) -> bool:
    """Say whether an ending of a country is sold to all the world; "com.co" is not."""
    settings = table("domains")
    if top_level not in set(settings["vanity"]) - set(settings["strong_anyway"]):
        return False
    labels = domain.split(".")
    return len(labels) < 3 or labels[-2] not in settings["national_second_levels"]


def _country_of_domain(top_level: str, town_table: TownTable) -> str | None:
    """Return the country of a top-level domain, "" for a generic one, None for none at all."""
    settings = table("domains")
    if top_level in settings["own"]:
        return str(settings["own"][top_level][0])
    for country in town_table.gazetteer.countries:
        if country.tld and country.tld.lstrip(".") == top_level:
            return country.code
    return "" if top_level in settings["generic"] else None


def _looks_meant(marker: str, written: str, country: str) -> bool:
    """Tell a domain from two words around a full stop ("Str.Nr", "St.John")."""
    if marker:
        return True
    head, top_level = written.rsplit(".", 1)
    same_case = written.islower() or written.isupper()
    return same_case and len(head.replace(".", "")) >= 4 and (len(top_level) > 2 or bool(country))


def _is_short_link(domain: str, rest: str) -> bool:
    """Say whether an address is a service that shortens addresses for all the world.

    Besides those that are known: a label of few letters and nothing behind it but a code with
    figures, or letters large and small.
    """
    if domain.removeprefix("www.") in table("domains")["short_links"]:
        return True
    labels, path = domain.removeprefix("www.").split("."), _PATH.match(rest)
    if path is None or len(labels) != 2 or len(labels[0]) > _MAX_SHORT_LABEL_LETTERS:
        return False
    code = path[0][1:]
    return any(map(str.isdigit, code)) or not (code.islower() or code.isupper() or code.istitle())


def _names_in_domain(domain: str, town_table: TownTable) -> list[str]:
    own = table("domains")["own"].get(domain.rsplit(".", 1)[1], ["", ""])[1]
    labels = [part for label in domain.split(".")[:-1] for part in (label, *label.split("-"))]
    folded = dict.fromkeys(fold(label) for label in labels if len(label) >= _MIN_NAME_LETTERS)
    plain = word_list("ordinary") | word_list("trade") | word_list("brands")
    names = [name for name in folded if name not in plain and is_name(name, town_table)]
    return ([own] if own else []) + names[:2]


def _clue_of_name(name: str, domain: str, line: Clue) -> Clue:
    attributes = {"name": name, "normalized": name, "context": "beside_trade"}
    return clue_from_line("place_name", f"“{name}” in {domain}", line, NAME, attributes)


def _extract_domains(observations: Observations, town_table: TownTable) -> list[Clue]:
    return domain_clues(observations.lines.on_signs, town_table)


def _weigh_domains(observations: Observations, town_table: TownTable) -> list[Likelihood]:
    found = observations.of_kind("domain", "top_level")
    said = (domain_likelihood(clue, town_table) for clue in found)
    return [likelihood for likelihood in said if likelihood is not None]


SOURCE = Source(
    name=NAME,
    kind="domain",
    label=mark("Internet domain"),
    check="set by hand; checked on drawn signs and by the tests' signs with addresses",
    extract=_extract_domains,
    likelihood=_weigh_domains,
    of_one_sign=True,
)
