"""What the metrics are called for people, and in which table each stands."""

THRESHOLDS_KM = (1, 25, 200, 750, 2500)
PLACE_LEVELS = ("country", "region", "city")
_WAYS = {"": "", "_by_polygon": ", by polygon", "_by_nearest_town": ", by nearest town"}

ACCURACY = tuple(f"within_{km}_km" for km in THRESHOLDS_KM)
POINTS = ("median_km", "mean_km", "geoscore_osv5m", "geoscore_geoagent")
PLACES = tuple(f"{level}_right{way}" for way in _WAYS for level in PLACE_LEVELS)
CLAIMS = (
    "failed", "answered", "claim_right", "within_25_km_of_claims", "within_200_km_of_claims",
    "within_750_km_of_claims", "median_km_of_claims",
)  # fmt: skip
CALIBRATION = ("ece_equal_mass", "ece_equal_width", "brier", "nll")
RADIUS_AND_RISK = (
    "coverage_50", "median_radius_50_km", "coverage_90", "median_radius_90_km", "energy_km",
    "aurc", "aurc_200_km",
)  # fmt: skip
PRIVACY = ("finer_than_permitted", "coarser_than_permitted", "refused_though_permitted")
COST = ("seconds_median", "seconds_mean", "cost_mean", "cost_total")
IN_TABLES = frozenset(
    (
        *ACCURACY,
        *POINTS,
        *PLACES,
        *CLAIMS,
        *CALIBRATION,
        *RADIUS_AND_RISK,
        *PRIVACY,
        *COST,
        "photos",
    )
)

LABELS: dict[str, tuple[str, str]] = {
    **{f"within_{km}_km": (f"{km} km", f"within {km} km") for km in THRESHOLDS_KM},
    **{
        f"within_{km}_km_of_claims": (f"{km} km", f"within {km} km, of claims")
        for km in THRESHOLDS_KM
    },
    **{
        f"{level}_right{ending}": (f"{level.capitalize()}{words}", f"{level} right{words}")
        for ending, words in _WAYS.items()
        for level in ("continent", *PLACE_LEVELS)
    },
    "median_km": ("Median", "median error"),
    "mean_km": ("Mean", "mean error"),
    "median_km_of_claims": ("Median", "median error, of claims"),
    "mean_km_of_claims": ("Mean", "mean error, of claims"),
    "geoscore_osv5m": ("GeoScore, OSV-5M", "GeoScore of OSV-5M"),
    "geoscore_geoagent": ("GeoScore, GeoAgent", "GeoScore of GeoAgent"),
    "answered": ("Answered", "photos answered with a claim"),
    "failed": ("Failed", "photos failed"),
    "claim_right": ("Claim right", "claims that are right"),
    "ece_equal_mass": ("ECE, equal mass", "expected calibration error, bins of equal mass"),
    "ece_equal_width": ("ECE, equal width", "expected calibration error, bins of equal width"),
    "brier": ("Brier", "Brier score of claims"),
    "nll": ("NLL", "negative log-likelihood of claims"),
    "coverage_50": ("In 50 % radius", "truth inside the 50 % radius"),
    "coverage_90": ("In 90 % radius", "truth inside the 90 % radius"),
    "median_radius_50_km": ("50 % radius", "median 50 % radius"),
    "median_radius_90_km": ("90 % radius", "median 90 % radius"),
    "energy_km": ("Energy score", "energy score of the candidates"),
    "aurc": ("AURC, claims", "area under the risk-coverage curve, risk: a claim is wrong"),
    "aurc_200_km": ("AURC, 200 km", "area under the risk-coverage curve, risk: 200 km or more off"),
    "finer_than_permitted": ("Too fine", "claims finer than permitted"),
    "coarser_than_permitted": ("Too coarse", "claims coarser than permitted"),
    "refused_though_permitted": ("Refused", "refused though permitted"),
    "seconds_median": ("Median time", "median time a photo"),
    "seconds_mean": ("Mean time", "mean time a photo"),
    "cost_mean": ("Cost a photo", "mean cost a photo"),
    "cost_total": ("Cost, total", "total cost"),
}
"""The heading of a metric's column, and what it is in a few words."""

BY_GROUP = (
    "within_25_km", "within_200_km", "within_750_km", "median_km", "country_right",
    "country_right_by_polygon", "answered", "claim_right", "coverage_90",
)  # fmt: skip
WITH_SOURCES = (
    "within_25_km", "within_200_km", "within_750_km", "median_km", "country_right",
    "country_right_by_polygon", "answered", "claim_right", "nll",
)  # fmt: skip
COMPARED = (
    "within_25_km", "within_200_km", "within_750_km", "median_km", "country_right",
    "country_right_by_polygon", "claim_right", "coverage_90", "ece_equal_mass",
)  # fmt: skip
"""Those drawn side by side for several systems."""

KEY_FIGURES = (
    ("within_25_km",),
    ("country_right_by_polygon", "country_right", "claim_right"),
    ("coverage_90",),
    ("within_750_km",),
    ("median_km",),
)
"""Those of the head: the first three that were measured; of several names the first one."""

GROUP_KINDS = {
    "continent": "Continent",
    "income": "Income group",
    "locatability": "Locatability",
    "evidence": "Kind of evidence",
    "level": "Claimed level",
    "permitted_level": "Permitted level",
    "country": "Country",
}
_CONTINENTS = {
    "AF": "Africa", "AN": "Antarctica", "AS": "Asia", "EU": "Europe", "NA": "North America",
    "OC": "Oceania", "SA": "South America",
}  # fmt: skip


def short_label(metric: str) -> str:
    """Return the heading of a metric's column."""
    return LABELS[metric][0] if metric in LABELS else metric.replace("_", " ")


def full_label(metric: str, start: bool = False) -> str:
    """Return what a metric is, in a few words; with `start` as a sentence begins."""
    label = LABELS[metric][1] if metric in LABELS else metric.replace("_", " ")
    return label[:1].upper() + label[1:] if start else label


def group_value_name(kind: str, value: str) -> str:
    """Return how the value of a group is shown."""
    return _CONTINENTS.get(value, value) if kind == "continent" else value.replace("_", " ")
