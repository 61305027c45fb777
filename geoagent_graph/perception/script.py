"""The writing system of a text, by Unicode, as an ISO 15924 code."""

from bisect import bisect_right
from collections import Counter

# First and last code point of the blocks that hold the letters of living scripts.
_BLOCKS: tuple[tuple[int, int, str], ...] = (
    (0x0041, 0x007A, "Latn"),
    (0x00AA, 0x02AF, "Latn"),
    (0x0370, 0x03FF, "Grek"),
    (0x0400, 0x052F, "Cyrl"),
    (0x0531, 0x058F, "Armn"),
    (0x0591, 0x05F4, "Hebr"),
    (0x0600, 0x06FF, "Arab"),
    (0x0700, 0x074F, "Syrc"),
    (0x0750, 0x077F, "Arab"),
    (0x0780, 0x07BF, "Thaa"),
    (0x08A0, 0x08FF, "Arab"),
    (0x0900, 0x097F, "Deva"),
    (0x0980, 0x09FF, "Beng"),
    (0x0A00, 0x0A7F, "Guru"),
    (0x0A80, 0x0AFF, "Gujr"),
    (0x0B00, 0x0B7F, "Orya"),
    (0x0B80, 0x0BFF, "Taml"),
    (0x0C00, 0x0C7F, "Telu"),
    (0x0C80, 0x0CFF, "Knda"),
    (0x0D00, 0x0D7F, "Mlym"),
    (0x0D80, 0x0DFF, "Sinh"),
    (0x0E00, 0x0E7F, "Thai"),
    (0x0E80, 0x0EFF, "Laoo"),
    (0x0F00, 0x0FFF, "Tibt"),
    (0x1000, 0x109F, "Mymr"),
    (0x10A0, 0x10FF, "Geor"),
    (0x1100, 0x11FF, "Hang"),
    (0x1200, 0x139F, "Ethi"),
    (0x13A0, 0x13FF, "Cher"),
    (0x1400, 0x167F, "Cans"),
    (0x1780, 0x17FF, "Khmr"),
    (0x1C80, 0x1C8F, "Cyrl"),
    (0x1C90, 0x1CBF, "Geor"),
    (0x1E00, 0x1EFF, "Latn"),
    (0x1F00, 0x1FFF, "Grek"),
    (0x2C60, 0x2C7F, "Latn"),
    (0x2D00, 0x2D2F, "Geor"),
    (0x2D80, 0x2DDF, "Ethi"),
    (0x3040, 0x30FF, "Kana"),
    (0x3130, 0x318F, "Hang"),
    (0x31F0, 0x31FF, "Kana"),
    (0x3400, 0x4DBF, "Hani"),
    (0x4E00, 0x9FFF, "Hani"),
    (0xA720, 0xA7FF, "Latn"),
    (0xAC00, 0xD7A3, "Hang"),
    (0xF900, 0xFAFF, "Hani"),
    (0xFB00, 0xFB06, "Latn"),
    (0xFB13, 0xFB17, "Armn"),
    (0xFB1D, 0xFB4F, "Hebr"),
    (0xFB50, 0xFDFF, "Arab"),
    (0xFE70, 0xFEFC, "Arab"),
    (0xFF21, 0xFF5A, "Latn"),
    (0xFF66, 0xFF9D, "Kana"),
    (0x20000, 0x323AF, "Hani"),
)
MIN_MORE_OF_A_KIND = 3  # times as many letters of one Chinese set as of the other
_STARTS = [first for first, _, _ in _BLOCKS]


def letter_script(character: str) -> str | None:
    """Return the script of one letter or vowel sign; None for digits, signs and rare scripts."""
    code = ord(character)
    first, last, script = _BLOCKS[max(0, bisect_right(_STARTS, code) - 1)]
    if not first <= code <= last:
        return None
    return script if character.isalpha() or _is_mark(character) else None


def _is_mark(character: str) -> bool:
    from unicodedata import category

    return category(character) in {"Mn", "Mc"}


def letter_count(text: str) -> int:
    """Return how many letters a text has."""
    return sum(character.isalpha() for character in text)


def script_of(text: str) -> str | None:
    """Return the script of most letters; None for a text without letters.

    Han letters are told apart where they can be: `Jpan` with kana or with forms only Japan uses,
    `Hans` and `Hant` by forms that only one of the two Chinese character sets has, else `Hani`.
    """
    counts = Counter(filter(None, map(letter_script, text)))
    if not counts:
        return None
    if counts["Kana"]:  # Japanese mixes kana with Han
        counts["Jpan"] = counts.pop("Kana") + counts.pop("Hani", 0)
    script = counts.most_common(1)[0][0]
    return _kind_of_han(text) if script == "Hani" else script


def _kind_of_han(text: str) -> str:
    """Return the kind of a run of Han letters; few letters of the other kind are misreadings."""
    letters = [letter for letter in text if letter_script(letter) == "Hani"]
    kinds = Counter(_kind_of_letter(letter) for letter in letters)
    simplified, traditional, japanese = kinds["Hans"], kinds["Hant"], kinds["Jpan"]
    if japanese and not max(simplified, traditional) > japanese:
        return "Jpan"
    if simplified and traditional:
        more = max(simplified, traditional)
        if more < MIN_MORE_OF_A_KIND * min(simplified, traditional):
            return "Hant" if traditional >= simplified else "Hani"
    if simplified > traditional:
        return "Hans"
    return "Hant" if traditional else "Hani"


def _kind_of_letter(letter: str) -> str:
    """Return the only set of Han letters that has a letter; "Hani" for one of several."""
    simplified, traditional, japanese = (
        _is_encodable(letter, codec) for codec in ("gb2312", "big5", "shift_jis")
    )
    if simplified and not traditional:
        return "Hani" if japanese else "Hans"
    if traditional and not simplified:
        return "Hant"
    return "Jpan" if japanese and not simplified and not traditional else "Hani"


def _is_encodable(letter: str, codec: str) -> bool:
    try:
        letter.encode(codec)
    except UnicodeEncodeError:
        return False
    return True
