"""Worst error of the distance in metres over twenty million pairs, beside the usual formulas.

    python kernels/bench/accuracy.py                    20 sets of 1,000,000 pairs
    python kernels/bench/accuracy.py --pairs 10000      faster

Exits 1 if the Triton kernel is anywhere worse than 2 cm + 1e-6 of the distance against the float64
reference. Without a GPU the kernel's source runs in Triton's interpreter (set here).
"""

import argparse
import os
import sys
import time
from collections.abc import Callable

import torch
from pairs import RADIUS_M, pair_sets

BOUND_M, BOUND_RELATIVE = 0.02, 1e-6


def main() -> int:
    """Print the table, return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=1_000_000, help="pairs in each of 20 sets")
    options = parser.parse_args()
    torch.set_num_threads(1)
    kernel = _triton_distance()
    formulas = {"Triton": kernel, "haversine fp32": haversine_fp32, "arccos fp32": arccos_fp32}
    print(f"largest error in metres, {options.pairs} pairs a set, float64 degrees in")
    print(f"{'set':<22}" + "".join(f"{name:>16}" for name in formulas) + f"{'of bound':>10}")
    generator = torch.Generator().manual_seed(0)
    started, worst = time.perf_counter(), 0.0
    for name, make in pair_sets():
        a, b = make(options.pairs, generator)
        true = _reference_m(a, b)
        errors = {key: (formula(a, b).double() - true).abs() for key, formula in formulas.items()}
        share = (errors["Triton"] / (BOUND_M + BOUND_RELATIVE * true)).max().item()
        worst = max(worst, share)
        figures = "".join(f"{error.max().item():>16.3f}" for error in errors.values())
        print(f"{name:<22}{figures}{share:>10.2f}", flush=True)
    seconds = time.perf_counter() - started
    print(f"worst error: {worst:.2f} of the bound 2 cm + 1e-6 d; {seconds:.0f} s")
    return 1 if worst > 1 else 0


def haversine_fp32(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The textbook formula in float32, metres."""
    (lat_a, lon_a), (lat_b, lon_b) = (torch.deg2rad(x.float()).unbind(1) for x in (a, b))
    h = ((lat_b - lat_a) / 2).sin() ** 2
    h = h + lat_a.cos() * lat_b.cos() * ((lon_b - lon_a) / 2).sin() ** 2
    return 2 * RADIUS_M * torch.asin(h.clamp(max=1).sqrt())


def arccos_fp32(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Arc cosine of the product of float32 unit vectors, metres."""
    from geoagent_kernels.reference import unit_vectors

    product = (unit_vectors(a).float() * unit_vectors(b).float()).sum(1)
    return RADIUS_M * torch.arccos(product.clamp(-1, 1))


def _reference_m(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    from geoagent_kernels import reference

    return reference.great_circle_km(a, b) * 1000


def _triton_distance() -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """The kernel on the GPU, or interpreted; then in large blocks, which only saves time."""
    on_gpu = torch.cuda.is_available()
    if not on_gpu:
        os.environ["TRITON_INTERPRET"] = "1"
    from geoagent_kernels import great_circle_km
    from geoagent_kernels._triton import spatial

    device = "cuda" if on_gpu else "cpu"
    if not on_gpu:
        spatial.BLOCK = 1 << 16
    print(f"Triton on {device}" + ("" if on_gpu else ", interpreted"))

    def distance(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        km = great_circle_km(a.to(device), b.to(device), engine="triton")
        return km.cpu().double() * 1000

    return distance


if __name__ == "__main__":
    sys.exit(main())
