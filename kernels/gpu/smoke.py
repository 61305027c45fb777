"""Every public function on the GPU beside float64 on the CPU: is anything wrong at all?

    python kernels/gpu/smoke.py                    exits 1 if a result is off
    python kernels/gpu/smoke.py --launch-only      the same calls, not compared: under a sanitizer
    python kernels/gpu/smoke.py --dry-run          no GPU: every launch is made, and nothing runs

Needs torch, triton and numpy.
"""

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

KERNELS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(KERNELS / folder) for folder in ("", "aot", "bench")]

import geoagent_kernels as g
import geoagent_kernels._triton
import torch
from cases import Case, cases, points

LARGEST = 2**20
LARGEST_UNDER_A_SANITIZER = 4096
LARGEST_DRY = 2000


def main() -> int:
    """Make every call, print a line for each, return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--launch-only", action="store_true", help="compare nothing")
    parser.add_argument("--dry-run", action="store_true", help="launch through the stub driver")
    options = parser.parse_args()
    if options.dry_run:
        return launch_all_dry()
    if not torch.cuda.is_available():
        parser.error("there is no GPU here: --dry-run makes the launches without one")
    device = torch.device("cuda")
    if options.launch_only:
        for case in cases(LARGEST_UNDER_A_SANITIZER):
            call(case, device, "triton")
        torch.cuda.synchronize()
        return 0
    off = sum(not within(case, device) for case in cases(LARGEST)) + sum(capture_faults())
    print(f"smoke: {f'{off} calls are OFF' if off else 'passed'}")
    return 1 if off else 0


def launch_all_dry() -> int:
    """Launch every kernel through the stub driver; 1 if one of them never was."""
    from stub_driver import recorded_launches

    with recorded_launches() as launches:
        for case in cases(LARGEST_DRY):
            call(case, torch.device("cpu"), "triton")
    launched = {launch.kernel for launch in launches}
    missing = sorted(kernel_names() - launched)
    print(f"{len(launches)} launches of {len(launched)} kernels; never: {missing or 'none'}")
    return 1 if missing else 0


def kernel_names() -> set[str]:
    """Return the names of all kernels that the package launches."""
    package = geoagent_kernels._triton
    modules = [
        importlib.import_module(f"{package.__name__}.{found.name}")
        for found in pkgutil.iter_modules(package.__path__)
    ]
    return {name for module in modules for name in vars(module) if name.endswith("_kernel")}


def call(case: Case, device: torch.device, engine: g.Engine) -> tuple[torch.Tensor, ...]:
    """Return the results of a case on a device."""

    def move(value: Any) -> Any:
        return value.to(device) if isinstance(value, torch.Tensor) else value

    inputs = [move(value) for value in case.inputs]
    options = {name: move(value) for name, value in case.options.items()}
    found = case.function(*inputs, **options, engine=engine)
    return (found,) if isinstance(found, torch.Tensor) else tuple(found)


def within(case: Case, device: torch.device) -> bool:
    """Print how far a case is off, as a share of what it may be; return whether it is within."""
    got, wanted = call(case, device, "triton"), call(case, torch.device("cpu"), "reference")
    worst = 0.0
    for one, right, tolerance in zip(got, wanted, case.tolerances, strict=False):
        if tolerance is not None:
            worst = max(worst, share_of_tolerance(one.cpu().double(), right.double(), tolerance))
    print(f"{'ok ' if worst <= 1 else 'OFF'} {case.name:<60} {worst:.3f} of its bound", flush=True)
    return worst <= 1


def share_of_tolerance(got: torch.Tensor, wanted: torch.Tensor, tolerance: Any) -> float:
    """Return the largest error as a share of what is allowed; infinite where NaN or inf differ."""
    finite = wanted.isfinite()
    if got.shape != wanted.shape or not torch.equal(
        got[~finite].nan_to_num(7.0), wanted[~finite].nan_to_num(7.0)
    ):
        return float("inf")
    error, allowed = (got - wanted).abs()[finite], tolerance(wanted)
    if isinstance(allowed, torch.Tensor):
        allowed = allowed[finite]
    share = torch.where(error == 0, 0.0, error / allowed)
    return share.nan_to_num(float("inf")).max().item() if share.numel() else 0.0


def capture_faults() -> Iterator[bool]:
    """Yield whether a call on another stream, and one in a CUDA graph, gives something else."""
    pred, true = (points(4096, seed).cuda() for seed in (1, 2))
    plain = g.spatial_reward(pred, true).reward
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        other = g.spatial_reward(pred, true).reward
    stream.synchronize()
    yield _say_different("another stream", other, plain)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        captured = g.spatial_reward(pred, true).reward
    pred.copy_(points(4096, 9))
    graph.replay()
    yield _say_different("a CUDA graph", captured, g.spatial_reward(pred, true).reward)


def _say_different(name: str, got: torch.Tensor, wanted: torch.Tensor) -> bool:
    torch.cuda.synchronize()
    different = not torch.equal(got, wanted)
    print(f"{'OFF' if different else 'ok '} {name}", flush=True)
    return different


if __name__ == "__main__":
    sys.exit(main())
