"""The compile gate runs in its own process, where kernels are compiled and not interpreted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

AOT = Path(__file__).parents[2] / "kernels" / "aot"


@pytest.fixture(scope="module")
def environment():
    paths = [str(AOT), str(AOT.parent), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"TRITON_INTERPRET": "0", "PYTHONPATH": os.pathsep.join(paths)}


def gate(environment, *arguments):
    command = [sys.executable, str(AOT / "gate.py"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def run(environment, code):
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout.split()


def test_passes_within_the_budget(environment):
    done = gate(environment, "--target", "sm_90a", "--match", "advantage functions:1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 compiled, 0 failures" in done.stdout


def test_fails_on_an_overrun_and_without_a_budget(environment, tmp_path):
    name = "advantage functions:1 block:8 scaled:True"
    tight = tmp_path / "budget.toml"
    tight.write_text(f'"{name}" = {{ registers = 1, shared_bytes = 0 }}\n')
    done = gate(environment, "--target", "sm_90a", "--match", name, "--budget", str(tight))
    assert done.returncode == 1
    assert "registers, budget 1" in done.stdout
    missing = str(tmp_path / "none.toml")
    done = gate(environment, "--target", "sm_90a", "--match", name, "--budget", missing)
    assert done.returncode == 1
    assert "has no budget" in done.stdout


def test_the_budget_lists_the_variants(environment):
    code = (
        "import tomllib, gate, variants\n"
        "names = [v.name for v in variants.variants('sm_90a')]\n"
        "assert len(names) == len(set(names)), names\n"
        "assert set(tomllib.loads(gate.BUDGET_FILE.read_text())) == set(names)\n"
        "kernels = {v.kernel.fn.__name__ for v in variants.variants('sm_90a')}\n"
        "print(*sorted(kernels))"
    )
    assert run(environment, code) == [
        "advantage_kernel",
        "distance_kernel",
        "energy_score_kernel",
        "expected_reward_kernel",
        "geo_similarity_kernel",
        "group_spread_kernel",
        "leaf_search_kernel",
        "reward_kernel",
        "semantic_kernel",
        "topk_kernel",
    ]


def test_sees_a_spill_and_tensor_cores(environment):
    code = (
        "import dataclasses, compilation, gate, variants\n"
        "base = next(v for v in variants.variants('sm_90a') if 'topk bf16 64x64' in v.name)\n"
        "large = base.constants | {'COLUMNS': 256}\n"
        "report = compilation.compile_variant(\n"
        "    dataclasses.replace(base, constants=large), 'sm_90a')\n"
        "faults = list(gate._faults_of_report(base.name, 'sm_90a', report, {}, writing=True))\n"
        "print(report.tensor_cores, report.spill_instructions > 0, 'spills' in faults[0])"
    )
    assert run(environment, code) == ["HGMMA", "True", "True"]


def test_sees_address_arithmetic_in_32_bits(environment):
    code = """
import compilation
from variants import Variant
import triton, triton.language as tl
import tempfile, pathlib, importlib.util
source = '''
import triton, triton.language as tl
@triton.jit
def narrow(x, n, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(x + i, 1.0, mask=i < n)
@triton.jit
def wide(x, n, BLOCK: tl.constexpr):
    i = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    tl.store(x + i, 1.0, mask=i < n)
'''
file = pathlib.Path(tempfile.mkdtemp()) / "twins.py"
file.write_text(source)
spec = importlib.util.spec_from_file_location("twins", file)
twins = importlib.util.module_from_spec(spec)
spec.loader.exec_module(twins)
for kernel in (twins.narrow, twins.wide):
    variant = Variant("twin", kernel, {"x": "*fp32", "n": "i32"}, {"BLOCK": 128})
    print(bool(compilation.compile_variant(variant, "sm_90a").narrow_offsets))
"""
    assert run(environment, code) == ["True", "False"]
