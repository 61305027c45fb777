"""Words of the miniature: chains that name the clues drawn, and a judge that reads them."""

import re
from collections.abc import Sequence
from typing import Final

from geoagent_training.data.rows import ChainOfThought, LevelOfChain
from geoagent_training.miniature.world import (
    LANDS,
    City,
    Clues,
    Land,
    best_city,
    best_land,
)
from geoagent_training.rewards.judge import JudgeQuestion

SYSTEM: Final = "Where was this photo taken?"
CAPTION_SYSTEM: Final = "What is in this photo?"
RECORD_SYSTEM: Final = "Write any record with these words."
CONSISTENCY_CHARACTERS: Final = (8, 18)

_WORDS: Final = {land.word for land in LANDS}
_READ: Final = {
    "word": re.compile(r"sign (\w+)"),
    "plate": re.compile(r"plate ([\w-]+)"),
    "side": re.compile(r"drive (left|right)"),
    "sun": re.compile(r"sun (north|south)"),
    "walls": re.compile(r"walls (\w+)"),
    "tree": re.compile(r"tree (\w+)"),
}


def country_words(clues: Clues) -> str:
    """Return the clues to the country, as a chain and a caption write them."""
    return (
        f"sign {clues.word or 'none'}, plate {clues.plate or 'none'}, "
        f"drive {clues.side or 'none'}, sun {clues.sun or 'none'}"
    )


def city_words(clues: Clues) -> str:
    """Return the clues to the city."""
    return f"walls {clues.walls or 'none'}, tree {clues.tree or 'none'}"


def caption(clues: Clues) -> str:
    """Return what the model is shown before it ever hears of places."""
    return f"{country_words(clues)}, {city_words(clues)}"


def write_chain(clues: Clues, land: Land, city: City) -> ChainOfThought:
    """Return the chain of a person who saw these clues and knows the place."""
    country, place = country_words(clues), city_words(clues)
    return ChainOfThought(
        CountryIdentification=_level_of_chain(country, land.name),
        RegionalGuess=_level_of_chain(place, city.region),
        PreciseLocalization=_level_of_chain(place, city.name),
        FinalAnswer=f"{land.name}; {city.region}; {city.name}",
    )


def _level_of_chain(words: str, conclusion: str) -> LevelOfChain:
    return LevelOfChain(Clues=(), Reasoning=words, Conclusion=conclusion, Uncertainty="")


def read_clues(text: str) -> Clues:
    """Return the clues a text names."""
    found = {name: match[1] for name, pattern in _READ.items() if (match := pattern.search(text))}
    return Clues(**{name: _or_none(found.get(name)) for name in _READ})  # type: ignore[arg-type]


def _or_none(value: str | None) -> str | None:
    return None if value == "none" else value


class RuleJudge:
    """Concludes from a reasoning what the rules of the world say; stands for a language model."""

    def conclude(self, questions: Sequence[JudgeQuestion]) -> list[str]:
        """Return the conclusion of each question; "unclear" where nothing follows."""
        return [_conclusion_of(question) for question in questions]


def _conclusion_of(question: JudgeQuestion) -> str:
    clues = read_clues(question.reasoning)
    if question.level == 0:
        land = best_land(clues)
        return land.name if land else "unclear"
    known = [land for land in LANDS if question.before and land.name == question.before[0]]
    city = best_city(known[0], clues) if known else None
    if city is None:
        return "unclear"
    return city.region if question.level == 1 else city.name
