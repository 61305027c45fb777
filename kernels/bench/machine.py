"""The device that is measured: its name, its speed limits, and how to time on it."""

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

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


def this_machine() -> Machine:
    """The GPU where there is one (limits by name), else this CPU on one thread."""
    if torch.cuda.is_available():
        name = torch.cuda.get_device_name()
        limits = next((speeds for key, speeds in GPUS.items() if key in name), None)
        return Machine(torch.device("cuda"), name, *(limits or (float("inf"),) * 3))
    torch.set_num_threads(1)
    infinite = float("inf")
    return Machine(torch.device("cpu"), _cpu_name(), _copy_speed(), infinite, infinite)


def quantiles_ms(run: Callable[[], object], device: torch.device) -> tuple[float, float, float]:
    """20th, 50th and 80th percentile of the time of a call, milliseconds, after a warm-up."""
    return quantiles_together_ms([run], device)[0]


def quantiles_together_ms(
    runs: Sequence[Callable[[], object]], device: torch.device
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
        run()
        run()
    while len(seconds[0]) < 15 or (sum(map(sum, seconds)) < len(runs) and len(seconds[0]) < 500):
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


def _copy_speed() -> float:
    """Bytes read and written per second by a large copy on one thread."""
    source = torch.ones(1 << 25)
    target = torch.empty_like(source)
    _, median, _ = quantiles_ms(lambda: target.copy_(source), torch.device("cpu"))
    return 2 * source.numel() * 4 / (median / 1000)
