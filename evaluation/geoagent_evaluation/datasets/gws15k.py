"""GWS15k: about 15,000 pictures of Google Street View (Clark et al., CVPR 2023).

Never released: a copy is made by hand from the paper's recipe
(https://github.com/VicenteVivan/geo-clip/issues/8), or from the coordinates that came with GT-Loc
(`metadata/gws15k.csv`, https://arxiv.org/abs/2507.10473); no two need agree.
"""

from typing import Final

from geoagent_evaluation.datasets.dataset import Columns, Dataset

DATASET: Final = Dataset(
    name="gws15k",
    title="GWS15k",
    columns=Columns(
        id=("IMG_ID", "ID", "image_id", "pano_id", "panoid", "file", "filename"),
        file=("file", "filename", "image", "IMG_ID", "ID", "image_id", "pano_id", "panoid"),
        lat=("LAT", "latitude", "lat"),
        lon=("LON", "longitude", "lon", "lng"),
        country=("country_code", "country"),
        city=("city", "city_name"),
    ),
    rows=15000,
    rows_are_about=True,
    licence="Google's terms of use; pictures may not be passed on",
    source=(
        "https://arxiv.org/abs/2303.04249",
        "https://github.com/VicenteVivan/geo-clip/issues/8",
    ),
    faults=(
        "never published: figures of two papers are of two samples",
        "pictures may show the watermark and the copyright line of the viewer, with a year",
    ),
    picture_suffix=".jpg",
)
