"""OSV-5M test: 210,122 street-level pictures of Mapillary (Astruc et al., CVPR 2024).

Columns as in https://huggingface.co/datasets/osv5m/osv5m/blob/main/osv5m.py; size and licence as in
the paper, https://arxiv.org/abs/2404.18873.
"""

from typing import Final

from geoagent_evaluation.datasets.dataset import Columns, Dataset

DATASET: Final = Dataset(
    name="osv5m",
    title="OpenStreetView-5M, test",
    columns=Columns(
        id=("id",),
        file=("file", "path", "id"),
        lat=("latitude", "lat"),
        lon=("longitude", "lon"),
        country=("unique_country", "country"),
        region=("region",),
        city=("city",),
        licence=("license",),
    ),
    rows=210_122,
    licence="CC BY-SA 4.0 (Mapillary)",
    source=("https://huggingface.co/datasets/osv5m/osv5m", "https://arxiv.org/abs/2404.18873"),
    faults=(
        "the country code of Namibia, NA, becomes a missing value in data frames (the authors "
        "ship fix_namimbia.py); a lower copy may have lost it",
        "identifiers have more digits than a floating-point number holds: a copy that went through "
        "one (3.859149887465501e+15) no longer names its pictures and is refused",
        "the pictures lie in folders 00 to 04, which the table does not name",
    ),
    picture_suffix=".jpg",
)
