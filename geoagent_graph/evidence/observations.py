"""All observations as signals that are independent given the town."""

from collections.abc import Sequence
from dataclasses import dataclass

from geoagent_graph.evidence.language.language_mix import LanguageMix
from geoagent_graph.evidence.language.likelihood import language_signal
from geoagent_graph.evidence.likelihood import Signal
from geoagent_graph.evidence.names.likelihood import NameSignals
from geoagent_graph.evidence.point_components import PointClaim, signal_of_claims
from geoagent_graph.evidence.sources.currencies import currency_signal
from geoagent_graph.evidence.sources.domains import domain_signal
from geoagent_graph.evidence.sources.file_position import exif_claim
from geoagent_graph.evidence.sources.phones import phone_signal
from geoagent_graph.evidence.sources.postal_codes import postal_code_signal
from geoagent_graph.evidence.sources.similar_photos import similar_photo_claims
from geoagent_graph.evidence.towns import Floats, TownTable
from geoagent_graph.types import Clue, Reference


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """The signals, and the claims about points inside two of them."""

    signals: tuple[Signal, ...]
    exif: tuple[PointClaim, Signal] | None
    similar: tuple[tuple[PointClaim, ...], Signal] | None

    @property
    def claims(self) -> tuple[PointClaim, ...]:
        """Every point that was claimed."""
        file = (self.exif[0],) if self.exif else ()
        return (*file, *(self.similar[0] if self.similar else ()))

    def signal_of(self, claim: PointClaim) -> Signal:
        """Return the signal a claim is part of."""
        if self.exif and claim is self.exif[0]:
            return self.exif[1]
        if self.similar is None:
            raise KeyError("a claim of other observations")
        return self.similar[1]


def observe_signals(
    clues: Sequence[Clue],
    references: Sequence[Reference],
    town_table: TownTable,
    prior: Floats,
    mix: LanguageMix,
    names: NameSignals,
) -> Observed:
    """Return what clues and similar photos say, one signal per independent source."""
    signals: list[Signal | None] = [language_signal(clues, mix)]
    signals += [names.signal(clue) for clue in _distinct_names(clues, town_table)]
    for clue in clues:
        if clue.kind == "phone" and "number" in clue.attributes:
            signals.append(phone_signal(clue, town_table))
        elif clue.kind == "domain" and "top_level" in clue.attributes:
            signals.append(domain_signal(clue, town_table))
        elif clue.kind == "currency" and "codes" in clue.attributes:
            signals.append(currency_signal(clue, town_table))
        elif clue.kind == "postal_code" and "code" in clue.attributes:
            signals.append(postal_code_signal(clue, town_table))
    exif = None
    claimed = exif_claim(clues, town_table, prior)
    if claimed:
        claim, clue = claimed
        exif = (claim, signal_of_claims([claim], town_table, "exif_reader", clue.text, (clue.id,)))
    similar = None
    points = similar_photo_claims(references, town_table, prior)
    if points:
        best = max(references, key=lambda reference: reference.score)
        says = f"{len(references)} similar photos, the most similar at {best.score:.2f}"
        similar = (tuple(points), signal_of_claims(points, town_table, "retriever", says, ()))
    found = [signal for signal in signals if signal is not None]
    found += [part[1] for part in (exif, similar) if part is not None]
    return Observed(tuple(found), exif, similar)


def _distinct_names(clues: Sequence[Clue], town_table: TownTable) -> list[Clue]:
    """Return the names, one per meaning: "Munich" beside "München" is the same name twice."""
    kept: list[Clue] = []
    meanings: set[int] = set()
    for clue in clues:
        if clue.kind != "place_name" or "normalized" not in clue.attributes:
            continue
        towns = town_table.gazetteer.matches(clue.attributes["normalized"])
        if len(towns) and int(towns[0]) in meanings and "country_code" not in clue.attributes:
            continue
        meanings |= {int(towns[0])} if len(towns) else set()
        kept.append(clue)
    return kept
