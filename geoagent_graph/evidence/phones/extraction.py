"""Telephone numbers in lines of text, as `phone` clues."""

import re
from collections.abc import Iterator, Sequence

from geoagent_graph.evidence.clue_ids import clue_from_line
from geoagent_graph.types import Clue

CLUE_SOURCE = "phone_numbers"
MAX_NUMBERS = 6
_NUMBER = re.compile(
    r"(?<![\w.,])(?<!\d:)(?:[+＋] ?|00)?[(]?\d(?:[ ().\-–/]{0,3}\d){6,14}(?![\w%€$£:]|[.,]\d)"
)
_PHONE_WORD = re.compile(
    r"(?:\b(?:tel|telefon|telefono|teléfono|téléphone|phone|fon|call|mob|mobile|cell|cel|fax|tlf|tfn|"
    r"puh|ph|whatsapp|hotline)\b|тел|τηλ|هاتف|تلفن|電話|电话|전화|โทร|फोन|טל|☎|📞|✆)",
    re.I,
)
_NOT_A_NUMBER = re.compile(
    r"^(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2}|(?:19|20)\d\d\s?[-–/]\s?(?:19|20)\d\d"
    r"|\d{1,2}[.]\d{2}\s?[-–]\s?\d{1,2}[.]\d{2}|\d{5}-\d{3,4})$"
)
# 253 217 346 beside "Tel." is a telephone number, by itself it may be an amount
_AMOUNT = re.compile(r"^\d{1,3}(?:[. ]\d{3})+$")


def phone_clues(lines: Sequence[Clue]) -> list[Clue]:
    """Return one clue per distinct number.

    Attributes: `number` (digits, with + for international ones), `written` as it stands on the
    sign, `calling_code` where one is given, `called` "1" beside a word like "Tel.".
    """
    found: dict[str, Clue] = {}
    for number, line in enumerate(lines):
        before = lines[number - 1].text if number else ""
        named = bool(_PHONE_WORD.search(line.text) or _PHONE_WORD.search(before[-24:]))
        for written in _numbers_in_text(line.text):
            if not named and _AMOUNT.match(written):
                continue
            digits = re.sub(r"\D", "", written)
            international = written.lstrip("(").startswith(("+", "＋", "00"))
            if not named and not international and len(digits) < 8:
                continue
            normal = "+" + digits.removeprefix("00") if international else digits
            attributes = {"number": normal, "written": written} | ({"called": "1"} if named else {})
            code = _code_of_number(normal)
            if international and not code:
                continue
            if code:
                attributes["calling_code"] = code
            found.setdefault(
                normal,
                clue_from_line("phone", f"telephone {written}", line, CLUE_SOURCE, attributes),
            )
    return list(found.values())[:MAX_NUMBERS]


def is_contact(text: str) -> bool:
    """Say whether a text is a telephone number and nothing more but a word like "Tel."."""
    numbers = list(_numbers_in_text(text))
    rest = _PHONE_WORD.sub("", text)
    for number in numbers:
        rest = rest.replace(number, "")
    return bool(numbers) and not any(letter.isalnum() for letter in rest)


def _numbers_in_text(text: str) -> Iterator[str]:
    for match in _NUMBER.finditer(text):
        written = match[0].strip()
        if not _NOT_A_NUMBER.match(written):
            yield written


def _code_of_number(number: str) -> str:
    import phonenumbers

    if not number.startswith("+"):
        return ""
    for length in (1, 2, 3):
        if int(number[1 : 1 + length]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return number[1 : 1 + length]
    return ""
