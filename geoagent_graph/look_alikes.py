"""Letters of Latin, Cyrillic and Greek that look alike: a reader is as sure of the wrong one."""

MIN_LOOK_ALIKE_LETTERS = 4
_LOOK_ALIKES = frozenset("ABCEHIKMOPTXYabcehikmoptxy03")
_TWINS = frozenset("АВСЕНІКМОРТХУЅЈасеіорхуѕјΑΒΕΖΗΙΚΜΝΟΡΤΥΧοικ")


def is_made_of_look_alikes(text: str) -> bool:
    """Say whether each letter of a word in Latin capitals is one that Cyrillic or Greek has too.

    "CKAAA" may be СКЛАД; a reader is as sure of it as of any word.
    """
    letters = [letter for letter in text if letter.isalpha()]
    known = all(letter in _LOOK_ALIKES for letter in letters)
    return known and len(letters) >= MIN_LOOK_ALIKE_LETTERS and text == text.upper()


def has_own_letters(text: str) -> bool:
    """Say whether a text has a letter beyond ASCII that looks like no Latin one."""
    return any(letter.isalpha() and letter > "\u0370" and letter not in _TWINS for letter in text)
