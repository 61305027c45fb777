"""Measure every operation against its rivals: correctness first, then rows of a CSV file.

    python kernels/bench/run.py                        all of it, into kernels/bench/results/
    python kernels/bench/run.py --match spatial        a part
    python kernels/bench/plot.py                       the plot, from the CSV

On a GPU where there is one, else on one CPU thread. An operation or a rival whose result is off
gets no row, but a line that says so; a rival that gives wrong places keeps its row and its share
of wrong answers.
"""

import argparse
import csv
import datetime
import platform
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import search
import torch
from geoagent_kernels import backend
from machine import Machine, quantiles_ms, quantiles_together_ms, this_machine
from operations import Operation, operations

RESULTS = Path(__file__).parent / "results"
EAGER = "torch eager"
COLUMNS = (
    "op", "provider", "shape", "p20_ms", "p50_ms", "p80_ms", "items_per_s", "floor_ms",
    "percent_of_floor", "wrong_percent", "device", "engine", "versions", "date",
)  # fmt: skip


def main() -> int:
    """Measure, write the CSV, return 1 if something of ours was not correct."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--match", default="", help="a part of an operation's name")
    parser.add_argument("--out", type=Path, help="CSV file; default: results/cpu.csv or gpu.csv")
    options = parser.parse_args()
    machine = this_machine()
    out = options.out or RESULTS / f"{'gpu' if machine.device.type == 'cuda' else 'cpu'}.csv"
    rows = list(_measure_operations(machine, options.match))
    out.parent.mkdir(exist_ok=True)
    with out.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(row for row in rows if row)
    print(f"{sum(map(bool, rows))} rows in {out.name}")
    return 0 if all(rows) else 1


def _measure_operations(machine: Machine, match: str) -> Iterator[dict[str, object]]:
    """Yield rows; an empty one stands for a result of ours that was not correct."""
    for operation in operations():
        if match in operation.name:
            for shape in operation.sizes[machine.device.type]:
                yield from _operation_rows(operation, shape, machine)
    if match in "nearest":
        for found in search.rows(machine):
            yield _result_row(found, machine)


def _operation_rows(
    operation: Operation, shape: tuple[int, ...], machine: Machine
) -> Iterator[dict[str, object]]:
    inputs = operation.make(shape, machine.device)
    checked = _rows_to_check(operation, shape)
    wanted = _first_tensor(operation.plain(*_first_rows(inputs, checked)))
    name = " x ".join(map(str, shape))
    floor = machine.floor_ms(
        operation.bytes_moved(inputs), operation.instructions(shape), operation.flops(shape)
    )
    correct: dict[str, Callable[[], object]] = {}
    for provider, run in _providers_of(operation, shape):
        off = _largest_difference(_first_tensor(run(*inputs))[: len(wanted)], wanted)
        if off <= operation.tolerance:
            correct[provider] = partial(run, *inputs)
            continue
        print(f"NOT CORRECT {operation.name} {name} {provider}: off by {off:.3g}", flush=True)
        if provider == "geoagent_kernels":
            yield {}
    eager = [run for provider, run in correct.items() if provider == EAGER]
    others = [run for provider, run in correct.items() if provider != EAGER]
    times_of = dict(zip(others, quantiles_together_ms(others, machine.device), strict=True))
    # By itself: its hundreds of megabytes would empty the caches of the others.
    times_of |= {run: quantiles_ms(run, machine.device) for run in eager}
    for provider, run in correct.items():
        times = times_of[run]
        yield _result_row(
            {
                "op": operation.name,
                "provider": provider,
                "shape": name,
                "times": times,
                "queries": inputs[0].shape[0],
                "floor_ms": floor,
                "wrong_percent": 0.0,
            },
            machine,
        )


def _rows_to_check(operation: Operation, shape: tuple[int, ...]) -> int:
    """Rows that plain float64 PyTorch computes for comparison: as many as fit in 1 GB."""
    per_row = max(100_000, operation.plain_bytes(shape) // shape[0])
    return min(shape[0], max(8, (1 << 30) // per_row // 8 * 8))


def _first_rows(inputs: tuple[torch.Tensor, ...], count: int) -> list[torch.Tensor]:
    """The first `count` rows, and the truths of these where eight share one."""
    rows = inputs[0].shape[0]
    share = {rows: count, rows // 8: count // 8}
    return [x[: share.get(x.shape[0], x.shape[0])] for x in inputs]


def _providers_of(
    operation: Operation, shape: tuple[int, ...]
) -> Iterator[tuple[str, Callable[..., torch.Tensor]]]:
    yield "geoagent_kernels", operation.ours
    if operation.plain_bytes(shape) <= operation.plain_fits:
        yield EAGER, operation.plain
        yield "torch.compile", torch.compile(operation.plain, dynamic=False)
    if operation.single_precision is not None:
        compiled = torch.compile(operation.single_precision, dynamic=False)
        yield "torch.compile, textbook float32", compiled


def _first_tensor(results: torch.Tensor | tuple[torch.Tensor, ...]) -> torch.Tensor:
    return results[0] if isinstance(results, tuple) else results


def _largest_difference(got: torch.Tensor, wanted: torch.Tensor) -> float:
    if got.shape != wanted.shape or not torch.equal(got.isnan(), wanted.isnan()):
        return float("inf")
    return (got.double() - wanted.double()).abs().nan_to_num(0.0).max().item()


def _result_row(found: dict[str, object], machine: Machine) -> dict[str, object]:
    p20, p50, p80 = found.pop("times")
    floor = found["floor_ms"]
    row = found | {
        "p20_ms": f"{p20:.4g}",
        "p50_ms": f"{p50:.4g}",
        "p80_ms": f"{p80:.4g}",
        "items_per_s": f"{1000 * found['queries'] / p50:.4g}",
        "floor_ms": f"{floor:.3g}",
        "percent_of_floor": f"{100 * floor / p50:.3g}",
        "wrong_percent": f"{found['wrong_percent']:.3g}",
        "device": machine.name,
        "engine": backend(machine.device),
        "versions": _package_versions(),
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
    }
    del row["queries"]
    print(
        f"{row['op']:<22} {row['shape']:<48} {row['provider']:<28} {row['p50_ms']:>9} ms",
        flush=True,
    )
    return row


def _package_versions() -> str:
    def of(name: str) -> str:
        try:
            return version(name)
        except PackageNotFoundError:
            return "none"

    names = ("torch", "triton", "numpy", "scipy")
    return " ".join([f"python {platform.python_version()}", *(f"{n} {of(n)}" for n in names)])


if __name__ == "__main__":
    sys.exit(main())
