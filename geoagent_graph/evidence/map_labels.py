"""Whether the lines of a photo are the labels of a map, or stand on a sign."""

from collections.abc import Sequence

from geoagent_graph.evidence.language.street_words import words_in
from geoagent_graph.evidence.names.running_text import is_sentence
from geoagent_graph.evidence.names.trades import names_trade, public_words
from geoagent_graph.evidence.phones.extraction import is_contact
from geoagent_graph.evidence.tables import word_list
from geoagent_graph.geo.names import fold

_MAX_LINES_OF_SIGNS = 9
_SHARE_OF_LABELS = 0.5


def is_map(texts: Sequence[str]) -> bool:
    """Say whether the lines beside a map's credit are labels: most of them, or very many lines.

    The credit may be laid over a view of a street as well; then what its signs say holds.
    """
    labels = sum(_is_label(text) for text in texts)
    return len(texts) > _MAX_LINES_OF_SIGNS or labels > _SHARE_OF_LABELS * len(texts)


def _is_label(text: str) -> bool:
    """Say whether a line may be the name of a place or a street, with no word of signs."""
    words = {*fold(text).split()}
    if any(letter.isdigit() for letter in text) or is_contact(text):
        return False
    known = words_in(text)
    if words & word_list("street_kinds") or any(word.startswith("-") for word in known):
        return True
    of_signs = public_words() | word_list("institutions") | word_list("town_signs")
    return not (known or words & of_signs or names_trade(text) or is_sentence(text))
