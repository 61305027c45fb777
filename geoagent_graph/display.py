"""How objects show themselves in notebooks and shells: the drawing is registered by `render`.

Types and cases only ask here; nothing below `render` knows it. The package's `__init__` names the
module that registers the drawings, and it is imported when an object is first shown.
"""

import importlib
from collections.abc import Callable
from typing import Any

_html: dict[type, Callable[[Any], str]] = {}
_text: dict[type, Callable[[Any], str]] = {}
_modules: list[str] = []


def register_display(
    kind: type, html: Callable[[Any], str], text: Callable[[Any], str] | None = None
) -> None:
    """Let objects of a type be shown as this HTML, and as this line where there is only text."""
    _html[kind] = html
    if text is not None:
        _text[kind] = text


def load_display_from(module: str) -> None:
    """Name a module that registers drawings when it is imported; that happens on first use."""
    if module not in _modules:
        _modules.append(module)


def html_of(shown: object) -> str:
    """Return an object as HTML for a notebook.

    Raises:
        TypeError: nothing draws objects of its type.
    """
    return _drawing_of(_html, shown)(shown)


def text_of(shown: object) -> str:
    """Return an object as one line for a shell.

    Raises:
        TypeError: nothing draws objects of its type.
    """
    return _drawing_of(_text, shown)(shown)


def _drawing_of(drawings: dict[type, Callable[[Any], str]], shown: object) -> Callable[[Any], str]:
    if type(shown) not in drawings:
        for module in _modules:
            importlib.import_module(module)
    for kind in type(shown).__mro__:
        if kind in drawings:
            return drawings[kind]
    raise TypeError(f"nothing draws objects of type {type(shown).__name__}")
