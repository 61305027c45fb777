"""Runs the compile gate in every way its tests look at, in one process, and prints JSON.

python compile_gate_runs.py FOLDER: a process of its own, for kernels are compiled here and not
interpreted; one for all, for importing the compiler takes longer than most kernels. Not a test.
"""

import contextlib
import dataclasses
import importlib.util
import io
import json
import runpy
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import compilation
import gate
import stub_driver
import torch
import variants

if TYPE_CHECKING:
    from collections.abc import Callable

TARGET = "sm_90a"
NAME = "advantage functions:1 group:8 batch:False"
TWINS = """
import triton, triton.language as tl
@triton.jit
def narrow(x, n, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(x + i, 1.0, mask=i < n)
@triton.jit
def wide(x, n, BLOCK: tl.constexpr):
    i = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    tl.store(x + i, 1.0, mask=i < n)
"""


def run_gate(*arguments: str) -> dict[str, Any]:
    """Return exit status and output of the gate's command."""
    sys.argv = ["gate.py", "--target", TARGET, *arguments]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            runpy.run_path(gate.__file__, run_name="__main__")
        except SystemExit as end:
            return {"status": end.code, "said": out.getvalue()}
    raise AssertionError("the gate has not set an exit status")


def tight_budget(folder: Path) -> str:
    """Return a budget file that the variant exceeds."""
    path = folder / "budget.toml"
    path.write_text(f'"{NAME}" = {{ registers = 1, shared_bytes = 0 }}\n')
    return str(path)


def listed_variants() -> dict[str, list[str]]:
    """Return the names in the budget and those of the variants and their kernels."""
    every = list(variants.variants(TARGET))
    return {
        "budget": sorted(set(tomllib.loads(gate.BUDGET_FILE.read_text())) - {"triton"}),
        "variants": sorted(variant.name for variant in every),
        "kernels": sorted({variant.kernel.fn.__name__ for variant in every}),
    }


def spilling_variant() -> dict[str, Any]:
    """Return what is reported of a variant too large for the registers."""
    base = next(v for v in variants.variants(TARGET) if "topk bf16 64x64" in v.name)
    large = dataclasses.replace(base, constants={**base.constants, "COLUMNS": 256})
    report = compilation.compile_variant(large, TARGET)
    faults = list(gate._faults_of_report(base.name, TARGET, report, {}, True))
    return {
        "tensor_cores": report.tensor_cores,
        "spills": report.spill_instructions,
        "fault": faults[0],
    }


def load_twins(folder: Path) -> Any:
    """Return a module of two small kernels."""
    file = folder / "twins.py"
    file.write_text(TWINS)
    spec = importlib.util.spec_from_file_location("twins", file)
    assert spec is not None
    assert spec.loader is not None
    twins = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(twins)
    return twins


def narrow_offsets(folder: Path) -> dict[str, bool]:
    """Return which of two kernels is seen to compute addresses in 32 bits."""
    twins = load_twins(folder)
    arguments = {"x": "*fp32", "n": "i32"}, {"BLOCK": 128}
    return {
        name: bool(
            compilation.compile_variant(
                variants.Variant("twin", getattr(twins, name), *arguments), TARGET
            ).narrow_offsets
        )
        for name in ("narrow", "wide")
    }


def faults_of_launches(twin: Any) -> dict[str, str]:
    """Return the error that a launch through the stub driver raises, empty if none."""
    x = torch.zeros(4)
    shorts = torch.zeros(4, dtype=torch.int16)
    launches: dict[str, Callable[[], Any]] = {
        "right": lambda: twin[(2,)](x, 4, BLOCK=8),
        "one": lambda: twin[(1,)](x, 1, BLOCK=8),  # Triton makes a constant of it
        "an unknown constant": lambda: twin[(1,)](x, 4, BLOCK=8, ROWS=2),
        "a missing argument": lambda: twin[(1,)](x, BLOCK=8),
        "a block that is no power of two": lambda: twin[(1,)](x, 4, BLOCK=12),
        "a tensor for a number": lambda: twin[(1,)](x, shorts, BLOCK=8),
        "no programs": lambda: twin[(0,)](x, 4, BLOCK=8),
        "too many programs": lambda: twin[(1, 70_000)](x, 4, BLOCK=8),
    }
    found = {}
    with stub_driver.recorded_launches() as recorded:
        for name, launch in launches.items():
            try:
                launch()
                found[name] = ""
            except Exception as error:  # noqa: BLE001  (a compiler may raise anything)
                found[name] = type(error).__name__
        found["launched"] = str([(launch.kernel, launch.grid) for launch in recorded])
    return found


def main() -> None:
    """Run everything."""
    folder = Path(sys.argv[1])
    found = {
        "within": run_gate("--match", NAME),
        "over": run_gate("--match", NAME, "--budget", tight_budget(folder)),
        "without": run_gate("--match", NAME, "--budget", str(folder / "none.toml")),
        "listed": listed_variants(),
        "spilling": spilling_variant(),
        "narrow": narrow_offsets(folder),
        "stub": faults_of_launches(load_twins(folder).wide),
    }
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()
