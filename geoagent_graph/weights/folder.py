"""Files out of a folder that another machine filled, for one without a network."""

import shutil
from pathlib import Path

from geoagent_graph.errors import WeightsError
from geoagent_graph.regular_files import open_regular
from geoagent_graph.weights.entry import (
    MAX_FILES,
    Entry,
    HubSource,
    WheelSource,
    require_plain_path,
)
from geoagent_graph.weights.supplier import Plan, PlannedFile
from geoagent_graph.weights.wheel import write_wheel_tensors

_CHUNK_BYTES = 1 << 20


class FolderSupplier:
    """The files of a row below a folder of the user's, by their own names."""

    def __init__(self, entry: Entry, folder: Path) -> None:
        self._entry = entry
        self._folder = folder

    def plan(self, entry: Entry, revision: str | None) -> Plan:
        """Return the files that are there, all of a row; their digests are checked as they come."""
        source = entry.source
        pinned = {file.path: file.sha256 for file in entry.files}
        names = self._names()
        sizes = {name: self._size_of(name) for name in names}
        files = (PlannedFile(name, sizes[name], pinned.get(name)) for name in names)
        fixed = source.revision if isinstance(source, HubSource) else None
        home = source.repository
        return Plan(home, fixed or revision, tuple(files))

    def _names(self) -> list[str]:
        source = self._entry.source
        if not isinstance(source, HubSource) or not source.patterns:
            return [file.path for file in self._entry.files]
        found = {
            path.name
            for pattern in source.patterns
            for path in self._folder.glob(pattern)
            if path.is_file()
        }
        if "config.json" not in found or not any(n.endswith(".safetensors") for n in found):
            raise WeightsError(
                f"{self._entry.name}: {self._folder} has no config.json and *.safetensors of "
                f"{source.repository}"
            )
        if len(found) > MAX_FILES:
            raise WeightsError(
                f"{self._entry.name}: {self._folder} has more than {MAX_FILES} files"
            )
        return sorted(require_plain_path(name) for name in found)

    def _size_of(self, name: str) -> int | None:
        if self._is_made_of_wheel(name):
            return None
        try:
            with open_regular(self._folder / name) as file:
                return file.seek(0, 2)
        except OSError as error:
            raise WeightsError(
                f"{self._entry.name}: {self._folder / name}: {error.strerror}; the folder must "
                f"hold {self._file_names()}"
            ) from error

    def _file_names(self) -> str:
        source = self._entry.source
        if isinstance(source, WheelSource):
            return source.wheel.path
        return ", ".join(file.path for file in self._entry.files)

    def _is_made_of_wheel(self, name: str) -> bool:
        source = self._entry.source
        if not isinstance(source, WheelSource) or (self._folder / name).is_file():
            return False
        return (self._folder / source.wheel.path).is_file()

    def fetch(self, plan: Plan, file: PlannedFile, part: Path) -> None:
        """Copy a file, or make it of the wheel that is there."""
        del plan
        source = self._entry.source
        if isinstance(source, WheelSource) and self._is_made_of_wheel(file.path):
            write_wheel_tensors(self._entry.name, source, self._folder / source.wheel.path, part)
            return
        part.unlink(missing_ok=True)
        with open_regular(self._folder / file.path) as given, open_regular(part, mode="ab") as out:
            shutil.copyfileobj(given, out, _CHUNK_BYTES)
