"""The paper's sampler: photos per country by roads, people and land, inside it by population.

    m_i = M (0.5 road share + 0.2 population share + 0.3 area share)

Inside a country, cells of 1 x 1 degree are drawn with probability proportional to
log(1 + population of the cell), then a photo of the cell.
"""

import csv
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.geo.countries import country_codes
from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_training.errors import DataError

SHARES: Final = (0.5, 0.2, 0.3)
_COLUMNS: Final = ("iso2", "roadways_km", "population", "land_km2")

_MAX_LISTED: Final = 12

log = logging.getLogger(__name__)

Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CountryFigures:
    """Length of roads in km, number of people, land in km2; 0 where unknown."""

    roads_km: float
    people: float
    land_km2: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """Rows that were drawn, and per country what was wanted and what the pool could give."""

    rows: tuple[int, ...]
    wanted: dict[str, int]
    given: dict[str, int]


def read_country_figures(path: Path) -> dict[str, CountryFigures]:
    """Return the figures of a CSV with iso2, roadways_km, population and land_km2.

    Rows that are no country, such as the European Union, are left out: their roads and people
    would be counted twice.

    Raises:
        DataError: a column is missing, a number is none, or no row is a country.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            figures = _figures_by_country(csv.DictReader(file), path)
    except (csv.Error, UnicodeDecodeError) as error:
        raise DataError(f"{path}: not readable as CSV: {error}") from error
    if not figures:
        raise DataError(f"{path}: no row has the ISO code of a country in the column 'iso2'")
    return figures


def _figures_by_country(reader: "csv.DictReader[str]", path: Path) -> dict[str, CountryFigures]:
    missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        has = ", ".join(map(str, (reader.fieldnames or ())[:20])) or "no columns"
        raise DataError(
            f"{path}: the column {missing[0]!r} is missing: the figures of countries stand in "
            f"{', '.join(_COLUMNS)}; the file has {has}"
        )
    known = frozenset(country_codes())
    figures: dict[str, CountryFigures] = {}
    left_out: list[str] = []
    for row in reader:
        code = (row["iso2"] or "").strip().upper()
        if code not in known:
            left_out.append(code or "a row without a code")
            continue
        if code in figures:
            log.warning("%s:%d: %s again: this row counts", path, reader.line_num, code)
        numbers = [_read_amount(row[name], path, reader.line_num) for name in _COLUMNS[1:]]
        figures[code] = CountryFigures(*numbers)
    if left_out:
        log.warning("%s: left out, since no country: %s", path, ", ".join(left_out[:_MAX_LISTED]))
    return figures


def country_quotas(total: int, figures: Mapping[str, CountryFigures]) -> dict[str, int]:
    """Return the photos of each country; they sum to `total`.

    The fractions of the formula are rounded by largest remainder.
    """
    columns = np.array([[f.roads_km, f.people, f.land_km2] for f in figures.values()])
    sums = columns.sum(axis=0)
    shares = columns / np.where(sums > 0, sums, 1.0) @ np.array(SHARES)
    if shares.sum() <= 0:  # nothing is known of any of them
        shares = np.ones(len(figures))
    exact = total * shares / shares.sum()
    quotas = np.floor(exact).astype(int)
    for index in np.argsort(quotas - exact, kind="stable")[: total - int(quotas.sum())]:
        quotas[index] += 1
    return dict(zip(figures, quotas.tolist(), strict=True))


def feasible_quotas(
    total: int, figures: Mapping[str, CountryFigures], available: Mapping[str, int]
) -> dict[str, int]:
    """Return the photos to draw from each country; what the pool lacks is drawn elsewhere.

    The formula is applied again to what is missing, among the countries that still have photos.
    They sum to `total`, or to all that the pool has in these countries.
    """
    quotas = dict.fromkeys(figures, 0)
    while (missing := total - sum(quotas.values())) > 0:
        left = {code: available.get(code, 0) - quotas[code] for code in figures}
        open_figures = {code: figures[code] for code in figures if left[code] > 0}
        if not open_figures:
            break
        for code, more in country_quotas(missing, open_figures).items():
            quotas[code] += min(more, left[code])
    return quotas


def cell_of(lat_deg: float, lon_deg: float) -> Cell:
    """Return the 1 x 1 degree cell of a point, by its south-west corner."""
    return min(math.floor(lat_deg), 89), math.floor((lon_deg + 180.0) % 360.0 - 180.0)


def cell_populations(gazetteer: Gazetteer) -> dict[Cell, int]:
    """Return the people living in the towns of each cell."""
    people: dict[Cell, int] = {}
    cells = zip(gazetteer.lat_deg, gazetteer.lon_deg, gazetteer.population, strict=True)
    for lat, lon, count in cells:
        cell = cell_of(float(lat), float(lon))
        people[cell] = people.get(cell, 0) + int(count)
    return people


def draw(
    points: NDArray[np.float64],
    countries: Sequence[str],
    quotas: Mapping[str, int],
    people: Mapping[Cell, int],
    seed: int,
) -> Drawn:
    """Draw rows of a pool without putting them back.

    Args:
        points: [N, 2] degrees, the pool.
        countries: ISO code of each row.
        quotas: photos wanted per country.
        people: population per cell.
        seed: of the random numbers.

    Returns:
        The rows; a country whose pool is too small gives all it has.
    """
    chooser = np.random.default_rng(seed)
    pool: dict[str, dict[Cell, list[int]]] = {}
    for row, (point, code) in enumerate(zip(points, countries, strict=True)):
        cells = pool.setdefault(code, {})
        cells.setdefault(cell_of(float(point[0]), float(point[1])), []).append(row)
    rows: list[int] = []
    given: dict[str, int] = {}
    for code, wanted in quotas.items():
        chosen = _draw_country(pool.get(code, {}), wanted, people, chooser)
        given[code] = len(chosen)
        rows += chosen
    return Drawn(tuple(rows), dict(quotas), given)


def _draw_country(
    cells: dict[Cell, list[int]],
    wanted: int,
    people: Mapping[Cell, int],
    chooser: np.random.Generator,
) -> list[int]:
    open_cells = {cell: list(chooser.permutation(rows)) for cell, rows in cells.items()}
    chosen: list[int] = []
    while len(chosen) < wanted and open_cells:
        names = list(open_cells)
        # a cell without towns still has its photos: it weighs as little as one inhabitant
        weights = np.array([math.log1p(max(people.get(cell, 0), 1)) for cell in names])
        counts = chooser.multinomial(wanted - len(chosen), weights / weights.sum())
        for cell, count in zip(names, counts.tolist(), strict=True):
            rows = open_cells[cell]
            chosen += [int(row) for row in rows[:count]]
            open_cells[cell] = rows[count:]
            if not open_cells[cell]:
                del open_cells[cell]
    return chosen


def _read_amount(text: str, path: Path, line: int) -> float:
    if not text:
        return 0.0
    try:
        number = float(text)
    except ValueError as error:
        raise DataError(f"{path}:{line}: {text!r} is no number") from error
    if not math.isfinite(number) or number < 0:
        raise DataError(f"{path}:{line}: {text!r} is no amount")
    return number
