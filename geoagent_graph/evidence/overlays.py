"""Lines that are laid over a picture and stand on no sign: marks of rights, dates, programmes."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Literal

from geoagent_graph.evidence.map_labels import is_map
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.tables import table, word_list
from geoagent_graph.evidence.viewer_text import same_block
from geoagent_graph.evidence.word_weights import OverlayWeights
from geoagent_graph.geo.names import fold
from geoagent_graph.types import Box, Clue

OverlayKind = Literal["credit", "maps", "stock", "date", "screen", "caption", "repeated"]

_MAX_LINES = 80
_MAX_WORDS_OF_END = 2
_LEAST_SHARE_OF_HEIGHT = 0.7
_COPYRIGHT = re.compile(r"[©℗]|\(c\)\s*(?:19|20)\d\d|\(c\)\s+[A-Z]|^[oO0@]\s?(?:19|20)\d\d\s+[A-Z]")
_MARK_ALONE = re.compile(r"(?:[©℗]|\([cC]\)|copyright)[\s\d–-]*", re.I)
_LABEL = re.compile(
    r"\s*([^\W\d_][^:：]{1,24}?)\s?(?:[:：©/]|\b(?:by|von|par|por|di)\b\s|(?<=[撮摄攝].)\s)", re.I
)
_TIME = r"(?:\d{1,2}[:.]\d{2}(?:[:.]\d{2})?\s?(?:[AaPp]\.?[Mm]\.?)?)"
_COUNT = re.compile(r"^[\d.,\s]+[KkMm]?\s")
_HANDLE = re.compile(r"(?:^|\s)(?:[ru]/\w{3,}|@\w{3,}$)")
_PROGRAMME_FIGURES = re.compile(
    r"\(\d+(?:[.,]\d+)?\s?(?:km|mi|m|км|公里|กม)\.?\)|\b\w:\s?-?\d{1,2}°\s+\w:\s?-?\d{1,2}°"
)  # a route's length, the day's highest and lowest degrees
_YEAR = r"(?:(?:19|20)\d\d|['’]\d\d)"
_FIGURES = (
    rf"(?:{_YEAR}[ /.:-]\s?\d{{1,2}}[ /.:-]\s?\d{{1,2}}|\d{{1,2}}[ /.-]\s?\d{{1,2}}[ /.-]\s?{_YEAR}"
    r"|\d{1,2}[/.]\d{1,2}[/.]\d\d)"
)
_DATE_AND_TIME = re.compile(rf"\W*(?:{_FIGURES}(?:[ T]+{_TIME})?|{_TIME}\s+{_FIGURES})\W*")
_WORDED_DATE = re.compile(
    rf"\W*(?:\d{{1,2}}\.?\s+(\w+)\.?,?\s+{_YEAR}|(\w+)\.?\s+\d{{1,2}},?\s+{_YEAR}|(\w+)\s+{_YEAR})"
    rf"(?:,?\s+{_TIME})?\W*"
)


def overlay_kinds(lines: Sequence[Clue]) -> dict[str, OverlayKind]:
    """Return the lines that are laid over the picture, by id, with what they are."""
    lines = lines[:_MAX_LINES]
    if _is_screenshot(lines):
        return {line.id: "screen" for line in lines}
    found: dict[str, OverlayKind] = {}
    for line in lines:
        words = kind_of_text(line.text)
        if words is not None:
            found[line.id] = words
    of_makers = {line_id for line_id, kind in found.items() if kind in ("credit", "stock")}
    for above, line in pairwise(lines):
        alone = _MARK_ALONE.fullmatch(above.text.strip()) is not None
        goes_on = alone or (above.id in of_makers and _goes_on(above, line))
        if goes_on and same_block(above, line):
            found.setdefault(line.id, "credit")
    for line_id, kind in [*_repeated_lines(lines), *_caption_lines(lines)]:
        found.setdefault(line_id, kind)
    return found


def kind_of_text(text: str) -> OverlayKind | None:
    """Return what a line is by its words alone; None for one that may stand on a sign."""
    folded = fold(text)
    words = f" {folded} "
    maps, stock = _folded("maps"), _folded("stock")
    marked = bool(_COPYRIGHT.search(text)) or any(
        f" {phrase} " in words for phrase in _folded("rights")
    )
    for kind, names in (("maps", maps), ("stock", stock)):
        if folded in names or any(f" {name} " in words for name in names if marked or " " in name):
            return "maps" if kind == "maps" else "stock"
    if marked or _names_its_maker(text):
        return "credit"
    if any(f" {mark} " in words for mark in _folded("map_credit")):
        return "maps"
    return "date" if is_date(text) else None


def _goes_on(credit: Clue, line: Clue) -> bool:
    """Say whether a line is the end of the credit above: of its height, two words at most."""
    here, there = line.box, credit.box
    alike = here is None or there is None or _are_of_one_height(here, there)
    words = line.text.split()
    return alike and len(words) <= _MAX_WORDS_OF_END and all(word.isalpha() for word in words)


def _are_of_one_height(box: Box, other: Box) -> bool:
    heights = (box.bottom - box.top, other.bottom - other.top)
    return min(heights) >= _LEAST_SHARE_OF_HEIGHT * max(heights)


def is_date(text: str) -> bool:
    """Say whether a whole text is a date, or a date and a time of day."""
    if _DATE_AND_TIME.fullmatch(text):
        return True
    match = _WORDED_DATE.fullmatch(text)
    return match is not None and fold(next(filter(None, match.groups()))) in _folded("months")


def _names_its_maker(text: str) -> bool:
    label = _LABEL.match(text)
    return label is not None and fold(label[1]) in _folded("credit") and len(text) > label.end()


def _is_screenshot(lines: Sequence[Clue]) -> bool:
    """Say whether it is a map, or two lines or more are a programme's buttons or names."""
    words = {fold(_COUNT.sub("", line.text)) for line in lines}
    found = words & _folded("screen") | {word for word in words if _is_map_programme(word)}
    found |= {line.text for line in lines if _PROGRAMME_FIGURES.search(line.text)}
    handles = {line.text for line in lines if _HANDLE.search(line.text)}
    if any(f" {mark} " in f" {word} " for word in words for mark in _folded("map_search")):
        return True
    signed = [line for line in lines if _is_credit_of_map(line.text)]
    if signed and is_map([line.text for line in lines if line not in signed]):
        return True
    return len(found) + len(handles) >= parameters().overlay.least_screen_words


