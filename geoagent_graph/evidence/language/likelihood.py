"""Languages and scripts of the lines read, as a likelihood over countries."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.language.calendar_words import calendar_languages
from geoagent_graph.evidence.language.language_mix import LanguageMix
from geoagent_graph.evidence.language.line_choice import (
    TO_VIEWER,
    distinct_lines,
    names_on_shirts,
    settle_scripts,
)
from geoagent_graph.evidence.language.menus import menu_lines
from geoagent_graph.evidence.language.reader_guess import reader_likelihood
from geoagent_graph.evidence.language.script_likelihood import share_han, trusted_script
from geoagent_graph.evidence.language.sentences import settle, text_kind
from geoagent_graph.evidence.language.sign_words import word_table
from geoagent_graph.evidence.language.spelling import (
    SCRIPTS,
    column_of,
    spelling_likelihood,
    words_of,
)
from geoagent_graph.evidence.language.street_words import words_in
from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.names.name_words import without_names
from geoagent_graph.evidence.ocr_confidence import (
    letter_count,
    own_share,
    script_trust,
)
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.tables import table
from geoagent_graph.evidence.towns import Floats
from geoagent_graph.look_alikes import has_own_letters, is_made_of_look_alikes
from geoagent_graph.types import Clue

MAX_LINES = 24
_MAX_STRAY_LETTERS = 2
_WORD_LETTER = re.compile(r"[^\W\d_]")
_WORD_LETTERS = 5  # a mark on a letter of fewer is as often a slip of the reader
_MAX_SHORT_WORD_LETTERS = 2  # such words stand in many languages
_NEAR_VISITORS = ("en", "de", "fr", "es", "it", "nl")
_ALL_VISITORS = (*_NEAR_VISITORS, "ru", "zh", "ja", "ko", "ar", "pt")
_MIN_BOARD_LINES = 3


def language_likelihood(
    clues: Sequence[Clue], mix: LanguageMix, prior: Floats | None = None
) -> Likelihood | None:
    """Return what languages and scripts say about countries; None when nothing was read.

    With P(country) of the prior, shape [countries], menus are weighed as such.

    All lines go into one likelihood, because lines of one photo share their language: with
    probability `shared` a line is in the photo's main language, else it is drawn from the country's
    mix. So ten Spanish lines say little more than two, and a second language says a lot.
    """
    # the script of a box that nobody could read is a guess of the wrong recogniser: no evidence
    on_shirts = names_on_shirts([clue for clue in clues if clue.kind == "text"])
    lines = [clue for clue in clues if letter_count(clue) >= 2 and clue.id not in on_shirts]
    lines = [line for line in lines if line.attributes.get("script") and not _is_code(line)]
    lines = distinct_lines(settle_scripts(sorted(lines, key=letter_count, reverse=True)))
    lines = lines[:MAX_LINES]
    if not lines:
        return None
    names = _names_by_line(clues)
    given = np.array([_likelihood_of_line(line, mix, names.get(line.id, ())) for line in lines])
    given = _with_lines_of_names(share_han(lines, given, mix), lines, clues)
    return Likelihood(
        source="language",
        description=_describe_lines(lines),
        clue_ids=tuple(line.id for line in lines),
        country=np.logaddexp(
            _local_log(given, _are_on_menu(lines, len(given)), mix, prior),
            visitors_log(given, mix),
        ),
    )


def _with_lines_of_names(given: Floats, lines: Sequence[Clue], clues: Sequence[Clue]) -> Floats:
    """Return P(line | language), also of lines to the viewer of which names alone were left out.

    They count as lines in the language of the others, as neutral words in their place would.
    """
    to_viewer = [number for number, line in enumerate(lines) if TO_VIEWER in line.attributes]
    kept = {line.id for line in lines}
    others = [
        clue
        for clue in clues
        if TO_VIEWER in clue.attributes and letter_count(clue) <= 2 and clue.id not in kept
    ]
    if not to_viewer:
        return given
    return np.vstack([given, *([given[to_viewer[:1]]] * len(others))])[:MAX_LINES]


def _are_on_menu(lines: Sequence[Clue], count: int) -> NDArray[np.bool_]:
    on_menu = menu_lines(lines)
    found = np.zeros(count, dtype=np.bool_)
    found[: len(lines)] = [line.id in on_menu for line in lines]
    return found


def _local_log(
    given: Floats, on_menu: NDArray[np.bool_], mix: LanguageMix, prior: Floats | None
) -> Floats:
    """Return log P(lines | country), where a menu may be of a cuisine of elsewhere.

    Then its lines are as likely as in the world, and the others as in the country.
    """
    weights = parameters().language
    local = country_log(given, mix.share, weights.shared)
    if prior is None or not on_menu.any():
        return local
    dishes = country_log(given[on_menu], mix.share, weights.shared)
    anywhere = np.log(prior @ np.exp(dishes - dishes.max())) + dishes.max()
    others = country_log(given[~on_menu], mix.share, weights.shared)
    elsewhere = weights.menu_elsewhere
    return np.asarray(
        np.logaddexp(np.log(1.0 - elsewhere) + local, np.log(elsewhere) + anywhere + others)
    )


def visitors_log(given: Floats, mix: LanguageMix) -> float:
    """Return log P(lines | a board for visitors) with how often one is seen, anywhere alike.

    One in several scripts, of at least `_MIN_BOARD_LINES` lines, is for visitors from farther away.
    """
    said = _log_of_languages(given, mix, _NEAR_VISITORS)
    if len(given) >= _MIN_BOARD_LINES:
        said = float(np.logaddexp(said, _log_of_languages(given, mix, _ALL_VISITORS)))
    return float(np.log(parameters().language.for_visitors) + said)


def _log_of_languages(given: Floats, mix: LanguageMix, names: Sequence[str]) -> float:
    numbers = [mix.number_of[name] for name in names if name in mix.number_of]
    return float(np.log(given[:, numbers].mean(axis=1)).sum())


def country_log(given: Floats, share: Floats, shared: float) -> Floats:
    """Return log P(lines | country), shape [countries].

    Args:
        given: P(what was seen of a line | its language), shape [lines, languages].
        share: P(language | country), shape [countries, languages].
        shared: probability that a line is in the photo's main language.
    """
    alone = share @ given.T
    log_given_main = np.zeros_like(share)
    for number, line in enumerate(given):
        log_given_main += np.log(shared * line[None, :] + (1 - shared) * alone[:, number, None])
    top = log_given_main.max(axis=1, keepdims=True)
    return np.asarray(np.log((share * np.exp(log_given_main - top)).sum(axis=1)) + top[:, 0])


def _likelihood_of_line(line: Clue, mix: LanguageMix, names: Sequence[str]) -> Floats:
    """Return P(what was seen of a line | its language), of which every text says as much."""
    kind = text_kind(line, names)
    given = line_likelihood(line, mix, names, may_be_none=kind != "words")
    return given if kind is None else settle(line, kind, given, mix)


def line_likelihood(
    line: Clue, mix: LanguageMix, names: Sequence[str] = (), *, may_be_none: bool = True
) -> Floats:
    """Return P(script, language, letters and words seen | language of the line), per language.

    `names` are the place names that were found in the line: they are spelled the same in many
    languages, as are trade words, so a guess that rests on them says little.
    """
    weights, trust = parameters().language, script_trust(line)
    if is_made_of_look_alikes(line.text) and not words_in(line.text):
        return np.ones(len(mix.languages))  # it may be of another script altogether
    given = _letters_likelihood(line.text, mix) ** min(1.0, letter_count(line) / _WORD_LETTERS)
    if len(_WORD_LETTER.findall(without_names(line.text, names))) <= _MAX_STRAY_LETTERS:
        given = np.ones(len(mix.languages))  # a name is spelled as at home wherever it stands
    words = words_in(line.text)
    weight = own_share(line, names)
    # the spelling, the reader's guess and a street word rest on the same letters
    weight *= weights.guess_weight_beside_word if words else 1.0
    given = given * _words_likelihood(line, mix, may_be_none=may_be_none) ** weight
    for word, languages in words.items():
        ending = word.startswith("-") or len(word) <= _MAX_SHORT_WORD_LETTERS
        elsewhere = weights.ending_elsewhere if ending else weights.word_elsewhere
        given = given * _street_word_likelihood(word, languages, mix, elsewhere)
    for languages, elsewhere in calendar_languages(line.text):
        given = given * _likelihood_of_listed(languages, mix, elsewhere)
    return np.asarray(trusted_script(line, mix) * given**trust)


def _is_code(line: Clue) -> bool:
    """Say whether a line has no word, only letters that plates and codes have everywhere.

    A few Greek or Cyrillic letters that look like Latin ones are as well a misread code.
    """
    script = line.attributes["script"]
    if script == "Latn":
        known = any(len(word) > _MAX_SHORT_WORD_LETTERS for word in words_in(line.text))
        return not (known or words_of(line.text) or calendar_languages(line.text))
    few = letter_count(line) <= parameters().language.most_stray_letters
    return few and script in ("Grek", "Cyrl") and not has_own_letters(line.text)


def _names_by_line(clues: Sequence[Clue]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for clue in clues:
        if clue.kind in ("place_name", "brand") and "name" in clue.attributes:
            line = clue.attributes.get("read_in", "")
            found[line] = (*found.get(line, ()), clue.attributes["name"])
    return found


def _words_likelihood(line: Clue, mix: LanguageMix, *, may_be_none: bool) -> Floats:
    """Return P(words | language): by their spelling, by the reader's guess in other scripts."""
    script = line.attributes["script"]
    if script in SCRIPTS:
        return spelling_likelihood(line.text, script, mix.languages, may_be_none=may_be_none)
    return reader_likelihood(line, mix)


