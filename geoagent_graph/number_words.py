"""The words for shares and distances, and which likelihood ratios are worth a word."""

JOINT_SOURCE = "together"  # what corrects the sum of all sources to their joint ratio
MIN_ABS_LOG_LR = 0.1  # a likelihood ratio within 10 % of one says nothing


def percent(probability: float) -> str:
    """Return a share as people read it: "87 %", "> 99 %", "< 1 %"; never a rounded-up certainty."""
    if probability >= 1.0:
        return "100 %"
    if probability > 0.99:
        return "> 99 %"
    if 0.0 < probability < 0.01:
        return "< 1 %"
    return f"{probability * 100:.0f} %"


def count(number: int, thing: str, several: str | None = None) -> str:
    """Return a number of things with the right plural: "1 line", "2 lines", "3 towns"."""
    return f"{number:,} {thing if number == 1 else several or f'{thing}s'}"


def distance(distance_km: float) -> str:
    """Return a distance with the precision it deserves: "50 m", "0.4 km", "25 km", "1,200 km"."""
    if distance_km < 0.1:
        return f"{distance_km * 1000:.0f} m"
    if distance_km < 10:
        return f"{distance_km:.1f} km"
    if distance_km < 100:
        return f"{distance_km:.0f} km"
    return f"{round(distance_km / 10) * 10:,} km"
