"""GeoCLIP's location encoder here against the module in its own wheel, which torch runs.

    pip download geoclip==1.3.0 --no-deps --dest /tmp/geoclip
    geoagent weights pull geoclip --from /tmp/geoclip
    python benchmarks/geoclip_parity.py /tmp/geoclip/geoclip-1.3.0-py3-none-any.whl --points 2000

Runs code of the wheel, in this process: the agent never does. Prints the largest difference of any
of the 512 numbers of a unit vector. The exit status is 1 where it is above 1e-4.
"""

import argparse
import importlib.util
import sys
import tempfile
import types
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from geoagent_graph.perception.geoclip import FILE_NAME, GeoClip
from geoagent_graph.settings import load_settings

MAX_DIFFERENCE = 1e-4
MODULE = "geoclip.model.location_encoder"


def load_wheel_module(wheel: Path, folder: Path) -> Any:
    """Return the wheel's module of the location encoder, without the packages it does not need."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    model = folder / "geoclip" / "model"
    for name, path in (("geoclip", model.parent), ("geoclip.model", model)):
        package = types.ModuleType(name)
        package.__path__ = [str(path)]
        sys.modules[name] = package
    misc = types.ModuleType("geoclip.model.misc")  # its own imports pandas
    vars(misc)["file_dir"] = str(model)
    sys.modules["geoclip.model.misc"] = misc
    spec = importlib.util.spec_from_file_location(MODULE, model / "location_encoder.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE] = module
    spec.loader.exec_module(module)
    return module


def random_points(count: int, seed: int) -> NDArray[np.float64]:
    """Return points in degrees, even on the sphere, with both poles and the date line."""
    rng = np.random.default_rng(seed)
    lat_deg = np.degrees(np.arcsin(rng.uniform(-1.0, 1.0, count)))
    points = np.stack([lat_deg, rng.uniform(-180.0, 180.0, count)], axis=1)
    points[:4] = [[90.0, 0.0], [-90.0, 0.0], [0.0, -180.0], [45.0, 179.9999]]
    return points


def main() -> int:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--points", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    points = random_points(given.points, given.seed)
    ours = GeoClip(load_settings().weights_dir / "geoclip" / FILE_NAME)
    found = ours.embed_points(points[:, 0], points[:, 1])
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        theirs = load_wheel_module(given.wheel, Path(folder)).LocationEncoder().eval()
        wanted = theirs(torch.tensor(points, dtype=torch.float32))
    wanted = torch.nn.functional.normalize(wanted, dim=1).numpy()
    difference = float(np.abs(found - wanted).max())
    print(
        f"{len(points)} points, largest difference {difference:.1e}, allowed {MAX_DIFFERENCE:.0e}"
    )
    return int(difference > MAX_DIFFERENCE)


if __name__ == "__main__":
    sys.exit(main())
