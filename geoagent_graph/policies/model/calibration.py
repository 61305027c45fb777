"""Calibration of a model's choices: one temperature per level, fitted on photos with known places.

Fitted temperatures belong to one model; without them a model's shares are used as they are.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, ValidationError

from geoagent_graph.errors import InputError
from geoagent_graph.regular_files import read_regular
from geoagent_graph.types import FrozenModel, Level
from geoagent_graph.validation_words import validation_words

Temperature = Annotated[float, Field(ge=0.05, le=20.0)]
_MAX_BYTES: Final = 100_000
_STEPS: Final = 60


class Calibration(FrozenModel):
    """Temperatures by which the logarithms of shares are divided, and what they were fitted on."""

    continent: Temperature = 1.0
    country: Temperature = 1.0
    city: Temperature = 1.0
    model: str = ""
    fitted_on: str = "nothing: shares are used as the model gives them"

    def temperature(self, level: Level) -> float:
        """Return the temperature of a level."""
        temperatures = {"continent": self.continent, "country": self.country, "city": self.city}
        return temperatures[level]


def load_calibration(path: Path) -> Calibration:
    """Return the calibration of a JSON file.

    Raises:
        InputError: the file is missing or is no calibration.
    """
    try:
        return Calibration.model_validate_json(read_regular(path, _MAX_BYTES))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except ValidationError as error:
        said = validation_words(error, "the file")
        raise InputError(f"{path}: not a calibration file: {said}") from error


def apply_temperature(shares: Sequence[float], temperature: float) -> tuple[float, ...]:
    """Return shares flattened by a temperature above 1, or sharpened by one below; sum 1."""
    powers = [share ** (1.0 / temperature) for share in shares]
    total = math.fsum(powers)
    return tuple(power / total for power in powers)


def fit_temperature(choices: Sequence[tuple[Sequence[float], int]]) -> float:
    """Return the temperature that makes the true options likeliest, 1.0 without choices.

    Args:
        choices: for each choice the shares of its options and the index of the true one.
    """
    if not choices:
        return 1.0
    low, high = math.log(0.05), math.log(20.0)
    ratio = (math.sqrt(5.0) - 1.0) / 2.0
    for _ in range(_STEPS):  # the loss has one minimum in 1 / temperature
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if _mean_loss(choices, math.exp(left)) < _mean_loss(choices, math.exp(right)):
            high = right
        else:
            low = left
    return math.exp((low + high) / 2.0)


def _mean_loss(choices: Sequence[tuple[Sequence[float], int]], temperature: float) -> float:
    """Return the mean negative log-likelihood of the true options."""
    losses = []
    for shares, true in choices:
        logits = [math.log(max(share, 1e-12)) / temperature for share in shares]
        top = max(logits)
        total = top + math.log(math.fsum(math.exp(logit - top) for logit in logits))
        losses.append(total - logits[true])
    return math.fsum(losses) / len(losses)
