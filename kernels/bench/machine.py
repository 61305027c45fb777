"""The device that is measured: its name, its speed limits, and how to time on it."""

import math
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch

# Memory bytes/s, lane instructions/s, bf16 flop/s: the makers' data sheets.
GPUS = {
    "H100": (3.35e12, 3.35e13, 9.9e14),
    "H200": (4.8e12, 3.35e13, 9.9e14),
    "A100": (2.04e12, 9.7e12, 3.1e14),
}


@dataclass(frozen=True)
class Machine:
    """Name and limits; a limit that is not known is infinite."""

    device: torch.device
    name: str
    bytes_per_second: float
    instructions_per_second: float
    flops_per_second: float

    def floor_ms(self, moved: float, instructions: float, flops: float) -> float:
        """Time that no implementation can beat: the slowest of its three needs."""
        needs = (
            moved / self.bytes_per_second,
            instructions / self.instructions_per_second,
            flops / self.flops_per_second,
        )
        return 1000 * max(needs)


class Patience(NamedTuple):
    """How long a call is measured."""

    rounds: int
    seconds: float


PATIENCE = Patience(rounds=15, seconds=1.0)
HURRY = Patience(rounds=1, seconds=0.0)
"""For a dry run."""


def this_machine() -> Machine:
    """The GPU where there is one (limits by name, else measured), else this CPU on one thread."""
    if torch.cuda.is_available():
        name, device = torch.cuda.get_device_name(), torch.device("cuda")
        limits = next((speeds for key, speeds in GPUS.items() if key in name), None)
        return Machine(device, name, *(limits or (_copy_speed(device), math.inf, _matrix_speed())))
    torch.set_num_threads(1)
    device = torch.device("cpu")
    return Machine(device, _cpu_name(), _copy_speed(device), math.inf, math.inf)


def no_machine() -> Machine:
    """What a dry run measures: nothing has a limit."""
    torch.set_num_threads(1)
    return Machine(torch.device("cpu"), "dry run", math.inf, math.inf, math.inf)


def quantiles_ms(
    run: Callable[[], object], device: torch.device, patience: Patience = PATIENCE
) -> tuple[float, float, float]:
    """20th, 50th and 80th percentile of the time of a call, milliseconds, after a warm-up."""
    return quantiles_together_ms([run], device, patience)[0]


def quantiles_together_ms(
    runs: Sequence[Callable[[], object]], device: torch.device, patience: Patience = PATIENCE
) -> list[tuple[float, float, float]]:
    """`quantiles_ms` of each of several calls; on CPU they take turns.

    On CPU the time is this process's on its one thread, so that other work on the machine counts
    less. That work still shares caches and memory; taking turns, all calls suffer it alike.
    """
    if device.type == "cuda":
        from triton.testing import do_bench

        return [tuple(do_bench(run, quantiles=[0.2, 0.5, 0.8])) for run in runs]
    if not runs:
        return []
    seconds: list[list[float]] = [[] for _ in runs]
    for run in runs:
        for _ in range(min(2, patience.rounds - 1)):
            run()
    while len(seconds[0]) < patience.rounds or (
        sum(map(sum, seconds)) < patience.seconds * len(runs) and len(seconds[0]) < 500
    ):
        for run, taken in zip(runs, seconds, strict=True):
            started = time.process_time_ns()
            run()
            taken.append((time.process_time_ns() - started) / 1e9)
    return [_percentiles_ms(sorted(taken)) for taken in seconds]


def _percentiles_ms(ordered: list[float]) -> tuple[float, float, float]:
    p20, p50, p80 = (1000 * ordered[int(share * (len(ordered) - 1))] for share in (0.2, 0.5, 0.8))
    return p20, p50, p80


def _cpu_name() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()}, 1 thread"


def _copy_speed(device: torch.device) -> float:
    """Bytes read and written per second by a large copy."""
    source = torch.ones(1 << (28 if device.type == "cuda" else 25), device=device)
    target = torch.empty_like(source)
    _, median, _ = quantiles_ms(lambda: target.copy_(source), device)
    return 2 * source.numel() * 4 / (median / 1000)


def _matrix_speed() -> float:
    """Operations per second of a large bfloat16 product on the GPU."""
    size = 8192
    a, b = (torch.randn(size, size, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    _, median, _ = quantiles_ms(lambda: a @ b, torch.device("cuda"))
    return 2 * size**3 / (median / 1000)
