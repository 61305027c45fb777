"""`geoagent-train sample`: draws a training set and a map of it."""

import json
import logging
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.geo.geocoder import open_geocoder
from geoagent_graph.settings import load_settings
from geoagent_training.data.record_files import Problem
from geoagent_training.data.sampler import (
    Drawn,
    cell_populations,
    country_quotas,
    draw,
    feasible_quotas,
    read_country_figures,
)
from geoagent_training.data.sources import SourceFormat, SourceRow, read_source
from geoagent_training.data.tables import json_line
from geoagent_training.errors import DataError

log = logging.getLogger(__name__)


def sample_source(
    path: Path,
    source: SourceFormat,
    images: Path | None,
    countries: Path,
    count: int,
    out: Path,
    seed: int,
) -> Path:
    """Draw `count` photos of a pool, write them as our JSONL with a map beside, return the JSONL.

    Raises:
        DataError: the pool or the country figures cannot be read, or no row is left.
    """
    if out.exists() and path.exists() and out.samefile(path):
        raise DataError(f"--out {out}: it is the pool itself, which would be overwritten")
    read = read_source(path, source, images)
    rows = [row.without_bytes() for row in read if not isinstance(row, Problem)]
    if not rows:
        raise DataError(f"{path}: the pool has no usable row")
    geocoder = open_geocoder(load_settings())
    points = np.array([[row.photo.lat_deg, row.photo.lon_deg] for row in rows])
    found = geocoder.reverse_batch(points[:, 0], points[:, 1]).country_index
    codes = [geocoder.gazetteer.countries[number].code for number in found]
    figures = read_country_figures(countries)
    quotas = feasible_quotas(count, figures, Counter(codes))
    drawn = draw(points, codes, quotas, cell_populations(geocoder.gazetteer), seed)
    _warn_of_gaps(country_quotas(count, figures), drawn, count)
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", encoding="utf-8") as file:
        for row in drawn.rows:
            file.write(_row_line(rows[row]))
    plot_map(points[list(drawn.rows)], out.with_suffix(".png"))
    return out


def _warn_of_gaps(wanted: Mapping[str, int], drawn: Drawn, count: int) -> None:
    """Say which countries the pool has too few photos of, and what became of their share."""
    short = {c: n - drawn.given[c] for c, n in wanted.items() if drawn.given[c] < n}
    if not short:
        return
    most = sorted(short.items(), key=lambda item: -item[1])[:5]
    log.warning(
        "the pool lacks %d of %d photos (%s): %d were drawn from other countries, %d are missing",
        sum(short.values()),
        count,
        ", ".join(f"{code} {missing}" for code, missing in most),
        sum(short.values()) - (count - len(drawn.rows)),
        count - len(drawn.rows),
    )


def plot_map(points: NDArray[np.float64], path: Path) -> None:
    """Draw points on the outlines of the countries."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    from geoagent_graph.render.maps.world_shapes import world_shapes

    figure, axis = plt.subplots(figsize=(11, 5.5), layout="constrained")
    for shape in world_shapes("110m"):
        for ring in shape.rings:
            axis.plot(ring[:, 0], ring[:, 1], color="0.75", lw=0.4)
    axis.scatter(points[:, 1], points[:, 0], s=2, alpha=0.5, color="tab:red")
    axis.set(xlim=(-180, 180), ylim=(-90, 90), title=f"{len(points)} photos drawn")
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _row_line(row: SourceRow) -> str:
    return json_line(json.loads(row.photo.model_dump_json()))
