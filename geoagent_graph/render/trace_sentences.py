"""Sentences that traces hold, said in another language.

A trace is English whatever language its case was worked on in. Its sentences are put together from
the templates below; what is recognised is said in the language that is spoken, with its parts, and
what is not stays as it is. Names in `q_` hold words of a photo or a person and are never
translated, names in `n_` hold a number, all others hold a part that is looked at again.
"""

import functools
import re
from typing import Final

from geoagent_graph.translation import (
    SOURCE_LANGUAGE,
    continent_name,
    current_language,
    local_number,
    template,
    template_in_language,
    use_language,
)
from geoagent_graph.types import CONTINENTS, Clue

# Their text is writing in the photo, words of a person or of a model: not ours to translate.
AS_WRITTEN: Final = frozenset({"text", "script", "context", "policy"})
MAX_DEPTH: Final = 9
MAX_CHARS: Final = 1000  # longer sentences of a trace stay as they are
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_NUMBER: Final = r"([-+−<>]? ?[\d.,]+)"
_PLAIN_NUMBER: Final = re.compile(r"\d[\d,]*(\.\d+)?", re.ASCII)
_COORDINATES: Final = frozenset({"n_lat", "n_lon"})  # written the same in every language
_LONG: Final = frozenset(
    {"seen", "first", "rest", "reason", "reasons", "act", "words", "claim"}
    | {"q_reason", "q_text", "q_error", "q_line"}
)

