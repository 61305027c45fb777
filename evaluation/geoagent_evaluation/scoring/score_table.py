"""A score as a table for a terminal."""

from collections.abc import Iterator, Sequence

from geoagent_evaluation.scoring.figures import Figure, ScoreFile, Unit

DECIMALS: dict[Unit, int] = {"km": 1, "points": 1, "seconds": 2, "cost": 4, "count": 0}
DEFAULT_DECIMALS = 4
BASELINE_METRICS = ("within_25_km", "within_200_km", "within_750_km", "median_km", "country_right")


def score_table(score: ScoreFile) -> str:
    """Return the figures of a score, group by group, then what was wrong and how to read it.

    Of each baseline there is one line, of each audited source another.
    """
    lines = [f"{score.system}"]
    own = [figure for figure in score.figures if not figure.system]
    for group in dict.fromkeys(figure.group for figure in own):
        lines += ["", group, *_figure_lines([f for f in own if f.group == group])]
    lines += [*_baseline_lines(score), *_source_lines(score)]
    lines += [""] if score.problems or score.notes else []
    lines += [f"{count} {problem}" for problem, count in score.problems.items()]
    return "\n".join([*lines, *score.notes]) + "\n"


def _figure_lines(figures: Sequence[Figure]) -> Iterator[str]:
    width = max(len(figure.metric) for figure in figures)
    for figure in figures:
        value = f"{_written(figure.value, figure.unit):>12}"
        yield f"  {figure.metric:<{width}} {value} {_bounds(figure):<24} n={figure.n}"


def _baseline_lines(score: ScoreFile) -> Iterator[str]:
    names = list(dict.fromkeys(figure.system for figure in score.figures if figure.system))
    width = max(map(len, names), default=0)
    if names:
        yield from ("", "baselines")
    for name in names:
        shown = {
            figure.metric: _written(figure.value, figure.unit)
            for figure in score.figures
            if figure.system == name and figure.metric in BASELINE_METRICS
        }
        cells = (f"{metric} {shown[metric]}" for metric in BASELINE_METRICS if metric in shown)
        yield f"  {name:<{width}}  {'  '.join(cells)}"


def _source_lines(score: ScoreFile) -> Iterator[str]:
    if score.sources:
        yield from ("", "sources of evidence: nats that each added to the truth's country")
    for source in score.sources:
        gain = source["gain_country"]
        mark = "  lowers the truth" if source["flagged"] else ""
        yield (
            f"  {source['source']:<16} spoke {source['spoke']} of {source['photos']}, helped "
            f"{source['helped']}, hurt {source['hurt']}, mean {gain['mean']:+.3f} "
            f"[{gain['low']:+.3f}, {gain['high']:+.3f}]{mark}"
        )


def _bounds(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return ""
    return f"[{_written(figure.low, figure.unit)}, {_written(figure.high, figure.unit)}]"


def _written(value: float, unit: Unit) -> str:
    return f"{value:.{DECIMALS.get(unit, DEFAULT_DECIMALS)}f}"
