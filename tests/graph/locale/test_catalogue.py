"""Every sentence that is said has its translation, and says the same with the same parts."""

import re

import pytest
from babel.messages.catalog import Catalog, Message

from geoagent_graph.render.trace_templates import TEMPLATES
from geoagent_graph.translation import LANGUAGES, SOURCE_LANGUAGE, STORED
from tools.messages import collect_messages, files_to_write, missing_translations

SPOKEN = [tag for tag in LANGUAGES if tag != SOURCE_LANGUAGE]
PLACEHOLDER = re.compile(r"\{(\w+)\}")
WORD = re.compile(r"[^\W\d_]{2,}")


@pytest.fixture(scope="module")
def catalogues() -> dict[str, tuple[str, str, Catalog]]:
    return {path.stem: (path.read_text("utf-8"), text, c) for path, text, c in files_to_write()}


@pytest.mark.parametrize("name", ["messages", *SPOKEN])
def test_the_files_hold_what_is_marked(
    name: str, catalogues: dict[str, tuple[str, str, Catalog]]
) -> None:
    there, due, _ = catalogues[name]
    assert there == due, "run `make messages`"


@pytest.mark.parametrize("tag", SPOKEN)
def test_every_sentence_is_translated(
    tag: str, catalogues: dict[str, tuple[str, str, Catalog]]
) -> None:
    assert missing_translations(catalogues[tag][2]) == []


def _texts(said: object) -> list[str]:
    return [said] if isinstance(said, str) else list(said)  # type: ignore[call-overload]


def _parts(words: str) -> list[str]:
    return sorted(set(PLACEHOLDER.findall(words)))


def _is_sound(message: Message) -> bool:
    """Whether each form has the parts of the English, a form for one may leave the number out."""
    due = _parts(_texts(message.id)[-1])
    if isinstance(message.id, str):
        return all(_parts(form) == due for form in _texts(message.string))
    return all(
        set(due) - {"count"} <= set(_parts(form)) <= set(due) for form in _texts(message.string)
    )


@pytest.mark.parametrize("tag", SPOKEN)
def test_translations_have_the_parts_of_the_english(
    tag: str, catalogues: dict[str, tuple[str, str, Catalog]]
) -> None:
    wrong = [message.id for message in catalogues[tag][2] if message.id and not _is_sound(message)]
    assert wrong == []


def test_templates_of_stored_sentences_are_marked_as_such() -> None:
    marked = {message.id for message in collect_messages() if message.context == STORED}
    assert marked == set(TEMPLATES)


def test_no_sentence_is_in_another_language(
    catalogues: dict[str, tuple[str, str, Catalog]],
) -> None:
    said: dict[str, set[str]] = {}
    for tag in SPOKEN:
        for message in catalogues[tag][2]:
            for words in filter(_is_sentence, _texts(message.string)):
                said.setdefault(words, set()).add(tag)
    assert [words for words, tags in said.items() if len(tags) > 1] == []


def _is_sentence(words: str) -> bool:
    """Whether a text has enough words of its own that two languages do not share it by chance."""
    return len(WORD.findall(PLACEHOLDER.sub("", words))) >= 4