TEMPLATES: Final = (
    # evidence: what was seen, and what it weighs
    template("{seen}; {ratio} in {place} than in {area}"),
    template("{seen}; says nothing for or against {place}"),
    template("{n_ratio} times likelier"),
    template("{n_ratio} times less likely"),
    template("over 1000 times likelier"),
    template("over 1000 times less likely"),
    template("some clues say the same thing, so together they count for less than one by one"),
    template("the clues fit together here: together they say more than one by one"),
    template("the clues are independent of one another here"),
    template("the world"),
    template("{first}; {rest}"),
    template("{list} and {n_more} more"),
    template("{n_countries} countries"),
    template("{n_countries} countries write such codes"),
    template("{q_brand}: a brand in {countries}"),
    template("{q_brand}: a operator in {countries}"),
    template("{q_brand}: a transit network in {countries}"),
    template("{q_brand}: a brand"),
    template("{q_brand}: a operator"),
    template("{q_brand}: a transit network"),
    template("prices in {q_sign}: {countries}"),
    template("prices in {q_sign}"),
    template("date {q_date}: the usual way in {n_countries} countries"),
    template("date {q_date}"),
    template("address {q_address}: .{q_ending} is {country}"),
    template("address {q_address}"),
    template("“{q_name}” in {q_address}"),
    template("the file claims the place: {q_place}"),
    template("the file claims {q_claim}"),
    template("a person names {q_place}"),
    template("a person names {q_place} ({q_meaning})"),
    template("what is known of the photo names {q_place}"),
    template("what is known of the photo names {q_place} ({q_meaning})"),
    template("looks most like the reference photos from {q_places}"),
    template("looks like {countries}"),
    template("looks like no country in particular"),
    template("{country} ({n_share} %)"),
    template("the photo as {n_numbers} numbers of {q_model}"),
    template("“{q_line}” says who made the picture"),
    template("“{q_line}” is the mark of a map or street view"),
    template("“{q_line}” is the mark of a picture agency"),
    template("“{q_line}” is a date"),
    template("“{q_line}” stands in a screenshot of a programme"),
    template("“{q_line}” is a caption laid over the picture"),
    template("“{q_line}” speaks to whoever looks at the photo"),
    template("“{q_line}” is laid over the picture again and again"),
    template("telephone {q_number}: a number of {countries}"),
    template("telephone {q_number}: a number of {countries}, there of {q_area}"),
    template("telephone {q_number}: a number that fits the plans of {n_countries} countries"),
    template(
        "telephone {q_number}: a number that fits the plans of {n_countries} countries, "
        "there of {q_area}"
    ),
    template("telephone {q_number}"),
    template("number plates {q_plates}: as in {countries}"),
    template("number plate {q_plate}"),
    template("postal code {q_code}: {countries}"),
    template("postal code {q_code}"),
    template("road {q_roads}: written so in {countries}"),
    template("road {q_road}"),
    template("“{q_name}” on a direction sign"),
    template("“{q_name}” as the name of a business"),
    template("“{q_name}” in words to the reader"),
    template("“{q_name}” on a direction sign: {places}"),
    template("“{q_name}” as the name of a business: {places}"),
    template("“{q_name}” in words to the reader: {places}"),
    template("“{q_name}”: {places}"),
    template("{seen}: named as abroad"),
    template("{seen}: {n_km} km away"),
    template("“{q_line}” is of {country}, and stands abroad"),
    template("names that one map, list or poster may hold"),
    template("“{q_word}”: a word in {q_languages}"),
    template("{n_lines} line in {script} script"),
    template("{n_lines} lines in {script} script"),
    template("{lines}, read as {languages}"),
    template("{lines}, with the words {q_words}"),
    template("{language} and {others}"),
    template("{n_photos} similar photos, the most similar at {n_score}"),
    template("the same place as {q_photo}, {n_points} matching points; {seen}"),
    template("the sun stood {where} at {q_time} in local time, as its file claims"),
    template("the sun stood {where} at {q_time} in local time"),
    template("the sun stood {where} at {q_time}"),
    template("the sun stood {where}"),
    template("{q_height}° high"),
    template("at a bearing of {q_bearing}°"),
    template("{q_angle}° to the right of where the camera looks"),
    template("{q_angle}° to the left of where the camera looks"),
    template("in the north"),
    template("in the south"),
    template("focal length {n_focal} mm (35 mm equivalent), as given"),
    template("focal length {n_focal} mm (35 mm equivalent), as the file says"),
    template("focal length {n_focal} mm (35 mm equivalent), a guess"),
    template("camera held level: no horizon is marked"),
    template("within {n_km} km of {q_point}"),
    template("within {n_km} km of {n_lat}, {n_lon}"),
    template("in {countries}"),
    template("{country} or {others}"),
    # steps
    template("read {n_lines} line of text; {rest}"),
    template("read {n_lines} lines of text; {rest}"),
    template("no readable text; {rest}"),
    template("the file claims a position; {rest}"),
    template("{n_clues} clue drawn from it"),
    template("{n_clues} clues drawn from it"),
    template("{n_candidates} candidate in {area}: {places}"),
    template("{n_candidates} candidates in {area}: {places}"),
    template("no reference index given"),
    template("no reference photos in this region"),
    template("{n_photos} reference photo, most similar {q_photo} at {n_score}"),
    template("{n_photos} reference photos, most similar {q_photo} at {n_score}"),
    template("{names} and {points} placed on the map"),
    template("{n_names} name"),
    template("{n_names} names"),
    template("{n_points} reference point"),
    template("{n_points} reference points"),
    template("{n_lines} line"),
    template("{n_lines} lines"),
    template("{n_claims} claim"),
    template("{n_claims} claims"),
    template("no such place"),
    template("{n_places} places, first {place}, {country}"),
    template("accept: {reason}"),
    template("retry: {reason}"),
    template("back: {reason}"),
    template("stop: {reason}"),
    template("{place} has {n_share}%, enough for a continent ({n_needed}%); {reason}"),
    template("{place} has {n_share}%, enough for a country ({n_needed}%); {reason}"),
    template("{place} has {n_share}%, enough for a city ({n_needed}%); {reason}"),
    template(
        "the likeliest continent, {place}, has {n_share}%; {n_needed}% are needed to claim "
        "it; {reason}"
    ),
    template(
        "the likeliest country, {place}, has {n_share}%; {n_needed}% are needed to claim it; "
        "{reason}"
    ),
    template(
        "the likeliest city, {place}, has {n_share}%; {n_needed}% are needed to claim it; {reason}"
    ),
    template("no clue tells places apart here"),
    template("no clue points to a town; {place} is only where most people of {country} live"),
    template("the list holds only {n_share}% of the probability: a longer one is due"),
    template("the clues are {ratio} in {place} than elsewhere: it was accepted too early"),
    template("no place comes into question at this level"),
    template("{n_prior}% before the clues, {n_share}% with them"),
    template("{place}, within {distance} of {n_lat}, {n_lon}"),
    template("nowhere in particular: the evidence is thin"),
    template("nowhere in particular: nothing seen tells places apart"),
    template("{n_distance} km"),
    template("{n_distance} m"),
    # questions, and what people did
    template("The policy says accept {place}: {reason}. Do you agree?"),
    template("The policy says {decision}: {reason}. Do you agree?"),
    template("retry"),
    template("back"),
    template("stop"),
    template("accept {place}"),
    template("a person {act}"),
    template("a person adds to it"),
    template("set by a person"),
    template("a person accepts it"),
    template("a person: {q_reason}"),
    template("accepts {place}"),
    template("agrees to {decision}"),
    template("rejects {place}: {q_reason}"),
    template("vetoes {place}: {q_reason}"),
    template("sets continent={place}"),
    template("sets country={place}"),
    template("sets city={place}"),
    template("takes back: {act}"),
    template("marks a region of the photo"),
    template("reads: {q_text}"),
    template("names the place: {q_place}"),
    template("says when it was taken: {q_time}"),
    template("a person says it was taken at {q_time}"),
    template("looks only {area}"),
    template("looks {area}"),
    template("says that {words}"),
    # what must be known first
    template(
        "{claim} ({q_town}, {country}), {n_km} km from the answer, though nothing that the "
        "photo shows speaks against it"
    ),
    template(
        "{claim}, {n_km} km from the answer, though nothing that the photo shows speaks against it"
    ),
    template(
        "{claim} ({q_town}, {country}), {n_km} km from the answer: what the photo shows says "
        "otherwise: {reasons}"
    ),
    template("{claim}: what else was found speaks against it: {reasons}"),
    template("{claim}: at sea or in the wild, {distance} from the nearest town, {q_town}"),
    template("{claim}: {distance} from the nearest town, {q_town}"),
    template(
        "the point where the evidence is strongest lies in {place}, which was excluded: do "
        "not take it for the place of the photo"
    ),
    template("the point where the evidence is strongest lies outside the drawn circle"),
    template("the step budget ran out before the last level was decided"),
    template("several frames or pages: only the first is looked at"),
    template("the file lacks its end; the picture is there"),
    template("the file breaks off: about {n_share}% of the picture is missing"),
    template("the photo is full of text: 1 smaller line of it left unread"),
    template("the photo is full of text: {n_lines} smaller lines of it left unread"),
    template("{q_tool} failed, the answer goes without it: {q_error}"),
    template("a person has set {q_places}: all probabilities are given that this is right"),
    template(
        "the sun says nothing of the place before a time is known: add when the photo was taken"
    ),
    # several photos of a trip
    template("{q_photo} shows what another photo shows too: that counts once"),
    template("the times that the files claim are more likely wrong than right"),
    template("the other photos of the trip are most likely around here"),
    template("the other photos of the trip are most likely elsewhere"),
    template("{claim}, which the other photos do not change"),
    template("{claim}, because {reason}"),
    template("and because {reason}"),
    template("{place}: {n_alone} % alone, {n_together} % together"),
    template("{q_photo}, taken {time} earlier, is most likely {where} ({q_shares})"),
    template("{q_photo}, taken {time} later, is most likely {where} ({q_shares})"),
    template("{q_photo}, taken at the same time, is most likely {where} ({q_shares})"),
    template("{q_photo}, is most likely {where} ({q_shares})"),
    template("here"),
    template("elsewhere"),
    template("{distance} from here"),
    template("{n_days} days"),
    template("no answer yet"),
    template("No time is known: it takes part as a photo of the same trip."),
    template("Taken at {q_time}, its file claims."),
    template("Taken at {q_time}, a person says."),
    template("{n_times} times better, than photos of unrelated places"),
    template("{n_times} times worse, than photos of unrelated places"),
    template("neither way, no better or worse than unrelated places"),
    template("contradiction, no way is possible at these times"),
    # headlines and ways on that a server gives in English
    template("No claim: the evidence is too thin"),
    template("{continent}, country unknown"),
    template("Near {q_town}, {country}"),
    template("{country}, city unknown"),
    template("{place} ({n_share} %)"),
    template("writing: {n_lines} line read"),
    template("writing: {n_lines} lines read"),
    template("writing: none was read"),
    template("the file: it claims a position"),
    template("the file: it claims no position"),
    template("the look of the photo, by a model that sees"),
    template("similar photos: {n_photos} found in the index"),
    template("{n_places} place weighed, none likely enough to claim"),
    template("{n_places} places weighed, none likely enough to claim"),
    template("a reader of text: none is installed (`geoagent doctor` says what to do)"),
    template("a position in the file"),
    template("a model that sees what the photo shows beyond its writing"),
    template("reference photos of the places that come into question"),
    template("add what you see or know"),
    template("narrow the area to a country"),
    template("or to a circle"),
    template("add a model"),
    template("or reference photos"),
    # what a check of a trace says
    template("the chain of {n_events} events holds, last hash {q_hash}"),
    template("the photo is the one in the trace"),
    # who had a case in hand
    template("{q_person} viewed the case, {way}"),
    template("{q_person} viewed the case"),
    template("{q_person} took a file of it ({q_file}), {way}"),
    template("{q_person} took a file of it ({q_file})"),
    template("{q_person} took its trace to hand on ({q_file}), {way}"),
    template("{q_person} took its trace to hand on ({q_file})"),
    template("{q_person} renamed the case to {q_name}, {way}"),
    template("{q_person} renamed the case to {q_name}"),
    template("{q_person} changed the case ({q_change}), {way}"),
    template("{q_person} changed the case ({q_change})"),
    template("{q_person} signed everything above"),
)


