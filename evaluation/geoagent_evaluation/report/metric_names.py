"""What the metrics are called for people, and in which table each stands."""

LEVELS = ("continent", "country", "region", "city")

LABELS: dict[str, tuple[str, str]] = {
    **{
        f"within_{km}_km": (f"{km} km", f"within {km} km")
        for km in (1, 25, 200, 750, 2500)
    },
    "median_km": ("Median", "median error"),
    "mean_km": ("Mean", "mean error"),
    "aurc": ("AURC", "area under the risk-coverage curve"),
}
"""The heading of a metric's column, and what it is in a few words."""

ACCURACY = tuple(f"within_{km}_km" for km in (1, 25, 200, 750, 2500))
POINTS = ("median_km", "mean_km", "geoscore_5000", "geoscore_geoguessr")
PLACES = ("country", "region", "city")
CALIBRATION = tuple(
    f"{name}_{level}" for level in LEVELS for name in ("ece", "brier", "nll")
)
RADIUS_AND_RISK = ("coverage_50", "coverage_90", "energy_km", "aurc")
PRIVACY = ("finer_than_permitted",)
COST = ("seconds", "cost")
BY_GROUP = ("within_25_km", "within_200_km", "within_750_km", "median_km", "country")
IN_TABLES = frozenset((*ACCURACY, *POINTS, *PLACES, *CALIBRATION, *RADIUS_AND_RISK, *PRIVACY, *COST))
KEY_FIGURES = (("within_25_km", "within_200_km"), ("country", "within_750_km"), ("coverage_90", "median_km"), ("median_km",))
"""Those of the head: the first that was measured of each, three of them."""

COMPARED = ("within_25_km", "within_200_km", "within_750_km", "median_km", "country")
"""Those drawn side by side for several systems."""

GROUP_KINDS = {
    "continent": "Continent",
    "income": "Income group",
    "locatability": "Locatability",
    "evidence": "Kind of evidence",
}
_CONTINENTS = {
    "AF": "Africa", "AN": "Antarctica", "AS": "Asia", "EU": "Europe", "NA": "North America",
    "OC": "Oceania", "SA": "South America",
}  # fmt: skip


def short_label(metric: str) -> str:
    """Return the heading of a metric's column."""
    return LABELS[metric][0] if metric in LABELS else metric.replace("_", " ")


def full_label(metric: str) -> str:
    """Return what a metric is, in a few words."""
    return LABELS[metric][1] if metric in LABELS else metric.replace("_", " ")


def group_value_name(kind: str, value: str) -> str:
    """Return how the value of a group is shown."""
    return _CONTINENTS.get(value, value) if kind == "continent" else value.replace("_", " ")
