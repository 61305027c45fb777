"""Packages whose own code runs when something of it is asked for, not when a part of it is.

LangGraph needs one class of `langgraph_sdk`, LangSmith one type of `langsmith.types`; Python runs
the whole package first, clients, HTTP and a hundred models: 0.27 s of every command, for nothing.
A package on the list is imported as ever, only later: at the first name that is asked of it and
that no submodule has set. What it is, and what `import` returns, stays the same.
"""

import sys
import threading
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Final

PACKAGES: Final = frozenset({"langgraph_sdk", "langsmith.types"})
_OWN_NAMES: Final = ("__all__", "__version__")  # other such names are the import system's


class DeferredPackage(ModuleType):
    """A package whose code has not run; it is an ordinary module from the moment that it has."""

    def __getattr__(self, name: str) -> Any:
        """Run the package's code, then return the name as the package has it.

        Raises:
            AttributeError: the package has no such name, or the import system looks for one.
        """
        if name.startswith("__") and name not in _OWN_NAMES:
            raise AttributeError(name)
        loader: DeferredLoader = self.__loader__  # type: ignore[assignment]
        loader.run_package(self, name)
        return getattr(self, name)


class DeferredLoader(Loader):
    """Loads a package without running it."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self._lock = threading.RLock()
        self._is_running = False

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the empty package."""
        return DeferredPackage(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leave the package as it is: where its parts lie stands in its specification."""

    def run_package(self, package: ModuleType, name: str) -> None:
        """Run the package's code once, in whichever thread asks first; others wait for it.

        Raises:
            AttributeError: the package's own code asks for a name that it has not set yet.
        """
        with self._lock:
            if self._is_running:
                raise AttributeError(name)
            if not isinstance(package, DeferredPackage):
                return
            self._is_running = True
            try:
                self._loader.exec_module(package)
                package.__class__ = ModuleType  # type: ignore[assignment]
            finally:
                self._is_running = False


class DeferringFinder(MetaPathFinder):
    """Finds the packages of the list, and nothing else."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a package of the list lies, to be run later; None for any other."""
        if fullname not in PACKAGES:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = DeferredLoader(spec.loader)
        return spec


def defer_packages() -> None:
    """Have this process import the packages of the list later; the command line asks for it."""
    if not any(isinstance(finder, DeferringFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, DeferringFinder())
