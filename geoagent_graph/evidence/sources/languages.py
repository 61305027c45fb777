"""Languages and scripts of the lines read; see `evidence.language`.

One source: a line's script, language, letters and street words are the same writing seen four ways.
"""

from collections.abc import Sequence
from functools import lru_cache

from geoagent_graph.evidence.language.language_mix import LanguageMix, language_mix
from geoagent_graph.evidence.language.likelihood import TO_VIEWER, language_likelihood
from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.names.name_words import without_names
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.towns import MAX_TOWN_TABLES, TownTable
from geoagent_graph.types import Clue


@lru_cache(maxsize=MAX_TOWN_TABLES)
def mix_of_towns(town_table: TownTable) -> LanguageMix:
    """Return the mix of languages on signs, made once per table of towns."""
    return language_mix(town_table)


def _weigh_languages(observations: Observations, town_table: TownTable) -> Likelihood | None:
    # an embassy's sign is in the language of its country, which is elsewhere
    embassies = {
        clue.attributes["read_in"]
        for clue in observations.of_kind("place_name", "abroad", "read_in")
        if clue.attributes["abroad"] == "embassy"
    }
    lines = observations.lines
    left_out = embassies | lines.overlays.keys()
    names = observations.of_kind("place_name", "name", "read_in")
    clues = [
        _without_names(clue, names) if clue.id in lines.to_viewer else clue
        for clue in observations.clues
        if clue.id not in left_out
    ]
    return language_likelihood(clues, mix_of_towns(town_table))


def _without_names(line: Clue, names: Sequence[Clue]) -> Clue:
    """Return a line addressed to the viewer without the places that it names.

    It is in a language as any words are; the places it speaks of, and their spelling, say nothing.
    """
    within = [name.attributes["name"] for name in names if name.attributes["read_in"] == line.id]
    text = without_names(line.text, within).strip()
    return line.model_copy(update={"text": text, "attributes": line.attributes | {TO_VIEWER: "1"}})


SOURCE = Source(
    name="languages",
    kind="language",
    label="Language",
    check="how often the reader is right fitted on 17,000 short texts of 45 languages from CLDR; "
    "the rest set by hand; checked on drawn signs and by the tests' groups of everyday words",
    likelihood=_weigh_languages,
)
