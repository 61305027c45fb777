"""Languages and scripts of the lines read; see `evidence.language`.

One source: a line's script, language, letters and street words are the same writing seen four ways.
"""

from collections.abc import Sequence
from functools import lru_cache

from geoagent_graph.evidence.language.language_mix import LanguageMix, language_mix
from geoagent_graph.evidence.language.likelihood import language_likelihood
from geoagent_graph.evidence.language.line_choice import TO_VIEWER
from geoagent_graph.evidence.language.sign_words import word_table
from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.names.abroad import abroad_lines
from geoagent_graph.evidence.names.name_words import other_use, without_names
from geoagent_graph.evidence.names.planted import prior_of_countries
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.towns import MAX_TOWN_TABLES, TownTable
from geoagent_graph.perception.language import language_of
from geoagent_graph.perception.script import script_of
from geoagent_graph.translation import mark
from geoagent_graph.types import Clue

_CLASS_OF_WORDS = 2  # ten times as often a word as a place of its size would be written
_MOST_PEOPLE = 50_000


@lru_cache(maxsize=MAX_TOWN_TABLES)
def mix_of_towns(town_table: TownTable) -> LanguageMix:
    """Return the mix of languages on signs, made once per table of towns."""
    return language_mix(town_table)


def _weigh_languages(observations: Observations, town_table: TownTable) -> Likelihood | None:
    lines = observations.lines
    # an embassy's sign is in the language of its country, which is elsewhere
    abroad = abroad_lines(lines.in_scene)
    embassies = {line_id for line_id, kind in abroad.items() if kind == "embassy"}
    left_out = embassies | lines.overlays.keys()
    names = observations.of_kind("place_name", "name", "normalized", "read_in")
    in_text = {
        name.attributes["read_in"]
        for name in names
        if name.attributes.get("context") in ("sentence", "to_reader")
    }
    clues = [
        _without_names(clue, names, town_table, to_viewer=clue.id in lines.to_viewer)
        if clue.id in lines.to_viewer | in_text
        else clue
        for clue in observations.clues
        if clue.id not in left_out
    ]
    return language_likelihood(clues, mix_of_towns(town_table), prior_of_countries(town_table))


def _without_names(
    line: Clue, names: Sequence[Clue], town_table: TownTable, *, to_viewer: bool
) -> Clue:
    """Return a line of running text without the places that it names.

    It is in a language as any words are; the places it speaks of, and their spelling, say nothing.
    A name of small places that is far oftener a word is one here.
    """
    within = [
        name.attributes["name"]
        for name in names
        if name.attributes["read_in"] == line.id
        and not _is_rather_a_word(name.attributes["normalized"], town_table)
    ]
    text = without_names(line.text, within).strip()
    read = _reading_of(text) if text != line.text.strip() else line.attributes
    marked = {TO_VIEWER: "1"} if to_viewer else {}
    return line.model_copy(update={"text": text, "attributes": {**read, **marked}})


def _is_rather_a_word(key: str, town_table: TownTable) -> bool:
    """Say whether a folded name is as good as always words: "the location"."""
    words = key.split()
    of_words = len(words) > 1 and all(word_table().is_common(word) for word in words)
    if other_use(key).word_class < _CLASS_OF_WORDS and not of_words:
        return False
    if town_table.gazetteer.country_matches(key):
        return False
    towns = town_table.gazetteer.matches(key)
    return not len(towns) or bool(town_table.population[towns[0]] < _MOST_PEOPLE)


def _reading_of(text: str) -> dict[str, str]:
    """Return script and language of what is left of a line: "Ответ: Oslo" is mostly Latin."""
    language, confidence = language_of(text)
    said = {"language": language, "language_confidence": f"{confidence:.3f}"} if language else {}
    script = script_of(text)
    return {**said, "script": script} if script else said


SOURCE = Source(
    name="languages",
    kind="language",
    label=mark("Language"),
    check="how often the reader is right fitted on 17,000 short texts of 45 languages from CLDR; "
    "the rest set by hand; checked on drawn signs and by the tests' groups of everyday words",
    likelihood=_weigh_languages,
)
