"""The weights of words and numbers that are read, other than names of places."""

from dataclasses import dataclass

from geoagent_graph.evidence.parameter_group import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageWeights(Group):
    """Languages, scripts, letters and street words of lines; see `evidence.language`."""

    shared: float  # P(a line is in the photo's main language)
    for_visitors: float  # share of photos whose lines are in the languages of visitors, anywhere
    guess_weight_beside_word: float
    word_elsewhere: float
    ending_elsewhere: float
    letter_elsewhere: float
    later_letter_power: float
    right_other_sure: float
    right_other_unsure: float
    right_other_own_script: float
    sure_from: float
    to_peers: float
    least_brand_guess: float
    least_own_share: float
    trust_from: float
    trust_full: float
    stray_reading: float
    stray_script: float
    transliterated: float
    han_as_hani: float
    han_as_other_han: float
    hani_in_china: float  # share of what shared Han letters say of Chinese beside Japanese
    hangul_as_hani: float
    foreign_speakers: float
    spelling_power: float  # of the logarithm of P(letters | language)
    unlisted_word: float  # P(a word is not of its language's list)
    listed_power: float  # of P(word | language) by the list over that by the spelling
    stray_spelling: float  # P(a long line is of no language)
    stray_power_of_letter: float  # ... of a short one: this to the power of its letters
    same_line: float  # how alike two readings are that are taken for one sign
    most_stray_letters: int
    menu_elsewhere: float  # how many menus in the language of a cuisine stand anywhere
    sentence_sureness: float  # power of what the words of a sentence say of its language
    sentence_other: float  # P(a sentence | another language) over that of its own, at least


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneWeights(Group):
    """Telephone numbers."""

    foreign: float
    odd_format: float
    fits_by_chance: float
    other_grouping: float
    without_trunk: float
    number: float
    area: float
    around: float
    around_km: float
    invalid_international: float
    least_area: float
    site_power: float
    site_offset: float
    border_km: float
    border_power: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainWeights(Group):
    """Internet domains."""

    foreign: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyWeights(Group):
    """Currencies."""

    foreign: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PostalCodeWeights(Group):
    """Postal codes."""

    other_shape: float
    other_alone: float  # of a shape that is all of a line
    other_digits: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandWeights(Group):
    """Names of brands, operators and transit networks where they are not listed."""

    long_elsewhere: float
    short_elsewhere: float
    words_elsewhere: float
    place_elsewhere: float
    misread_factor: float
    among_factor: float  # of single words and names that are not long, among other words
    only_elsewhere: float  # at least, of the only name in a photo


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateWeights(Group):
    """Number plates: how often one of a form is seen where it is not at home, beside at home."""

    foreign: float
    only: float  # of the only plate in a photo, whatever its form
    loose: float
    lettered: float  # with the country's letters beside it
    later_power: float  # what each plate after the first of a country adds
    also: float  # times as likely: forms that tell no plate
    least_share: float  # of the likeliest country's share: below it a form is not a country's


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlayWeights(Group):
    """What is laid over a picture; places and sizes are shares of the frame."""

    least_screen_words: int
    least_repeats: int
    strewn_share: float
    caption_rim: float
    caption_off_middle: float
    least_caption_width: float
    most_caption_lines: int
    least_everyday_words: int
