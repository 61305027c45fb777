"""Batches on a file system like those of object stores: no limited lines, no stray options."""

from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest
from fsspec.spec import AbstractBufferedFile, AbstractFileSystem

from tests.support.batches import kept_rows, run, use_tools


class RangedFile(AbstractBufferedFile):  # type: ignore[misc]
    """A file that is read by ranges; like that of S3 its `readline` takes no length."""

    def _fetch_range(self, start: int, end: int) -> bytes:
        content: bytes = self.fs.files[self.path]
        return content[start:end]


class Bucket(AbstractFileSystem):  # type: ignore[misc]
    """A folder `photos` and a list, opened as those of S3 are; it takes no options itself."""

    protocol = "bucket"
    files: ClassVar[dict[str, bytes]] = {
        "box/list.csv": b"file\n" + b"\n".join(b"photos/%d.jpg" % number for number in range(4)),
        "box/photos/0.jpg": b"good 1",
        "box/photos/1.jpg": b"good 2",
        "box/photos/2.jpg": b"good 1",
        "box/photos/3.jpg": b"bad 44",
    }

    def __init__(self) -> None:
        super().__init__()

    def ls(self, path: str, detail: bool = True, **options: Any) -> list[Any]:
        """Return the files of a folder."""
        del options
        folder = self._strip_protocol(path)
        found = [
            {"name": name, "size": len(content), "type": "file"}
            for name, content in self.files.items()
            if name.rpartition("/")[0] == folder
        ]
        if folder == "box":
            found.append({"name": "box/photos", "size": 0, "type": "directory"})
        return found if detail else [entry["name"] for entry in found]

    def _open(self, path: str, mode: str = "rb", **options: Any) -> RangedFile:
        return RangedFile(self, path, mode, **options)


@pytest.fixture(autouse=True)
def bucket() -> None:
    fsspec.register_implementation("bucket", Bucket, clobber=True)


@pytest.mark.parametrize("source", ["bucket://box/photos", "bucket://box/list.csv"])
def test_photos_on_object_storage_are_listed_and_copies_found(
    source: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use_tools(monkeypatch)
    report = run(source, tmp_path / "out")
    assert (report.counts.rows, report.located, report.counts.copies) == (4, 3, 1)
    rows = kept_rows(tmp_path / "out")
    assert [row["copy_of"] for row in rows] == [None, None, 0, None]
    assert [bool(row["error"]) for row in rows] == [False, False, False, True]
