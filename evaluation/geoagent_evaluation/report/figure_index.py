"""Figures looked up by metric, group and system, in the order in which the file has them."""

from collections.abc import Iterable

from geoagent_evaluation.report.plain_values import number_or_none
from geoagent_evaluation.scoring.figures import Figure

ALL = "all"


class FigureIndex:
    """The figures of one score file; a figure whose value is not finite is not there."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self.figures = [figure for figure in figures if number_or_none(figure.value) is not None]
        self._by_key = {
            (figure.metric, figure.group, figure.system): figure for figure in self.figures
        }

    def find(self, metric: str, group: str = ALL, system: str = "") -> Figure | None:
        """Return a figure, None where it was not measured."""
        return self._by_key.get((metric, group, system))

    def first(self, *metrics: str) -> Figure | None:
        """Return the first of several figures of all photos that was measured."""
        found = (self.find(metric) for metric in metrics)
        return next((figure for figure in found if figure is not None), None)

    def systems(self) -> list[str]:
        """Return who has figures: "" for what was scored, then the baselines."""
        return sorted(dict.fromkeys(figure.system for figure in self.figures), key=bool)

    def group_values(self) -> dict[str, list[str]]:
        """Return the values of each kind of group of what was scored ("continent": ["EU", ...])."""
        values: dict[str, dict[str, None]] = {}
        for figure in self.figures:
            kind, equals, value = figure.group.partition("=")
            if equals and not figure.system:
                values.setdefault(kind, {})[value] = None
        return {kind: list(found) for kind, found in values.items()}

    def metrics(self, *names: str, system: str | None = None) -> list[str]:
        """Return which of the named metrics were measured of all photos."""
        present = {
            figure.metric
            for figure in self.figures
            if figure.group == ALL and system in {None, figure.system}
        }
        return [name for name in names if name in present]
