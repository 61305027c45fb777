"""Counts what is said of text that was not read, on photos without text and in other scripts.

    python benchmarks/check_unread.py METADATA.jsonl [--step N] [--scripts Beng,Deva,Thai]

METADATA has one JSON object per line with `file` and, with --scripts, `scripts`: only photos with
one of them are looked at. No model of a further script is used, as on a fresh machine. On photos
without text every photo that is said to hold some is a false one.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from geoagent_graph.perception.text_reader import SignReader
from geoagent_graph.settings import Settings, prepare_process


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("metadata", type=Path)
    parser.add_argument("--step", type=int, default=1, help="every which photo is looked at")
    parser.add_argument("--start", type=int, default=0, help="the first that is looked at")
    parser.add_argument("--scripts", default="", help="only photos with one of these")
    arguments = parser.parse_args()
    prepare_process()
    wanted = set(filter(None, arguments.scripts.split(",")))
    rows = [json.loads(line) for line in arguments.metadata.read_text().splitlines()]
    if wanted:
        rows = [row for row in rows if wanted & set(row["scripts"])]
    with tempfile.TemporaryDirectory() as nothing:
        reader = SignReader(Settings(tessdata_dir=Path(nothing), weights_dir=Path(nothing)))
    said = photos = 0
    for row in rows[arguments.start :: arguments.step]:
        with Image.open(arguments.metadata.parent / row["file"]) as image:
            lines = reader.read(np.asarray(image.convert("RGB")))
        photos += 1
        if notes := [line.text for line in lines if line.unread]:
            said += 1
            print(row["file"], notes)
    print(f"photos {photos}, text that was not read is said of {said}")


if __name__ == "__main__":
    main()
