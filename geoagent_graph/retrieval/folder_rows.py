"""Photos of a folder as rows: what a table beside them says of each, else what its file says.

Every photo becomes a row or a problem, so that none is left out silently.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from geoagent_graph.errors import InputError, PhotoError
from geoagent_graph.file_claims import FileClaims
from geoagent_graph.images.endings import PHOTO_ENDINGS
from geoagent_graph.retrieval.manifest_fields import BadField, CodesOf, RowFields
from geoagent_graph.retrieval.manifest_rows import ManifestRow, RowProblem, make_row

ClaimsOf = Callable[[Path], FileClaims]
"""What reads the claims in the file of a photo; it raises `PhotoError` where there is no file."""
_NO_FILE: Final = "is a link to nothing, or a pipe"
_NO_POSITION: Final = "has no position, in its file or in a table; left out"


@dataclass
class FolderPhotos:
    """The photos of a folder and its folders, and which of them have a row already.

    `names` and `stems` find a photo by the end of its path and without its ending: exports name
    photos by their ids. `others` are links to folders and to nothing, and pipes called like photos.
    """

    folder: Path
    photos: list[Path]
    others: list[Path]
    claims_of: ClaimsOf | None
    codes_of: CodesOf
    names: dict[str, Path] = field(default_factory=dict)
    stems: dict[str, Path] = field(default_factory=dict)
    taken: dict[Path, int] = field(default_factory=dict)
    number: int = 0

    @classmethod
    def of(cls, folder: Path, claims_of: ClaimsOf | None, codes_of: CodesOf) -> "FolderPhotos":
        """Return the photos of a folder, by name."""
        files, others = [], []
        for path in sorted(folder.rglob("*")):
            is_named_so = path.suffix.lower() in PHOTO_ENDINGS
            if is_named_so and path.is_file():
                files.append(path)
            elif path.is_symlink() if path.is_dir() else is_named_so:
                others.append(path)
        photos = cls(folder, files, others, claims_of, codes_of)
        for path in photos.photos:
            photos.names.setdefault(path.name, path)
            photos.stems.setdefault(path.stem, path)
        return photos

    def listed_rows(
        self, table: Path, numbered: Iterable[tuple[int, RowFields | RowProblem]]
    ) -> Iterator[ManifestRow | RowProblem]:
        """Yield a row for each photo that a table lists, or why it has none.

        Raises:
            InputError: the table cannot be read, or lists no photos.
        """
        for number, fields in numbered:
            if number == 1 and not _names_a_photo(fields):
                raise InputError(f"{table}: lists no photos; passed over")
            yield self._listed_row(fields, table)

    def other_rows(self) -> Iterator[ManifestRow | RowProblem]:
        """Yield a row for each photo that no table listed, or why it has none."""
        for path in self.others:
            is_folder = path.is_dir()
            why = "is a link to a folder, which is not followed" if is_folder else _NO_FILE
            yield self.problem_of(path, why)
        for path in self.photos:
            if path not in self.taken:
                yield self._row_of_file(path, RowFields({}))

    def _listed_row(self, fields: RowFields | RowProblem, table: Path) -> ManifestRow | RowProblem:
        if isinstance(fields, RowProblem):
            return self.problem_of(table, fields.problem)
        try:
            path = self._find_photo(fields, table)
        except BadField as error:
            return self.problem_of(table, str(error))
        if path is None:
            return self.problem_of(table, f"{fields.file}: there is no such photo beside it")
        if path in self.taken:
            return self.problem_of(path, f"is listed again; number {self.taken[path]} was taken")
        if not (fields.has("lat_deg") and fields.has("lon_deg")):
            return self._row_of_file(path, fields)
        try:
            row = make_row(fields, self._next_number(), path, self.codes_of)
        except BadField as error:
            self.taken[path] = self.number
            return RowProblem(str(path), self.number, str(error))
        self.taken[path] = self.number
        return row

    def _find_photo(self, fields: RowFields, table: Path) -> Path | None:
        """Return the photo that a row names: by its path, else by its name, else by its id."""
        name = fields.read_file()
        beside = table.parent / name
        if beside.suffix.lower() in PHOTO_ENDINGS and beside.is_file():
            return beside
        last = Path(name).name
        return (
            self.names.get(last) or self.stems.get(last) or self.stems.get(fields.read_id() or "")
        )

    def _row_of_file(self, path: Path, fields: RowFields) -> ManifestRow | RowProblem:
        """Return the row of a photo at the position that its file says."""
        self.taken[path] = self._next_number()
        try:
            claims = self.claims_of(path) if self.claims_of is not None else None
        except PhotoError as error:
            return RowProblem(str(path), self.number, str(error).removeprefix(f"{path}: "))
        if claims is None or claims.lat_deg is None or claims.lon_deg is None:
            return RowProblem(str(path), self.number, _NO_POSITION)
        if claims.void:
            why = "its file repeats an earlier position: the receiver had no fix; left out"
            return RowProblem(str(path), self.number, why)
        known = {**fields.row, "lat": claims.lat_deg, "lon": claims.lon_deg}
        return make_row(RowFields(known), self.number, path, self.codes_of)

    def problem_of(self, path: Path, problem: str) -> RowProblem:
        """Return what is wrong with a file, under the next number."""
        return RowProblem(str(path), self._next_number(), problem)

    def _next_number(self) -> int:
        self.number += 1
        return self.number


def _names_a_photo(fields: RowFields | RowProblem) -> bool:
    return isinstance(fields, RowFields) and fields.has("file")