def _is_map_programme(folded: str) -> bool:
    """Say whether a line is what a programme for maps is called: "Google マップ", "Waze"."""
    if folded in _folded("map_programmes"):
        return True
    words, maps = folded.split(), _folded("map_words")
    return bool(maps & {*words}) and all(word in maps | _folded("maps") for word in words)


def _is_credit_of_map(text: str) -> bool:
    """Say whether a line is the credit of a map: "Imagery ©2024 Airbus", "Map data"."""
    words = f" {fold(text)} "
    if any(f" {mark} " in words for mark in _folded("map_credit")):
        return True
    if not _COPYRIGHT.search(text):
        return False
    return any(f" {name} " in words for name in _folded("imagery"))


def _repeated_lines(lines: Sequence[Clue]) -> list[tuple[str, OverlayKind]]:
    """Return the lines of a text that is laid over the picture again and again, in both ways."""
    by_text: defaultdict[str, list[Clue]] = defaultdict(list)
    for line in lines:
        if line.box is not None:
            by_text[fold(line.text)].append(line)
    weights = parameters().overlay
    return [
        (line.id, "repeated")
        for group in by_text.values()
        if len(group) >= weights.least_repeats and _is_strewn(group, weights)
        for line in group
    ]


def _is_strewn(group: Sequence[Clue], weights: OverlayWeights) -> bool:
    boxes = [line.box for line in group if line.box is not None]
    across = [(box.left + box.right) / 2 for box in boxes]
    down = [(box.top + box.bottom) / 2 for box in boxes]
    return all(max(at) - min(at) >= weights.strewn_share for at in (across, down))


def _caption_lines(lines: Sequence[Clue]) -> list[tuple[str, OverlayKind]]:
    """Return the lines of a subtitle or a meme: running words in the middle of the rim."""
    at_rim = [line for line in lines if line.box is not None and _is_caption_place(line.box)]
    if not at_rim or len(at_rim) == len(lines) > parameters().overlay.most_caption_lines:
        return []
    counts = Counter(word for line in at_rim for word in fold(line.text).split())
    running = sum(counts[word] for word in word_list("sentence") & set(counts))
    if running < parameters().overlay.least_everyday_words or len(counts) < 4:
        return []
    return [(line.id, "caption") for line in at_rim]


def _is_caption_place(box: Box) -> bool:
    weights = parameters().overlay
    middle = abs((box.left + box.right) / 2 - 0.5) <= weights.caption_off_middle
    rim = box.top >= 1 - weights.caption_rim or box.bottom <= weights.caption_rim
    return middle and rim and box.right - box.left >= weights.least_caption_width


@cache
def _folded(name: str) -> frozenset[str]:
    return frozenset(fold(word) for word in table("overlays")[name])
