"""A scripted system whose calibration is known: it draws its probabilities, then what is true.

At temperature 1 a claim made with p comes true with p. At temperature T the system states
sigmoid(T logit(p)) instead: above 1 it is overconfident. Radii hold the truth as often as they say.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

KM_PER_DEG = 2 * np.pi * 6371.0088 / 360
SCALE_KM = 100.0


@dataclass(frozen=True)
class ScriptedClaims:
    """Rows of predictions and truth, and what is true of them: stated and real probability."""

    predictions: list[dict[str, Any]]
    truth: list[dict[str, Any]]
    stated: NDArray[np.float64]
    real: NDArray[np.float64]

    @property
    def nll(self) -> float:
        """The expected negative log-likelihood of the claims, in nats."""
        likelihood = self.real * np.log(self.stated) + (1 - self.real) * np.log1p(-self.stated)
        return float(-likelihood.mean())

    @property
    def brier(self) -> float:
        """The expected Brier score."""
        square = self.real * (1 - self.stated) ** 2 + (1 - self.real) * self.stated**2
        return float(square.mean())

    @property
    def calibration_error(self) -> float:
        """The expected calibration error, of bins without noise."""
        return float(np.abs(self.stated - self.real).mean())


def scripted_claims(count: int, temperature: float = 1.0, seed: int = 0) -> ScriptedClaims:
    """Return claims at country level of a system of a known temperature."""
    random = np.random.default_rng(seed)
    logit = random.normal(0.5, 1.5, count)
    real = 1 / (1 + np.exp(-logit))
    stated = 1 / (1 + np.exp(-temperature * logit))
    right = random.random(count) < real
    # errors to the north of an exponential distribution, whose quantiles are known
    away_km = np.minimum(random.exponential(SCALE_KM, count), 4000)
    predictions = [
        {
            "id": f"p{index}", "lat_deg": 0.0, "lon_deg": float(index % 90), "level": "country",
            "probability": float(stated[index]), "country": "PT" if right[index] else "ES",
            "radius_km": SCALE_KM * float(np.log(10)), "radius_50_km": SCALE_KM * float(np.log(2)),
        }
        for index in range(count)
    ]  # fmt: skip
    truth = [
        {
            "id": f"p{index}", "lat_deg": float(away_km[index] / KM_PER_DEG),
            "lon_deg": float(index % 90), "country": "PT",
        }
        for index in range(count)
    ]  # fmt: skip
    return ScriptedClaims(predictions, truth, stated, real)
