"""Rows of a catalogue of tiny files, for tests."""

import hashlib
from typing import Any

import numpy as np

from geoagent_graph.weights.entry import Entry
from geoagent_graph.weights.safetensors_file import tensor_bytes

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
