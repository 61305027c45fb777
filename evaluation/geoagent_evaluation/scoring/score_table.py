"""A score as a table for a terminal."""

from collections.abc import Iterator, Sequence

from geoagent_evaluation.scoring.figures import Figure, ScoreFile, Unit

DECIMALS: dict[Unit, int] = {"km": 1, "points": 1, "seconds": 2, "cost": 4, "count": 0}
DEFAULT_DECIMALS = 4


def score_table(score: ScoreFile) -> str:
    """Return the figures of a score, group by group, then what was wrong and how to read it."""
    lines = [f"{score.system}"]
    for group in dict.fromkeys(figure.group for figure in score.figures):
        lines += ["", group, *_figure_lines([f for f in score.figures if f.group == group])]
    lines += [""] if score.problems or score.notes else []
    lines += [f"{count} {problem}" for problem, count in score.problems.items()]
    return "\n".join([*lines, *score.notes]) + "\n"


def _figure_lines(figures: Sequence[Figure]) -> Iterator[str]:
    width = max(len(figure.metric) for figure in figures)
    for figure in figures:
        value = f"{_written(figure.value, figure.unit):>12}"
        yield f"  {figure.metric:<{width}} {value} {_bounds(figure):<24} n={figure.n}"


def _bounds(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return ""
    return f"[{_written(figure.low, figure.unit)}, {_written(figure.high, figure.unit)}]"


def _written(value: float, unit: Unit) -> str:
    return f"{value:.{DECIMALS.get(unit, DEFAULT_DECIMALS)}f}"
