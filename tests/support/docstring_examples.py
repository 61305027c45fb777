"""Examples in docstrings: the indented blocks that are Python."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Example:
    """A block of code in the docstring of something."""

    where: str
    code: str


def examples_in(path: Path, name: str) -> Iterator[Example]:
    """Yield the examples in the docstrings of a module, of its classes and of its functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node)
            what = getattr(node, "name", "")
            for number, block in enumerate(_code_blocks(docstring or "")):
                yield Example(f"{name}{':' if what else ''}{what}[{number}]", block)


def _code_blocks(docstring: str) -> Iterator[str]:
    """Yield the blocks, indented and after an empty line, that are statements of Python."""
    lines = inspect.cleandoc(docstring).splitlines()
    at = 0
    while at < len(lines):
        if lines[at].startswith("    ") and (at == 0 or not lines[at - 1].strip()):
            end = at
            while end < len(lines) and (lines[end].startswith("    ") or not lines[end].strip()):
                end += 1
            block = textwrap.dedent("\n".join(lines[at:end])).strip()
            if _is_example(block):
                yield block
            at = end
        at += 1


def _is_example(block: str) -> bool:
    """Return whether a block is code that does something, not a diagram or a table."""
    try:
        tree = compile(block, "example", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError:
        return block.startswith((">>>", "from ", "import "))
    return any(isinstance(node, ast.Call | ast.Import | ast.ImportFrom) for node in ast.walk(tree))
