"""Fits P(country) of the prior on where photos were taken, and says what it is worth.

    python tools/fit_prior.py COORDINATES.csv COUNTRY_STATS.csv [--checked METADATA.jsonl] [--write]

COORDINATES has a photo a line: `LAT`, `LON`, `AUTHOR`. COUNTRY_STATS has `iso2` and `roadways_km`;
`--write` stores the roads in `geoagent_graph/data/evidence/roads.json`, with an estimate from
people and towns for countries whose roads nobody has counted. METADATA (`country`) is a collection
to check on: no power is fitted there. The folds of the cross-validation part authors, never the
photos of one.
"""

import argparse
import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from geoagent_graph.evidence import tables
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.prior import MIN_POPULATION, country_shares, country_weights
from geoagent_graph.evidence.towns import Floats, TownTable
from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.geo.geocoder import open_geocoder
from geoagent_graph.settings import load_settings

ROADS = Path(tables.__file__).parents[1] / "data" / "evidence" / "roads.json"
FOLDS = 5
START = [0.3, -0.1, 0.7]
Numbers = NDArray[np.int64]


def read_roads(stats: Path, town_table: TownTable) -> dict[str, Any]:
    """Return what `roads.json` holds."""
    rows = csv.DictReader(stats.read_text(encoding="utf-8").splitlines())
    lengths = {row["iso2"]: float(row["roadways_km"] or 0) for row in rows}
    known = {code: lengths[code] for code in town_table.codes if lengths.get(code)}
    return {
        "source": "Roadways of The World Factbook (public domain), in km; estimated_km: those of "
        "countries without a figure, from people and towns by least squares of the logarithms.",
        "km": {code: int(length) for code, length in known.items()},
        "estimated_km": estimate_roads(known, town_table),
    }


def estimate_roads(known: dict[str, float], town_table: TownTable) -> dict[str, int]:
    """Return the roads, in km, of countries with towns that have no figure."""
    towns = np.diff(town_table.starts)
    people = [max(country.population, MIN_POPULATION) for country in town_table.gazetteer.countries]
    sizes = np.column_stack([np.ones(len(towns)), np.log(people), np.log(np.maximum(towns, 1))])
    counted = np.array([code in known for code in town_table.codes]) & (towns > 0)
    lengths = [
        known[code] for code, is_there in zip(town_table.codes, counted, strict=True) if is_there
    ]
    powers, *_ = np.linalg.lstsq(sizes[counted], np.log(lengths), rcond=None)
    missing = np.flatnonzero(~counted & (towns > 0)).tolist()
    return {town_table.codes[row]: round(float(np.exp(sizes[row] @ powers))) for row in missing}


def mixed_shares(powers: NDArray[np.float64], town_table: TownTable) -> Floats:
    """Return P(country) for powers of roads, people and towns, mixed as shipped."""
    weights = parameters().prior
    taken = country_weights(town_table, powers[1], powers[2], powers[0])
    even = country_weights(town_table, weights.even_population, weights.even_towns)
    share = weights.taken_share
    return np.asarray(share * taken / taken.sum() + (1 - share) * even / even.sum())


def loss(shares: Floats, countries: Numbers) -> float:
    """Return the mean of -log P(country)."""
    return float(-np.log(shares[countries]).mean())


def fit(countries: Numbers, town_table: TownTable) -> NDArray[np.float64]:
    """Return the powers of roads, people and towns with the least loss."""

    def loss_of(powers: Floats) -> float:
        return loss(mixed_shares(powers, town_table), countries)

    found = minimize(loss_of, START, method="Nelder-Mead")
    return np.asarray(found.x)


def cross_validate(countries: Numbers, authors: NDArray[np.str_], town_table: TownTable) -> None:
    """Print the loss on each fifth of the authors, of the powers fitted on the others."""
    names = np.unique(authors)
    fold_of = dict(zip(names, np.random.default_rng(0).integers(0, FOLDS, len(names)), strict=True))
    folds = np.array([fold_of[author] for author in authors])
    for fold in range(FOLDS):
        powers, held = fit(countries[folds != fold], town_table), countries[folds == fold]
        fitted = loss(mixed_shares(powers, town_table), held)
        shipped = loss(country_shares(town_table), held)
        print(f"fold {fold}: fitted {np.round(powers, 2)} {fitted:.3f}, shipped {shipped:.3f}")


def report(name: str, countries: Numbers, town_table: TownTable) -> None:
    """Print the losses of the shipped prior and of its two parts."""
    weights = parameters().prior
    even = country_weights(town_table, weights.even_population, weights.even_towns)
    print(
        f"{name}: {len(countries)} photos, log-loss of the country "
        f"{loss(country_shares(town_table), countries):.3f}, "
        f"of people and towns alone {loss(even / even.sum(), countries):.3f}, "
        f"uniform {np.log((even > 0).sum()):.3f}"
    )


def main() -> None:
    """Fit, report, and store the roads where that is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("coordinates", type=Path)
    parser.add_argument("stats", type=Path)
    parser.add_argument("--checked", type=Path, action="append", default=[])
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    settings = load_settings()
    town_table = TownTable.of(open_gazetteer(settings))
    roads = read_roads(arguments.stats, town_table)
    if arguments.write:
        ROADS.write_text(json.dumps(roads, indent=1) + "\n", encoding="utf-8")
    geocoder = open_geocoder(settings)
    lines = arguments.coordinates.read_text(encoding="utf-8").splitlines()
    photos = [
        (town_table.number_of[code], row["AUTHOR"])
        for row in csv.DictReader(lines)
        if (code := geocoder.reverse(float(row["LAT"]), float(row["LON"])).country_code)
        in town_table.number_of
    ]
    countries = np.array([number for number, _ in photos])
    report("fitted on", countries, town_table)
    print("best powers of roads, people, towns:", np.round(fit(countries, town_table), 2))
    cross_validate(countries, np.array([author for _, author in photos]), town_table)
    for path in arguments.checked:
        rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        numbers = [town_table.number_of.get(row["country"], -1) for row in rows]
        report(path.parent.name, np.array([n for n in numbers if n >= 0]), town_table)


if __name__ == "__main__":
    main()
