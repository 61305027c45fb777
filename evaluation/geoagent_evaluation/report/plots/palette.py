"""The colours of the drawings: on paper as they are here, on the page as variables of its CSS."""

from dataclasses import dataclass

INK = "#1c1a17"
MUTED = "#645f57"
RULE = "#ddd7cb"
PAPER = "#fbfaf7"
SEA = "#eef3f5"
LAND = "#dcdcd3"
MAIN = "#23577a"
MAIN_SOFT = "#b9cfdd"
SECOND = "#a8480f"
ALARM = "#a3271a"

CSS_VARIABLES = {
    INK: "--ink", MUTED: "--muted", RULE: "--rule", PAPER: "--paper", SEA: "--sea", LAND: "--land",
    MAIN: "--main", MAIN_SOFT: "--main-soft", SECOND: "--second", ALARM: "--alarm",
    "#1a4f7a": "--near-1", "#3a7fb4": "--near-2", "#957000": "--near-3", "#c2540f": "--near-4",
    "#a61f3d": "--near-5", "#6f4a8e": "--line-3", "#2d7a58": "--line-4", "#8a6d00": "--line-5",
    "#51555c": "--line-6",
}  # fmt: skip
"""Which variable of `report.css` stands for which colour."""

LINES = (MAIN, SECOND, "#6f4a8e", "#2d7a58", "#8a6d00", "#51555c")
DASHES = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (7, 2, 1.5, 2)), (0, (3, 1.5)), (0, (9, 3)))
"""Lines of several systems differ in colour and in dashes: neither is needed alone."""


@dataclass(frozen=True, slots=True)
class DistanceClass:
    """Errors from one threshold up to the next, their colour and the name of its variable."""

    below_km: float
    label: str
    color: str
    marker: str
    sign: str  # the same shape in a line of text

    @property
    def variable(self) -> str:
        """Return the variable of the page's CSS that holds the colour."""
        return CSS_VARIABLES[self.color]


THRESHOLDS_KM = (1.0, 25.0, 200.0, 750.0, 2500.0)
DISTANCE_CLASSES = (
    DistanceClass(25.0, "under 25 km", "#1a4f7a", "o", "●"),
    DistanceClass(200.0, "25 to 200 km", "#3a7fb4", "o", "●"),
    DistanceClass(750.0, "200 to 750 km", "#957000", "s", "■"),
    DistanceClass(2500.0, "750 to 2500 km", "#c2540f", "D", "◆"),
    DistanceClass(float("inf"), "2500 km and more", "#a61f3d", "X", "✖"),
)
"""The classes of the map, near to far: colour and shape both tell them apart."""
