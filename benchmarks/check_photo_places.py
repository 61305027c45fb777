"""Measures a model that sees inside the posterior, on SYNTHETIC embeddings and drawn lines of text.

    python -m benchmarks.check_photo_places SYNTHETIC.npz COORDINATES.csv [--photos 300]

SYNTHETIC is what tools/draw_photo_embeddings.py wrote for COORDINATES (IM2GPS3K); only the half of
the places that tools/fit_visual.py holds back is used. No photo is looked at. Prints for the look
alone, the text alone (tools/draw_combined_lines.py, as read from photos of the same places) and
both together: log P(country), log P(within 25 km), how often the best town is within 25 / 200 / 750
/ 2500 km, and the expected calibration error of the likeliest continent, the likeliest country and
the likeliest circle of 25 km; then what joining gains over each alone (95 %), and what is made of
embeddings that are nothing but noise.
"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from geoagent_evaluation.metrics.calibration import calibration_error, equal_width_bins
from numpy.typing import NDArray

from benchmarks.check_planted_lines import line_clues
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.geoclip_table import TownEmbeddings, open_town_embeddings
from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.photo_look import calibrated_logs
from geoagent_graph.evidence.posterior import Posterior
from geoagent_graph.evidence.visual_weights import VisualWeights
from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.settings import load_settings
from tools.draw_combined_lines import DrawnPhoto, draw_photos, read_places
from tools.fit_visual import CITY_KM, LocatedEmbeddings, read_drawn, split_places

KINDS = ("prior", "look", "text", "both")
RADII_KM = (25.0, 200.0, 750.0, 2500.0)
LEVELS = ("continent", "country", "25 km")
DRAWS = 2000
BATCH_PHOTOS = 16


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one posterior makes of a place: logs of the truth, how far off, and claims by level."""

    country_log: float
    near_log: float
    away_km: float
    stated: tuple[float, ...]
    right: tuple[bool, ...]


class Judge:
    """Looks at posteriors over the towns of one evidence model."""

    def __init__(self, model: BayesEvidence) -> None:
        self.towns = model.town_table
        self.prior = model.prior

    def outcome(self, posterior: Posterior, photo: DrawnPhoto) -> Outcome:
        """Return what a posterior makes of a drawn photo."""
        towns, probability = self.towns, posterior.probability
        countries = posterior.country_probability
        number = towns.number_of[photo.country]
        near, _ = towns.near(photo.lat_deg, photo.lon_deg, CITY_KM)
        best = int(probability.argmax())
        lat_deg, lon_deg = towns.gazetteer.lat_deg[best], towns.gazetteer.lon_deg[best]
        away_km = float(distance_km(lat_deg, lon_deg, photo.lat_deg, photo.lon_deg))
        around, _ = towns.near(float(lat_deg), float(lon_deg), CITY_KM)
        names, of_country = np.unique(towns.continents, return_inverse=True)
        continents = np.bincount(of_country, countries)
        return Outcome(
            country_log=float(np.log(max(countries[number], 1e-12))),
            near_log=float(np.log(max(probability[near].sum(), 1e-12))),
            away_km=away_km,
            stated=(
                float(continents.max()), float(countries.max()), float(probability[around].sum()),
            ),
            right=(
                str(names[continents.argmax()]) == photo.continent,
                int(countries.argmax()) == number,
                away_km <= CITY_KM,
            ),
        )  # fmt: skip


def look_likelihood(
    scores: NDArray[np.float32], model: BayesEvidence, weights: VisualWeights
) -> Likelihood:
    """Return what the source `photo_places` makes of a model's scores."""
    towns = model.town_table
    logs = calibrated_logs(scores, towns, weights)
    nothing = np.zeros(len(towns.codes))
    return Likelihood("photo_places", "look", (), nothing, np.arange(len(towns)), logs)


def photos_to_judge(
    held_back: LocatedEmbeddings, coordinates: Path, model: BayesEvidence, count: int
) -> Iterator[tuple[DrawnPhoto, int]]:
    """Yield photos of held-back places with drawn text, and the row of their embedding."""
    rows = {
        (float(lat), float(lon)): row
        for row, (lat, lon) in enumerate(zip(held_back.lat_deg, held_back.lon_deg, strict=True))
    }
    for continent, places in read_places(coordinates, model.town_table).items():
        inside = [place for place in places if place[:2] in rows]
        share = round(count * len(inside) / max(len(rows), 1))
        if not inside or not share:
            continue
        for photo in draw_photos({continent: inside}, model.town_table, 1, share):
            yield photo, rows[photo.lat_deg, photo.lon_deg]


