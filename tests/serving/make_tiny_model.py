"""Writes the tiny model that the serving tests serve, once: python make_tiny_model.py FOLDER."""

import sys
from pathlib import Path

from geoagent_graph.testing.tiny_model import build_tiny_model

folder = Path(sys.argv[1])
if not (folder / "config.json").exists():
    build_tiny_model(folder)
