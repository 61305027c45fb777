"""Kernel tests: on the GPU where there is one, else in Triton's interpreter.

Triton reads TRITON_INTERPRET when it and the kernels are first imported, so both are imported here.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import pkgutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from types import ModuleType

MISSING = [name for name in ("torch", "triton") if importlib.util.find_spec(name) is None]
if not MISSING:
    import torch

KERNELS = ROOT / "kernels"
ON_GPU = not MISSING and torch.cuda.is_available()


def _import_kernels() -> bool:
    """Import every Triton module; True if the interpreter will run them."""
    before = os.environ.get("TRITON_INTERPRET")
    if not ON_GPU:
        os.environ["TRITON_INTERPRET"] = "1"
    try:
        package = importlib.import_module("geoagent_kernels._triton")
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")
        # Triton's own functions too: they are decorated when triton is first imported.
        return (
            type(importlib.import_module("triton.language").sum).__name__ == "InterpretedFunction"
        )
    finally:
        if before is None:
            os.environ.pop("TRITON_INTERPRET", None)
        else:
            os.environ["TRITON_INTERPRET"] = before


INTERPRETED = not MISSING and _import_kernels()


class _SkippedModule(pytest.Module):
    missing: tuple[str, ...] = ()

    def collect(self) -> Iterable[pytest.Item]:
        pytest.skip(f"{' and '.join(self.missing)} not installed", allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> Any:
    """Skip a module where a package that it imports is missing; a GPU may have torch alone."""
    missing = tuple(MISSING) or missing_imports(module_path.read_text(encoding="utf-8"))
    if not missing:
        return None
    module = _SkippedModule.from_parent(parent, path=module_path)
    module.missing = missing
    return module


def missing_imports(source: str) -> tuple[str, ...]:
    """Return the packages that a module's source imports and that are not installed."""
    names = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    packages = sorted({name.split(".")[0] for name in names})
    return tuple(name for name in packages if importlib.util.find_spec(name) is None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a GPU where there is none."""
    for item in items:
        if item.get_closest_marker("gpu") and not ON_GPU:
            item.add_marker(pytest.mark.skip(reason="needs a CUDA device"))


@pytest.fixture(scope="session")
def device() -> torch.device:
    """Where the Triton kernels of this run take their tensors."""
    if not ON_GPU and not INTERPRETED:
        pytest.fail("triton was imported before these tests; run pytest tests/kernels by itself")
    return torch.device("cuda" if ON_GPU else "cpu")


@pytest.fixture(autouse=True)
def _interpreter(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if INTERPRETED:
        monkeypatch.setenv("TRITON_INTERPRET", "1")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def plain_memory() -> None:
    """Leave torch.empty as it is: filling it would be a launch of its own."""


@pytest.fixture(autouse=True)
def _poisoned_empty(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fill what torch.empty returns, so that an output that is never written cannot pass."""
    if "plain_memory" in request.fixturenames:
        return
    originals = {name: getattr(torch, name) for name in ("empty", "empty_like")}

    def poisoned(name: str) -> Callable[..., Any]:
        def fill(*args: Any, **kwargs: Any) -> Any:
            tensor = originals[name](*args, **kwargs)
            if tensor.dtype.is_floating_point:
                return tensor.fill_(float("nan"))
            return tensor.fill_(0x5A) if tensor.dtype != torch.bool else tensor

        return fill

    for name in originals:
        monkeypatch.setattr(torch, name, poisoned(name))


@pytest.fixture(scope="session")
def load_script() -> Callable[[str], ModuleType]:
    """Import a script below kernels/ by its path."""

    def load(path: str) -> ModuleType:
        file = KERNELS / path
        spec = importlib.util.spec_from_file_location(f"kernels_{file.stem}", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture(scope="session")
def globe() -> Callable[..., torch.Tensor]:
    """Points all over the globe, with the awkward ones first."""
    awkward = [
        (90.0, 0.0),
        (90.0, 77.0),
        (-90.0, -60.0),
        (0.0, 180.0),
        (0.0, -180.0),
        (0.0, 0.0),
        (12.3456789, -98.7654321),
        (51.5, 179.9999999),
        (51.5, -179.9999999),
    ]

    def points(count: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> torch.Tensor:
        generator = torch.Generator().manual_seed(seed)
        z, turn = torch.rand(2, count, dtype=torch.float64, generator=generator)
        latlon = torch.stack((torch.rad2deg(torch.asin(2 * z - 1)), 360 * turn - 180), 1)
        latlon[: len(awkward)] = torch.tensor(awkward, dtype=torch.float64)[:count]
        return latlon.to(dtype)

    return points


@pytest.fixture
def both(device: torch.device) -> Callable[..., tuple[Any, Any]]:
    """Run a public function on Triton and on the reference; both results on CPU."""

    def run(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        def move(value: Any) -> Any:
            return value.to(device) if isinstance(value, torch.Tensor) else value

        def back(result: Any) -> Any:
            if isinstance(result, torch.Tensor):
                return result.cpu()
            return type(result)(*(part.cpu() for part in result))

        on_device = [move(arg) for arg in args]
        named = {name: move(value) for name, value in kwargs.items()}
        got = function(*on_device, **named, engine="triton")
        return back(got), function(*args, **kwargs, engine="reference")

    return run


@pytest.fixture(scope="session")
def assert_distances() -> Callable[[torch.Tensor, torch.Tensor], None]:
    """Element by element within 2 cm + 1e-6 of the distance, NaN in the same places."""

    def check(got_km: torch.Tensor, wanted_km: torch.Tensor) -> None:
        assert got_km.shape == wanted_km.shape
        assert torch.equal(got_km.isnan(), wanted_km.isnan())
        allowed = 2e-5 + 1e-6 * wanted_km.double().abs()
        excess = (got_km.double() - wanted_km.double()).abs() - allowed
        worst = excess.nan_to_num(-1.0).flatten().topk(min(3, excess.numel()))
        assert not (worst.values > 0).any(), f"km over the bound {worst.values}, at {worst.indices}"

    return check
