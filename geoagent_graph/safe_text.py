"""Text from photos and files made safe to show: no terminal escapes, no hidden reordering."""

import unicodedata

# Joiners shape Persian, Hindi and emoji; they are format characters that cannot reorder text.
_HARMLESS_FORMAT = frozenset("\u200c\u200d")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_SPACES = str.maketrans(dict.fromkeys("\t\n\r\v\f\x85\u2028\u2029", " "))


def visible(text: str, limit: int = 2000) -> str:
    """Return text on one line, with nothing in it that a screen would obey.

    Control characters (terminal escapes), direction overrides and lone surrogates become U+FFFD,
    line breaks become spaces, and what is longer than `limit` characters ends in "…".
    """
    shown = "".join(
        _visible_character(character) for character in text[: limit + 1].translate(_SPACES)
    )
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _visible_character(character: str) -> str:
    if character in _HARMLESS_FORMAT:
        return character
    return "\ufffd" if unicodedata.category(character) in _HIDDEN else character
