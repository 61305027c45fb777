"""Emergency numbers on signs: "In an emergency dial 000" stands in Australia."""

import re

from geoagent_graph.evidence.clue_ids import clue_from_line
from geoagent_graph.evidence.likelihood import Likelihood, country_likelihood
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.types import Clue

COUNTRIES = {"000": ("AU",), "111": ("NZ",), "117": ("CH", "PH"), "199": ("TH",)}
ELSEWHERE = 0.02  # the floor: a number like this on a sign of another country
SIGN = re.compile(r"\b(?:emergency|notruf|urgence)\b.*?\b(000|111|117|199)\b", re.IGNORECASE)


def extract(observations: Observations, towns: TownTable) -> list[Clue]:
    """Return one clue per number."""
    found = {}
    for line in observations.lines.on_signs:
        for number in SIGN.findall(line.text):
            found[number] = clue_from_line(
                "emergency_number",
                f"emergency number {number}",
                line,
                "emergency_numbers",
                {"number": number},
            )
    return list(found.values())


def likelihood(observations: Observations, towns: TownTable) -> list[Likelihood]:
    """Return what each number says of countries."""
    said = []
    for clue in observations.of_kind("emergency_number", "number"):
        countries = COUNTRIES[clue.attributes["number"]]
        said.append(
            country_likelihood(
                towns,
                dict.fromkeys(countries, 1.0),
                ELSEWHERE,
                source="emergency_number",
                description=f"{clue.text}: {', '.join(countries)}",
                clue_ids=(clue.id,),
            )
        )
    return said


SOURCE = Source(
    name="emergency_numbers",
    kind="emergency_number",
    label="Emergency number",
    check="set by hand; checked on the signs of the example",
    extract=extract,
    likelihood=likelihood,
    of_one_sign=True,
)
