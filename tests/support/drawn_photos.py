"""Three drawn pictures with a manifest and a truth, for what asks models about photos."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

TRUTH = (
    {"id": "a", "lat_deg": 48.86, "lon_deg": 2.34},
    {"id": "b", "lat_deg": -33.87, "lon_deg": 151.21},
    {"id": "c", "lat_deg": 35.68, "lon_deg": 139.69},
)


def draw_photo(seed: int, side_px: int = 96) -> Image.Image:
    """Return a picture of smooth patches: as many colours and shapes as a photo has."""
    coarse = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((side_px, side_px), Image.Resampling.BICUBIC)


def write_drawn_photos(folder: Path) -> tuple[Path, Path]:
    """Write the pictures, `manifest.jsonl` and `truth.jsonl` into a folder; returns the two."""
    manifest = []
    for seed, row in enumerate(TRUTH):
        file = f"{row['id']}.jpg"
        draw_photo(seed).save(folder / file)
        manifest.append({"id": row["id"], "file": file})
    paths = folder / "manifest.jsonl", folder / "truth.jsonl"
    for path, rows in zip(paths, (manifest, TRUTH), strict=True):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return paths