def outcomes_of(
    drawn: Sequence[tuple[DrawnPhoto, int]], held_back: LocatedEmbeddings,
    table: TownEmbeddings, model: BayesEvidence, weights: VisualWeights,
) -> dict[str, list[Outcome]]:  # fmt: skip
    """Return the outcomes of every kind of evidence."""
    judge, found = Judge(model), {kind: list[Outcome]() for kind in KINDS}
    for start in range(0, len(drawn), BATCH_PHOTOS):
        batch = drawn[start : start + BATCH_PHOTOS]
        scores = table.cosines(held_back.embedding[[row for _, row in batch]]) * table.scale
        for (photo, _), of_towns in zip(batch, scores, strict=True):
            lines = line_clues(photo.lines)
            text = model.weigh([*lines, *model.extract(lines)], ()).posterior.likelihoods
            look = (look_likelihood(of_towns, model, weights),)
            for kind, spoken in zip(KINDS, ((), look, text, (*text, *look)), strict=True):
                posterior = Posterior.of(model.town_table, model.prior, spoken)
                found[kind].append(judge.outcome(posterior, photo))
    return found


def outcome_rows(found: dict[str, list[Outcome]]) -> Iterable[str]:
    """Yield a row per kind of evidence."""
    yield "| evidence | log P(country) | log P(25 km) | 25 / 200 / 750 / 2500 km | ECE by level |"
    yield "|---|---|---|---|---|"
    for kind, outcomes in found.items():
        away_km = np.array([one.away_km for one in outcomes])
        within = " / ".join(f"{(away_km <= radius).mean():.1%}" for radius in RADII_KM)
        errors = " / ".join(f"{level_error(outcomes, level):.3f}" for level in range(len(LEVELS)))
        country = np.mean([one.country_log for one in outcomes])
        near = np.mean([one.near_log for one in outcomes])
        yield f"| {kind} | {country:.3f} | {near:.3f} | {within} | {errors} |"


def level_error(outcomes: Sequence[Outcome], level: int) -> float:
    """Return the expected calibration error of the likeliest place of a level."""
    stated = np.array([one.stated[level] for one in outcomes])
    right = np.array([one.right[level] for one in outcomes])
    return calibration_error(stated, right, equal_width_bins(stated))


def gain_rows(found: dict[str, list[Outcome]]) -> Iterable[str]:
    """Yield what both together gain over each alone, with its interval."""
    draws = np.random.default_rng(0).integers(0, len(found["both"]), (DRAWS, len(found["both"])))
    for alone in ("look", "text"):
        for what in ("country_log", "near_log"):
            gain = np.array([
                getattr(both, what) - getattr(one, what)
                for both, one in zip(found["both"], found[alone], strict=True)
            ])  # fmt: skip
            low, high = np.quantile(gain[draws].mean(axis=1), [0.025, 0.975])
            yield f"both over {alone}, {what}: {gain.mean():+.3f} ({low:+.3f} to {high:+.3f})"


def noise_row(
    table: TownEmbeddings, model: BayesEvidence, weights: VisualWeights, count: int
) -> str:
    """Return what is made of embeddings in random directions."""
    noise = np.random.default_rng(7).standard_normal((count, table.vectors.shape[1]))
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    claimed, sure = 0, []
    for start in range(0, count, BATCH_PHOTOS):
        scores = table.cosines(noise[start : start + BATCH_PHOTOS].astype(np.float32)) * table.scale
        for of_towns in scores:
            look = look_likelihood(of_towns, model, weights)
            posterior = Posterior.of(model.town_table, model.prior, (look,))
            sure.append(float(posterior.country_probability.max()))
            claimed += sure[-1] >= parameters().thresholds.country
    return (
        f"{count} embeddings of noise: {claimed} countries claimed, the likeliest has "
        f"{np.mean(sure):.2f} on average, {max(sure):.2f} at most"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("embeddings", type=Path)
    parser.add_argument("coordinates", type=Path)
    parser.add_argument("--photos", type=int, default=300)
    given = parser.parse_args()
    settings = load_settings()
    gazetteer = open_gazetteer(settings)
    model, table = BayesEvidence(gazetteer), open_town_embeddings(gazetteer, settings)
    weights, photos = parameters().visual, read_drawn(given.embeddings)
    held_back = photos.part(split_places(photos)[1])
    drawn = list(photos_to_judge(held_back, given.coordinates, model, given.photos))
    found = outcomes_of(drawn, held_back, table, model, weights)
    print(f"SYNTHETIC embeddings, {len(drawn)} photos; levels {', '.join(LEVELS)}")
    print(*outcome_rows(found), *gain_rows(found), sep="\n")
    print(noise_row(table, model, weights, 200))


if __name__ == "__main__":
    main()
