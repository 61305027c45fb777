"""Fits a calibration: choices of a model on photos with known places, and how reliable they are."""

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.policies.model.calibration import apply_temperature, fit_temperature
from geoagent_graph.policies.model.choice_record import RecordedChoice, read_choices
from geoagent_graph.types import LEVELS, Answer, Level

MIN_CHOICES: Final = 20
SAME_TOWN_KM: Final = 25.0
FOLDS: Final = 5
BINS: Final = 10

KnownChoice = tuple[Sequence[float], int]
"""Shares of the options, and the index of the true one."""


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """Where a photo was taken."""

    lat_deg: float
    lon_deg: float
    continent_code: str
    country_code: str


@dataclass(frozen=True, slots=True)
class Reliability:
    """How well shares agree with how often they are right.

    `calibration_error` is the expected calibration error of the likeliest option, 0 to 1;
    `log_loss` the mean negative log-likelihood of the true option, in nats.
    """

    calibration_error: float
    log_loss: float


@dataclass(frozen=True, slots=True)
class FittedLevel:
    """A fitted temperature and what it brings.

    `after` is cross-validated: every choice is judged under a temperature fitted on others. With
    fewer than `MIN_CHOICES` nothing is fitted: the temperature is 1 and both figures are None.
    """

    choices: int
    temperature: float
    before: Reliability | None = None
    after: Reliability | None = None


def choices_with_truth(answer: Answer, truth: KnownPlace) -> dict[Level, KnownChoice]:
    """Return the first choice of every level of an answer that has a true option.

    A choice inside a region that does not hold the true place has none. Where the true place is not
    among the options, "somewhere else" is true; of towns, the nearest within 25 km is.
    """
    found: dict[Level, KnownChoice] = {}
    for choice in read_choices(answer):
        true = _true_option(choice, truth)
        if true is not None and true < len(choice.shares):
            found.setdefault(choice.level, (choice.shares, true))
    return found


def fit_levels(choices: Mapping[Level, Sequence[KnownChoice]]) -> dict[Level, FittedLevel]:
    """Return the temperature of every level and its reliability before and after."""
    return {level: _fit_level(list(choices.get(level, ()))) for level in LEVELS}


def reliability(choices: Iterable[KnownChoice]) -> Reliability:
    """Return how reliable shares are; bins of equal width, as in Guo et al. 2017."""
    binned: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    losses = []
    for shares, true in choices:
        best = max(range(len(shares)), key=lambda index: shares[index])
        binned[min(BINS - 1, int(shares[best] * BINS))].append((shares[best], best == true))
        losses.append(-math.log(max(shares[true], 1e-12)))
    gaps = [
        abs(math.fsum(share for share, _ in group) - sum(right for _, right in group))
        for group in binned
    ]
    return Reliability(math.fsum(gaps) / len(losses), math.fsum(losses) / len(losses))


def _fit_level(choices: list[KnownChoice]) -> FittedLevel:
    if len(choices) < MIN_CHOICES:
        return FittedLevel(len(choices), 1.0)
    # in an order of their own, because that of the photos may have a period
    mixed = random.Random(0).sample(choices, len(choices))  # noqa: S311
    held_out: list[KnownChoice] = []
    for fold in range(FOLDS):
        others = [choice for number, choice in enumerate(mixed) if number % FOLDS != fold]
        temperature = fit_temperature(others)
        held_out += [
            (apply_temperature(shares, temperature), true) for shares, true in mixed[fold::FOLDS]
        ]
    return FittedLevel(
        len(choices), fit_temperature(choices), reliability(choices), reliability(held_out)
    )


def _true_option(choice: RecordedChoice, truth: KnownPlace) -> int | None:
    continent, country = f"continent:{truth.continent_code}", f"country:{truth.country_code}"
    if (
        choice.within
        not in {"continent": (None,), "country": (continent,), "city": (country,)}[choice.level]
    ):
        return None
    if choice.level == "city":
        near = [
            (float(distance_km(place.lat_deg, place.lon_deg, truth.lat_deg, truth.lon_deg)), index)
            for index, place in enumerate(choice.places)
        ]
        nearest, index = min(near, default=(math.inf, 0))
        return index if nearest <= SAME_TOWN_KM else len(choice.places)
    wanted = continent if choice.level == "continent" else country
    ids = [place.id for place in choice.places]
    return ids.index(wanted) if wanted in ids else len(ids)
