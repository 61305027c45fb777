"""Text from files made safe to show: nothing in it that reorders, hides or controls."""

import unicodedata

MAX_ID_CHARS = 120
MAX_TEXT_CHARS = 500
_HARMLESS_FORMAT = frozenset("\u200c\u200d")  # joiners shape Persian, Hindi and emoji
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
_SPACES = str.maketrans(dict.fromkeys("\t\n\r\v\f\x85\u2028\u2029", " "))


def visible(text: str, limit: int = MAX_TEXT_CHARS) -> str:
    """Return text on one line of at most `limit` characters; what is cut off ends in "…".

    Control and direction characters, lone surrogates and unassigned ones become U+FFFD.
    """
    shown = "".join(_visible_character(sign) for sign in text[: limit + 1].translate(_SPACES))
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _visible_character(sign: str) -> str:
    if sign in _HARMLESS_FORMAT:
        return sign
    return "\ufffd" if unicodedata.category(sign) in _HIDDEN else sign
