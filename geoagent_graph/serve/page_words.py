"""What the page is told to show: its words and the formats of its downloads."""

from geoagent_graph.evidence.sources import clue_labels
from geoagent_graph.render import wording
from geoagent_graph.render.formats.table import formats_for
from geoagent_graph.serve.schemas import OfferedFormat, Threshold, Wording


def offered_formats() -> tuple[OfferedFormat, ...]:
    """Return the formats in which a case can be had, in the order of the table."""
    return tuple(
        OfferedFormat(name=r.name, title=r.title, note=r.note, needs_answer=r.needs_answer)
        for r in formats_for("case")
    )


def page_wording() -> Wording:
    """Return the words that reports and terminal use, for the page."""
    return Wording(
        clue_labels=dict(clue_labels()),
        node_names=dict(wording.NODE_NAMES),
        probability=_thresholds(wording.PROBABILITY_WORDS),
        strength=_thresholds(wording.STRENGTH_WORDS),
        weakest_strength=wording.WEAKEST_STRENGTH,
        min_abs_log_lr=wording.MIN_ABS_LOG_LR,
        no_claim=wording.NO_CLAIM,
        no_claim_sentence=wording.NO_CLAIM_SENTENCE,
        prior_sentence=wording.PRIOR_SENTENCE,
        claim_sentence=wording.CLAIM_SENTENCE,
        continent_headline=wording.CONTINENT_HEADLINE,
        country_headline=wording.COUNTRY_HEADLINE,
        near_headline=wording.NEAR_HEADLINE,
        unnamed_continent=wording.UNNAMED_CONTINENT,
        unnamed_country=wording.UNNAMED_COUNTRY,
    )


def _thresholds(steps: tuple[tuple[float, str], ...]) -> tuple[Threshold, ...]:
    return tuple(Threshold(at_least=least, words=words) for least, words in steps)
