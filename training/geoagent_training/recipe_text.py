"""The YAML of a recipe, read with bounds: hostile or damaged files are one line."""

from pathlib import Path
from typing import Any, Final

import yaml

from geoagent_training.errors import ConfigError

MAX_BYTES: Final = 1_000_000
MAX_VALUES: Final = 20_000
"""How many values a recipe may hold, each counted as often as aliases repeat it."""

_MAX_DEPTH: Final = 40


def read_mapping(path: Path) -> tuple[dict[Any, Any], yaml.MappingNode]:
    """Return the keys and values of a YAML file, and its nodes, which know their lines.

    Raises:
        ConfigError: no such file, not YAML, too much of it, or no mapping.
    """
    text = _read_text(path)
    root = _compose(path, text)
    if not isinstance(root, yaml.MappingNode):
        raise ConfigError(f"{path}: a recipe is a mapping of keys to values")
    if _count_values(root, {}, 0) > MAX_VALUES:
        raise ConfigError(f"{path}: it holds more than {MAX_VALUES} values, or nests too deeply")
    _refuse_doubled_keys(path, root)
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}{_yaml_words(error)}") from error
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
        # what SafeLoader's constructors raise on a date, number or tag that is none
        said = " ".join(str(error).split())[:200]
        raise ConfigError(f"{path}: a value is not what YAML takes it for: {said}") from error
    return content, root


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: there is no such recipe") from error
    except IsADirectoryError as error:
        raise ConfigError(f"{path}: it is a folder: name a recipe, a YAML file") from error
    except OSError as error:
        raise ConfigError(f"{path}: it cannot be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{path}: it is larger than {MAX_BYTES} bytes: is it a recipe?")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: it is no UTF-8 text: is it a recipe?") from error


def _compose(path: Path, text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}{_yaml_words(error)}") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: it nests too deeply: is it a recipe?") from error


def _yaml_words(error: yaml.YAMLError) -> str:
    """Return line and fault as they follow the name of the file."""
    mark = getattr(error, "problem_mark", None)
    line = f":{mark.line + 1}" if mark else ""
    problem = getattr(error, "problem", None) or str(error)
    return f"{line}: it cannot be read as YAML: {' '.join(problem.split())[:200]}"


def _count_values(node: yaml.Node, counted: dict[int, int], depth: int) -> int:
    """Return how many values a node expands to; more than `MAX_VALUES` for one inside itself."""
    if depth > _MAX_DEPTH:
        return MAX_VALUES + 1
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in counted:
        counted[id(node)] = MAX_VALUES + 1  # what it counts as inside itself
        parts = node.value if isinstance(node, yaml.SequenceNode) else sum(node.value, ())
        counted[id(node)] = 1 + sum(_count_values(part, counted, depth + 1) for part in parts)
    return counted[id(node)]


def _refuse_doubled_keys(path: Path, root: yaml.Node) -> None:
    """Refuse a key that stands twice in one mapping, of which YAML would take the last."""
    left, seen = [root], set()
    while left:
        node = left.pop()
        if id(node) in seen or isinstance(node, yaml.ScalarNode):
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            left += node.value
            continue
        names: set[tuple[str, str]] = set()
        for key, value in node.value:
            left.append(value)
            name = (key.tag, str(key.value))
            if name in names:
                line = key.start_mark.line + 1
                raise ConfigError(f"{path}:{line}: the key {key.value} stands here twice")
            names.add(name)
