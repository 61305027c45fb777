"""Makes the figures of docs/accuracy.md with the parts of `geoagent eval`.

    OMP_NUM_THREADS=1 python -m benchmarks.accuracy --shared ../shared/data --out DIR [--docs FILE]

An index of `reference`; `dev` and `signs_dev` located with the shipped default, EXIF off, with the
baselines; the prior where the photos of IM2GPS3K were taken, and drawn clues together there;
photos that must not be believed, drawn with a seed; all scored. Stopped half-way, the
same command goes on where it was. With `--docs` the tables replace what stands between the marks
`<!-- figures: begin -->` and `<!-- figures: end -->` of that file.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from geoagent_evaluation.cli import main as evaluate
from geoagent_evaluation.scoring.distractors import WrongClaims, wrong_claims
from geoagent_evaluation.scoring.distractors_command import table_of
from geoagent_evaluation.scoring.figures import Figure, ScoreFile
from geoagent_evaluation.scoring.score_files import read_score

from benchmarks.calibration_tables import calibration_table, coverage_table, read_answers
from benchmarks.check_combinations import combination_tables, outcome_of
from benchmarks.check_prior_circle import any_circle_row, prior_rows, read_photos
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.settings import load_settings
from tools.draw_combined_lines import draw_photos, read_places
from tools.draw_distractors import draw_distractors, write_photos

SETS = {
    "dev": "184 photos in 118 countries, mostly landmarks, 152 of them with coordinates",
    "signs_dev": "55 photos of signs and number plates in 14 countries, 6 with coordinates",
}
METRICS = {
    "country_right": "country",
    "within_25_km": "25 km",
    "within_200_km": "200 km",
    "within_750_km": "750 km",
    "within_2500_km": "2500 km",
    "median_km": "median km",
    "answered": "claims",
}
_MARKS = re.compile(r"(<!-- figures: begin -->\n).*(<!-- figures: end -->)", re.DOTALL)
DISTRACTOR_SEED = 11
COMBINATION_SEED = 3
COORDINATES = Path("benchmarks/im2gps3k_places365.csv")


def locate_set(manifest: Path, out: Path, index: Path | None) -> None:
    """Locate the photos of a manifest, with the baselines, and score them."""
    chosen = ["--index", str(index), "--baselines"] if index is not None else []
    run("run", manifest, "--out", out, *chosen)


def run(*arguments: object) -> None:
    """Run a command of `geoagent eval`, and end with its exit status where it fails."""
    status = evaluate([str(argument) for argument in arguments], program="geoagent eval")
    if status:
        sys.exit(status)


def build_index(manifest: Path, index: Path) -> None:
    """Build the index of reference photos, unless it is there."""
    if not (index / "manifest.json").exists():
        command = ["-m", "geoagent_graph.cli", "index", "build", str(manifest), "--out", str(index)]
        subprocess.run([sys.executable, *command], check=True)


def score_set(out: Path) -> ScoreFile:
    """Score a run with what lies beside it."""
    run("score", out / "predictions.jsonl", out / "truth.jsonl", "--out", out, "--by", "none")
    return read_score(out)


def figure_table(score: ScoreFile) -> Iterator[str]:
    """Yield the lines of a table: the agent, then each baseline; 95 % intervals of the agent."""
    found = {(f.system, f.metric): f for f in score.figures if f.group == "all"}
    systems = dict.fromkeys(figure.system for figure in score.figures)
    yield f"| | {' | '.join(METRICS.values())} |"
    yield f"|---|{'---|' * len(METRICS)}"
    for system in systems:
        cells = [_cell(found.get((system, metric)), not system) for metric in METRICS]
        yield f"| {system.replace('_', ' ') or 'the agent'} | {' | '.join(cells)} |"


def _cell(figure: Figure | None, with_interval: bool) -> str:
    if figure is None:
        return ""
    scale, unit = (100.0, " %") if figure.unit == "share" else (1.0, "")
    text = f"{scale * figure.value:.{1 if unit else 0}f}{unit}"
    if with_interval and figure.low is not None and figure.high is not None:
        text += f" ({scale * figure.low:.0f} to {scale * figure.high:.0f})"
    return text


def source_table(score: ScoreFile) -> Iterator[str]:
    """Yield the lines of the audit of the sources; nats, mean and 95 % interval by places."""
    yield "| source | spoke | helped | hurt | nats for the country | for the city | lowers it |"
    yield "|---|---|---|---|---|---|---|"
    for source in score.sources:
        gains = [
            f"{gain['mean']:+.3f} ({gain['low']:+.3f} to {gain['high']:+.3f})" if gain else ""
            for gain in (source.get("gain_country"), source.get("gain_city"))
        ]
        cells = (
            source["source"].replace("_", " "), f"{source['spoke']} of {source['photos']}",
            source["helped"], source["hurt"], *gains, "yes" if source["flagged"] else "no",
        )  # fmt: skip
        yield f"| {' | '.join(map(str, cells))} |"


def measure_distractors(out: Path, each: int) -> list[WrongClaims]:
    """Draw photos that must not be believed, locate them, and count the wrong claims."""
    photos = out / "photos"
    if not (photos / "metadata.jsonl").exists():
        write_photos(photos, draw_distractors(DISTRACTOR_SEED, each))
    locate_set(photos / "metadata.jsonl", out / "run", None)
    rows = _rows_of(photos / "metadata.jsonl")
    said = {str(row["id"]): row for row in _rows_of(out / "run" / "predictions.jsonl")}
    return wrong_claims(said, rows)


def _rows_of(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def replace_figures(docs: Path, lines: Sequence[str]) -> None:
    """Write the tables between the marks of a page."""
    text = docs.read_text(encoding="utf-8")
    if not _MARKS.search(text):
        sys.exit(f"{docs}: has no marks `<!-- figures: begin -->` and `<!-- figures: end -->`")
    tables = "\n".join(lines)
    docs.write_text(_MARKS.sub(lambda m: f"{m[1]}{tables}\n{m[2]}", text), encoding="utf-8")


def combination_lines(coordinates: Path, each: int) -> list[str]:
    """Return what the prior and drawn clues together are worth where a benchmark's photos lie."""
    model = BayesEvidence(open_gazetteer(load_settings()))
    photos = read_photos(coordinates)
    places = read_places(coordinates, model.town_table)
    print(f"{each} photos of every continent are drawn", file=sys.stderr)
    drawn = draw_photos(places, model.town_table, COMBINATION_SEED, each)
    tables = combination_tables([outcome_of(photo, model) for photo in drawn])
    return [
        "", "### Photos of IM2GPS3K where nothing is seen", "", *prior_rows(photos, model), "",
        any_circle_row(photos), "", f"### Clues together: {each} drawn photos of every continent",
        "", *tables,
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="has reference, dev, signs_dev")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--docs", type=Path, help="page whose tables are replaced")
    parser.add_argument("--each", type=int, default=8, help="distractors of every kind")
    parser.add_argument("--combinations", type=int, default=60, help="photos of every continent")
    arguments = parser.parse_args()
    index = arguments.out / "index"
    build_index(arguments.shared / "reference" / "metadata.jsonl", index)
    lines: list[str] = []
    for name, words in SETS.items():
        out = arguments.out / name
        locate_set(arguments.shared / name / "metadata.jsonl", out, index)
        score = score_set(out)
        answers = read_answers(out)
        lines += ["", f"### `{name}`: {words}", "", *figure_table(score), "", *source_table(score)]
        lines += ["", *calibration_table(answers), "", *coverage_table(answers)]
    lines += combination_lines(arguments.shared / COORDINATES, arguments.combinations)
    found = measure_distractors(arguments.out / "distractors", arguments.each)
    lines += ["", "### Photos that must not be believed", "", *table_of(found).splitlines(), ""]
    if arguments.docs:
        replace_figures(arguments.docs, lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