def _letters_likelihood(text: str, mix: LanguageMix) -> Floats:
    weights = parameters().language
    known: dict[str, list[str]] = table("letters")["letters"]
    values = np.ones(len(mix.languages))
    seen = [letter for letter in dict.fromkeys(text.lower()) if letter in known]
    # the more letters of one language, the less each adds: they are one word's letters
    for rank, letter in enumerate(seen[:6]):
        listed = _likelihood_of_listed(known[letter], mix, weights.letter_elsewhere)
        values = values * listed ** (1.0 if rank < 2 else weights.later_letter_power)
    return values


def _likelihood_of_listed(languages: Sequence[str], mix: LanguageMix, elsewhere: float) -> Floats:
    values = np.full(len(mix.languages), elsewhere)
    for language in languages:
        if language in mix.number_of:
            values[mix.number_of[language]] = 1.0
    return values


def _street_word_likelihood(
    word: str, languages: Sequence[str], mix: LanguageMix, elsewhere: float
) -> Floats:
    """Return P(a street word | language), also of the languages in which it is another word.

    Without its marks the Swedish "gränd" is "grand", and the Polish "zakaz" is Czech.
    """
    values = _likelihood_of_listed(languages, mix, elsewhere)
    logs = word_table().logs(word)
    if logs is None or len(word) <= _MAX_SHORT_WORD_LETTERS:
        return values
    own = [logs[column] for name in languages if (column := column_of(name)) is not None]
    usual = max([log for log in own if np.isfinite(log)] or [float(logs.max())])
    for number, name in enumerate(mix.languages):
        column = column_of(name)
        if column is not None and np.isfinite(logs[column]):
            values[number] = max(values[number], min(1.0, float(np.exp(logs[column] - usual))))
    return values


def _describe_lines(lines: Sequence[Clue]) -> str:
    scripts = Counter(_script_name(line.attributes["script"]) for line in lines)
    languages = Counter(
        _language_name(line.attributes["language"])
        for line in lines
        if line.attributes.get("language")
    )
    parts = [
        f"{count} line{'s' if count > 1 else ''} in {script} script"
        for script, count in scripts.most_common(2)
    ]
    said = ", ".join(parts)
    if languages:
        said += f", read as {' and '.join(name for name, _ in languages.most_common(3))}"
    words = dict.fromkeys(word for line in lines for word in words_in(line.text))
    return said + (f", with the words {', '.join(list(words)[:4])}" if words else "")


@cache
def _script_name(code: str) -> str:
    from babel import Locale

    known = {"Jpan": "Japanese", "Hang": "Hangul", "Hani": "Han"}
    return known.get(code) or str(Locale("en").scripts.get(code, code))


@cache
def _language_name(code: str) -> str:
    from babel import Locale

    return str(Locale("en").languages.get(code, code))
