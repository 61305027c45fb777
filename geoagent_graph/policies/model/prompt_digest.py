"""Digest of the prompts, by which a stored run names what its model was told."""

import functools
import hashlib
import json
from importlib import resources


@functools.cache
def prompts_sha256(own: tuple[str | None, ...] = ()) -> str:
    """Return the digest of the module that holds every prompt, and of the user's own words."""
    module = resources.files("geoagent_graph").joinpath("policies/model/prompts.py")
    # The form that the digest of a folder has: a name, here none, before each file's digest.
    digest = hashlib.sha256(b"\0" + hashlib.sha256(module.read_bytes()).digest())
    if any(own):
        digest.update(json.dumps(own).encode())
    return digest.hexdigest()
