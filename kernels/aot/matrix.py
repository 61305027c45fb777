"""Run the compile gate with several versions of Triton, each in a folder of its own.

    python kernels/aot/matrix.py                          3.6.0, 3.7.1 and the newest that pip finds
    python kernels/aot/matrix.py --triton 3.8.0           one version; may be repeated
    python kernels/aot/matrix.py --again                  also what has passed with these sources
    python kernels/aot/matrix.py -- --match topk          what follows `--` goes to the gate

Every version and target is a run of the gate, some minutes of two cores each: a quarter of an hour
a version. One that has passed is remembered, so a run that was cut off goes on. Exits 1 if the gate
fails with any of them. Nothing that is installed changes: a version is unpacked, without what it
depends on, into a folder that is kept for the next time.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from compilation import TARGETS

NEWEST = "newest"
VERSIONS = ("3.6.0", "3.7.1", NEWEST)
GATE = Path(__file__).with_name("gate.py")
KERNELS = GATE.parent.parent


def main() -> int:
    """Run the gate with every version, print a line for each, return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--triton", action="append", help="a version, or 'newest'")
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "geoagent-kernels-matrix"
    )
    parser.add_argument("--target", action="append", choices=list(TARGETS), help="default: all")
    parser.add_argument("--again", action="store_true", help="also what has passed before")
    parser.add_argument("gate", nargs="*", help="options of the gate, after --")
    options = parser.parse_args()
    outcomes = {}
    for wanted in options.triton or VERSIONS:
        place = unpack(wanted, options.folder)
        for target in options.target or TARGETS:
            passed = place / f"passed-{digest_of_run(place, target, options.gate)}"
            if options.again:
                passed.unlink(missing_ok=True)
            if not passed.exists() and run_gate(place, ["--target", target, *options.gate]):
                passed.touch()
            outcomes[wanted, target] = passed.exists()
    for (wanted, target), is_sound in outcomes.items():
        print(f"triton {wanted} {target}: {'passed' if is_sound else 'FAILED'}")
    return 0 if all(outcomes.values()) else 1


def digest_of_run(place: Path, target: str, options: list[str]) -> str:
    """Return a number of what a run depends on: sources, version of Triton, target, options."""
    digest = hashlib.sha256(repr((target, options)).encode())
    versions = sorted(path.name for path in place.glob("triton-*.dist-info"))
    digest.update(repr(versions).encode())
    for path in sorted([*KERNELS.rglob("*.py"), *KERNELS.rglob("*.toml")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def unpack(wanted: str, folder: Path) -> Path:
    """Return the folder that holds a version of Triton; the newest is looked for every time."""
    place = folder / wanted
    if wanted == NEWEST or not (place / "triton").is_dir():
        name = "triton" if wanted == NEWEST else f"triton=={wanted}"
        options = ["--no-deps", "--upgrade", "--quiet", "--disable-pip-version-check"]
        command = ["-m", "pip", "install", *options, "--target", str(place), name]
        subprocess.run([sys.executable, *command], check=True)
    return place


def run_gate(place: Path, options: list[str]) -> bool:
    """Return whether the gate passes with the Triton in a folder."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join((str(place), str(KERNELS))),
        "TRITON_CACHE_DIR": str(place / "cache"),
    }
    done = subprocess.run([sys.executable, str(GATE), *options], env=environment, check=False)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
