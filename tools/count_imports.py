"""The import arrows between the folders of the packages, and the circles among their modules.

    python tools/count_imports.py            # every arrow with the number of imports behind it
    python tools/count_imports.py cases cli  # the imports themselves, of these folders

All imports count: lazy ones inside functions, typing-only ones, and literal `import_module("...")`.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {
    "geoagent_graph": ROOT / "geoagent_graph",
    "geoagent_kernels": ROOT / "kernels" / "geoagent_kernels",
    "geoagent_training": ROOT / "training" / "geoagent_training",
    "geoagent_evaluation": ROOT / "evaluation" / "geoagent_evaluation",
}
IMPORTERS = {"import_module", "importorskip", "__import__"}

Edges = Mapping[str, set[str]]
Arrows = dict[tuple[str, str], set[tuple[str, str]]]


def module_files() -> dict[str, Path]:
    """Return the file of every module of the three packages, by its dotted name."""
    files = {}
    for package, folder in PACKAGES.items():
        for path in sorted(folder.rglob("*.py")):
            parts = (package, *path.relative_to(folder).with_suffix("").parts)
            files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return files


@cache
def imported_names(path: Path) -> frozenset[str]:
    """Return every dotted name that a file imports, lazily or for type checkers too."""
    nodes = ast.walk(ast.parse(path.read_text()))
    return frozenset(name for node in nodes for name in _names_in(node))


def _names_in(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        yield from (f"{module}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Call) and node.args:
        called = getattr(node.func, "attr", getattr(node.func, "id", None))
        name = node.args[0]
        if called in IMPORTERS and isinstance(name, ast.Constant):
            yield str(name.value)


def module_edges() -> dict[str, set[str]]:
    """Return which modules each of our modules imports."""
    files = module_files()
    edges: dict[str, set[str]] = {}
    for module, path in files.items():
        names = imported_names(path)
        assert not any(name.startswith(".") for name in names), f"{path}: a relative import"
        found = {name if name in files else name.rpartition(".")[0] for name in names}
        edges[module] = (found & files.keys()) - {module}
    return edges


def folder_of(module: str) -> str:
    """Return the folder of a module: the first below `geoagent_graph`, elsewhere the package."""
    package, *rest = module.split(".")
    return rest[0] if package == "geoagent_graph" and rest else package


def folder_arrows(edges: Edges) -> Arrows:
    """Return the imports between different folders, by importing and imported folder."""
    arrows: Arrows = defaultdict(set)
    for module, targets in edges.items():
        for target in targets:
            if folder_of(module) != folder_of(target):
                arrows[folder_of(module), folder_of(target)].add((module, target))
    return dict(arrows)


def import_circles(edges: Edges) -> list[list[str]]:
    """Return the groups of modules that import each other, however far around."""
    reachable = {module: _modules_reached(module, edges) for module in edges}
    circles = {
        tuple(sorted(other for other in reached if module in reachable[other]))
        for module, reached in reachable.items()
        if module in reached
    }
    return [list(circle) for circle in sorted(circles)]


def _modules_reached(module: str, edges: Edges) -> set[str]:
    reached: set[str] = set()
    waiting = list(edges[module])
    while waiting:
        target = waiting.pop()
        if target not in reached:
            reached.add(target)
            waiting += edges[target]
    return reached


def main(folders: list[str]) -> None:
    edges = module_edges()
    arrows = folder_arrows(edges)
    for (source, target), imports in sorted(arrows.items()):
        if not folders:
            print(f"{source:>18} -> {target:18} {len(imports):4}")
        elif source in folders:
            print("\n".join(f"{module} -> {other}" for module, other in sorted(imports)))
    if not folders:
        total = sum(len(imports) for imports in arrows.values())
        print(f"{len(arrows)} arrows between folders, {total} imports")
        print(f"{len(import_circles(edges))} circles")
        for circle in import_circles(edges):
            print("  " + " ".join(circle))


if __name__ == "__main__":
    main(sys.argv[1:])