def say_stored(text: str) -> str:
    """Return a sentence of a trace in the language that is spoken; as it is where none is known."""
    language = current_language().tag
    return text if language == SOURCE_LANGUAGE else _translate(text, language, 0)


def clue_text(clue: Clue) -> str:
    """Return what a clue says: writing as it stands in the photo, all else translated."""
    return clue.text if clue.kind in AS_WRITTEN else say_stored(clue.text)


def _translate(text: str, language: str, depth: int) -> str:
    if depth > MAX_DEPTH or len(text) > MAX_CHARS:
        return text
    named = _names(language).get(text)
    if named is not None:
        return named
    for pattern, names, words in _patterns():
        found = pattern.fullmatch(text)
        if found is not None:
            parts = {
                name: _translate_part(name, value, language, depth + 1)
                for name, value in zip(names, found.groups(), strict=True)
            }
            return template_in_language(words).format(**parts)
    listed = text.split(", ")
    return ", ".join(_names(language).get(part, part) for part in listed)


def _translate_part(name: str, value: str, language: str, depth: int) -> str:
    if name.startswith("q_"):
        return value
    if name == "script":
        return _names(language).get(f"script:{value}", value)
    if not name.startswith("n_"):
        return _translate(value, language, depth)
    if name in _COORDINATES or not _PLAIN_NUMBER.fullmatch(value):
        return value
    plain = value.replace(",", "")
    return local_number(float(plain), len(plain.partition(".")[2]))


