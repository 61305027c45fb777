"""IM2GPS: 237 photos of Flickr (Hays and Efros, CVPR 2008).

Pictures: http://graphics.cs.cmu.edu/projects/im2gps/ ; coordinates: `im2gps_places365.csv` of
https://github.com/TIBHannover/GeoEstimation (columns in its README; the file is no longer there).
"""

from typing import Final

from geoagent_evaluation.datasets.dataset import Columns, Dataset

PLACES365: Final = Columns(
    id=("IMG_ID", "img_id"),
    file=("IMG_ID", "img_id", "path"),
    lat=("LAT", "latitude"),
    lon=("LON", "longitude"),
    licence=("license", "licence"),
)

DATASET: Final = Dataset(
    name="im2gps",
    title="IM2GPS",
    columns=PLACES365,
    rows=237,
    licence="of each photo's owner at Flickr; for research, not to be passed on",
    source=(
        "http://graphics.cs.cmu.edu/projects/im2gps/",
        "https://github.com/TIBHannover/GeoEstimation/blob/original_tf/README.md",
    ),
    faults=(
        "the pictures as published are called after their place (Rome_00024_...): a system that "
        "sees the name is told the answer; rename them to their IMG_ID",
        "the table was taken down at its source; copies differ in columns and order",
    ),
)
