"""Our own JSON lines: `metadata.jsonl`, one object a photo, as `geoagent eval run` reads it."""

from typing import Final

from geoagent_evaluation.datasets.dataset import Columns, Dataset

DATASET: Final = Dataset(
    name="jsonl",
    title="our JSON lines (metadata.jsonl, truth.jsonl), or any table with usual names",
    columns=Columns(
        id=("id", "image_id", "photo_id", "file"),
        file=("file", "path", "image", "image_file", "filename", "id", "image_id", "photo_id"),
        lat=("lat_deg", "lat", "latitude"),
        lon=("lon_deg", "lon", "lng", "longitude"),
        country=("country",),
        region=("region_code", "region", "state"),
        city=("city",),
        permitted_level=("permitted_level",),
        locatability=("locatability", "label_level"),
        licence=("licence", "license"),
        cluster=("cluster", "cluster_id"),
    ),
    rows=None,
    licence="as each row states",
    source=("docs/evaluation.md",),
    faults=(
        "label_level says how finely a photo was labelled: a label of a country is no point",
        "rows without coordinates are counted and are left out of the truth",
    ),
)