@functools.cache
def _patterns() -> tuple[tuple[re.Pattern[str], tuple[str, ...], str], ...]:
    """Return what recognises each template, the one with most words of its own first."""
    found = []
    for words in TEMPLATES:
        parts = _PLACEHOLDER.split(words)
        source = "".join(
            _pattern_of(part) if index % 2 else re.escape(part) for index, part in enumerate(parts)
        )
        own = sum(len(part) for part in parts[::2])
        found.append((own, re.compile(source, re.DOTALL), tuple(parts[1::2]), words))
    ranked = sorted(found, key=lambda item: -item[0])
    return tuple(item[1:] for item in ranked)


def _pattern_of(name: str) -> str:
    """Return what a part may be: a number, one thing, or for some names whole statements."""
    if name.startswith("n_"):
        return _NUMBER
    if name in _LONG:
        return "(.+)"
    return "([^;]+)" if name.startswith("q_") else "([^;:]+)"


def names_in_traces() -> dict[str, str]:
    """Return what countries, continents and languages are called, by their English names.

    Scripts by "script:Latin". For the language that is spoken; empty in English.
    """
    language = current_language().tag
    return {} if language == SOURCE_LANGUAGE else dict(_names(language))


@functools.cache
def _names(language: str) -> dict[str, str]:
    from babel import Locale

    from geoagent_graph.geo.countries import english_names

    english, own = Locale("en"), Locale.parse(language)
    names = {
        str(name): str(own.languages[code])
        for code, name in english.languages.items()
        if len(code) == 2 and code in own.languages
    }
    scripts = {str(name): code for code, name in english.scripts.items()}
    scripts |= {"Japanese": "Jpan", "Hangul": "Hang", "Han": "Hani"}
    names |= {f"script:{name}": str(own.scripts.get(code, name)) for name, code in scripts.items()}
    countries = {code: name for code, name in english_names().items() if len(code) == 2}
    names |= {name: str(own.territories.get(code, name)) for code, name in countries.items()}
    with use_language(language):
        return names | {name: continent_name(code, name) for code, name in CONTINENTS.items()}
