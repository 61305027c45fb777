"""Prints which cells of 2 degrees hold a town, for `geoagent_evaluation.datasets.populated_cells`.

python tools/draw_populated_cells.py
"""

import base64
import textwrap
import zlib

import numpy as np
from geoagent_evaluation.datasets.populated_cells import CELL_DEG, COLUMNS, ROWS

from geoagent_graph.geo.gazetteer import Gazetteer


def draw_cells(gazetteer: Gazetteer) -> str:
    """Return the cells as text: one bit each, packed, zlib, base 85."""
    cells = np.zeros((ROWS, COLUMNS), dtype=np.bool_)
    row = np.clip((gazetteer.lat_deg + 90) // CELL_DEG, 0, ROWS - 1).astype(int)
    column = ((gazetteer.lon_deg + 180) // CELL_DEG).astype(int) % COLUMNS
    cells[row, column] = True
    return base64.b85encode(zlib.compress(np.packbits(cells).tobytes(), 9)).decode()


if __name__ == "__main__":
    from geoagent_graph.geo.gazetteer import open_gazetteer
    from geoagent_graph.settings import load_settings

    for line in textwrap.wrap(draw_cells(open_gazetteer(load_settings())), 88):
        print(f'    "{line}"')
