"""The data sets that are known by name."""

from difflib import get_close_matches
from typing import Final

from geoagent_evaluation.datasets import (
    geoprivacy,
    geoseek,
    gws15k,
    im2gps,
    im2gps3k,
    osv5m,
    our_lines,
    yfcc4k,
)
from geoagent_evaluation.datasets.dataset import Dataset
from geoagent_evaluation.errors import DatasetError

DATASETS: Final[tuple[Dataset, ...]] = (
    im2gps.DATASET,
    im2gps3k.DATASET,
    yfcc4k.DATASET,
    gws15k.DATASET,
    osv5m.DATASET,
    geoseek.DATASET,
    geoprivacy.DATASET,
    our_lines.DATASET,
)


def find_dataset(name: str) -> Dataset:
    """Return the data set of a name.

    Raises:
        DatasetError: there is none; it names the nearest, or all.
    """
    known = {dataset.name: dataset for dataset in DATASETS}
    if name.casefold() in known:
        return known[name.casefold()]
    near = get_close_matches(name.casefold(), known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
    raise DatasetError(f"{name}: is no data set that is known; {hint}")
