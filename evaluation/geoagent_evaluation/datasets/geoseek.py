"""GeoSeek-Val: about 3,000 pictures taken from OSV-5M (Jin et al., CVPR 2026).

https://huggingface.co/datasets/ghost233lism/GeoSeek; it adds locatability and a kind of scene. The
names of its columns are not stated anywhere that could be read; those below are the ones that the
authors' own script looks for (https://github.com/HVision-NKU/GeoAgent/blob/main/assets/find_near.py).
"""

from typing import Final

from geoagent_evaluation.datasets.dataset import Columns, Dataset

DATASET: Final = Dataset(
    name="geoseek-val",
    title="GeoSeek-Val",
    columns=Columns(
        id=("id", "image_id", "image", "image_path", "file", "filename"),
        file=("image", "image_path", "file", "filename", "path", "id", "image_id"),
        lat=("ground_truth_lat", "lat", "latitude"),
        lon=("ground_truth_lon", "lon", "lng", "longitude"),
        country=("country_code", "country"),
        region=("region", "state"),
        city=("city",),
        locatability=("locatability", "locatability_score"),
    ),
    rows=3000,
    rows_are_about=True,
    licence="CC BY-NC 4.0 for the set; CC BY-SA 4.0 for the pictures of OSV-5M",
    source=(
        "https://arxiv.org/abs/2602.12617",
        "https://github.com/HVision-NKU/GeoAgent",
        "https://huggingface.co/datasets/ghost233lism/GeoSeek",
    ),
    faults=(
        "it is a sample of OSV-5M: a system trained on that set's test part has seen it",
        "predict_lat and predict_lon may stand beside the truth; they are not read",
    ),
    picture_suffix=".jpg",
)
