"""Checks a data set row by row and reports every fault with file and line."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geoagent_graph.geo.geocoder import OfflineGeocoder, open_geocoder
from geoagent_graph.settings import load_settings
from geoagent_training.data.doubtful_truths import country_doubt, doubtful_truth, truth_line
from geoagent_training.data.record_files import Problem
from geoagent_training.data.sources import SourceFormat, SourceRow, read_source
from geoagent_training.data.tables import image_problem
from geoagent_training.errors import DataError
from geoagent_training.rewards.places import PlaceResolver

SHOWN_TRUTHS: Final = 5


@dataclass(frozen=True, slots=True)
class Summary:
    """How many rows were good and how many had a fault."""

    good: int
    bad: int
    doubtful: int = 0
    """How many of the good rows have a point in another country than the one they name."""

    def __str__(self) -> str:
        said = f"{self.good} rows are good, {self.bad} are not"
        if not self.doubtful:
            return said
        return f"{said}; {self.doubtful} of the good ones have a point in another country"


def check_source(
    path: Path,
    source: SourceFormat,
    images: Path | None = None,
    *,
    report: Callable[[str], object],
    show: Callable[[str], object] | None = None,
    split: str | None = None,
) -> Summary:
    """Read every row to its end, its photo too; call `report` with each fault, and go on.

    The truths of the first good rows are handed to `show` as they were read, so that a person sees
    whether country, region and place stand where they should; so is every good row whose point lies
    in another country than its names, as happens at borders and at sea.

    Raises:
        DataError: the file is missing, of no known kind, holds no row, or lacks a column.
    """
    geocoder = open_geocoder(load_settings())
    resolver = PlaceResolver(geocoder.gazetteer)
    good = bad = doubtful = 0
    for row in read_source(path, source, images, split):
        problem = row if isinstance(row, Problem) else _problem_of(row, geocoder, resolver)
        if problem is not None:
            bad += 1
            report(str(problem))
            continue
        good += 1
        assert isinstance(row, SourceRow)  # a problem was counted above
        abroad = country_doubt(row, geocoder, resolver)
        doubtful += abroad is not None
        if show and (good <= SHOWN_TRUTHS or abroad):
            show(truth_line(row) + (f" ({abroad})" if abroad else ""))
    if not good + bad:
        raise DataError(f"{path}: it holds no rows")
    return Summary(good, bad, doubtful)


def _problem_of(
    row: SourceRow, geocoder: OfflineGeocoder, resolver: PlaceResolver
) -> Problem | None:
    reason = (
        image_problem(row)
        or _order_problem(row, geocoder, resolver)
        or doubtful_truth(row.photo, resolver)
    )
    return Problem(row.where, reason) if reason else None


def _order_problem(
    row: SourceRow, geocoder: OfflineGeocoder, resolver: PlaceResolver
) -> str | None:
    """Say whether the point lies in the named country only with latitude and longitude swapped."""
    photo = row.photo
    codes = resolver.country_codes(photo.country) if photo.country else ()
    if not codes or abs(photo.lon_deg) > 90:
        return None
    found = geocoder.reverse_batch(
        [photo.lat_deg, photo.lon_deg], [photo.lon_deg, photo.lat_deg]
    ).country_index
    here, swapped = (geocoder.gazetteer.countries[number].code for number in found)
    if here not in codes and swapped in codes:
        return (
            f"latitude and longitude look swapped: {photo.lat_deg:g}, {photo.lon_deg:g} is not in "
            f"{photo.country}, {photo.lon_deg:g}, {photo.lat_deg:g} is"
        )
    return None
