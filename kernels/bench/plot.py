"""Draw the results of a CSV file: time of each provider as a multiple of the fastest.

python kernels/bench/plot.py                                    results/cpu.csv
python kernels/bench/plot.py kernels/bench/results/gpu.csv      another file
"""

import argparse
from collections import defaultdict
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
from sheet import read_rows

OURS = "geoagent_kernels"
COLOURS = (
    "#0b6e4f",
    "#8d99ae",
    "#3d5a80",
    "#c97b2d",
    "#7b4fa3",
    "#b0413e",
    "#5c5c5c",
    "#d9a5b3",
    "#e3c567",
)


def main() -> None:
    """Write the plot beside the CSV file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = Path(__file__).parent / "results" / "cpu.csv"
    parser.add_argument("source", nargs="?", type=Path, default=default, help="CSV file")
    source: Path = parser.parse_args().source
    rows = read_rows(source)
    if not rows:
        parser.error(f"{source} is missing or holds no rows: kernels/bench/run.py writes it")
    cases: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        cases[f"{row['op']}\n{row['shape']}"].append(row)
    height = 0.2 * len(rows) + 0.2 * len(cases) + 1.5
    figure, axes = plt.subplots(figsize=(10, height), layout="constrained")
    providers = sorted({row["provider"] for row in rows}, key=lambda name: (name != OURS, name))
    colour = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(providers)}
    y, ticks, labels = 0.0, [], []
    for case, entries in cases.items():
        rate = {row["provider"]: float(row["items_per_s"]) for row in entries}
        best = max(rate.values())
        first = y
        for row in entries:
            slower = best / rate[row["provider"]]
            axes.barh(y, slower, height=0.8, color=colour[row["provider"]])
            wrong = float(row["wrong_percent"])
            note = f" {row['provider']}: {float(row['items_per_s']):.3g}/s"
            note += f", {wrong:.2g} % wrong" if wrong else ""
            axes.text(slower, y, note, va="center", fontsize=7.5)
            y += 1
        ticks.append((first + y - 1) / 2)
        labels.append(case)
        y += 1.2
    axes.set_yticks(ticks, labels, fontsize=8)
    axes.set_ylim(y - 0.8, -0.8)
    axes.set_xscale("log")
    axes.set_xlim(0.9, axes.get_xlim()[1] * 8)
    axes.set_xlabel("time per item, multiple of the fastest (shorter is better)")
    axes.set_title(f"{rows[0]['device']}\n{rows[0]['versions']}, {rows[0]['date']}", fontsize=9)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.savefig(source.with_suffix(".png"), dpi=110)
    print(source.with_suffix(".png").name)


if __name__ == "__main__":
    main()
