"""Rows of a catalogue of tiny files, for tests."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from geoagent_graph.weights.catalogue import find_entry
from geoagent_graph.weights.entry import Entry
from geoagent_graph.weights.lock_file import Pin, PinnedFile
from geoagent_graph.weights.safetensors_file import tensor_bytes
from geoagent_graph.weights.store import WeightStore

REPOSITORY = "tiny/model"


def tiny_weights(seed: int = 0, count: int = 512) -> bytes:
    """Return a safetensors file of some kilobytes."""
    values = np.random.default_rng(seed).standard_normal(count).astype("<f4")
    return tensor_bytes({"layer.weight": values.reshape(2, -1), "layer.bias": values[:3]})


def digest(data: bytes) -> str:
    """Return the SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def row(**changes: Any) -> Entry:
    """Return a row of the hub with one file that is pinned nowhere, unless `changes` says so."""
    fields: dict[str, Any] = {
        "name": "tiny",
        "title": "Tiny",
        "kind": "model",
        "purpose": "tests",
        "source": {"kind": "hub", "repository": REPOSITORY},
        "files": [{"path": "model.safetensors"}],
        "licence": {
            "id": "Apache-2.0", "commercial": True, "read_on": "2026-11-30", "read_in": "tests",
        },
        "preprocessing": "none",
        "output": "none",
        "improves": "nothing",
    }  # fmt: skip
    return Entry.model_validate({**fields, **changes})


NON_COMMERCIAL: dict[str, Any] = {
    "id": "CC-BY-NC-4.0", "commercial": False, "read_on": "2026-11-30", "read_in": "tests",
}  # fmt: skip


def place_row(folder: Path, name: str) -> None:
    """Put a row there as a pull would have, its files one byte each."""
    entry, store = find_entry(name), WeightStore(folder)
    names = [file.path for file in entry.files] or ["config.json", "model.safetensors"]
    pinned = {}
    for path in names:
        store.folder_of(name).mkdir(parents=True, exist_ok=True)
        (store.folder_of(name) / path).write_bytes(b"x")
        known = {file.path: file.sha256 for file in entry.files}.get(path)
        pinned[path] = PinnedFile(sha256=known or "0" * 64, size_bytes=1)
    store.write_pin(name, Pin(repository="a/b", files=pinned, complete=True))
