"""Damages photos, traces and indexes at random; each must be refused in one line, or be harmless.

    OMP_NUM_THREADS=1 PYTHONPATH=. python benchmarks/mutated_files.py [--number 300] [--seed 1]

A photo is decoded in its own process, or refused with `PhotoError`. A damaged trace must not hold.
A damaged index is refused with `GeoAgentError`. Anything else (another error, a trace that still
holds) counts as wrong. One JSON line per kind of file; exits with 1 if something went wrong.
"""

import argparse
import asyncio
import io
import json
import random
import resource
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from geoagent_graph.cases.names import MAIN
from geoagent_graph.cases.store import CaseStore
from geoagent_graph.cases.verification import verify_file
from geoagent_graph.errors import GeoAgentError, PhotoError
from geoagent_graph.images.decode import decode_photo
from geoagent_graph.retrieval.faiss_retriever import FaissRetriever
from geoagent_graph.retrieval.index_folder import IndexParts, lock_index, save_index
from geoagent_graph.retrieval.reference_table import ReferenceRow
from geoagent_graph.retrieval.vector_index import make_index
from geoagent_graph.settings import Settings
from geoagent_graph.testing import MeanColourEncoder, scripted_toolbox

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
ENCODER = "test-encoder/1"
REFERENCES = 50
Attempt = Callable[[random.Random], str]


def main() -> None:
    """Damage files of every kind and print what became of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--number", type=int, default=300, help="damaged files of each kind")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kinds = {
            "photos": photo_attempt(),
            "traces": trace_attempt(folder),
            "indexes": index_attempt(folder),
        }
        for kind, attempt in kinds.items():
            used = cpu_seconds()
            counts: Counter[str] = Counter()
            for number in range(given.number):
                seed = f"{given.seed}:{number}"
                found = outcome(attempt, random.Random(seed))
                counts[found] += 1
                if found.startswith("WRONG"):
                    wrong += 1
                    print(f"{kind} {seed}: {found}", flush=True)
            row = {"kind": kind, "files": given.number, **counts}
            print(json.dumps(row | {"cpu_s": round(cpu_seconds() - used)}), flush=True)
    sys.exit(1 if wrong else 0)


def outcome(attempt: Attempt, chance: random.Random) -> str:
    """Return what became of one damaged file; an error that is not the project's is wrong."""
    try:
        return attempt(chance)
    except GeoAgentError as error:
        return "refused" if "\n" not in str(error) else "WRONG: an error of several lines"
    except Exception as error:  # noqa: BLE001  (what is counted here)
        return f"WRONG: {type(error).__name__}"


def photo_attempt() -> Attempt:
    """Return what decodes a damaged photo."""
    noise = np.random.default_rng(1).integers(0, 256, (96, 128, 3), np.uint8)
    image = Image.fromarray(noise).resize((320, 240))
    originals = [encoded(image, image_format) for image_format in FORMATS]

    def attempt(chance: random.Random) -> str:
        try:
            found = decode_photo(damaged(chance.choice(originals), chance), "photo", Settings())
        except PhotoError:
            return "refused"
        return "read with a warning" if found.warnings else "read"

    return attempt


def trace_attempt(folder: Path) -> Attempt:
    """Return what verifies a damaged trace."""
    store = CaseStore(Settings(home=folder / "home"))
    asyncio.run(make_case(store))
    good = store.trace_text("case", MAIN).encode()
    path = folder / "case.geotrace.jsonl"

    def attempt(chance: random.Random) -> str:
        data = damaged(good, chance)
        path.write_bytes(data)
        whole = data.endswith(b"\n") and good.startswith(data)  # cut between two lines
        if not verify_file(path).holds:
            return "does not hold"
        return "holds: cut between lines" if whole else "WRONG: holds"

    return attempt


async def make_case(store: CaseStore) -> None:
    """Store a case that was answered by scripted tools."""
    photo = encoded(Image.new("RGB", (64, 48), "green"), "PNG")
    async with store.create(photo, scripted_toolbox, name="case") as case:
        async for _ in case.run():
            pass


def index_attempt(folder: Path) -> Attempt:
    """Return what opens a damaged index and searches it."""
    good = folder / "index"
    vectors = np.random.default_rng(2).standard_normal((REFERENCES, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = [
        ReferenceRow(f"p{i:04}", 1.0, 2.0, "PT", "", "", "", "0" * 64, "")
        for i in range(REFERENCES)
    ]
    with lock_index(good):
        save_index(good, IndexParts(ENCODER, make_index(vectors, np.arange(REFERENCES)), rows))
    files = sorted(path.relative_to(good) for path in good.rglob("*") if path.is_file())

    def attempt(chance: random.Random) -> str:
        target = folder / "damaged"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(good, target)
        victim = target / chance.choice(files)
        victim.write_bytes(damaged(victim.read_bytes(), chance))
        FaissRetriever.load(target, MeanColourEncoder(ENCODER))
        return f"opened: {victim.name}"

    return attempt


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Return data with bits flipped, a part cut out, doubled, overwritten or cut off."""
    at = chance.randrange(len(data))
    size = chance.randint(1, min(64, len(data)))
    way = chance.choice(("flip", "flip", "out", "double", "overwrite", "end"))
    if way == "flip":
        changed = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        return bytes(changed)
    if way == "out":
        return data[:at] + data[at + size :]
    if way == "double":
        return data[: at + size] + data[at:]
    if way == "overwrite":
        return data[:at] + chance.randbytes(size) + data[at + size :]
    return data[:at]


def encoded(image: Image.Image, image_format: str) -> bytes:
    """Return an image as a file."""
    stream = io.BytesIO()
    image.save(stream, image_format)
    return stream.getvalue()


def cpu_seconds() -> float:
    """Return the CPU time of this process and of its ended children."""
    own, others = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


if __name__ == "__main__":
    main()
