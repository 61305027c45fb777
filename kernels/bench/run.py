"""Measure every operation against its rivals: correctness first, then rows of a CSV file.

    python kernels/bench/run.py                        all of it, into kernels/bench/results/
    python kernels/bench/run.py --match 'spatial|topk' some; rows of the others stay in the file
    python kernels/bench/run.py --providers ours       without the rivals, or the rivals alone
    python kernels/bench/run.py --dry-run --out FILE   no GPU: GPU launches through the stub driver
    python kernels/bench/plot.py                       the plot, from the CSV

On a GPU where there is one, else on one CPU thread. Every row is written as soon as it is measured.
An operation or a rival whose result is off, or that fails, gets no row, but a line that says so; a
rival that is not installed as well. A rival that gives wrong places keeps its row and its share of
wrong answers.
"""

import argparse
import contextlib
import datetime
import platform
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import search
import torch
from geoagent_kernels import backend
from machine import HURRY, PATIENCE, Machine, no_machine, quantiles_together_ms, this_machine
from operations import Operation, operations
from sheet import Row, Sheet

RESULTS = Path(__file__).parent / "results"
EAGER = "torch eager"
OURS = "geoagent_kernels"


def main() -> int:
    """Measure, write the CSV, return 1 if something of ours was not correct."""
    options = _parse_options()
    with contextlib.ExitStack() as stack:
        if options.dry_run:
            sys.path.append(str(Path(__file__).parents[1] / "aot"))
            from stub_driver import recorded_launches

            stack.enter_context(recorded_launches())
        machine = no_machine() if options.dry_run else this_machine()
        name = "gpu.csv" if machine.device.type == "cuda" else "cpu.csv"
        sheet = Sheet(options.out or RESULTS / name, partial(_is_measured_again, options=options))
        written = wrong = 0
        for row in _measure_operations(machine, options):
            if row:
                sheet.append(row)
            written, wrong = written + bool(row), wrong + (not row)
    print(f"{written} rows, {wrong} results of ours were wrong")
    return 1 if wrong else 0


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--match", default="", help="a regular expression in an operation's name")
    parser.add_argument("--providers", choices=("all", "ours", "rivals"), default="all")
    parser.add_argument("--out", type=Path, help="CSV file; default: results/cpu.csv or gpu.csv")
    parser.add_argument("--dry-run", action="store_true", help="launch through the stub driver")
    options = parser.parse_args()
    if options.dry_run and not options.out:
        parser.error("--dry-run needs --out: its times are no results")
    return options


def _is_measured_again(row: Row, options: argparse.Namespace) -> bool:
    kind = "ours" if row["provider"] == OURS else "rivals"
    return bool(re.search(options.match, row["op"])) and options.providers in ("all", kind)


def _measure_operations(
    machine: Machine, options: argparse.Namespace
) -> Iterator[dict[str, object]]:
    """Yield rows; an empty one stands for a result of ours that was not correct."""
    for operation in operations():
        if re.search(options.match, operation.name):
            sizes = operation.sizes[machine.device.type]
            for shape in [operation.dry_shape] if options.dry_run else sizes:
                yield from _operation_rows(operation, shape, machine, options)
    if re.search(options.match, "nearest"):
        for found in search.rows(machine, options.providers, options.dry_run):
            yield _result_row(found, machine)


def _operation_rows(
    operation: Operation, shape: tuple[int, ...], machine: Machine, options: argparse.Namespace
) -> Iterator[dict[str, object]]:
    inputs = operation.make(shape, machine.device)
    name = " x ".join(map(str, shape))
    correct: dict[str, Callable[[], object]] = {}
    for provider, run, tolerance in _providers_of(operation, shape, options):
        fault = _fault_of(operation, shape, inputs, run, tolerance, dry=options.dry_run)
        if not fault:
            correct[provider] = partial(run, *inputs)
            continue
        print(f"NO ROW {operation.name} {name} {provider}: {fault}", flush=True)
        if provider == OURS:
            yield {}
    floor = machine.floor_ms(
        operation.bytes_moved(inputs), operation.instructions(shape), operation.flops(shape)
    )
    # Eager by itself: its hundreds of megabytes would empty the caches of the others.
    together = [provider for provider in correct if provider != EAGER]
    alone = [[EAGER]] if EAGER in correct else []
    patience = HURRY if options.dry_run else PATIENCE
    for group in (together, *alone):
        runs = [correct[provider] for provider in group]
        for provider, times in zip(
            group, quantiles_together_ms(runs, machine.device, patience), strict=True
        ):
            found = {"op": operation.name, "provider": provider, "shape": name, "times": times}
            found |= {"queries": inputs[0].shape[0], "floor_ms": floor, "wrong_percent": 0.0}
            yield _result_row(found, machine)


def _fault_of(
    operation: Operation,
    shape: tuple[int, ...],
    inputs: tuple[torch.Tensor, ...],
    run: Callable[..., torch.Tensor | tuple[torch.Tensor, ...]],
    tolerance: float,
    *,
    dry: bool,
) -> str:
    """Return what is wrong with a provider's results, empty if nothing is; dry ones are zeros."""
    checked = _first_rows(inputs, _rows_to_check(operation, shape))
    try:
        got = _first_tensor(run(*inputs))
    except Exception as error:  # noqa: BLE001  (one provider must not end the others' run)
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    if dry:
        return ""
    wanted = _first_tensor(operation.plain(*checked))
    rows = len(checked[0])
    along = next((axis for axis, size in enumerate(got.shape) if size == len(inputs[0])), 0)
    off = _largest_difference(got.narrow(along, 0, rows), wanted)
    return "" if off <= tolerance else f"off by {off:.3g}"


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
    operation: Operation, shape: tuple[int, ...], options: argparse.Namespace
) -> Iterator[tuple[str, Callable[..., torch.Tensor | tuple[torch.Tensor, ...]], float]]:
    """Yield name, function and tolerance; a dry run compiles no rival."""
    compile_ = (lambda run: run) if options.dry_run else partial(torch.compile, dynamic=False)
    if options.providers != "rivals":
        yield OURS, operation.ours, operation.tolerance
    if options.providers == "ours":
        return
    if operation.plain_bytes(shape) <= operation.plain_fits:
        yield EAGER, operation.plain, operation.tolerance
        yield "torch.compile", compile_(operation.plain), operation.tolerance
    if operation.single_precision is not None:
        allowed = operation.single_tolerance or operation.tolerance
        yield operation.single_name, compile_(operation.single_precision), allowed


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
