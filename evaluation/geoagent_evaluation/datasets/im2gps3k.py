"""IM2GPS3K: 2,997 photos of Flickr (Vo, Jacobs and Hays, ICCV 2017).

Pictures: https://github.com/lugiavn/revisiting-im2gps (3,000 files in `im2gps3ktest.zip`);
coordinates: `im2gps3k_places365.csv` of https://github.com/TIBHannover/GeoEstimation.
"""

from typing import Final

from geoagent_evaluation.datasets.dataset import Dataset
from geoagent_evaluation.datasets.im2gps import PLACES365

DATASET: Final = Dataset(
    name="im2gps3k",
    title="IM2GPS3K",
    columns=PLACES365,
    rows=2997,
    licence="of each photo's owner at Flickr; for research, not to be passed on",
    source=(
        "https://github.com/lugiavn/revisiting-im2gps",
        "https://github.com/TIBHannover/GeoEstimation/blob/original_tf/README.md",
    ),
    faults=(
        "an old copy of the table has the heads of latitude and longitude swapped: repaired here",
        "the archive of pictures has 3,000 files, three of them without coordinates",
        "photos that were taken down at Flickr are grey tiles in copies fetched by address",
    ),
)
