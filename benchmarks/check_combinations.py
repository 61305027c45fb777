"""Measures what the evidence makes of several clues together, on drawn lines of real places.

    python -m benchmarks.check_combinations COORDINATES.csv [--seed 1] [--each 50]

COORDINATES has a photo a line (`LAT`, `LON`). Prints for photos with one source of evidence, with
two and with more how sure the likeliest country is beside how often it is right, the mean log
P(true country), the expected calibration error, the power of the likelihoods that would be best (1
is as shipped; below, clues together are believed too much), and claims; and by continent how many
photos lie in the radius.
"""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from geoagent_evaluation.metrics.calibration import calibration_error, equal_width_bins

from benchmarks.check_planted_lines import line_clues
from geoagent_graph import load_settings
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.posterior import Posterior
from geoagent_graph.evidence.towns import Floats
from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.geo.sphere import distance_km
from tools.draw_combined_lines import DrawnPhoto, draw_photos, read_places

POWERS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was made of a drawn photo; `country_logs` is log P(true country) for every power."""

    photo: DrawnPhoto
    sources: tuple[str, ...]
    claimed: str
    likeliest: float
    is_right: bool
    country_logs: tuple[float, ...]
    is_inside: bool
    radius_km: float


def outcome_of(photo: DrawnPhoto, model: BayesEvidence) -> Outcome:
    """Return what the evidence makes of the lines of one photo."""
    lines = line_clues(photo.lines)
    clues = [*lines, *model.extract(lines)]
    posterior = model.weigh(clues, ()).posterior
    found = model.locate(None, clues, ())
    shares, number = posterior.country_probability, model.town_table.number_of[photo.country]
    away_km = float(distance_km(found.lat_deg, found.lon_deg, photo.lat_deg, photo.lon_deg))
    logs = (float(np.log(max(raised[number], 1e-12))) for raised in raised_shares(posterior))
    sources = tuple(dict.fromkeys(said.source for said in posterior.likelihoods))
    best = int(shares.argmax())
    return Outcome(
        photo, sources, model.town_table.codes[best], float(shares[best]), best == number,
        tuple(logs), away_km <= found.radius_km, found.radius_km,
    )  # fmt: skip


def raised_shares(posterior: Posterior) -> Iterable[Floats]:
    """Yield P(country) with the likelihoods raised to each power."""
    towns = posterior.town_table
    log = np.zeros(len(towns))
    for said in posterior.likelihoods:
        log += said.country[towns.country]
        log[said.towns] += said.town_log
    for power in POWERS:
        mass = posterior.prior * np.exp(power * (log - log.max()))
        shares = np.bincount(towns.country, mass, len(towns.codes))
        yield shares / shares.sum()


def summary(name: str, outcomes: Sequence[Outcome]) -> str:
    """Return a row of the table; all but the claims are of the likeliest country."""
    likeliest = np.array([outcome.likeliest for outcome in outcomes])
    right = np.array([outcome.is_right for outcome in outcomes])
    logs = np.mean([outcome.country_logs for outcome in outcomes], axis=0)
    claimed = likeliest >= parameters().thresholds.country
    error = calibration_error(likeliest, right, equal_width_bins(likeliest))
    cells = (
        name, len(outcomes), f"{likeliest.mean():.3f}", f"{right.mean():.3f}",
        f"{logs[POWERS.index(1.0)]:.3f}", f"{error:.3f}", POWERS[int(logs.argmax())],
        f"{right[claimed].sum()} of {claimed.sum()}",
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def coverage(outcomes: Sequence[Outcome], continent: str) -> str:
    """Return a row: how many photos of a continent lie in the radius, and its median."""
    of_it = [outcome for outcome in outcomes if outcome.photo.continent == continent]
    inside = np.mean([outcome.is_inside for outcome in of_it])
    median_km = np.median([outcome.radius_km for outcome in of_it])
    return f"| {continent} | {len(of_it)} | {inside:.1%} | {median_km:.0f} |"


def reliability_rows(outcomes: Sequence[Outcome]) -> Iterable[str]:
    """Yield how sure the likeliest country is beside how often it is right, by fifths."""
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        inside = [o for o in outcomes if low <= o.likeliest < low + 0.2 or o.likeliest == low + 0.2]
        if inside:
            stated = np.mean([o.likeliest for o in inside])
            right = np.mean([o.is_right for o in inside])
            yield f"| {low:.1f} to {low + 0.2:.1f} | {len(inside)} | {stated:.3f} | {right:.3f} |"


def combination_tables(outcomes: Sequence[Outcome]) -> Iterable[str]:
    """Yield three tables: by number of sources, how sure beside how right, and the radius."""
    yield "| sources | photos | stated | right | log P(truth) | ECE | best power | claims right |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, counts in (("one", (1,)), ("two", (2,)), ("three and more", range(3, 20))):
        group = [outcome for outcome in outcomes if len(outcome.sources) in counts]
        if group:
            yield summary(name, group)
    yield summary("all", outcomes)
    yield from ("", "| likeliest country | photos | stated | right |", "|---|---|---|---|")
    yield from reliability_rows(outcomes)
    yield from ("", "| continent | photos | in the radius | median km |", "|---|---|---|---|")
    for continent in sorted({outcome.photo.continent for outcome in outcomes}):
        yield coverage(outcomes, continent)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("coordinates", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=50, help="photos of every continent")
    arguments = parser.parse_args()
    model = BayesEvidence(open_gazetteer(load_settings()))
    places = read_places(arguments.coordinates, model.town_table)
    drawn = draw_photos(places, model.town_table, arguments.seed, arguments.each)
    outcomes = [outcome_of(photo, model) for photo in drawn]
    print(*combination_tables(outcomes), sep="\n")
    for outcome in outcomes:
        if outcome.likeliest >= parameters().thresholds.country and not outcome.is_right:
            said = f"{outcome.claimed} {outcome.likeliest:.2f} {outcome.sources}"
            print(f"wrong: {outcome.photo.country}: {said} {outcome.photo.lines}")


if __name__ == "__main__":
    main()
