"""How objects show and write themselves: the drawing is registered by `render`.

Types and cases only ask here; nothing below `render` knows it. The package's `__init__` names the
module that registers the drawings, and it is imported when an object is first shown.
"""

import importlib
from collections.abc import Callable
from typing import Any

_html: dict[type, Callable[[Any], str]] = {}
_text: dict[type, Callable[[Any], str]] = {}
_files: dict[tuple[type, str], Callable[[Any], Any]] = {}
_modules: list[str] = []


def register_display(
    kind: type, html: Callable[[Any], str], text: Callable[[Any], str] | None = None
) -> None:
    """Let objects of a type be shown as this HTML, and as this line where there is only text."""
    _html[kind] = html
    if text is not None:
        _text[kind] = text


def register_file(kind: type, format_name: str, content: Callable[[Any], Any]) -> None:
    """Let objects of a type be had in a format, as the file or the object it stands for."""
    _files[kind, format_name] = content


def load_display_from(module: str) -> None:
    """Name a module that registers drawings when it is imported; that happens on first use."""
    if module not in _modules:
        _modules.append(module)


def html_of(shown: object) -> str:
    """Return an object as HTML for a notebook.

    Raises:
        TypeError: nothing draws objects of its type.
    """
    _load_drawings()
    html: str = _drawing_of(_html, shown)(shown)
    return html


def text_of(shown: object) -> str:
    """Return an object as one line for a shell.

    Raises:
        TypeError: nothing draws objects of its type.
    """
    _load_drawings()
    text: str = _drawing_of(_text, shown)(shown)
    return text


def file_of(shown: object, format_name: str) -> Any:
    """Return an object in a format.

    Raises:
        TypeError: nothing writes objects of its type in it.
    """
    _load_drawings()
    return _drawing_of(
        {kind: content for (kind, name), content in _files.items() if name == format_name}, shown
    )(shown)


def _drawing_of(drawings: dict[type, Callable[[Any], Any]], shown: object) -> Callable[[Any], Any]:
    for kind in type(shown).__mro__:
        if kind in drawings:
            return drawings[kind]
    raise TypeError(f"nothing draws objects of type {type(shown).__name__}")


def _load_drawings() -> None:
    for module in _modules:
        importlib.import_module(module)
