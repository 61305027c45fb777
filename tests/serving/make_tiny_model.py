"""Writes the tiny model that the serving tests serve: python make_tiny_model.py FOLDER."""

import sys
from pathlib import Path

from geoagent_graph.policies.tiny_model import build_tiny_model

build_tiny_model(Path(sys.argv[1]))
