"""Compile a kernel for a GPU that is not there, and read what the compiler made of it."""

import collections
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from variants import Variant

TARGETS = {
    "sm_90a": GPUTarget("cuda", 90, 32),
    "sm_80": GPUTarget("cuda", 80, 32),
    "sm_89": GPUTarget("cuda", 89, 32),
    "sm_100": GPUTarget("cuda", 100, 32),
    "sm_120": GPUTarget("cuda", 120, 32),
    "gfx942": GPUTarget("hip", "gfx942", 64),
}

_NVIDIA_TOOLS = Path(triton.__file__).parent / "backends" / "nvidia" / "bin"
_INSTRUCTION = re.compile(r"^\s+/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\w+\s+)?([A-Z][A-Z0-9_.]*)", re.M)


@dataclass(frozen=True)
class Report:
    """Resources of one compiled variant, a thread's unless said otherwise."""

    registers: int
    stack_bytes: int
    """0 where the compiler reserves some and never touches it, as Triton 3.9 does."""
    spill_instructions: int
    shared_bytes: int
    """Of a block of threads."""
    instructions: int
    widest_load_bits: int
    tensor_cores: str
    """Family of the matrix instructions, empty without any."""
    narrow_offsets: tuple[str, ...]
    """Address arithmetic that is not in 64 bits."""


def compile_variant(variant: Variant, target: str) -> Report:
    """Return the report of `variant` compiled for `target`, one of `TARGETS`."""
    compiled = _compile_kernel(variant, TARGETS[target])
    narrow = tuple(narrow_offsets(compiled.asm["ttir"]))
    if TARGETS[target].backend == "hip":
        return _amd_report(compiled.asm["amdgcn"], compiled.metadata.shared, narrow)
    return _nvidia_report(compiled.asm["cubin"], compiled.metadata.shared, narrow)


def narrow_offsets(ttir: str) -> list[str]:
    """Return the lines of Triton's IR that could overflow at more than 2**31 elements.

    Offsets added to pointers must be int64; a program's number must be widened before any other
    use; and no product of two run-time numbers may be taken in int32.
    """
    text = re.sub(r" loc\(.*$", "", ttir, flags=re.M)
    bad = [line for line in text.splitlines() if re.search(r"tt\.addptr.*(, i32|xi32>)$", line)]
    bad += [line for line in text.splitlines() if re.search(r"arith\.muli.*(: i32|xi32>)$", line)]
    for name in re.findall(r"(%\w+) = tt\.get_(?:program_id|num_programs)", text):
        uses = [line for line in text.splitlines() if re.search(rf"{name}\b", line)]
        bad += [line for line in uses[1:] if "arith.extsi" not in line]
    return [line.strip() for line in bad]


def _compile_kernel(variant: Variant, target: GPUTarget) -> Any:
    names = variant.kernel.arg_names
    signature = {n: "constexpr" if n in variant.constants else variant.signature[n] for n in names}
    aligned = {
        (i,): [["tt.divisibility", 16]]
        for i, n in enumerate(names)
        if str(signature[n]).startswith("*") or n in variant.aligned
    }
    source = ASTSource(variant.kernel, signature, dict(variant.constants), aligned)
    options = {"num_warps": variant.warps, "enable_fp_fusion": True}
    return triton.compile(source, target=target, options=options)


def _nvidia_report(cubin: bytes, shared: int, narrow: tuple[str, ...]) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "kernel.cubin"
        file.write_bytes(cubin)
        usage = _run_nvidia_tool("cuobjdump", "-res-usage", str(file))
        listing = _run_nvidia_tool("nvdisasm", "-c", str(file))
    count = collections.Counter(_INSTRUCTION.findall(listing))
    family = collections.Counter(name.split(".")[0] for name in count.elements())
    loads = [name for name in count if name.startswith(("LDG", "LDGSTS", "UTMALDG"))]
    widths = [int(size) for name in loads for size in re.findall(r"\.(64|128)\b", name)]
    return Report(
        registers=_number_in(r"REG:(\d+)", usage),
        stack_bytes=_number_in(r"STACK:(\d+)", usage) if uses_stack(listing) else 0,
        spill_instructions=family["STL"] + family["LDL"],
        shared_bytes=shared,
        instructions=sum(count.values()),
        widest_load_bits=max(widths, default=32 if loads else 0),
        tensor_cores=next((n for n in ("HGMMA", "UTCHMMA", "HMMA") if family[n]), ""),
        narrow_offsets=narrow,
    )


def uses_stack(listing: str) -> bool:
    """Return whether anything but the reservation itself names R1, the stack pointer."""
    named = re.findall(r"^\s+/\*[0-9a-f]{4,}\*/\s+(.*\bR1\b.*)$", listing, re.M)
    return any(not re.match(r"(LDC|MOV|IADD3|IADD|UIADD3|VIADD) R1,", line) for line in named)


def _amd_report(assembly: str, shared: int, narrow: tuple[str, ...]) -> Report:
    body = re.findall(r"^\s+([a-z][a-z0-9_]+)\s", assembly, re.M)
    widths = [int(n) * 32 for n in re.findall(r"(?:global|buffer)_load_dwordx(\d)", assembly)]
    return Report(
        registers=_number_in(r"\.vgpr_count:\s+(\d+)", assembly),
        stack_bytes=_number_in(r"\.private_segment_fixed_size:\s+(\d+)", assembly),
        spill_instructions=_number_in(r"\.vgpr_spill_count:\s+(\d+)", assembly)
        + _number_in(r"\.sgpr_spill_count:\s+(\d+)", assembly),
        shared_bytes=shared,
        instructions=sum(1 for name in body if name.startswith(("v_", "s_", "global_", "ds_"))),
        widest_load_bits=max(widths, default=32),
        tensor_cores="MFMA" if "v_mfma" in assembly else "",
        narrow_offsets=narrow,
    )


def _run_nvidia_tool(tool: str, *arguments: str) -> str:
    command = [str(_NVIDIA_TOOLS / tool), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout


def _number_in(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"no {pattern!r} in the compiler's output")
    return int(found[1])
