"""Checks of arguments: what may pass passes, and a refusal says which argument and why."""

import math
from collections.abc import Callable

import pytest
import torch
from geoagent_kernels import _checks


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (lambda: _checks.check_coordinates("p", torch.zeros(4, 2).half()), "p must be float32 or"),
        (lambda: _checks.check_coordinates("p", torch.zeros(2, 4)), r"axis \(lat, lon\).*\[2, 4\]"),
        (lambda: _checks.check_coordinates("p", torch.tensor(1.0)), "p must end in an axis"),
        (lambda: _checks.check_coordinates("p", torch.zeros(2), dims=2), "p must have 2 axes"),
        (lambda: _checks.check_embeddings("e", torch.zeros(1).double(), [1]), "e must be float32,"),
        (lambda: _checks.check_numbers("n", torch.zeros(1).long(), [1]), "n must be floating"),
        (
            lambda: _checks.check_shape("s", torch.zeros(3, 4), [None, 5]),
            r"s must have shape \[any, 5\], got \[3, 4\]",
        ),
        (lambda: _checks.check_shape("s", [1.0], [1]), "s must be a torch.Tensor, got list"),  # type: ignore[arg-type]
        (lambda: _checks.check_group_size("r", 8, 0), "at least 1, got 0"),
        (lambda: _checks.check_group_size("r", 8, 3), "3 does not divide the 8 rows of r"),
        (lambda: _checks.check_neighbours(0, 4), "k must be from 1 to 4, got 0"),
        (lambda: _checks.check_neighbours(5, 4), "k must be from 1 to 4, got 5"),
        (lambda: _checks.check_finite("w", (1.0, math.inf)), "w must be finite"),
        (lambda: _checks.check_finite("w", (1.0,), 2), "w must hold 2 numbers, got 1"),
    ],
)
def test_a_wrong_argument_is_named(check: Callable[[], None], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check()


def test_what_fits_passes() -> None:
    _checks.check_coordinates("p", torch.zeros(3, 4, 2).double(), dims=3)
    _checks.check_embeddings("e", torch.zeros(3, 7).bfloat16(), [3, None])
    _checks.check_group_size("r", 8, 4)
    _checks.check_neighbours(4, 4)


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_a_length_is_positive_and_infinite_only_where_allowed(value: float) -> None:
    with pytest.raises(ValueError, match="tau must be a positive number"):
        _checks.check_positive("tau", value)
    _checks.check_positive("tau", math.inf, infinite=True)


def test_completions_share_targets_evenly() -> None:
    assert _checks.completions_per_target("true", 8, 8) == 1
    assert _checks.completions_per_target("true", 8, 2) == 4
    assert _checks.completions_per_target("true", 0, 0) == 1
    for rows, targets in ((8, 3), (8, 0), (0, 2), (2, 4)):
        with pytest.raises(ValueError, match=f"true has {targets} rows"):
            _checks.completions_per_target("true", rows, targets)
