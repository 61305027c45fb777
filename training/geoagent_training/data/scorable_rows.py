"""Rows that a recipe's rewards have something to score against."""

import logging
from collections.abc import Collection
from typing import Final

from datasets import Dataset

from geoagent_training.errors import DataError

log = logging.getLogger(__name__)

_NEED_A_COUNTRY: Final = "semantic"


def scorable_rows(rows: Dataset, rewards: Collection[str]) -> Dataset:
    """Return the rows that every reward can score; those left out are counted and logged.

    Args:
        rows: with a position each, some perhaps without a country.
        rewards: names of the reward functions, as the recipe has them.

    Raises:
        DataError: no row has what a reward needs; the message names reward and column.
    """
    if _NEED_A_COUNTRY not in rewards:
        return rows
    named = [number for number, country in enumerate(rows["country"]) if country]
    if not named:
        raise DataError(
            f"the reward {_NEED_A_COUNTRY} has nothing to score against: the column country is "
            f"empty in all {len(rows)} rows"
        )
    if len(named) < len(rows):
        left_out = len(rows) - len(named)
        log.warning("%d rows without a country are left out: semantic cannot score them", left_out)
    return rows.select(named)
