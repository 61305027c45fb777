"""Runs of words or characters of a line that may be a name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from geoagent_graph.geo.names import fold

MAX_LINE_CHARS = 160
MAX_WORDS = 24
MAX_SPAN_WORDS = 4
_WORD = re.compile(r"[^\W\d_][^\s,;:|/()\[\]{}<>\"“”«»!?*=+@#→←↑↓•·]*")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]{2,}")
_HANGUL = re.compile(r"[\uac00-\ud7a3]{2,}")
_HANGUL_ENDINGS = ("특별시", "광역시", "시", "역", "군", "구", "동", "읍", "면", "점", "로")
_CAMEL = re.compile(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])")


@dataclass(frozen=True, slots=True)
class NameCandidate:
    """A candidate name: as written, its folded key, and its place in the line in characters."""

    text: str
    key: str
    start: int
    end: int
    words: int


def name_candidates(line: str) -> Iterator[NameCandidate]:
    """Yield every run of up to four words, and of characters where words are not spaced."""
    line = line[:MAX_LINE_CHARS]
    found = list(_WORD.finditer(line))[:MAX_WORDS]
    for first, start in enumerate(found):
        for last in range(first, min(first + MAX_SPAN_WORDS, len(found))):
            text = line[start.start() : found[last].end()].rstrip(".-'’")
            key = fold(text)
            if key:
                yield NameCandidate(
                    text, key, start.start(), start.start() + len(text), last - first + 1
                )
    yield from _runs_of_unspaced_script(line)
    yield from _hangul_stems(line)
    yield from _run_together(found)


def _runs_of_unspaced_script(line: str) -> Iterator[NameCandidate]:
    """Yield the parts of runs in scripts without spaces between words."""
    for run in _UNSPACED.finditer(line):
        text = run[0]
        longest = 6 if text[0] >= "\u3000" else 16
        for start in range(len(text)):
            for end in range(start + 2, min(start + longest, len(text)) + 1):
                part = text[start:end]
                yield NameCandidate(part, fold(part), run.start() + start, run.start() + end, 1)


def _hangul_stems(line: str) -> Iterator[NameCandidate]:
    for word in _HANGUL.finditer(line):
        for ending in _HANGUL_ENDINGS:
            stem = word[0].removesuffix(ending)
            if stem != word[0] and len(stem) >= 2:
                yield NameCandidate(stem, fold(stem), word.start(), word.start() + len(stem), 1)


def _run_together(words: list[re.Match[str]]) -> Iterator[NameCandidate]:
    """Yield names whose spaces the reader lost: "SanFrancisco"."""
    for word in words:
        parts = _CAMEL.sub(" ", word[0])
        if parts != word[0]:
            yield NameCandidate(parts, fold(parts), word.start(), word.end(), 1)
