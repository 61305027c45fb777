"""Draw how near to its floor every row of a CSV file came; an SVG, with Python alone.

python kernels/gpu/floors.py FILE.csv      writes FILE.svg beside it
"""

import argparse
import html
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bench"))

from sheet import Row, read_rows

OURS = "geoagent_kernels"
ROW_PX, BAR_PX, LABEL_PX = 16, 400, 520


def main() -> None:
    """Write the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="CSV file of kernels/bench/run.py")
    source: Path = parser.parse_args().source
    rows = read_rows(source)
    if not rows:
        parser.error(f"{source} is missing or holds no rows")
    source.with_suffix(".svg").write_text(picture_of(rows), encoding="utf-8")
    print(f"{len(rows)} rows in {source.with_suffix('.svg').name}")


def picture_of(rows: list[Row]) -> str:
    """Return the SVG: a bar for each row, as long as its percent of the floor; 100 is the floor."""
    height, width = ROW_PX * (len(rows) + 2), LABEL_PX + BAR_PX + 80
    title = f"percent of the floor: {rows[0]['device']}, {rows[0]['versions']}, {rows[0]['date']}"
    bars = "".join(_bar(number, row) for number, row in enumerate(rows, 2))
    edge = LABEL_PX + BAR_PX
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="11">'
        f'<text x="4" y="{ROW_PX}">{html.escape(title)}</text>'
        f'<line x1="{edge}" x2="{edge}" y1="{ROW_PX}" y2="{height}" stroke="black"/>{bars}</svg>\n'
    )


def _bar(number: int, row: Row) -> str:
    percent = float(row["percent_of_floor"])
    y, length = ROW_PX * number, BAR_PX * min(percent, 100.0) / 100
    colour = "#0b6e4f" if row["provider"] == OURS else "#8d99ae"
    name = html.escape(f"{row['op']} {row['shape']} {row['provider']}")
    return (
        f'<text x="{LABEL_PX - 6}" y="{y - 4}" text-anchor="end">{name}</text>'
        f'<rect x="{LABEL_PX}" y="{y - 14}" width="{length:.1f}" height="12" fill="{colour}"/>'
        f'<text x="{LABEL_PX + length + 4:.1f}" y="{y - 4}">{percent:g} %</text>'
    )


if __name__ == "__main__":
    main()
