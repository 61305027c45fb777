"""Compile every kernel variant for GPUs that are not there; fail on a spill or an overrun.

    python kernels/aot/gate.py                      every variant for every target
    python kernels/aot/gate.py --target sm_90a      one target
    python kernels/aot/gate.py --match topk         variants with "topk" in their name
    python kernels/aot/gate.py --write-budget       make today's figures of sm_90a the budget

Exits 1 if a variant does not compile, spills, exceeds its budget of registers or shared memory,
has none, or computes an address in 32 bits. The budget holds for the version of Triton that it
names. Needs no GPU: Triton's wheel brings the assemblers.
"""

import argparse
import os
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import triton
from compilation import TARGETS, Report, compile_variant
from variants import variants

BUDGET_FILE = Path(__file__).parent / "budget.toml"
BUDGETED_TARGET = "sm_90a"
TRITON = ".".join(triton.__version__.split(".")[:2])
"""A budget is that of one version: another allots registers otherwise, and only must not spill."""
KNOWN_SPILLS = {
    ("3.6", "sm_100", "semantic bf16 gate:next_level group:8"): 3,
    ("3.6", "sm_120", "geo_similarity fp32 fp16 extra:3 group:8"): 2,
    ("3.9", "gfx942", "topk fp32 16x128x32 kept:8"): 2,
    ("3.9", "gfx942", "topk fp32 16x128x32 kept:64"): 2,
}
"""(Version of Triton, target, variant) -> spills that it alone makes, in instructions."""


def main() -> int:
    """Compile, print the table, return the exit status."""
    options = _parse_options()
    targets = options.target or list(TARGETS)
    jobs = [(v.name, t) for t in targets for v in variants(t) if options.match in v.name]
    budget = tomllib.loads(options.budget.read_text()) if options.budget.exists() else {}
    budgeted = options.write_budget or budget.pop("triton", TRITON) == TRITON
    sys.stdout.write(HEADER)
    failures = []
    figures = {}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for (name, target), outcome in zip(jobs, pool.map(_compile_job, jobs), strict=True):
            if isinstance(outcome, str):
                faults = [outcome]
            else:
                faults = list(
                    _faults_of_report(
                        name, target, outcome, budget if budgeted else None, options.write_budget
                    )
                )
                sys.stdout.write(_report_line(name, target, outcome))
                if target == BUDGETED_TARGET:
                    figures[name] = (outcome.registers, outcome.shared_bytes)
            found = [f"{target} {name}: {fault}" for fault in faults]
            sys.stdout.writelines(f"FAIL {failure}\n" for failure in found)  # a run may be cut off
            sys.stdout.flush()
            failures += found
    if options.write_budget:
        options.budget.write_text(_budget_text(figures))
    sys.stdout.write(
        f"triton {triton.__version__}: {len(jobs)} compiled, {len(failures)} failures\n"
    )
    sys.stdout.writelines(f"FAIL {failure}\n" for failure in failures)
    return 1 if failures else 0


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--target", action="append", choices=list(TARGETS), help="may be repeated; default: all"
    )
    parser.add_argument("--match", default="", help="a part of a variant's name")
    parser.add_argument("--budget", type=Path, default=BUDGET_FILE, help="budget file")
    parser.add_argument("--write-budget", action="store_true", help="write today's figures")
    return parser.parse_args()


def _compile_job(job: tuple[str, str]) -> Report | str:
    name, target = job
    variant = next(variant for variant in variants(target) if variant.name == name)
    try:
        return compile_variant(variant, target)
    except Exception as error:  # noqa: BLE001  (a compiler may raise anything; all of it is a failure)
        return f"does not compile: {error!r:.200}"


def _faults_of_report(
    name: str,
    target: str,
    report: Report,
    budget: dict[str, dict[str, int]] | None,
    writing: bool,
) -> Iterator[str]:
    known = KNOWN_SPILLS.get((TRITON, target, name), 0)
    if report.spill_instructions > known or (report.stack_bytes and not known):
        yield f"{report.spill_instructions} spills, {report.stack_bytes} bytes of stack"
    if report.narrow_offsets:
        yield f"32-bit address arithmetic: {report.narrow_offsets[0]}"
    if target != BUDGETED_TARGET or writing or budget is None:
        return
    if name not in budget:
        yield "has no budget"
        return
    for unit, used in (("registers", report.registers), ("shared_bytes", report.shared_bytes)):
        if used > budget[name][unit]:
            yield f"{used} {unit}, budget {budget[name][unit]}"


HEADER = (
    f"{'variant':<44} {'target':<7} {'regs':>4} {'stack':>5} {'spills':>6} {'shared':>7}"
    f" {'instr':>6} {'load':>5} matrix\n"
)


def _report_line(name: str, target: str, report: Report) -> str:
    return (
        f"{name:<44} {target:<7} {report.registers:>4} {report.stack_bytes:>5}"
        f" {report.spill_instructions:>6} {report.shared_bytes:>7} {report.instructions:>6}"
        f" {report.widest_load_bits:>5} {report.tensor_cores}\n"
    )


def _budget_text(figures: dict[str, tuple[int, int]]) -> str:
    lines = [f"# Largest registers a thread and shared bytes a block on {BUDGETED_TARGET}."]
    lines += ["# Written by: python kernels/aot/gate.py --target sm_90a --write-budget"]
    lines += [f'triton = "{TRITON}"']
    for name, (registers, shared) in figures.items():
        lines.append(f'"{name}" = {{ registers = {registers}, shared_bytes = {shared} }}')
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
