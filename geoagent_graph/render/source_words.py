"""What each source weighed, in words: the claim with it, and without it."""

from collections.abc import Sequence
from typing import Final

from geoagent_graph.render import wording
from geoagent_graph.render.trace_sentences import say_stored
from geoagent_graph.translation import current_language, gettext, local_number, mark
from geoagent_graph.types import SourceWeight

SOURCES_TITLE: Final = mark("What each source weighed")
SOURCES_LEAD: Final = mark(
    "How likely the place is by all the evidence, and by the evidence without one source. Nats are "
    "the natural logarithm of how much more the source is to be expected there than in the world "
    "at large; the share is its part of all nats."
)
MIN_SHOWN_CHANGE: Final = 0.005


def without_sentence(weight: SourceWeight, arrow: str = "->") -> str:
    """Return "without the language: Spain 40 % -> 12 %, then likeliest Portugal (30 %)"."""
    label = gettext(weight.label)
    then = wording.percent(weight.probability_without)
    changed = f"{say_stored(weight.place)} {wording.percent(weight.probability)} {arrow} {then}"
    if current_language().tag != "de":  # whose nouns have capitals anywhere
        label = label[:1].lower() + label[1:]
    said = gettext("without {source}: {change}").format(source=label, change=changed)
    return f"{said}{_likeliest_words(weight)}"


def weight_words(weight: SourceWeight) -> str:
    """Return how much a source weighed: "+3.2 nats, 64 %"."""
    return gettext("{number} nats, {share}").format(
        number=nats_words(weight.nats), share=wording.percent(weight.share)
    )


def nats_words(nats: float) -> str:
    """Return how many nats a source weighed, with their sign: "+3.2"."""
    return f"{'-' if nats < 0 else '+'}{local_number(abs(nats), 1)}"


def weights_to_show(weights: Sequence[SourceWeight], most: int) -> list[SourceWeight]:
    """Return the sources without which the claim would change, the largest change first."""
    changed = [
        weight
        for weight in weights
        if abs(weight.probability - weight.probability_without) >= MIN_SHOWN_CHANGE
    ]
    ranked = sorted(changed, key=lambda one: -abs(one.probability - one.probability_without))
    return ranked[:most]


def _likeliest_words(weight: SourceWeight) -> str:
    if weight.country_without == weight.place:
        return ""
    share = wording.percent(weight.country_probability_without)
    then = gettext("then the likeliest country is {country} ({share})")
    return f", {then.format(country=say_stored(weight.country_without), share=share)}"
