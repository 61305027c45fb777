"""Photos that must not be believed: how often a system claims a wrong country.

A manifest of such photos (`tools/draw_distractors.py` draws one) says of each its `kind`, the
countries that are right and, by `neutral`, which photo has neutral words in the place of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scipy.stats import beta

CONFIDENCE = 0.95
_COUNTRY_LEVELS = frozenset({"country", "region", "city"})


@dataclass(frozen=True, slots=True)
class WrongClaims:
    """Of one kind of photos: how many name a country, a wrong one, one they were lured to.

    Shares are of the photos that did not fail. `upper` is the upper 95 % bound of the share of
    wrong claims (Clopper and Pearson, 1934, one-sided). `shift` is the largest change of any
    country's probability against the neutral twin, None where predictions do not state them.
    """

    kind: str
    photos: int
    failed: int
    claims: int
    wrong: int
    lured: int
    upper: float
    shift: float | None
    shifted_photo: str | None

    @property
    def rate(self) -> float:
        """The share of photos with a wrong claim; 0 where all failed."""
        return self.wrong / max(1, self.photos - self.failed)

    def row(self) -> dict[str, Any]:
        """Return the figures by name."""
        return {**asdict(self), "rate": self.rate}


def wrong_claims(
    predictions: Mapping[str, Mapping[str, Any]], photos: Sequence[Mapping[str, Any]]
) -> list[WrongClaims]:
    """Return the figures of every kind, of the twins, and at last of all but those.

    Args:
        predictions: rows by id; a photo without one has failed.
        photos: rows of the manifest.
    """
    lures = [photo for photo in photos if photo.get("neutral") is not None]
    twins = [photo for photo in photos if photo.get("neutral") is None]
    groups = [(kind, lures) for kind in dict.fromkeys(str(photo["kind"]) for photo in lures)]
    groups += [(kind, twins) for kind in dict.fromkeys(str(photo["kind"]) for photo in twins)]
    found = [
        _count(kind, [photo for photo in group if photo["kind"] == kind], predictions)
        for kind, group in groups
    ]
    return [*found, _count("all but twins", lures, predictions)] if lures else found


def claimed_country(prediction: Mapping[str, Any]) -> str | None:
    """Return the country that a row claims; None where it claims none."""
    if prediction.get("abstained") or prediction.get("level", "country") not in _COUNTRY_LEVELS:
        return None
    country = prediction.get("country")
    return country if isinstance(country, str) else None


def largest_shift(one: Mapping[str, Any], other: Mapping[str, Any]) -> float | None:
    """Return the largest difference of any country's probability; None where one states none."""
    first, second = one.get("countries"), other.get("countries")
    if not isinstance(first, dict) or not isinstance(second, dict):
        return None
    changes = [
        abs(float(first.get(code, 0.0)) - float(second.get(code, 0.0)))
        for code in first.keys() | second.keys()
    ]
    return max(changes, default=0.0)


def upper_bound(events: int, trials: int, confidence: float = CONFIDENCE) -> float:
    """Return the upper bound of a share of which `events` of `trials` were seen."""
    if events >= trials:
        return 1.0
    return float(beta.ppf(confidence, events + 1, trials - events))


def _count(
    kind: str, photos: Sequence[Mapping[str, Any]], predictions: Mapping[str, Mapping[str, Any]]
) -> WrongClaims:
    claims = wrong = lured = failed = 0
    shifts: list[tuple[float, str]] = []
    for photo in photos:
        said = predictions.get(str(photo["id"]))
        if said is None or "error" in said:
            failed += 1
            continue
        country = claimed_country(said)
        claims += country is not None
        wrong += country is not None and country not in photo.get("right_countries", ())
        lured += country is not None and country in photo.get("decoys", ())
        twin = predictions.get(str(photo.get("neutral")))
        shift = largest_shift(said, twin) if twin is not None else None
        if shift is not None:
            shifts.append((shift, str(photo["id"])))
    most = max(shifts, default=None)
    return WrongClaims(
        kind=kind,
        photos=len(photos),
        failed=failed,
        claims=claims,
        wrong=wrong,
        lured=lured,
        upper=upper_bound(wrong, len(photos) - failed),
        shift=most[0] if most else None,
        shifted_photo=most[1] if most else None,
    )
